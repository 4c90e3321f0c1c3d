import NeuralNet
import Testing
import kaizen_bench

@Suite struct OperationsTests {
  @Test func `outputs that a max pool drops are no work done`() throws {
    // 28 x 28, 14 x 14 and 7 x 7 outputs, of the last of which pooling keeps 6 x 6; the head reads 3 x 3 x 64.
    let used = 784 * 9 * 16 + 196 * 144 * 32 + 36 * 288 * 64 + 576 * 10
    let shape = try BenchStudent.cnn2d28.shape()
    #expect(shape.inferenceOperations == 2 * used)
    #expect(shape.trainingOperations == 2 * (3 * used - 784 * 9 * 16))
    #expect(shape.inferenceOperations < 2 * shape.multiplyAddCount)
  }

  @Test(arguments: [BenchStudent.mlp, .cnn1d, .cnn2d64]) func `where nothing is dropped, all of it is work`(
    student: BenchStudent
  ) throws {
    let shape = try student.shape()
    #expect(shape.inferenceOperations == 2 * shape.multiplyAddCount)
  }
}
