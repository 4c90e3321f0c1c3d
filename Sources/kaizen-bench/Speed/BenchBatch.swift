import Foundation
import NeuralNet

/// One batch of made-up parts with everything a training step reads.
struct BenchBatch {
  let rowCount: Int
  /// [rowCount, inputCount]
  let inputs: [Float]
  /// [rowCount], 0 ..< classCount
  let labels: [Int]
  /// Logits [rowCount, classCount]
  let teacher: [Float]
  /// [rowCount], together about 1.
  let weights: [Float]

  init(rowCount: Int, shape: StudentShape, seed: UInt64) {
    var random = Generator(seed: seed)
    self.rowCount = rowCount
    inputs = (0..<rowCount * shape.inputCount).map { _ in Float(random.normal()) }
    labels = (0..<rowCount).map { _ in random.index(below: shape.classCount) }
    teacher = (0..<rowCount * shape.classCount).map { _ in Float(3 * random.normal()) }
    weights = (0..<rowCount).map { _ in Float((0.5 + random.uniform()) / Double(rowCount)) }
  }

  /// Inputs, teacher, weights, labels as numbers, and the student's parameters: 32-bit floats one after the other.
  func write(to path: String, student: Student) throws {
    let values = inputs + teacher + weights + labels.map { Float($0) } + student.parameters
    try values.withUnsafeBytes { Data($0) }.write(to: URL(filePath: path))
  }
}

/// The loss every program computes: half cross-entropy, half divergence from the teacher at temperature 4.
let benchLoss = DistillationLoss(alpha: 0.5, temperature: 4)
