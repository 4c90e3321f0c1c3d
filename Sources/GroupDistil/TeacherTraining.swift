import Domain
import NeuralNet

/// How a teacher is trained where the plant brings none: a wider network, on labels, robust over groups.
public struct TeacherParameters: Sendable, Equatable {
  /// Nil: `usualLayers(for:)` the rows' input.
  public var hiddenLayers: [StudentLayer]?
  /// Labels alone, every group drawn equally often; wider batches because the network is wider.
  public var training: DistilParameters
  /// A second teacher to choose from, trained as plainly as can be; nil: the robust one is the only one.
  public var plainTraining: DistilParameters?
  /// Where the logits of the training rows come from.
  public var answers = Answers.fitted

  public enum Answers: Sendable, Equatable {
    /// The teacher that is kept. Measured better than the other by 5 to 15 points in the worst group (Decisions.md 4).
    case fitted
    /// Networks that have not seen the row: what they say of it is honest, but they know a third less.
    case outOfFold
  }

  public init() {
    training = .labelsOnly
    training.batches = .balanced
    training.batchSize = 256
    training.stepCount = 1200
    training.weightDecay = 1e-3
    training.patience = training.stepCount
    var plain = training
    plain.batches = .uniform
    plain.weighting = .none
    plain.checkpoint = .average
    plainTraining = plain
  }

  /// Wider than a student. Signals get a kernel over time, whose worst group is some ten points better than a dense
  /// network's at the same cost; pictures a dense one, because a wide convolution over them takes minutes.
  public static func usualLayers(for input: InputShape) -> [StudentLayer] {
    switch input {
    case .window(_, let length) where length >= 32:
      let first: StudentLayer =
        length >= 512
        ? .convolution(channels: 32, kernel: 64, stride: 8) : .convolution(channels: 32, kernel: 16, stride: 2)
      return [
        first, .maxPool(size: 2), .convolution(channels: 64, kernel: 3), .globalAveragePool, .dense(width: 64),
      ]
    case .vector, .window, .image: return [.dense(width: 256), .dense(width: 256)]
    }
  }

  public func layers(for input: InputShape) -> [StudentLayer] { hiddenLayers ?? Self.usualLayers(for: input) }

  /// Networks to be trained, for the time it takes.
  func networkCount(foldCount: Int) -> Int {
    (plainTraining == nil ? 1 : 2) * (answers == .fitted ? 1 : foldCount + 1)
  }
}

/// One of the teachers trained here, and what it says of the training rows.
struct TeacherCandidate: Sendable {
  let name: String
  let final: TrainedStudent
  /// [rowCount, classCount].
  let trainLogits: [Float]
  /// `selectScore` on the select rows.
  var score: Double { final.score }
}

/// Trains the robust and, where asked for, the plain teacher, best first by the worst group of the select rows.
///
/// Why both: a robust teacher does not always make the better students (`learning.md` 2.2), and which one does shows in
/// its own worst group (`learning.md`, what decides, 4).
func trainTeachers(
  rows: TrainingRows, select: TrainingRows, folds: [Int], foldCount: Int, parameters: TeacherParameters, seed: UInt64,
  progress: (Double) -> Continuation
) throws(DistilError) -> [TeacherCandidate] {
  let size = parameters.layers(for: rows.input).map(\.description).joined(separator: "-")
  let isPlain = parameters.training.batches == .uniform && parameters.training.weighting == .none
  var kinds = [("trained here (\(size), \(isPlain ? "plain" : "robust over groups"))", parameters.training)]
  if let plain = parameters.plainTraining { kinds.append(("trained here (\(size), plain)", plain)) }
  var candidates: [TeacherCandidate] = []
  for (index, (name, training)) in kinds.enumerated() {
    var own = parameters
    own.training = training
    let ownSeed = seed &+ UInt64(index) &* UInt64(2 * foldCount + 2)
    var isStopped = false
    func told(_ step: TrainingStep) -> Continuation {
      let done = Double(index) + Double(step.step) / Double(step.stepCount)
      let answer = progress(done / Double(kinds.count))
      if answer == .stop { isStopped = true }
      return answer
    }
    let candidate: TeacherCandidate
    switch parameters.answers {
    case .fitted:
      let final = try trainTeacher(rows: rows, select: select, parameters: own, seed: ownSeed, progress: told)
      candidate = TeacherCandidate(
        name: name, final: final, trainLogits: final.student.logits(rows.inputs, rowCount: rows.count))
    case .outOfFold:
      let teacher = try trainTeacherOutOfFold(
        rows: rows, select: select, folds: folds, foldCount: foldCount, parameters: own, seed: ownSeed, progress: told)
      candidate = TeacherCandidate(name: name, final: teacher.final, trainLogits: teacher.outOfFoldLogits)
    }
    guard !isStopped else { throw .stoppedEarly(step: candidate.final.stepsRun) }
    candidates.append(candidate)
  }
  return candidates.indices.sorted { left, right in
    candidates[left].score == candidates[right].score
      ? left < right : candidates[left].score > candidates[right].score
  }.map { candidates[$0] }
}

/// A teacher for new rows, and what networks like it say of rows they were not fitted to.
public struct TrainedTeacher: Sendable {
  /// Fitted to all training rows: answers for rows it has not seen.
  public let final: TrainedStudent
  /// [rowCount, classCount]: each row's logits from the network fitted to the other folds.
  public let outOfFoldLogits: [Float]
}

/// Trains a teacher on labels alone, from a seed; `select` chooses its checkpoint.
public func trainTeacher(
  rows: TrainingRows, select: TrainingRows, parameters: TeacherParameters = TeacherParameters(), seed: UInt64,
  on instructionSet: InstructionSet = .best, progress: (TrainingStep) -> Continuation = { _ in .more }
) throws(DistilError) -> TrainedStudent {
  guard parameters.training.alpha == 0 else { throw .invalidParameters("a teacher is trained on labels alone") }
  let shape: StudentShape
  do {
    shape = try StudentShape(
      input: rows.input, hiddenLayers: parameters.layers(for: rows.input), classCount: rows.classCount)
  } catch {
    throw .invalidParameters(error.description)
  }
  let standardizer = Standardizer(fitting: rows)
  return try train(
    initial: Student(shape: shape, standardizer: standardizer, seed: seed), rows: rows, select: select,
    parameters: parameters.training, seed: seed &+ 1, on: instructionSet, progress: progress)
}

/// Trains one network per fold on the rows of the other folds, then the final teacher on all.
///
/// A student taught by answers a network gave to its own training rows learns how that network memorises.
/// - Parameters:
///   - folds: per row 0 ..< foldCount; rows of one part belong into one fold.
///   - progress: as in `train`, with the steps of all networks counted through.
public func trainTeacherOutOfFold(
  rows: TrainingRows, select: TrainingRows, folds: [Int], foldCount: Int = 3,
  parameters: TeacherParameters = TeacherParameters(), seed: UInt64, on instructionSet: InstructionSet = .best,
  progress: (TrainingStep) -> Continuation = { _ in .more }
) throws(DistilError) -> TrainedTeacher {
  guard foldCount > 1, folds.count == rows.count, folds.allSatisfy((0..<foldCount).contains) else {
    throw .invalidRows("every row needs a fold in 0...\(foldCount - 1), and there must be two")
  }
  var logits = [Float](repeating: 0, count: rows.count * rows.classCount)
  let stepCount = parameters.training.stepCount
  let total = stepCount * (foldCount + 1)
  var isStopped = false
  func fit(_ fitted: TrainingRows, part: Int) throws(DistilError) -> TrainedStudent {
    try trainTeacher(
      rows: fitted, select: select, parameters: parameters, seed: seed &+ UInt64(part) &* 2, on: instructionSet
    ) { step in
      let answer = progress(
        TrainingStep(
          step: part * stepCount + step.step, stepCount: total, score: step.score, bestScore: step.bestScore))
      if answer == .stop { isStopped = true }
      return answer
    }
  }
  for fold in 0..<foldCount {
    let left = rows.labels.indices.filter { folds[$0] == fold }
    guard !left.isEmpty else { continue }
    let network = try fit(rows.subset(rows.labels.indices.filter { folds[$0] != fold }), part: fold)
    guard !isStopped else { throw .stoppedEarly(step: fold * stepCount + network.stepsRun) }
    let answers = network.student.logits(rows.subset(left).inputs, rowCount: left.count, on: instructionSet)
    for (position, row) in left.enumerated() {
      for label in 0..<rows.classCount {
        logits[row * rows.classCount + label] = answers[position * rows.classCount + label]
      }
    }
  }
  return TrainedTeacher(final: try fit(rows, part: foldCount), outOfFoldLogits: logits)
}
