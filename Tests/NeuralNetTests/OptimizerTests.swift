import Glibc
import NeuralNet
import Testing

@Suite struct OptimizerTests {
  @Test(arguments: InstructionSet.available)
  func `three clipped AdamW steps end where PyTorch's do`(set: InstructionSet) throws {
    var student = try torchStudent()
    var optimizer = AdamW(
      parameterCount: student.parameterCount, weightDecay: TorchReference.weightDecay,
      clipNorm: TorchReference.clipNorm, on: set)
    let loss = DistillationLoss(alpha: TorchReference.alpha, temperature: TorchReference.temperature)
    var scratch = student.makeTrainingScratch(rowCount: TorchReference.rowCount, on: set)
    var logits = [Float](repeating: 0, count: TorchReference.rowCount * 3)
    var losses = [Float](repeating: 0, count: TorchReference.rowCount)
    var gradient = logits
    for _ in 0..<TorchReference.stepCount {
      student.trainingLogits(
        TorchReference.inputs, rowCount: TorchReference.rowCount, scratch: &scratch, into: &logits)
      loss.evaluate(
        logits: logits, labels: TorchReference.labels, teacher: TorchReference.teacher, classCount: 3,
        losses: &losses, gradient: &gradient)
      scaleRows(&gradient, by: TorchReference.rowWeights, classCount: 3)
      student.backward(gradient, rowCount: TorchReference.rowCount, scratch: &scratch)
      let moved = optimizer.update(
        &student, gradient: scratch.gradient, learningRate: TorchReference.learningRate)
      #expect(moved)
    }
    #expect(largestError(student.parameters, TorchReference.trainedParameters.map(Double.init)) < 1e-5)
    #expect(optimizer.stepCount == TorchReference.stepCount)
  }

  @Test func `a gradient that is not finite changes nothing`() throws {
    var student = try student(3, [4], 2, seed: 9)
    let before = student
    var optimizer = AdamW(parameterCount: student.parameterCount, weightDecay: 0.1, clipNorm: 5)
    for broken in [Float.nan, .infinity, -.infinity] {
      var gradient = [Float](repeating: 0.1, count: student.parameterCount)
      gradient[5] = broken
      #expect(optimizer.update(&student, gradient: gradient, learningRate: 0.1) == false)
    }
    #expect(student == before)
    #expect(optimizer.stepCount == 0)
  }

  @Test func `without gradient only the decay moves parameters`() throws {
    var student = try student(3, [4], 2, seed: 9)
    let expected = student.parameters.map { Double($0) * (1 - 0.1 * 0.5) }
    var optimizer = AdamW(parameterCount: student.parameterCount, weightDecay: 0.5, clipNorm: 5)
    let still = [Float](repeating: 0, count: student.parameterCount)
    #expect(optimizer.update(&student, gradient: still, learningRate: 0.1))
    #expect(largestError(student.parameters, expected) < 1e-6)
  }

  @Test func `the learning rate follows half a cosine to zero`() {
    #expect(cosineDecay(base: 2, step: 0, stepCount: 100) == 2)
    #expect(abs(cosineDecay(base: 2, step: 50, stepCount: 100) - 1) < 1e-6)
    #expect(abs(cosineDecay(base: 2, step: 25, stepCount: 100) - (1 + Float(0.5).squareRoot())) < 1e-6)
    #expect(abs(cosineDecay(base: 2, step: 100, stepCount: 100)) < 1e-6)
    #expect(cosineDecay(base: 2, step: 500, stepCount: 100) == cosineDecay(base: 2, step: 100, stepCount: 100))
    #expect(cosineDecay(base: 2, step: 3, stepCount: 0) == 2)
  }
}
