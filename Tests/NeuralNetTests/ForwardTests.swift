import Glibc
import NeuralNet
import Testing

@Suite struct ForwardTests {
  /// Sizes around every vector width and tile height, and one of each tail.
  static let shapes: [(Int, [Int], Int)] = [
    (1, [], 2), (3, [5, 4], 3), (23, [32], 2), (7, [13, 17], 5), (32, [64, 128, 64], 10), (16, [31, 33], 63),
    (65, [127], 15), (2, [1], 2),
  ]

  @Test(arguments: InstructionSet.available)
  func `logits agree with the naive twin on every instruction set`(set: InstructionSet) throws {
    for (position, (inputs, hidden, classes)) in Self.shapes.enumerated() {
      let student = try student(inputs, hidden, classes, seed: UInt64(position))
      let twin = NaiveTwin(student)
      for rowCount in [1, 2, 3, 5, 6, 7, 12, 13, 64, 65, 131] {
        let rows = normalRows(rowCount, width: inputs, seed: UInt64(rowCount))
        let expected = (0..<rowCount).flatMap { row in
          twin.logits(rows[(row * inputs)..<((row + 1) * inputs)].map(Double.init))
        }
        let got = student.logits(rows, rowCount: rowCount, on: set)
        #expect(largestError(got, expected) < 1e-5, "\(set.name) \(inputs)-\(hidden)-\(classes), \(rowCount) rows")
      }
    }
  }

  @Test func `logits agree with PyTorch`() throws {
    let reference = try torchStudent()
    let logits = reference.logits(TorchReference.inputs, rowCount: TorchReference.rowCount)
    #expect(largestError(logits, TorchReference.logits.map(Double.init)) < 1e-6)
  }

  @Test(arguments: InstructionSet.available)
  func `a small scratch gives the same logits piece by piece`(set: InstructionSet) throws {
    let student = try student(9, [20], 3, seed: 4)
    let rows = normalRows(12, width: 9, seed: 5)
    var scratch = student.makeScratch(rowCount: 6, on: set)
    var got = [Float](repeating: .nan, count: 36)
    var span = got.mutableSpan
    student.logits(rows.span, rowCount: 12, scratch: &scratch, into: &span)
    #expect(got == student.logits(rows, rowCount: 12, on: set))
    #expect(scratch.rowCapacity == 6)
    #expect(scratch.instructionSet == set)
  }

  @Test func `no rows give no logits`() throws {
    let logits = try student(3, [4], 2, seed: 1).logits([], rowCount: 0)
    #expect(logits.isEmpty)
  }

  @Test func `broken readings still give finite logits`() throws {
    let student = try student(3, [4], 2, seed: 1)
    let broken: [Float] = [.nan, .infinity, -.infinity, 1e38, -1e38, .leastNonzeroMagnitude]
    for logit in student.logits(broken, rowCount: 2) { #expect(logit.isFinite) }
  }

  @Test func `instruction sets have names, and the fastest is the best unless another is asked for`() {
    let asked = getenv(InstructionSet.environmentName).flatMap { InstructionSet.named(String(cString: $0)) }
    #expect(InstructionSet.best == asked ?? InstructionSet.available.last)
    #expect(InstructionSet.available.first == .baseline)
    #expect(Set(InstructionSet.available.map(\.name)).count == InstructionSet.available.count)
    for set in InstructionSet.available {
      #expect(["sse2", "neon", "avx2", "avx512"].contains(set.name))
      #expect(InstructionSet.named(set.name) == set)
    }
    #expect(InstructionSet.named("mmx") == nil)
  }
}

/// The network of `TorchReference`.
func torchStudent() throws -> Student {
  let shape = try StudentShape(inputCount: 3, hiddenWidths: [5, 4], classCount: 3)
  return try #require(
    Student(shape: shape, standardizer: Standardizer(identity: 3), parameters: TorchReference.parameters))
}
