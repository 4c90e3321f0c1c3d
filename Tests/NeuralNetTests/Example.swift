import NeuralNet

/// A student and a batch with everything a loss needs.
struct Example {
  let student: Student
  let rows: [Float]
  let labels: [Int]
  let teacher: [Float]
  let weights: [Float]
  var rowCount: Int { labels.count }
  var classCount: Int { student.shape.classCount }

  init(student: Student, rows: [Float], labels: [Int], teacher: [Float], weights: [Float]) {
    self.student = student
    self.rows = rows
    self.labels = labels
    self.teacher = teacher
    self.weights = weights
  }

  /// Seeded; every fifth row without a label.
  init(_ shape: StudentShape, rowCount: Int, seed: UInt64) throws {
    var random = Generator(seed: seed)
    student = try NeuralNetTests.student(shape, seed: seed)
    rows = normalRows(rowCount, width: shape.inputCount, seed: seed + 7)
    labels = (0..<rowCount).map {
      $0 % 5 == 4 ? DistillationLoss.unlabelled : random.index(below: shape.classCount)
    }
    teacher = normalRows(rowCount, width: shape.classCount, seed: seed + 8).map { $0 * 3 }
    weights = (0..<rowCount).map { _ in Float(random.uniform()) }
  }

  /// Losses, and the gradient with respect to the parameters, of the weighted sum.
  func evaluate(_ loss: DistillationLoss, on set: InstructionSet) -> (losses: [Float], gradient: [Float]) {
    var scratch = student.makeTrainingScratch(rowCount: rowCount + 3, on: set)
    return evaluate(loss, scratch: &scratch, on: set)
  }

  func evaluate(_ loss: DistillationLoss, scratch: inout TrainingScratch, on set: InstructionSet) -> (
    losses: [Float], gradient: [Float]
  ) {
    var logits = [Float](repeating: 0, count: rowCount * classCount)
    var losses = [Float](repeating: 0, count: rowCount)
    var gradient = logits
    student.trainingLogits(rows, rowCount: rowCount, scratch: &scratch, into: &logits)
    loss.evaluate(
      logits: logits, labels: labels, teacher: teacher, classCount: classCount, losses: &losses,
      gradient: &gradient, on: set)
    scaleRows(&gradient, by: weights, classCount: classCount)
    student.backward(gradient, rowCount: rowCount, scratch: &scratch)
    return (losses, scratch.gradient)
  }

  /// The same gradient by central differences of the naive twin in double precision, of every `every`th parameter.
  func differences(alpha: Double, temperature: Double, every: Int = 1) -> [Double] {
    var twin = NaiveTwin(student)
    // Small enough that no ReLU or largest cell changes on the way.
    let step = 1e-6
    return stride(from: 0, to: twin.parameters.count, by: every).map { index in
      let here = twin.parameters[index]
      twin.parameters[index] = here + step
      let above = objective(twin, alpha: alpha, temperature: temperature)
      twin.parameters[index] = here - step
      let below = objective(twin, alpha: alpha, temperature: temperature)
      twin.parameters[index] = here
      return (above - below) / (2 * step)
    }
  }

  private func objective(_ twin: NaiveTwin, alpha: Double, temperature: Double) -> Double {
    let width = student.shape.inputCount
    return (0..<rowCount).reduce(0) { sum, row in
      let logits = twin.logits(rows[(row * width)..<((row + 1) * width)].map(Double.init))
      let teacher = teacher[(row * classCount)..<((row + 1) * classCount)].map(Double.init)
      return sum
        + Double(weights[row])
        * naiveLoss(logits, label: labels[row], teacher: teacher, alpha: alpha, temperature: temperature)
    }
  }
}
