import NeuralNet

/// Dense layers, convolutions and pooling.
extension StudentImport {
  /// `Gemm` (x W + b, W perhaps transposed) and `MatMul`.
  mutating func dense(_ node: OnnxNode) throws(OnnxFault) -> Value {
    let axes = try activation(node, 0)
    guard axes.sizes.count == 1 else {
      throw node.fault(
        "multiplies parts of the shape \(axes.sizes); a dense layer takes a list, so put nn.Flatten before")
    }
    guard node.float("alpha", default: 1) == 1, node.float("beta", default: 1) == 1, node.int("transA", default: 0) == 0
    else { throw node.fault("has alpha, beta or transA of its own; a student's dense layer is x W + b") }
    var (dims, weights) = try weights(node, 1)
    guard dims.count == 2 else { throw node.fault("has weights of the shape \(dims); they must be a matrix") }
    if node.operation == "Gemm", node.int("transB", default: 0) != 0 {
      let matrix = OnnxTensor(dims: dims, values: .floats(weights)).transposed([1, 0])
      dims.reverse()
      weights = matrix?.floats ?? []
    }
    guard dims[0] == draft.extent.count, dims[1] > 0 else {
      throw node.fault("has weights for \(dims[0]) values and gets \(draft.extent.count); export the model again")
    }
    let width = dims[1]
    // The model's order of inputs becomes the student's: PyTorch flattens channels first, a student channels last.
    var ordered = [Float](repeating: 0, count: weights.count)
    for (row, place) in axes.places(in: TensorAxes.studentOrder).enumerated() {
      ordered.replaceSubrange(place * width..<(place + 1) * width, with: weights[row * width..<(row + 1) * width])
    }
    let output = TensorAxes([[.channels]], Extent(channels: width))
    let result = try changed(node, output) { draft throws(DraftFault) in try draft.addDense(ordered, width: width) }
    guard node.operation == "Gemm", hasInput(node, 2) else { return result }
    return try shifted(node, by: 2, output)
  }

  private mutating func shifted(_ node: OnnxNode, by index: Int, _ axes: TensorAxes) throws(OnnxFault) -> Value {
    let (dims, bias) = try weights(node, index)
    guard let offsets = broadcast(bias, dims, over: axes) else {
      throw node.fault("has a bias of the shape \(dims) for \(axes.sizes)")
    }
    return try changed(node, axes) { draft throws(DraftFault) in
      try draft.addAffine(scale: offsets.map { _ in 1 }, shift: offsets)
    }
  }

  mutating func convolution(_ node: OnnxNode) throws(OnnxFault) -> Value {
    let axes = try activation(node, 0)
    let sweep = try Sweep(node, axes)
    let (dims, weights) = try weights(node, 1)
    guard dims.count == sweep.kernel.count + 2, dims.dropFirst(2) == sweep.kernel[...], dims[0] > 0 else {
      throw node.fault("has weights of the shape \(dims) for a kernel of \(sweep.kernel); export the model again")
    }
    guard node.int("group", default: 1) == 1, dims[1] == draft.extent.channels else {
      throw node.fault(
        "has kernels over \(dims[1]) of \(draft.extent.channels) channels (group \(node.int("group", default: 1)));"
          + " a student's kernels go over all of them")
    }
    guard
      let kernels = OnnxTensor(dims: dims, values: .floats(weights))
        .transposed(Array(2..<dims.count) + [1, 0])?.floats
    else { throw .notOnnx }
    // Over a single row only one row of a square kernel meets values; the others meet padding.
    let row = sweep.kernelHeight == nil ? 0 : sweep.usedRow
    let rowSize = sweep.width * dims[1] * dims[0]
    let used = sweep.isSquare ? kernels : Array(kernels[row * rowSize..<(row + 1) * rowSize])
    let output = sweep.output(channels: dims[0])
    let result = try changed(node, sweep.axes(output)) { draft throws(DraftFault) in
      try draft.addConvolution(
        used, channels: dims[0], kernel: sweep.width, stride: sweep.stride, padding: sweep.padding, output: output)
    }
    return hasInput(node, 2) ? try shiftedChannels(node, sweep.axes(output)) : result
  }

  private mutating func shiftedChannels(_ node: OnnxNode, _ axes: TensorAxes) throws(OnnxFault) -> Value {
    let (dims, bias) = try weights(node, 2)
    guard dims == [axes.extent.channels] else { throw node.fault("has a bias of the shape \(dims)") }
    let offsets = (0..<axes.extent.count).map { Double(bias[$0 % bias.count]) }
    return try changed(node, axes) { draft throws(DraftFault) in
      try draft.addAffine(scale: offsets.map { _ in 1 }, shift: offsets)
    }
  }

  mutating func pool(_ node: OnnxNode) throws(OnnxFault) -> Value {
    let axes = try activation(node, 0)
    let sweep = try Sweep(node, axes)
    let extent = axes.extent
    guard sweep.padding == 0, sweep.stride == sweep.width, sweep.kernelHeight ?? 1 == 1 || sweep.isSquare else {
      throw node.fault(
        "pools \(sweep.kernel) neighbours with stride \(sweep.stride) and padding \(sweep.padding); a student pools"
          + " neighbours that neither overlap nor reach over the border")
    }
    let leavesOut = extent.columns % sweep.width != 0 || (sweep.isSquare && extent.rows % sweep.width != 0)
    guard node.int("ceil_mode", default: 0) == 0 || !leavesOut else {
      throw node.fault("pools what is left over at the border too (ceil_mode); a student leaves it out")
    }
    let output = sweep.output(channels: extent.channels)
    let size = sweep.width
    // One neighbour is no pooling.
    guard size > 1 else { return .activation(axes, step: draft.step) }
    let kind: StudentLayer = node.operation == "MaxPool" ? .maxPool(size: size) : .averagePool(size: size)
    return try changed(node, sweep.axes(output)) { draft throws(DraftFault) in
      try draft.addPool(kind, output: output)
    }
  }

  /// `GlobalAveragePool`, and `ReduceMean` over all positions.
  mutating func globalAverage(_ node: OnnxNode) throws(OnnxFault) -> Value {
    let axes = try activation(node, 0)
    let spatial = axes.dims.indices.filter { axes.dims[$0].contains(.rows) || axes.dims[$0].contains(.columns) }
    guard spatial.allSatisfy({ !axes.dims[$0].contains(.channels) }) else {
      throw node.fault("averages over channels; a student averages over positions")
    }
    var averaged = Array(axes.dims.indices.dropFirst())
    if node.operation == "ReduceMean" {
      let rank = axes.dims.count + 1
      averaged = try (axisList(node) ?? Array(0..<rank)).map { ($0 < 0 ? $0 + rank : $0) - 1 }
      guard averaged.allSatisfy(axes.dims.indices.contains) else { throw node.fault("averages over the parts") }
    }
    guard spatial.allSatisfy(averaged.contains), averaged.allSatisfy({ !axes.dims[$0].contains(.channels) }) else {
      throw node.fault("averages over some of the positions or over channels; a student averages over all positions")
    }
    let output = Extent(channels: axes.extent.channels)
    var dims = axes.dims.map { $0.contains(.channels) ? [TensorAxes.Axis.channels] : [] }
    if node.operation == "ReduceMean", node.int("keepdims", default: 1) == 0 {
      dims = dims.indices.filter { !averaged.contains($0) }.map { dims[$0] }
    }
    let result = TensorAxes(dims, output)
    guard axes.extent.positions > 1 else { return .activation(result, step: draft.step) }
    return try changed(node, result) { draft throws(DraftFault) in
      try draft.addPool(.globalAveragePool, output: output)
    }
  }
}

/// How a kernel goes over the positions: once for signals, twice and alike for pictures.
private struct Sweep {
  let kernel: [Int]
  /// Along the columns.
  let width: Int
  /// Nil for a kernel over a signal.
  let kernelHeight: Int?
  let stride: Int
  let padding: Int
  /// The kernel's row that meets the values where there is one row of them.
  let usedRow: Int
  private let extent: Extent

  /// Over more than one row of positions.
  var isSquare: Bool { extent.rows > 1 }

  init(_ node: OnnxNode, _ axes: TensorAxes) throws(OnnxFault) {
    extent = axes.extent
    let rank = axes.sizes.count - 1
    guard axes.isOrdered([[.channels], [.columns]]) || axes.isOrdered([[.channels], [.rows], [.columns]]) else {
      throw node.fault(
        "goes over values of the shape \(axes.sizes) that are not [channels, length] or [channels, height, width];"
          + " put the axes in this order before it")
    }
    guard let kernel = node.ints("kernel_shape"), kernel.count == rank,
      kernel.allSatisfy({ (1...StudentShape.maximumKernel).contains($0) })
    else {
      throw node.fault("has a kernel no student has; it has one of 1 to \(StudentShape.maximumKernel) along each side")
    }
    let strides = node.ints("strides") ?? Array(repeating: 1, count: rank)
    let dilations = node.ints("dilations") ?? []
    guard strides.count == rank, strides.allSatisfy({ (1...StudentShape.maximumKernel).contains($0) }),
      dilations.allSatisfy({ $0 == 1 })
    else { throw node.fault("leaves out values within or between its kernels; a student's kernels have no dilation") }
    let sizes = rank == 1 ? [extent.columns] : [extent.rows, extent.columns]
    let pads = try Self.pads(node, sizes: sizes, kernel: kernel, strides: strides)
    self.kernel = kernel
    width = kernel[rank - 1]
    kernelHeight = rank == 2 ? kernel[0] : nil
    stride = strides[rank - 1]
    padding = pads[rank - 1]
    usedRow = rank == 2 ? pads[0] : 0
    guard sizes[rank - 1] + 2 * padding >= width else {
      throw node.fault("has a kernel of \(width) for \(sizes[rank - 1]) positions")
    }
    if extent.rows > 1 {
      guard kernel[0] == width, strides[0] == stride, pads[0] == padding, extent.rows + 2 * padding >= width else {
        throw node.fault(
          "has a kernel of \(kernel), stride \(strides), padding \(pads); a student's are the same along both sides")
      }
    } else if rank == 2 {
      guard pads[0] < kernel[0], (1 + 2 * pads[0] - kernel[0]) / strides[0] == 0, 1 + 2 * pads[0] >= kernel[0] else {
        throw node.fault("makes several rows of one; a student does not")
      }
    }
  }

  func output(channels: Int) -> Extent {
    func places(_ size: Int) -> Int { (size + 2 * padding - width) / stride + 1 }
    return Extent(rows: isSquare ? places(extent.rows) : 1, columns: places(extent.columns), channels: channels)
  }

  /// What comes out has its channels first too.
  func axes(_ output: Extent) -> TensorAxes {
    TensorAxes(kernel.count == 1 ? [[.channels], [.columns]] : [[.channels], [.rows], [.columns]], output)
  }

  /// Zeros on every side, the same at both ends.
  private static func pads(_ node: OnnxNode, sizes: [Int], kernel: [Int], strides: [Int])
    throws(OnnxFault) -> [Int]
  {
    let rank = sizes.count
    var pads = node.ints("pads") ?? Array(repeating: 0, count: 2 * rank)
    switch node.text("auto_pad") ?? "NOTSET" {
    case "NOTSET", "": break
    case "VALID": pads = Array(repeating: 0, count: 2 * rank)
    default:
      // SAME: as many outputs as strides fit in; the odd zero of an even kernel stands at one end only.
      let totals = (0..<rank).map { axis -> Int in
        let places = (sizes[axis] + strides[axis] - 1) / strides[axis]
        return max(0, (places - 1) * strides[axis] + kernel[axis] - sizes[axis])
      }
      pads = totals.map { $0 / 2 } + totals.map { $0 - $0 / 2 }
    }
    guard pads.count == 2 * rank, pads.allSatisfy({ (0..<StudentShape.maximumKernel).contains($0) }),
      pads.prefix(rank) == pads.suffix(rank)
    else {
      throw node.fault("pads \(pads); a student pads the same number of zeros, less than its kernel, at both ends")
    }
    return Array(pads.prefix(rank))
  }
}
