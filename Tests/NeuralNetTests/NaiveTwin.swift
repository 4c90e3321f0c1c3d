import Domain
import NeuralNet
import Testing

/// The same network in double precision, written to be read: the oracle of kernels and gradients.
struct NaiveTwin {
  let shape: StudentShape
  var parameters: [Double]

  init(_ student: Student) {
    shape = student.shape
    parameters = student.parameters.map(Double.init)
  }

  /// Logits of one row of already standardised features, in the order they are stored in.
  func logits(_ row: [Double]) -> [Double] {
    var values = row
    if case .window(let channels, let length) = shape.input {
      values = (0..<row.count).map { row[$0 % channels * length + $0 / channels] }
    }
    for (index, layer) in shape.layers.enumerated() {
      values = apply(layer, to: values)
      if layer.weightCount > 0, index + 1 < shape.layers.count { values = values.map { max($0, 0) } }
    }
    return values
  }

  private func apply(_ layer: StudentShape.Layer, to x: [Double]) -> [Double] {
    func at(_ row: Int, _ column: Int, _ channel: Int) -> Double {
      guard (0..<layer.input.height).contains(row), (0..<layer.input.width).contains(column) else { return 0 }
      return x[(row * layer.input.width + column) * layer.input.channels + channel]
    }
    switch layer.kind {
    case .dense(let width):
      return (0..<width).map { out in
        x.indices.reduce(parameters[layer.biasOffset + out]) {
          $0 + x[$1] * parameters[layer.weightOffset + $1 * width + out]
        }
      }
    case .convolution(let channels, let kernel, let stride, let padding):
      let high = layer.input.height == 1 ? 1 : kernel
      let above = layer.input.height == 1 ? 0 : padding
      return positions(layer) { row, column, channel in
        var sum = parameters[layer.biasOffset + channel]
        var weight = layer.weightOffset + channel
        for down in 0..<high {
          for across in 0..<kernel {
            for source in 0..<layer.input.channels {
              sum += at(row * stride + down - above, column * stride + across - padding, source) * parameters[weight]
              weight += channels
            }
          }
        }
        return sum
      }
    case .maxPool(let size):
      let high = layer.input.height == 1 ? 1 : size
      return positions(layer) { row, column, channel in
        (0..<(high * size)).map { at(row * high + $0 / size, column * size + $0 % size, channel) }.max() ?? 0
      }
    case .averagePool(let size):
      let high = layer.input.height == 1 ? 1 : size
      return positions(layer) { row, column, channel in
        (0..<(high * size)).reduce(0) { $0 + at(row * high + $1 / size, column * size + $1 % size, channel) }
          / Double(high * size)
      }
    case .globalAveragePool:
      let count = layer.input.height * layer.input.width
      return positions(layer) { _, _, channel in
        (0..<count).reduce(0) { $0 + x[$1 * layer.input.channels + channel] } / Double(count)
      }
    }
  }

  private func positions(_ layer: StudentShape.Layer, _ value: (Int, Int, Int) -> Double) -> [Double] {
    let output = layer.output
    return (0..<output.count).map {
      value($0 / output.channels / output.width, $0 / output.channels % output.width, $0 % output.channels)
    }
  }
}

/// Rows of seeded normal features.
func normalRows(_ count: Int, width: Int, seed: UInt64) -> [Float] {
  var random = Generator(seed: seed)
  return (0..<(count * width)).map { _ in Float(random.normal()) }
}

/// A student whose biases are not zero, so that a forgotten bias shows.
func student(_ inputCount: Int, _ hiddenWidths: [Int], _ classCount: Int, seed: UInt64) throws -> Student {
  try student(
    StudentShape(inputCount: inputCount, hiddenWidths: hiddenWidths, classCount: classCount), seed: seed)
}

func student(_ shape: StudentShape, seed: UInt64) throws -> Student {
  let drawn = Student(shape: shape, standardizer: Standardizer(identity: shape.inputCount), seed: seed)
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
