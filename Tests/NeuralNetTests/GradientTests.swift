import NeuralNet
import Testing

@Suite struct GradientTests {
  @Test(arguments: InstructionSet.available)
  func `losses and gradients agree with PyTorch`(set: InstructionSet) throws {
    let reference = Example(
      student: try torchStudent(), rows: TorchReference.inputs, labels: TorchReference.labels,
      teacher: TorchReference.teacher, weights: TorchReference.rowWeights)
    let loss = DistillationLoss(alpha: TorchReference.alpha, temperature: TorchReference.temperature)
    let (losses, gradient) = reference.evaluate(loss, on: set)
    #expect(largestError(losses, TorchReference.losses.map(Double.init)) < 2e-6)
    #expect(largestError(gradient, TorchReference.gradient.map(Double.init)) < 2e-6)
  }

  /// Gradients are held to a millionth of the largest: single precision sums of a few dozen terms.
  @Test(arguments: TorchCase.all.indices)
  func `every kind of layer and loss has PyTorch's gradient on every instruction set`(index: Int) throws {
    let reference = TorchCase.all[index]
    let shape = try StudentShape(
      input: reference.input, hiddenLayers: StudentLayer.list(reference.layers), classCount: reference.classCount)
    let example = Example(
      student: try #require(
        Student(
          shape: shape, standardizer: Standardizer(identity: shape.inputCount), parameters: reference.parameters)),
      rows: reference.inputs, labels: reference.labels, teacher: reference.teacher, weights: reference.rowWeights)
    let loss = DistillationLoss(alpha: reference.alpha, temperature: reference.temperature)
    let largest = reference.gradient.reduce(0) { max($0, abs($1)) }
    for set in InstructionSet.available {
      let logits = example.student.logits(reference.inputs, rowCount: example.rowCount, on: set)
      #expect(largestError(logits, reference.logits.map(Double.init)) < 1e-6, "\(reference.name) on \(set.name)")
      let (losses, gradient) = example.evaluate(loss, on: set)
      #expect(largestError(losses, reference.losses.map(Double.init)) < 2e-6, "\(reference.name) on \(set.name)")
      let worst = zip(gradient, reference.gradient).reduce(0) { max($0, abs($1.0 - $1.1)) }
      #expect(worst <= 1e-6 * largest, "\(reference.name) on \(set.name)")
    }
  }

  @Test(arguments: InstructionSet.available)
  func `gradients agree with finite differences of the twin in double precision`(set: InstructionSet) throws {
    for (position, sizes) in [(3, [5], 2), (6, [9, 7], 4), (17, [33], 3), (4, [], 2)].enumerated() {
      let shape = try StudentShape(inputCount: sizes.0, hiddenWidths: sizes.1, classCount: sizes.2)
      let example = try Example(shape, rowCount: 13, seed: UInt64(position) * 31)
      let loss = DistillationLoss(alpha: 0.6, temperature: 2)
      let gradient = example.evaluate(loss, on: set).gradient
      let expected = example.differences(alpha: 0.6, temperature: 2)
      #expect(largestError(gradient, expected) < 2e-5, "\(sizes) on \(set.name)")
    }
  }

  @Test(arguments: InstructionSet.available)
  func `instruction sets agree on larger layers to rounding`(set: InstructionSet) throws {
    let shape = try StudentShape(inputCount: 32, hiddenWidths: [64, 128, 64], classCount: 10)
    let example = try Example(shape, rowCount: 67, seed: 3)
    let loss = DistillationLoss(alpha: 0.5, temperature: 4)
    let expected = example.evaluate(loss, on: .baseline).gradient.map(Double.init)
    #expect(largestError(example.evaluate(loss, on: set).gradient, expected) < 1e-5)
    #expect(example.evaluate(loss, on: set).gradient == example.evaluate(loss, on: set).gradient)
  }
}
