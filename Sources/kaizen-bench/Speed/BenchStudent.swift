import ArgumentParser
import Domain
import NeuralNet

/// The students whose speed is measured, from a dense network on readings to convolutions over pictures.
public enum BenchStudent: String, CaseIterable, Sendable, ExpressibleByArgument {
  case mlp
  case cnn1d
  case cnn2d64 = "cnn2d-64"
  case cnn2d28 = "cnn2d-28"

  /// Measured unless others are named.
  static let usual = allCases

  public var name: String { rawValue }

  public func shape() throws(InvalidShape) -> StudentShape {
    try StudentShape(input: input, hiddenLayers: try StudentLayer.list(layers), classCount: 10)
  }

  private var input: InputShape {
    switch self {
    case .mlp: .vector(count: 32)
    case .cnn1d: .window(channels: 1, length: 1024)
    case .cnn2d64: .image(height: 64, width: 64, channels: 1)
    case .cnn2d28: .image(height: 28, width: 28, channels: 1)
    }
  }

  /// As `StudentLayer.list` reads them. The padding of each convolution makes its output as long as its input divided
  /// by the stride, so the last dense layer of the signal's student reads 16 x 64 values.
  public var layers: String {
    switch self {
    case .mlp: "64,128,64"
    case .cnn1d: "conv16k64s8,max2,conv32k3,max2,conv64k3,max2"
    case .cnn2d64, .cnn2d28: "conv16k3,max2,conv32k3,max2,conv64k3,max2"
    }
  }
}

/// What a student costs, counted in multiplications and additions of its layers.
extension StudentShape {
  var inferenceOperations: Int { 2 * multiplyAddCount }

  /// Forward, gradient of the weights, and gradient of the inputs of every layer but the first. Loss and AdamW are left
  /// out: they are a few operations a parameter, and a share of the peak should not grow with them.
  var trainingOperations: Int {
    let first = layers.first.map { $0.weightCount * ($0.output.count / $0.output.channels) } ?? 0
    return 2 * (3 * multiplyAddCount - first)
  }
}
