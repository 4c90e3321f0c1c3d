import GroupDistil
import NeuralNet

/// A generated plant with a shortcut: the class is the sign of a product of two features, which is hard to learn, and
/// a third feature agrees with it in `share` of the rows, which is easy. Groups are class x agreement; the teacher
/// knows the product and ignores the shortcut.
func shortcutRows(_ count: Int, share: Double, seed: UInt64) throws -> TrainingRows {
  var random = Generator(seed: seed)
  var inputs: [Float] = []
  var labels: [Int] = []
  var groups: [Int] = []
  var teacher: [Float] = []
  for _ in 0..<count {
    let (first, second) = (random.normal(), random.normal())
    let label = first * second > 0 ? 1 : 0
    let agrees = random.uniform() < share
    let hint: Double = (label == 1) == agrees ? 1 : -1
    inputs += [Float(first), Float(second), Float(hint + 0.3 * random.normal())]
    for _ in 0..<3 { inputs.append(Float(random.normal())) }
    labels.append(label)
    groups.append(label * 2 + (agrees ? 0 : 1))
    let logit = Float(3 * first * second)
    teacher += [-logit, logit]
  }
  return try TrainingRows(
    inputs: inputs, featureCount: 6, labels: labels, classCount: 2, groups: groups, groupCount: 4,
    teacherLogits: teacher)
}

/// A new student for `rows`.
func newStudent(for rows: TrainingRows, hidden: [Int] = [8], seed: UInt64) throws -> Student {
  Student(
    shape: try StudentShape(inputCount: rows.featureCount, hiddenWidths: hidden, classCount: rows.classCount),
    standardizer: Standardizer(fitting: rows.inputs, featureCount: rows.featureCount), seed: seed)
}

/// Default parameters, changed.
func parameters(_ change: (inout DistilParameters) -> Void) -> DistilParameters {
  var parameters = DistilParameters()
  change(&parameters)
  return parameters
}

func isClose(_ left: [Double], _ right: [Double], within tolerance: Double = 1e-9) -> Bool {
  left.count == right.count && zip(left, right).allSatisfy { abs($0 - $1) <= tolerance }
}
