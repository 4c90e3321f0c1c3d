import NeuralNet

/// Training steps of our own student, as a retraining takes them.
struct OwnTraining {
  private var student: Student
  private let batch: BenchBatch
  private var scratch: TrainingScratch
  private var optimizer: AdamW
  private var logits: [Float]
  private var losses: [Float]
  private var logitGradient: [Float]

  /// So small that thousands of steps on one batch leave a student with the same units at work as it began with.
  static let learningRate: Float = 1e-6

  init(_ student: Student, batch: BenchBatch, on instructionSet: InstructionSet) {
    self.student = student
    self.batch = batch
    scratch = student.makeTrainingScratch(rowCount: batch.rowCount, on: instructionSet)
    optimizer = AdamW(
      parameterCount: student.parameterCount, weightDecay: 0.01, clipNorm: 1e6, on: instructionSet)
    logits = Array(repeating: 0, count: batch.teacher.count)
    losses = Array(repeating: 0, count: batch.rowCount)
    logitGradient = logits
  }

  mutating func run(count: Int) {
    for _ in 0..<count { step() }
  }

  private mutating func step() {
    let classCount = student.shape.classCount
    student.trainingLogits(batch.inputs, rowCount: batch.rowCount, scratch: &scratch, into: &logits)
    benchLoss.evaluate(
      logits: logits, labels: batch.labels, teacher: batch.teacher, classCount: classCount, losses: &losses,
      gradient: &logitGradient)
    scaleRows(&logitGradient, by: batch.weights, classCount: classCount)
    student.backward(logitGradient, rowCount: batch.rowCount, scratch: &scratch)
    _ = optimizer.update(&student, gradient: scratch.gradient, learningRate: Self.learningRate)
  }

  /// Weighted loss of the last step's batch and the length of its gradient, for the other programs to agree with.
  var answer: [Double] {
    let loss = zip(losses, batch.weights).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    let squares = scratch.gradient.reduce(0) { $0 + Double($1) * Double($1) }
    return [loss, squares.squareRoot()]
  }
}

/// Answers of our own student, as the daemon gives them.
struct OwnInference {
  private let student: Student
  private let batch: BenchBatch
  private var scratch: Scratch
  private var logits: [Float]

  init(_ student: Student, batch: BenchBatch, on instructionSet: InstructionSet) {
    self.student = student
    self.batch = batch
    scratch = student.makeScratch(rowCount: batch.rowCount, on: instructionSet)
    logits = Array(repeating: 0, count: batch.rowCount * student.shape.classCount)
  }

  mutating func run(count: Int) {
    for _ in 0..<count { Self.answerAll(student, batch, &scratch, into: &logits) }
  }

  private static func answerAll(
    _ student: Student, _ batch: BenchBatch, _ scratch: inout Scratch, into logits: inout [Float]
  ) {
    var span = logits.mutableSpan
    student.logits(batch.inputs.span, rowCount: batch.rowCount, scratch: &scratch, into: &span)
  }

  /// Logits of all parts.
  var answer: [Double] { logits.map { Double($0) } }
}
