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

/// What a student costs, counted in multiplications and additions of its layers whose results are used.
///
/// Outputs that a max pool behind them drops (the last row and column of an odd picture) need not be computed, and are
/// not: counted all the same they would make a share of the peak larger than it is.
extension StudentShape {
  public var inferenceOperations: Int { 2 * usedMultiplyAdds.reduce(0, +) }

  /// Forward, gradient of the weights, and gradient of the inputs of every layer but the first. Loss and AdamW are left
  /// out: they are a few operations a parameter, and a share of the peak should not grow with them.
  public var trainingOperations: Int {
    2 * (3 * usedMultiplyAdds.reduce(0, +) - (usedMultiplyAdds.first ?? 0))
  }

  /// One a layer.
  private var usedMultiplyAdds: [Int] {
    layers.indices.map { index in
      let layer = layers[index]
      var positions = layer.output.height * layer.output.width
      if layers.indices.contains(index + 1), case .maxPool(let size) = layers[index + 1].kind {
        let windows = layers[index + 1].output
        positions = windows.height * windows.width * (layer.output.height == 1 ? size : size * size)
      }
      return layer.weightCount * positions
    }
  }
}
