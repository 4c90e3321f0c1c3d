import Domain
import GroupDistil
import NeuralNet
import Testing

/// A plant of three cells: the class is the sign of x0, or of -x0 in cells that are turned; one more number tells each
/// cell. `noise` of the labels are wrong.
struct TurnedPlant {
  static let cells = ["A", "B", "C"].map { Cell([$0]) }
  static let keys = cells.map { GroupKey(cell: $0) }
  static let names = cells.map { "product=\($0.values[0])" }

  private(set) var inputs: [Float] = []
  private(set) var labels: [Int] = []
  private(set) var groups: [Int] = []
  var count: Int { labels.count }

  /// - Parameters:
  ///   - perCell: rows of each cell, in turn.
  ///   - turned: cells whose class is the sign of -x0.
  init(perCell: [Int], turned: Set<Int>, noise: Double = 0, seed: UInt64) {
    var random = Generator(seed: seed)
    var left = perCell
    while left.contains(where: { $0 > 0 }) {
      for cell in left.indices where left[cell] > 0 {
        left[cell] -= 1
        let x = random.normal()
        inputs += [Float(x)] + (0..<3).map { $0 == cell ? 1 : 0 }
        let isRight = random.uniform() >= noise
        labels.append(((x > 0) != turned.contains(cell)) == isRight ? 1 : 0)
        groups.append(cell)
      }
    }
  }

  func rows() throws -> TrainingRows {
    try TrainingRows(
      inputs: inputs, featureCount: 4, labels: labels, classCount: 2, groups: groups, groupCount: 3)
  }

  /// Logits of a teacher that is always right.
  var answers: [Float] { labels.flatMap { label -> [Float] in label == 1 ? [-3, 3] : [3, -3] } }

  /// Trained on such a plant from the beginning.
  static func student(turned: Set<Int>, hidden: [Int] = [16], seed: UInt64 = 1) throws -> Student {
    let rows = try TurnedPlant(perCell: [500, 500, 500], turned: turned, seed: seed).rows()
    let select = try TurnedPlant(perCell: [100, 100, 100], turned: turned, seed: seed + 1).rows()
    let start = Student(
      shape: try StudentShape(inputCount: 4, hiddenWidths: hidden, classCount: 2),
      standardizer: Standardizer(fitting: rows.inputs, featureCount: 4), seed: seed)
    return try train(initial: start, rows: rows, select: select, parameters: .labelsOnly, seed: seed) { _ in .more }
      .student
  }

  func accuracy(_ student: Student, cell: Int) throws -> Double {
    try #require(tally(student, rows: try rows())[cell].accuracy)
  }

  /// A job for the cells that have rows here.
  func job(
    incumbent: Student, teacher: JobTeacher = .absent("there is none"), gateRowsMinimum: Int = 60, seed: UInt64 = 1
  ) throws -> RetrainJob {
    let strata = zip(groups, labels).map { $0 * 2 + $1 }
    return RetrainJob(
      rows: try rows(),
      folds: .retraining(
        strata: strata, parts: (0..<count).map { "P\($0)" }, gateRowsMinimum: gateRowsMinimum),
      groups: Self.keys, groupNames: Self.names, laggingCells: Set(groups.map { Self.cells[$0] }),
      serving: ServingStudents(incumbent: incumbent), teacher: teacher, seed: seed, remarks: ["read from a test"])
  }
}

/// What a job keeps while it runs, in the place of a folder.
final class KeptArms {
  var arms: [FinishedArm] = []
  /// After so many the job is broken off.
  var breakAfter: Int?

  func host(cpuSeconds: @escaping () -> Double = { 0 }) -> JobHost {
    var kept: Set<String> = []
    return JobHost(
      cpuSeconds: cpuSeconds,
      pulse: { [self] in breakAfter.map { kept.count >= $0 } ?? false ? .stop : .more },
      recall: { [self] name in arms.first { $0.report.name == name } },
      keep: { [self] arm in
        kept.insert(arm.report.name)
        arms.append(arm)
      })
  }

  func arm(_ name: String) throws -> FinishedArm { try #require(arms.first { $0.report.name == name }) }
}
