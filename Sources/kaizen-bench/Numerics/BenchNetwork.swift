import Domain
import NeuralNet

/// The networks of the numeric measurements: one for each kind of input a line can have.
enum BenchNetwork: String, CaseIterable {
  case mlp
  case cnn1d
  case cnn2d64 = "cnn2d-64"
  case cnn2d28 = "cnn2d-28"

  static let classCount = 10

  var input: InputShape {
    switch self {
    case .mlp: .vector(count: 32)
    case .cnn1d: .window(channels: 1, length: 1024)
    case .cnn2d64: .image(height: 64, width: 64, channels: 1)
    case .cnn2d28: .image(height: 28, width: 28, channels: 1)
    }
  }

  var layers: String {
    switch self {
    case .mlp: "64,128,64"
    case .cnn1d: "conv16k64s8,max2,conv32k3,max2,conv64k3,max2"
    case .cnn2d64, .cnn2d28: "conv16k3,max2,conv32k3,max2,conv64k3,max2"
    }
  }

  func student(seed: UInt64) throws -> Student {
    let shape = try StudentShape(
      input: input, hiddenLayers: StudentLayer.list(layers), classCount: Self.classCount)
    return Student(shape: shape, standardizer: Standardizer(identity: input.count), seed: seed)
  }
}

extension StudentShape {
  /// Floating-point operations of one training step a part: forward, the weights' gradient and the inputs', which the
  /// first layer does not need.
  var trainingOperations: Double {
    guard let first = layers.first else { return 0 }
    let firstCount = first.weightCount * (first.output.count / first.output.channels)
    return 2 * Double(3 * multiplyAddCount - firstCount)
  }

  var inferenceOperations: Double { 2 * Double(multiplyAddCount) }
}
