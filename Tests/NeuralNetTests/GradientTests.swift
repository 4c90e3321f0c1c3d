import NeuralNet
import Testing

@Suite struct GradientTests {
  private struct Case {
    let student: Student
    let rows: [Float]
    let labels: [Int]
    let teacher: [Float]
    let weights: [Float]
    var rowCount: Int { labels.count }
    var classCount: Int { student.shape.classCount }

    /// Losses, and the gradient with respect to the parameters, of the weighted sum.
    func evaluate(_ loss: DistillationLoss, on set: InstructionSet) -> (losses: [Float], gradient: [Float]) {
      var scratch = student.makeTrainingScratch(rowCount: rowCount + 3, on: set)
      var logits = [Float](repeating: 0, count: rowCount * classCount)
      var losses = [Float](repeating: 0, count: rowCount)
      var gradient = logits
      student.trainingLogits(rows, rowCount: rowCount, scratch: &scratch, into: &logits)
      loss.evaluate(
        logits: logits, labels: labels, teacher: teacher, classCount: classCount, losses: &losses,
        gradient: &gradient)
      scaleRows(&gradient, by: weights, classCount: classCount)
      student.backward(gradient, rowCount: rowCount, scratch: &scratch)
      return (losses, scratch.gradient)
    }
  }

  private func drawn(_ inputs: Int, _ hidden: [Int], _ classes: Int, rows: Int, seed: UInt64) throws -> Case {
    var random = Generator(seed: seed)
    return Case(
      student: try student(inputs, hidden, classes, seed: seed), rows: normalRows(rows, width: inputs, seed: seed + 7),
      labels: (0..<rows).map { $0 % 5 == 4 ? DistillationLoss.unlabelled : random.index(below: classes) },
      teacher: normalRows(rows, width: classes, seed: seed + 8).map { $0 * 3 },
      weights: (0..<rows).map { _ in Float(random.uniform()) })
  }

  @Test(arguments: InstructionSet.available)
  func `losses and gradients agree with PyTorch`(set: InstructionSet) throws {
    let reference = Case(
      student: try torchStudent(), rows: TorchReference.inputs, labels: TorchReference.labels,
      teacher: TorchReference.teacher, weights: TorchReference.rowWeights)
    let loss = DistillationLoss(alpha: TorchReference.alpha, temperature: TorchReference.temperature)
    let (losses, gradient) = reference.evaluate(loss, on: set)
    #expect(largestError(losses, TorchReference.losses.map(Double.init)) < 2e-6)
    #expect(largestError(gradient, TorchReference.gradient.map(Double.init)) < 2e-6)
  }

  @Test(arguments: InstructionSet.available)
  func `gradients agree with finite differences of the twin in double precision`(set: InstructionSet) throws {
    for (position, sizes) in [(3, [5], 2), (6, [9, 7], 4), (17, [33], 3), (4, [], 2)].enumerated() {
      let example = try drawn(sizes.0, sizes.1, sizes.2, rows: 13, seed: UInt64(position) * 31)
      let loss = DistillationLoss(alpha: 0.6, temperature: 2)
      let gradient = example.evaluate(loss, on: set).gradient
      var twin = NaiveTwin(example.student)
      var expected: [Double] = []
      let step = 1e-6
      for index in twin.parameters.indices {
        let here = twin.parameters[index]
        twin.parameters[index] = here + step
        let above = objective(twin, example)
        twin.parameters[index] = here - step
        let below = objective(twin, example)
        twin.parameters[index] = here
        expected.append((above - below) / (2 * step))
      }
      #expect(largestError(gradient, expected) < 2e-5, "\(sizes) on \(set.name)")
    }
  }

  @Test(arguments: InstructionSet.available)
  func `instruction sets agree on larger layers to rounding`(set: InstructionSet) throws {
    let example = try drawn(32, [64, 128, 64], 10, rows: 67, seed: 3)
    let loss = DistillationLoss(alpha: 0.5, temperature: 4)
    let expected = example.evaluate(loss, on: .baseline).gradient.map(Double.init)
    #expect(largestError(example.evaluate(loss, on: set).gradient, expected) < 1e-5)
    #expect(example.evaluate(loss, on: set).gradient == example.evaluate(loss, on: set).gradient)
  }

  private func objective(_ twin: NaiveTwin, _ example: Case) -> Double {
    let width = example.student.shape.inputCount
    var sum = 0.0
    for row in 0..<example.rowCount {
      let logits = twin.logits(example.rows[(row * width)..<((row + 1) * width)].map(Double.init))
      let span = (row * example.classCount)..<((row + 1) * example.classCount)
      let teacher = example.teacher[span].map(Double.init)
      sum +=
        Double(example.weights[row])
        * naiveLoss(logits, label: example.labels[row], teacher: teacher, alpha: 0.6, temperature: 2)
    }
    return sum
  }
}
