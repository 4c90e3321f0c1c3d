import NeuralNet

/// How a last layer is fitted again.
public struct HeadRefitParameters: Sendable, Equatable {
  /// Pull towards the head before, per parameter: 1e-2 to finish a student, 1e-3 for a lagging group's first aid.
  public var anchor: Float = 1e-2
  /// The mean of so many heads, each from its own balanced subsample.
  public var refitCount = 5
  public var iterationCount = 100
  public var learningRate: Float = 0.05

  /// Of a head that is fitted as first aid on a lagging group's rows (`learning.md` 8).
  public static let firstAidAnchor: Float = 1e-3

  public init() {}
}

/// Fits the last layer again on equally many rows of every group, all other layers frozen (deep feature reweighting,
/// Kirichenko et al. 2023), and hands back the student with the mean of the heads.
///
/// Each head minimises mean cross-entropy + anchor / 2 · ‖W - W₀‖². Groups without rows are left out.
/// - Parameters:
///   - rows: rows whose score will not be used to judge the result: a student is not its own examiner.
///   - pulse: asked before every iteration; may wait, and `.stop` ends the work.
/// - Throws: `DistilError.invalidRows` when nothing can be fitted, `diverged` when no finite head came out,
///   `stoppedEarly`.
public func refitHead(
  of student: Student, rows: TrainingRows, parameters: HeadRefitParameters = HeadRefitParameters(), seed: UInt64,
  on instructionSet: InstructionSet = .best, pulse: () -> Continuation = { .more }
) throws(DistilError) -> Student {
  guard rows.featureCount == student.shape.inputCount, rows.classCount == student.shape.classCount else {
    throw .invalidRows("they have other features or classes than the student whose head is to be fitted")
  }
  guard parameters.anchor >= 0, parameters.anchor.isFinite, parameters.refitCount > 0, parameters.iterationCount > 0
  else { throw .invalidParameters("the anchor is not negative, refits and iterations are positive") }
  let members = rows.groupSizes.indices.map { group in rows.groups.indices.filter { rows.groups[$0] == group } }
    .filter { !$0.isEmpty }
  guard let smallest = members.map(\.count).min() else { throw .invalidRows("there are none to fit a head on") }
  guard let start = linearStudent(student) else { throw .invalidRows("the student's last layer is too wide to fit") }
  let width = student.headInputCount
  let seen = student.headInputs(rows.inputs, rowCount: rows.count, on: instructionSet)
  var random = Generator(seed: seed)
  var sum = [Double](repeating: 0, count: start.parameterCount)
  for _ in 0..<parameters.refitCount {
    var picked: [Int] = []
    for var group in members {
      random.shuffle(&group)
      picked += group.prefix(smallest)
    }
    let inputs = picked.flatMap { row in seen[(row * width)..<((row + 1) * width)] }
    let head = try fit(
      start, inputs: inputs, labels: picked.map { rows.labels[$0] }, parameters, on: instructionSet, pulse: pulse)
    for index in sum.indices { sum[index] += Double(head.parameters[index]) }
  }
  guard let refitted = student.replacing(head: sum.map { Float($0 / Double(parameters.refitCount)) }) else {
    throw .diverged(skippedSteps: 0, step: parameters.iterationCount)
  }
  return refitted
}

/// The last layer as a student of its own.
private func linearStudent(_ student: Student) -> Student? {
  guard
    let shape = try? StudentShape(
      inputCount: student.headInputCount, hiddenWidths: [], classCount: student.shape.classCount)
  else { return nil }
  return Student(
    shape: shape, standardizer: Standardizer(identity: student.headInputCount), parameters: student.head)
}

/// Full-batch AdamW: the problem is convex, and the kernels are there already.
private func fit(
  _ start: Student, inputs: [Float], labels: [Int], _ parameters: HeadRefitParameters, on set: InstructionSet,
  pulse: () -> Continuation
) throws(DistilError) -> Student {
  let classCount = start.shape.classCount
  let loss = DistillationLoss(alpha: 0, temperature: 1)
  var head = start
  var optimizer = AdamW(
    parameterCount: head.parameterCount, weightDecay: 0, clipNorm: .greatestFiniteMagnitude, on: set)
  var scratch = head.makeTrainingScratch(rowCount: labels.count, on: set)
  var logits = [Float](repeating: 0, count: labels.count * classCount)
  var gradient = logits
  var losses = [Float](repeating: 0, count: labels.count)
  let even = losses.map { _ in 1 / Float(labels.count) }
  for iteration in 0..<parameters.iterationCount {
    guard pulse() == .more else { throw .stoppedEarly(step: iteration) }
    head.trainingLogits(inputs, rowCount: labels.count, scratch: &scratch, into: &logits)
    loss.evaluate(
      logits: logits, labels: labels, teacher: [], classCount: classCount, losses: &losses, gradient: &gradient)
    scaleRows(&gradient, by: even, classCount: classCount)
    head.backward(gradient, rowCount: labels.count, scratch: &scratch)
    var pulled = scratch.gradient
    for index in pulled.indices {
      pulled[index] += parameters.anchor * (head.parameters[index] - start.parameters[index])
    }
    let rate = cosineDecay(
      base: parameters.learningRate, step: iteration, stepCount: parameters.iterationCount)
    guard optimizer.update(&head, gradient: pulled, learningRate: rate) else { break }
  }
  return head
}
