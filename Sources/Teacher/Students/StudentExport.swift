import Domain
import NeuralNet

extension Student {
  /// The names of an exported model's input and output.
  public static let onnxInputName = "features"
  public static let onnxOutputName = "logits"

  /// The student as an ONNX file: raw parts in, one logit per class out, with the standardisation inside.
  ///
  /// The input is `[n, count]`, a window `[n, channels, length]`, a picture `[n, height, width, channels]`: just what the
  /// line's clients send. Operator set 13 (ONNX 1.8, the year 2020), so that old tools read it too.
  /// - Parameter metadata: key and value pairs to keep in the file.
  public func onnx(metadata: [(key: String, value: String)] = []) -> [UInt8] {
    var graph = GraphWriter()
    graph.write(self)
    var model = ProtoWriter()
    // Model format 7 came with operator set 13.
    model.add(1, 7)
    model.add(2, "kaizend")
    model.add(7, graph.message(shape.input, classCount: shape.classCount))
    model.add(8) { opset in
      opset.add(1, "")
      opset.add(2, 13)
    }
    for pair in metadata + [(key: "kaizen.layout", value: Self.layout(shape.input))] {
      model.add(14) { entry in
        entry.add(1, pair.key)
        entry.add(2, pair.value)
      }
    }
    return model.bytes
  }

  private static func layout(_ input: InputShape) -> String {
    switch input {
    case .vector: "[n, count]"
    case .window: "[n, channels, length]"
    case .image: "[n, height, width, channels] (NHWC)"
    }
  }
}

/// The nodes and constants of one graph.
private struct GraphWriter {
  private var nodes = ProtoWriter()
  private var constants = ProtoWriter()
  /// The tensor the next node reads.
  private var current = Student.onnxInputName
  private var form = Form.list

  /// How many dimensions the current tensor has besides that of the parts: 1, 2 or 3.
  private enum Form {
    case list, signal, picture

    init(_ input: InputShape) {
      switch input {
      case .vector: self = .list
      case .window: self = .signal
      case .image: self = .picture
      }
    }
  }

  private enum Attribute {
    case int(Int)
    case ints([Int])
  }

  mutating func write(_ student: Student) {
    let shape = student.shape
    let sizes = [1] + shape.input.sizes
    constant("mean", sizes, student.standardizer.mean)
    constant("inverse_scale", sizes, student.standardizer.inverseScale)
    constant("low", [], [-Standardizer.limit])
    constant("high", [], [Standardizer.limit])
    node("Sub", "centred", ["mean"])
    node("Mul", "scaled", ["inverse_scale"])
    node("Clip", "standardised", ["low", "high"])
    form = Form(shape.input)
    // Channels first, as ONNX's convolutions want them; a window has them there already.
    if form == .picture { node("Transpose", "channels_first", [], ["perm": .ints([0, 3, 1, 2])]) }
    for (index, layer) in shape.layers.enumerated() {
      let weights = student.parameters[layer.weightOffset..<layer.weightOffset + layer.weightCount]
      let bias = student.parameters[layer.biasOffset..<layer.biasOffset + layer.biasCount]
      if !weights.isEmpty { constant("bias\(index)", [bias.count], bias) }
      write(layer, Array(weights), index: index, isLast: index + 1 == shape.layers.count)
    }
  }

  private mutating func write(_ layer: StudentShape.Layer, _ weights: [Float], index: Int, isLast: Bool) {
    let isFlat = layer.input.height == 1
    if case .dense = layer.kind { flatten(layer.input, index: index) }
    if case .convolution = layer.kind { unflatten(layer.input, index: index) }
    let isSignal = form == .signal
    /// One number a side of the kernel: a signal has one side, a picture of one row a kernel of one row.
    func sides(_ value: Int, acrossFlat: Int) -> [Int] {
      isSignal ? [value] : [isFlat ? acrossFlat : value, value]
    }
    switch layer.kind {
    case .dense(let width):
      constant("weights\(index)", [layer.input.count, width], weights)
      let inputs = ["weights\(index)", "bias\(index)"]
      node("Gemm", isLast ? Student.onnxOutputName : "dense\(index)", inputs)
      if !isLast { node("Relu", "relu\(index)", []) }
    case .convolution(let channels, let kernel, let stride, let padding):
      let height = isFlat ? 1 : kernel
      // [height, width, in, out] -> [out, in, height, width].
      let dims = [height, kernel, layer.input.channels, channels]
      let turned = OnnxTensor(dims: dims, values: .floats(weights)).transposed([3, 2, 0, 1])
      let kernels = sides(kernel, acrossFlat: 1)
      constant("weights\(index)", [channels, layer.input.channels] + kernels, turned?.floats ?? [])
      let pads = sides(padding, acrossFlat: 0)
      node(
        "Conv", "conv\(index)", ["weights\(index)", "bias\(index)"],
        [
          "kernel_shape": .ints(kernels), "strides": .ints(sides(stride, acrossFlat: 1)), "pads": .ints(pads + pads),
        ])
      node("Relu", "relu\(index)", [])
    case .maxPool(let size), .averagePool(let size):
      let kernels = Attribute.ints(sides(size, acrossFlat: 1))
      let isMax = layer.kind == .maxPool(size: size)
      node(
        isMax ? "MaxPool" : "AveragePool", "pool\(index)", [], ["kernel_shape": kernels, "strides": kernels])
    case .globalAveragePool:
      // A list has one position: its mean over positions is itself.
      if form != .list { node("GlobalAveragePool", "mean\(index)", []) }
    }
  }

  /// Channels last, as the student's dense layers read them.
  private mutating func flatten(_ volume: StudentShape.Volume, index: Int) {
    guard form != .list else { return }
    if volume.height * volume.width > 1, volume.channels > 1 {
      node("Transpose", "channels_last\(index)", [], ["perm": .ints(form == .signal ? [0, 2, 1] : [0, 2, 3, 1])])
    }
    node("Flatten", "list\(index)", [], ["axis": .int(1)])
    form = .list
  }

  /// A list is a signal of one moment.
  private mutating func unflatten(_ volume: StudentShape.Volume, index: Int) {
    guard form == .list else { return }
    constants.add(5) { tensor in
      tensor.add(1, 3)
      tensor.add(2, OnnxTensor.Element.int64.rawValue)
      for size in [-1, volume.channels, 1] { tensor.add(7, size) }
      tensor.add(8, "moment\(index)")
    }
    node("Reshape", "signal\(index)", ["moment\(index)"])
    form = .signal
  }

  private mutating func constant(_ name: String, _ dims: [Int], _ values: some Collection<Float>) {
    constants.add(5) { tensor in
      for size in dims { tensor.add(1, size) }
      tensor.add(2, OnnxTensor.Element.float.rawValue)
      tensor.add(8, name)
      tensor.add(9, raw: values)
    }
  }

  private mutating func node(
    _ operation: String, _ output: String, _ inputs: [String], _ attributes: KeyValuePairs<String, Attribute> = [:]
  ) {
    let current = current
    nodes.add(1) { node in
      for input in [current] + inputs { node.add(1, input) }
      node.add(2, output)
      node.add(3, output)
      node.add(4, operation)
      for (name, value) in attributes {
        node.add(5) { attribute in
          attribute.add(1, name)
          switch value {
          case .int(let number):
            attribute.add(3, number)
            attribute.add(20, 2)
          case .ints(let numbers):
            for number in numbers { attribute.add(8, number) }
            attribute.add(20, 7)
          }
        }
      }
    }
    self.current = output
  }

  func message(_ input: InputShape, classCount: Int) -> [UInt8] {
    var graph = ProtoWriter()
    graph.add(2, "student")
    graph.add(11) { Self.value(&$0, Student.onnxInputName, input.sizes) }
    graph.add(12) { Self.value(&$0, Student.onnxOutputName, [classCount]) }
    return nodes.bytes + graph.bytes + constants.bytes
  }

  /// A tensor of floats for any number of parts.
  private static func value(_ writer: inout ProtoWriter, _ name: String, _ sizes: [Int]) {
    writer.add(1, name)
    writer.add(2) { type in
      type.add(1) { tensor in
        tensor.add(1, OnnxTensor.Element.float.rawValue)
        tensor.add(2) { shape in
          shape.add(1) { $0.add(2, "n") }
          for size in sizes { shape.add(1) { $0.add(1, size) } }
        }
      }
    }
  }
}
