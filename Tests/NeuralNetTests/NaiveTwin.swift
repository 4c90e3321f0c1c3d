import NeuralNet
import Testing

/// The same network and loss in double precision, written to be read: the oracle of kernels and gradients.
struct NaiveTwin {
  let widths: [Int]
  var parameters: [Double]

  init(_ student: Student) {
    widths = [student.shape.inputCount] + student.shape.hiddenWidths + [student.shape.classCount]
    parameters = student.parameters.map(Double.init)
  }

  /// Logits of one row of already standardised features.
  func logits(_ row: [Double]) -> [Double] {
    var values = row
    var offset = 0
    for layer in 1..<widths.count {
      let (inCount, outCount) = (widths[layer - 1], widths[layer])
      values = (0..<outCount).map { out in
        var sum = parameters[offset + inCount * outCount + out]
        for index in 0..<inCount { sum += values[index] * parameters[offset + index * outCount + out] }
        return layer + 1 < widths.count ? max(sum, 0) : sum
      }
      offset += (inCount + 1) * outCount
    }
    return values
  }
}

/// Rows of seeded normal features.
func normalRows(_ count: Int, width: Int, seed: UInt64) -> [Float] {
  var random = Generator(seed: seed)
  return (0..<(count * width)).map { _ in Float(random.normal()) }
}

/// A student whose biases are not zero, so that a forgotten bias shows.
func student(_ inputCount: Int, _ hiddenWidths: [Int], _ classCount: Int, seed: UInt64) throws -> Student {
  let shape = try StudentShape(inputCount: inputCount, hiddenWidths: hiddenWidths, classCount: classCount)
  let drawn = Student(shape: shape, standardizer: Standardizer(identity: inputCount), seed: seed)
  var random = Generator(seed: seed &+ 1)
  let moved = drawn.parameters.map { $0 + Float(random.normal() * 0.05) }
  return try #require(Student(shape: shape, standardizer: drawn.standardizer, parameters: moved))
}

/// Largest difference, relative to 1 + the expected value's size.
func largestError(_ got: [Float], _ expected: [Double]) -> Double {
  guard got.count == expected.count else { return .infinity }
  return zip(got, expected).reduce(0) { worst, pair in
    let error = abs(Double(pair.0) - pair.1) / (1 + abs(pair.1))
    return error.isNaN ? .infinity : max(worst, error)
  }
}
