import Domain
import NeuralNet
import Testing

/// Convolutions and pooling against the naive twin.
@Suite struct LayerTests {
  @Test(arguments: InstructionSet.available)
  func `every layer's logits agree with the naive twin`(set: InstructionSet) throws {
    for index in NetworkShapes.all.indices {
      let shape = try NetworkShapes.shape(index)
      let student = try student(shape, seed: UInt64(index))
      let twin = NaiveTwin(student)
      for rowCount in [1, 2, 5, 17] {
        let rows = normalRows(rowCount, width: shape.inputCount, seed: UInt64(rowCount))
        let expected = (0..<rowCount).flatMap { row in
          twin.logits(rows[(row * shape.inputCount)..<((row + 1) * shape.inputCount)].map(Double.init))
        }
        let got = student.logits(rows, rowCount: rowCount, on: set)
        #expect(largestError(got, expected) < 1e-5, "\(set.name) \(NetworkShapes.all[index]), \(rowCount) rows")
        #expect(got == student.logits(rows, rowCount: rowCount, on: set))
        // Neither the batch nor the kind of scratch changes a bit of any part's answer.
        var training = student.makeTrainingScratch(rowCount: rowCount + 1, on: set)
        var again = got.map { _ in Float.nan }
        student.trainingLogits(rows, rowCount: rowCount, scratch: &training, into: &again)
        #expect(got == again)
        let first = student.logits(Array(rows.prefix(shape.inputCount)), rowCount: 1, on: set)
        #expect(first == Array(got.prefix(shape.classCount)))
      }
    }
  }

  @Test(arguments: NetworkShapes.all.indices)
  func `every layer's gradients agree with finite differences of the twin`(index: Int) throws {
    let example = try Example(NetworkShapes.shape(index), rowCount: 3, seed: UInt64(index) + 50)
    let loss = DistillationLoss(alpha: 0.6, temperature: 2)
    // A step that is no multiple of any kernel: every tap and channel has its turn somewhere.
    let every = max(1, example.student.parameterCount / 150) | 1
    let expected = example.differences(alpha: 0.6, temperature: 2, every: every)
    for set in InstructionSet.available {
      let gradient = example.evaluate(loss, on: set).gradient
      let picked = stride(from: 0, to: gradient.count, by: every).map { gradient[$0] }
      #expect(largestError(picked, expected) < 2e-5, "\(set.name) \(NetworkShapes.all[index])")
      #expect(isSame(gradient, example.evaluate(loss, on: set).gradient))
    }
  }

  @Test(arguments: InstructionSet.available)
  func `a scratch used before gives the same gradients`(set: InstructionSet) throws {
    for index in NetworkShapes.all.indices {
      let example = try Example(NetworkShapes.shape(index), rowCount: 4, seed: UInt64(index) + 90)
      let other = try Example(NetworkShapes.shape(index), rowCount: 7, seed: UInt64(index) + 91)
      let loss = DistillationLoss(alpha: 0.5, temperature: 4)
      var scratch = example.student.makeTrainingScratch(rowCount: 7, on: set)
      _ = other.evaluate(loss, scratch: &scratch, on: set)
      let again = example.evaluate(loss, scratch: &scratch, on: set).gradient
      #expect(isSame(again, example.evaluate(loss, on: set).gradient), "\(NetworkShapes.all[index])")
    }
  }

  /// Bit by bit, without printing thousands of numbers.
  private func isSame(_ left: [Float], _ right: [Float]) -> Bool {
    left.map(\.bitPattern) == right.map(\.bitPattern)
  }

  @Test func `broken readings still give finite logits`() throws {
    for index in NetworkShapes.all.indices {
      let student = try student(NetworkShapes.shape(index), seed: 3)
      let broken: [Float] = [.nan, .infinity, -.infinity, 1e38, -1e38, .leastNonzeroMagnitude]
      let row = (0..<student.shape.inputCount).map { broken[$0 % broken.count] }
      for logit in student.logits(row, rowCount: 1) { #expect(logit.isFinite) }
    }
  }

  @Test func `the head sees what the layers before it give`() throws {
    for index in NetworkShapes.all.indices {
      let student = try student(NetworkShapes.shape(index), seed: 5)
      let rowCount = 70
      let rows = normalRows(rowCount, width: student.shape.inputCount, seed: 6)
      let linear = try StudentShape(
        inputCount: student.headInputCount, hiddenWidths: [], classCount: student.shape.classCount)
      let head = try #require(
        Student(shape: linear, standardizer: Standardizer(identity: student.headInputCount), parameters: student.head))
      let seen = student.headInputs(rows, rowCount: rowCount)
      #expect(head.logits(seen, rowCount: rowCount) == student.logits(rows, rowCount: rowCount))
      #expect(student.replacing(head: student.head) == student)
    }
  }
}
