import Domain
import NeuralNet
import Testing

@Suite struct StudentTests {
  @Test func `the seed alone decides a new student`() throws {
    let shape = try StudentShape(inputCount: 6, hiddenWidths: [8], classCount: 2)
    let standardizer = Standardizer(identity: 6)
    let one = Student(shape: shape, standardizer: standardizer, seed: 5)
    #expect(one == Student(shape: shape, standardizer: standardizer, seed: 5))
    #expect(one != Student(shape: shape, standardizer: standardizer, seed: 6))
    #expect(one.isFinite)
  }

  @Test func `weights have He's variance and biases begin at zero`() throws {
    let shape = try StudentShape(inputCount: 100, hiddenWidths: [200], classCount: 2)
    let student = Student(shape: shape, standardizer: Standardizer(identity: 100), seed: 1)
    let weights = student.parameters.prefix(20_000)
    let variance = weights.reduce(0) { $0 + Double($1) * Double($1) } / 20_000
    #expect(abs(variance - 0.02) < 0.001)
    #expect(student.parameters[20_000..<20_200].allSatisfy { $0 == 0 })
    #expect(student.parameterCount == 20_200 + 402)
  }

  @Test func `parameters that do not fit or are not finite make no student`() throws {
    let shape = try StudentShape(inputCount: 2, hiddenWidths: [], classCount: 2)
    let identity = Standardizer(identity: 2)
    #expect(Student(shape: shape, standardizer: identity, parameters: [0, 0, 0, 0, 0, 0]) != nil)
    #expect(Student(shape: shape, standardizer: identity, parameters: [0, 0, 0, 0, 0]) == nil)
    #expect(Student(shape: shape, standardizer: identity, parameters: [0, 0, .nan, 0, 0, 0]) == nil)
    #expect(Student(shape: shape, standardizer: Standardizer(identity: 3), parameters: [0, 0, 0, 0, 0, 0]) == nil)
  }

  @Test func `impossible sizes are refused with a sentence`() throws {
    func refused(_ inputs: Int, _ hidden: [Int], _ classes: Int) -> String? {
      do {
        _ = try StudentShape(inputCount: inputs, hiddenWidths: hidden, classCount: classes)
        return nil
      } catch { return error.description }
    }
    #expect(refused(1, [], 2) == nil)
    #expect(refused(0, [], 2) == "a student takes 1 to 65536 values, got vector 0")
    #expect(refused(65_537, [], 2) != nil)
    #expect(refused(4, [0], 2) == "a hidden layer has 1 to 1024 units, got 0")
    #expect(refused(4, [1025], 2) != nil)
    #expect(refused(4, [], 1) == "a student tells 2 to 256 classes apart, got 1")
    #expect(refused(4, Array(repeating: 4, count: 17), 2) != nil)
    #expect(refused(4096, [1024], 2)?.contains("parameters") == true)
    #expect(refused(Int.max, [Int.max], Int.max) != nil)
  }

  @Test func `softmax sums to one at any size of logits`() {
    for logits: [Float] in [[0, 0, 0], [1000, 999, -1000], [-1e30, 1e30], [3]] {
      let shares = softmax(logits)
      #expect(abs(shares.reduce(0, +) - 1) < 1e-6)
      #expect(shares.allSatisfy { $0 >= 0 && $0 <= 1 })
    }
    #expect(largestError(softmax([1, 2, 3]), [0.09003057317038046, 0.24472847105479767, 0.6652409557748219]) < 1e-6)
    #expect(largestError(softmax([2, 4, 6], temperature: 2), softmax([1, 2, 3]).map(Double.init)) < 1e-6)
    #expect(softmax([.nan, .infinity]) == [0.5, 0.5])
    #expect(softmax([]).isEmpty)
  }

  @Test func `the top class is the largest logit with its probability`() {
    let (index, confidence) = topClass([1, 3, 2] as [Float])
    #expect(index == 1)
    #expect(abs(confidence - 0.6652409557748219) < 1e-6)
    #expect(topClass([5, 5] as [Float]).index == 0)
    #expect(topClass([-1e30, 1e30] as [Float]) == (1, 1))
    #expect(topClass([.nan, 1, 0] as [Float]).index == 1)
    #expect(topClass([.nan, .nan] as [Float]) == (0, 0.5))
    #expect(topClass([.infinity, 0] as [Float]) == (0, 0.5))
  }

  @Test func `a convolution's weights have the variance of its kernel and its biases begin at zero`() throws {
    let shape = try StudentShape(
      input: .image(height: 6, width: 6, channels: 8), hiddenLayers: StudentLayer.list("conv64k3,max2"), classCount: 2)
    let student = Student(shape: shape, standardizer: Standardizer(identity: 288), seed: 1)
    let variance = student.parameters.prefix(4608).reduce(0) { $0 + Double($1) * Double($1) } / 4608
    #expect(abs(variance * 72 - 2) < 0.15)
    #expect(student.parameters[4608..<4672].allSatisfy { $0 == 0 })
    #expect(student.parameterCount == 4672 + 64 * 9 * 2 + 2)
  }
}
