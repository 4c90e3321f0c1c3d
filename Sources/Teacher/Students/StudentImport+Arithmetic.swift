import NeuralNet

/// Scales and shifts: standardisation before the layers, normalisation within them.
extension StudentImport {
  mutating func arithmetic(_ node: OnnxNode) throws(OnnxFault) -> Value {
    let isSwapped: Bool
    switch (try value(node, 0), try value(node, 1)) {
    case (.activation, .constant): isSwapped = false
    case (.constant, .activation): isSwapped = true
    case (.activation, .activation):
      throw node.fault("joins two branches; a student is one chain without branches or skips")
    default: throw node.fault("computes on constants alone; export the model with constant folding")
    }
    let axes = try activation(node, isSwapped ? 1 : 0)
    let (dims, floats) = try weights(node, isSwapped ? 0 : 1)
    guard let numbers = broadcast(floats, dims, over: axes) else {
      throw node.fault("joins a constant of the shape \(dims) and parts of the shape \(axes.sizes)")
    }
    let ones = numbers.map { _ in 1.0 }
    let zeros = numbers.map { _ in 0.0 }
    let (scale, shift): ([Double], [Double])
    switch (node.operation, isSwapped) {
    case ("Add", _): (scale, shift) = (ones, numbers)
    case ("Sub", false): (scale, shift) = (ones, numbers.map { -$0 })
    case ("Sub", true): (scale, shift) = (ones.map { -$0 }, numbers)
    case ("Mul", _): (scale, shift) = (numbers, zeros)
    case ("Div", false) where !numbers.contains(0): (scale, shift) = (numbers.map { 1 / $0 }, zeros)
    default: throw node.fault("divides by a part's values or by 0; a student only scales them")
    }
    return try changed(node, axes) { draft throws(DraftFault) in try draft.addAffine(scale: scale, shift: shift) }
  }

  /// (x - mean) / sqrt(variance + epsilon) * scale + bias, per channel (the second dimension).
  mutating func normalization(_ node: OnnxNode) throws(OnnxFault) -> Value {
    let axes = try activation(node, 0)
    guard node.int("training_mode", default: 0) == 0 else {
      throw node.fault("is exported for training; call model.eval() before the export")
    }
    var columns: [[Float]] = []
    for index in 1...4 {
      let (dims, values) = try weights(node, index)
      guard let count = axes.sizes.first, dims == [count] else {
        throw node.fault("has \(dims) values for parts of the shape \(axes.sizes); it must have one a channel")
      }
      columns.append(values)
    }
    let epsilon = Double(node.float("epsilon", default: 1e-5))
    var scale: [Float] = []
    var shift: [Float] = []
    for channel in columns[0].indices {
      let variance = Double(columns[3][channel]) + epsilon
      guard variance > 0 else { throw node.fault("has a variance that is not positive; train the model again") }
      let factor = Double(columns[0][channel]) / variance.squareRoot()
      scale.append(Float(factor))
      shift.append(Float(Double(columns[1][channel]) - Double(columns[2][channel]) * factor))
    }
    let dims = [scale.count] + Array(repeating: 1, count: axes.sizes.count - 1)
    guard let factors = broadcast(scale, dims, over: axes), let offsets = broadcast(shift, dims, over: axes) else {
      throw node.fault("does not fit parts of the shape \(axes.sizes)")
    }
    return try changed(node, axes) { draft throws(DraftFault) in try draft.addAffine(scale: factors, shift: offsets) }
  }

  /// Only a student's own limit on standardised values; a `Clip` from 0 upwards is a ReLU.
  mutating func clip(_ node: OnnxNode) throws(OnnxFault) -> Value {
    let axes = try activation(node, 0)
    let low = try bound(node, 1, "min", default: -.greatestFiniteMagnitude)
    let high = try bound(node, 2, "max", default: .greatestFiniteMagnitude)
    if low == 0, high == .greatestFiniteMagnitude {
      return try changed(node, axes) { draft throws(DraftFault) in try draft.addReLU() }
    }
    guard low == -Standardizer.limit, high == Standardizer.limit else {
      throw node.fault(
        "limits values to \(low)...\(high); a student has ReLU, and \(Standardizer.limit) standard deviations at its input"
      )
    }
    return try changed(node, axes) { draft throws(DraftFault) in try draft.addClamp() }
  }

  private func bound(_ node: OnnxNode, _ index: Int, _ name: String, default value: Float) throws(OnnxFault) -> Float {
    guard hasInput(node, index) else { return node.float(name, default: value) }
    let (_, floats) = try weights(node, index)
    guard floats.count == 1 else { throw node.fault("has several limits") }
    return floats[0]
  }

  /// A constant for every value of a part, in the student's order; nil when the shapes do not fit.
  func broadcast(_ values: [Float], _ dims: [Int], over axes: TensorAxes) -> [Double]? {
    // The constant's last dimensions stand against the part's; what it has before them must be 1.
    let sizes = axes.sizes
    let own = Array(repeating: 1, count: max(0, sizes.count - dims.count)) + dims.suffix(sizes.count)
    guard dims.dropLast(min(dims.count, sizes.count)).allSatisfy({ $0 == 1 }),
      zip(own, sizes).allSatisfy({ $0 == 1 || $0 == $1 }), !values.isEmpty
    else { return nil }
    let steps = OnnxTensor.strides(own)
    var places = [0]
    for axis in sizes.indices {
      let step = own[axis] == 1 ? 0 : steps[axis]
      places = places.flatMap { place in (0..<sizes[axis]).map { place + $0 * step } }
    }
    var result = [Double](repeating: 0, count: places.count)
    for (index, place) in axes.places(in: TensorAxes.studentOrder).enumerated() {
      result[place] = Double(values[places[index]])
    }
    return result
  }
}
