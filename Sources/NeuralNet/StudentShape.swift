import Domain

/// One hidden step of a student; dense and convolution layers end in a ReLU.
///
/// Signals and pictures go through as positions x channels (`[length, channels]`, `[height, width, channels]`), the
/// channels of one position side by side; a dense layer after them sees that list.
public enum StudentLayer: Sendable, Hashable {
  case dense(width: Int)
  /// A square (pictures) or plain (signals) kernel over all channels, `padding` zeros on every side.
  case convolution(channels: Int, kernel: Int, stride: Int, padding: Int)
  /// Largest of every `size` (pictures: `size` x `size`) neighbours that do not overlap; what is left over is dropped.
  case maxPool(size: Int)
  /// Mean of the same.
  case averagePool(size: Int)
  /// Mean over all positions, one value a channel.
  case globalAveragePool

  /// A convolution that gives one output for every `stride` inputs where the kernel is at least as long as the stride.
  public static func convolution(channels: Int, kernel: Int, stride: Int = 1) -> StudentLayer {
    .convolution(channels: channels, kernel: kernel, stride: stride, padding: max(0, (kernel - stride + 1) / 2))
  }
}

/// What a student reads, its layers, and how many classes it tells apart; the last layer is dense without a ReLU.
public struct StudentShape: Sendable, Hashable {
  public let input: InputShape
  public let hiddenLayers: [StudentLayer]
  public let classCount: Int
  /// Every layer with its sizes, the last dense one included, in order.
  public let layers: [Layer]
  public let parameterCount: Int
  public var inputCount: Int { input.count }

  /// Deeper plain networks do not train well without normalisation layers.
  public static let maximumHiddenLayers = 16
  /// Four times the widest teacher the design measured.
  public static let maximumWidth = 1024
  /// A kernel longer than this is a dense layer.
  public static let maximumKernel = 256
  /// Cells of one window are counted in 16 bits.
  public static let maximumPool = 255
  /// More outcome classes than a person tells apart.
  public static let maximumClassCount = 256
  /// 16 MB of parameters: a retraining must fit a small machine.
  public static let maximumParameterCount = 4_000_000
  /// Values between two layers for one part: 4 MB.
  public static let maximumValueCount = 1 << 20

  /// - Throws: `InvalidShape` when a size is out of the bounds above or a layer does not fit what is before it.
  public init(input: InputShape, hiddenLayers: [StudentLayer], classCount: Int) throws(InvalidShape) {
    guard input.isValid else {
      throw InvalidShape("a student takes 1 to \(InputShape.countMaximum) values, got \(input)")
    }
    guard hiddenLayers.count <= Self.maximumHiddenLayers else {
      throw InvalidShape("a student has at most \(Self.maximumHiddenLayers) hidden layers, got \(hiddenLayers.count)")
    }
    guard (2...Self.maximumClassCount).contains(classCount) else {
      throw InvalidShape("a student tells 2 to \(Self.maximumClassCount) classes apart, got \(classCount)")
    }
    var layers: [Layer] = []
    var offset = 0
    var values = Volume(input)
    for kind in hiddenLayers + [.dense(width: classCount)] {
      let layer = try Layer(kind, input: values, weightOffset: offset)
      layers.append(layer)
      // No product of sizes within their bounds overflows, and the sum stops at the first layer beyond the limit.
      offset += layer.parameterCount
      values = layer.output
      guard offset <= Self.maximumParameterCount else {
        throw InvalidShape(
          "a student has at most \(Self.maximumParameterCount) parameters, this one would have at least \(offset)")
      }
      guard values.count <= Self.maximumValueCount else {
        throw InvalidShape("a layer gives out at most \(Self.maximumValueCount) values, got \(values.count)")
      }
    }
    self.input = input
    self.hiddenLayers = hiddenLayers
    self.classCount = classCount
    self.layers = layers
    parameterCount = offset
  }

  /// A network of dense layers on a vector.
  public init(inputCount: Int, hiddenWidths: [Int], classCount: Int) throws(InvalidShape) {
    try self.init(
      input: .vector(count: inputCount), hiddenLayers: hiddenWidths.map { .dense(width: $0) }, classCount: classCount)
  }

  /// Multiplications, each with its addition, that one part costs.
  public var multiplyAddCount: Int {
    layers.reduce(0) { sum, layer in sum + layer.weightCount * (layer.output.count / layer.output.channels) }
  }

  /// Widths of the dense hidden layers.
  public var hiddenWidths: [Int] {
    hiddenLayers.compactMap { layer in
      guard case .dense(let width) = layer else { return nil }
      return width
    }
  }

  /// Rows and columns of positions, and the channels at each.
  public struct Volume: Sendable, Hashable {
    /// 1 for signals and vectors.
    public let height: Int
    public let width: Int
    public let channels: Int
    public var count: Int { height * width * channels }

    init(height: Int, width: Int, channels: Int) {
      self.height = height
      self.width = width
      self.channels = channels
    }

    init(_ input: InputShape) {
      switch input {
      case .vector(let count): self.init(height: 1, width: 1, channels: count)
      case .window(let channels, let length): self.init(height: 1, width: length, channels: channels)
      case .image(let height, let width, let channels): self.init(height: height, width: width, channels: channels)
      }
    }

    /// Whether the positions form a picture: kernels over it are square.
    var isFlat: Bool { height == 1 }
  }

  /// One layer with the sizes of what goes in and out, and where its parameters stand.
  ///
  /// Weights come first, then the bias [channels of the output]. Dense: [input.count, output.channels] row-major.
  /// Convolution: [kernel height, kernel width, input channels, output channels] row-major; the kernel's height is 1
  /// over a signal.
  public struct Layer: Sendable, Hashable {
    public let kind: StudentLayer
    public let input: Volume
    public let output: Volume
    public let weightOffset: Int
    public let weightCount: Int
    public var biasOffset: Int { weightOffset + weightCount }
    public var biasCount: Int { weightCount == 0 ? 0 : output.channels }
    public var parameterCount: Int { weightCount + biasCount }
    /// Values that one output of it sums over; 0 for pooling.
    public var fanIn: Int { weightCount / output.channels }

    init(_ kind: StudentLayer, input: Volume, weightOffset: Int) throws(InvalidShape) {
      self.kind = kind
      self.input = input
      self.weightOffset = weightOffset
      switch kind {
      case .dense(let width):
        guard (1...StudentShape.maximumWidth).contains(width) else {
          throw InvalidShape("a hidden layer has 1 to \(StudentShape.maximumWidth) units, got \(width)")
        }
        output = Volume(height: 1, width: 1, channels: width)
        weightCount = input.count * width
      case .convolution(let channels, let kernel, let stride, let padding):
        guard (1...StudentShape.maximumWidth).contains(channels) else {
          throw InvalidShape("a convolution has 1 to \(StudentShape.maximumWidth) channels, got \(channels)")
        }
        guard (1...StudentShape.maximumKernel).contains(kernel), (1...kernel).contains(stride),
          (0..<kernel).contains(padding)
        else {
          throw InvalidShape(
            "a kernel is 1 to \(StudentShape.maximumKernel) long, its stride at most that and its padding less, got"
              + " kernel \(kernel), stride \(stride), padding \(padding)")
        }
        func places(_ size: Int) -> Int { (size + 2 * padding - kernel) / stride + 1 }
        guard input.width + 2 * padding >= kernel, input.isFlat || input.height + 2 * padding >= kernel else {
          throw InvalidShape("a kernel of \(kernel) is longer than the \(input.height)x\(input.width) it goes over")
        }
        let height = input.isFlat ? 1 : places(input.height)
        output = Volume(height: height, width: places(input.width), channels: channels)
        weightCount = (input.isFlat ? 1 : kernel) * kernel * input.channels * channels
      case .maxPool(let size), .averagePool(let size):
        guard (2...StudentShape.maximumPool).contains(size), input.width >= size, input.isFlat || input.height >= size
        else {
          throw InvalidShape("\(size) neighbours cannot be pooled over \(input.height)x\(input.width) positions")
        }
        let height = input.isFlat ? 1 : input.height / size
        output = Volume(height: height, width: input.width / size, channels: input.channels)
        weightCount = 0
      case .globalAveragePool:
        output = Volume(height: 1, width: 1, channels: input.channels)
        weightCount = 0
      }
    }
  }
}

/// A size no student can have, as a sentence.
public struct InvalidShape: Error, Equatable, CustomStringConvertible {
  public let description: String
  init(_ description: String) { self.description = description }
}
