import Domain
import NeuralNet

/// A student as it grows while a model's nodes are read one after the other.
struct StudentDraft {
  private struct Layer {
    let kind: StudentLayer
    var weights: [Float]
    var bias: [Float]
  }

  let input: InputShape
  private(set) var extent: Extent
  /// The standardisation so far, per value of a part: x -> x * scale + shift.
  private var scale: [Double]
  private var shift: [Double]
  private var isClamped = false
  private var layers: [Layer] = []
  /// The last convolution or dense layer waits for its ReLU.
  private(set) var isOpen = false
  /// A largest-of pooling stands between that layer and its ReLU.
  private var isPooledOpen = false
  /// An affine map behind a ReLU, per channel, to be taken into the next layer.
  private var pending: (scale: [Float], shift: [Float])?
  /// Counts changes: a node that reads an older state reads a second branch.
  private(set) var step = 0

  init(_ input: InputShape) {
    self.input = input
    extent = input.extent
    scale = Array(repeating: 1, count: input.count)
    shift = Array(repeating: 0, count: input.count)
  }

  /// Whether nothing but standardisation has been seen.
  private var isAtInput: Bool { layers.isEmpty && !isClamped }

  // MARK: Layers

  /// - Parameters:
  ///   - weights: `[extent.count, width]` in the student's order.
  mutating func addDense(_ weights: [Float], width: Int) throws(DraftFault) {
    try checkClosed()
    var weights = weights
    var bias = [Float](repeating: 0, count: width)
    if let pending {
      for row in 0..<extent.count {
        let channel = row % extent.channels
        for unit in 0..<width {
          bias[unit] += pending.shift[channel] * weights[row * width + unit]
          weights[row * width + unit] *= pending.scale[channel]
        }
      }
    }
    try open(Layer(kind: .dense(width: width), weights: weights, bias: bias), Extent(channels: width))
  }

  /// - Parameter weights: `[kernel height, kernel, extent.channels, channels]`.
  mutating func addConvolution(
    _ weights: [Float], channels: Int, kernel: Int, stride: Int, padding: Int, output: Extent
  ) throws(DraftFault) {
    try checkClosed()
    var weights = weights
    var bias = [Float](repeating: 0, count: channels)
    if let pending {
      guard padding == 0 || pending.shift.allSatisfy({ $0 == 0 }) else {
        throw .fault("pads values that were shifted before (a normalisation behind a ReLU); put it before the ReLU")
      }
      for place in 0..<(weights.count / channels) {
        let from = place % extent.channels
        for channel in 0..<channels {
          bias[channel] += pending.shift[from] * weights[place * channels + channel]
          weights[place * channels + channel] *= pending.scale[from]
        }
      }
    }
    let kind = StudentLayer.convolution(channels: channels, kernel: kernel, stride: stride, padding: padding)
    try open(Layer(kind: kind, weights: weights, bias: bias), output)
  }

  mutating func addPool(_ kind: StudentLayer, output: Extent) throws(DraftFault) {
    if case .maxPool = kind {
      if let pending, pending.scale.contains(where: { $0 < 0 }) {
        throw .fault("takes the largest of values whose sign was turned; put the normalisation before the ReLU")
      }
      isPooledOpen = isOpen
    } else if isOpen {
      throw .fault("averages before the ReLU; a student's convolutions end in a ReLU, so put nn.ReLU before it")
    }
    try add(Layer(kind: kind, weights: [], bias: []), output)
  }

  mutating func addReLU() throws(DraftFault) {
    guard isOpen else {
      // A second ReLU changes nothing.
      if pending == nil, !layers.isEmpty { return }
      throw .fault("stands where no convolution or dense layer is before it; a student's ReLU ends such a layer")
    }
    isOpen = false
    isPooledOpen = false
    step += 1
  }

  private mutating func open(_ layer: Layer, _ output: Extent) throws(DraftFault) {
    try add(layer, output)
    pending = nil
    isOpen = true
  }

  /// Sizes within a student's bounds: what follows may make lists of as many values.
  private mutating func add(_ layer: Layer, _ output: Extent) throws(DraftFault) {
    guard layers.count <= StudentShape.maximumHiddenLayers else {
      throw .fault("is one layer too many; a student has at most \(StudentShape.maximumHiddenLayers) hidden ones")
    }
    guard output.channels <= StudentShape.maximumWidth, output.count <= StudentShape.maximumValueCount else {
      throw .fault(
        "gives \(output.channels) channels, \(output.count) values in all; a student's layer has at most"
          + " \(StudentShape.maximumWidth) and \(StudentShape.maximumValueCount)")
    }
    layers.append(layer)
    extent = output
    step += 1
  }

  private func checkClosed() throws(DraftFault) {
    if isOpen { throw .fault("follows another layer without a ReLU between them; put nn.ReLU there or leave one out") }
  }

  // MARK: Affine maps

  /// Scales and shifts every value, `[extent.count]` each in the student's order.
  mutating func addAffine(scale factors: [Double], shift offsets: [Double]) throws(DraftFault) {
    step += 1
    if isAtInput {
      let places = TensorAxes(TensorAxes.studentOrder.map { [$0] }, extent).places(in: input.axisOrder)
      for (index, place) in places.enumerated() {
        scale[place] *= factors[index]
        shift[place] = shift[place] * factors[index] + offsets[index]
      }
      return
    }
    let channelScale = try perChannel(factors)
    let channelShift = try perChannel(offsets)
    guard isOpen else {
      let before = pending ?? (Array(repeating: 1, count: extent.channels), Array(repeating: 0, count: extent.channels))
      pending = (
        zip(before.scale, channelScale).map { Float(Double($0) * $1) },
        zip(zip(before.shift, channelScale), channelShift).map { Float(Double($0.0) * $0.1 + $1) }
      )
      return
    }
    guard !isPooledOpen || channelScale.allSatisfy({ $0 >= 0 }) else {
      throw .fault("turns the sign of values whose largest were taken; put the normalisation before the pooling")
    }
    guard let index = layers.lastIndex(where: { !$0.bias.isEmpty }) else { return }
    let width = extent.channels
    for place in layers[index].weights.indices {
      layers[index].weights[place] = Float(Double(layers[index].weights[place]) * channelScale[place % width])
    }
    for channel in 0..<width {
      layers[index].bias[channel] = Float(
        Double(layers[index].bias[channel]) * channelScale[channel] + channelShift[channel])
    }
  }

  /// The standardised values are kept within a student's own limit.
  mutating func addClamp() throws(DraftFault) {
    guard isAtInput else { throw .fault("limits values behind a layer; a student has ReLU alone there") }
    isClamped = true
    step += 1
  }

  private func perChannel(_ values: [Double]) throws(DraftFault) -> [Double] {
    let channels = Array(values.prefix(extent.channels))
    for (index, value) in values.enumerated() where value != channels[index % extent.channels] {
      throw .fault("treats the positions of one channel differently; a student scales a channel as a whole")
    }
    return channels
  }

  // MARK: The end

  /// - Throws: `DraftFault` when what was read is no student.
  func student(classCount: Int) throws(DraftFault) -> Student {
    guard let last = layers.last, case .dense(let width) = last.kind, isOpen else {
      throw .fault("the model must end in a dense layer (nn.Linear) that gives one logit per class, without a ReLU")
    }
    guard width == classCount else {
      throw .fault(
        "the model gives \(width) numbers and the line has \(classCount) classes; it must give one logit for each, in"
          + " the line's order")
    }
    let shape: StudentShape
    do {
      shape = try StudentShape(input: input, hiddenLayers: layers.dropLast().map(\.kind), classCount: classCount)
    } catch {
      throw .fault(error.description)
    }
    var layers = layers
    guard let standardizer = standardizer(&layers),
      let student = Student(
        shape: shape, standardizer: standardizer, parameters: layers.flatMap { $0.weights + $0.bias })
    else {
      throw .fault("the model's numbers are not finite 32-bit floats once it is put together; train it again")
    }
    return student
  }

  /// Far enough out for any reading: a model without standardisation must not be cut off where a student's limit is.
  private static let rawExponent = 20

  private func standardizer(_ layers: inout [Layer]) -> Standardizer? {
    guard scale.allSatisfy({ $0 != 0 }) else { return nil }
    if !isClamped, scale.allSatisfy({ $0 == 1 }), shift.allSatisfy({ $0 == 0 }),
      let first = layers.firstIndex(where: { !$0.weights.isEmpty })
    {
      // Powers of two change no digit of the values, and pooling before the first layer goes along with them.
      let factor = Float(sign: .plus, exponent: Self.rawExponent, significand: 1)
      layers[first].weights = layers[first].weights.map { $0 * factor }
      return Standardizer(mean: shift.map { _ in 0 }, inverseScale: scale.map { _ in 1 / factor })
    }
    // Adding 0 makes -0 a plain 0: what was written comes back bit by bit.
    return Standardizer(mean: zip(scale, shift).map { Float(-$1 / $0) + 0 }, inverseScale: scale.map { Float($0) })
  }
}

/// What is wrong with a node or the model; the reader of nodes says which.
struct DraftFault: Error {
  let what: String
  static func fault(_ what: String) -> DraftFault { DraftFault(what: what) }
}
