/// Axes put in another order, and the sizes that exporters compute for it.
extension StudentImport {
  mutating func rearranged(_ node: OnnxNode) throws(OnnxFault) -> Value {
    switch try value(node, 0) {
    case .sizes(let sizes): return .sizes(sizes)
    case .constant(let tensor): return .constant(try rearrangedConstant(node, tensor))
    case .activation(let axes, let step):
      // Sizes of a tensor may be asked for later, so an older step is no fault here.
      guard let result = try rearrangedAxes(node, axes) else {
        throw node.fault(
          "rearranges parts of the shape \(axes.sizes) in a way no student can follow: the number of parts must stay"
            + " first and rows, columns and channels whole")
      }
      return .activation(result, step: step)
    }
  }

  private func rearrangedAxes(_ node: OnnxNode, _ axes: TensorAxes) throws(OnnxFault) -> TensorAxes? {
    let rank = axes.sizes.count + 1
    switch node.operation {
    case "Transpose":
      let order = node.ints("perm") ?? Array((0..<rank).reversed())
      guard order.first == 0 else { return nil }
      return axes.transposed(order.dropFirst().map { $0 &- 1 })
    case "Flatten":
      guard [1, 1 - rank].contains(node.int("axis", default: 1)) else { return nil }
      return axes.reshaped([axes.extent.count])
    case "Reshape":
      return try target(node, axes).flatMap { axes.reshaped($0) }
    case "Unsqueeze":
      guard let added = try axisList(node) else { return nil }
      let places = Set(added.map { $0 < 0 ? $0 + rank + added.count : $0 })
      guard places.count == added.count, places.allSatisfy((1..<(rank + added.count)).contains),
        rank + added.count <= OnnxTensor.rankMax
      else { return nil }
      var left = axes.sizes[...]
      return axes.reshaped((1..<(rank + added.count)).map { places.contains($0) ? 1 : left.popFirst() ?? 1 })
    default:
      let asked = try axisList(node)
      let removed = Set(
        asked?.map { ($0 < 0 ? $0 + rank : $0) - 1 } ?? axes.sizes.indices.filter { axes.sizes[$0] == 1 })
      guard removed.allSatisfy({ axes.sizes.indices.contains($0) && axes.sizes[$0] == 1 }) else { return nil }
      return axes.reshaped(axes.sizes.indices.filter { !removed.contains($0) }.map { axes.sizes[$0] })
    }
  }

  /// The sizes a `Reshape` asks for, without the number of parts; nil when that number does not stay first.
  private func target(_ node: OnnxNode, _ axes: TensorAxes) throws(OnnxFault) -> [Int]? {
    var sizes = try list(node, 1)
    guard sizes.count >= 2, sizes.count <= OnnxTensor.rankMax else { return nil }
    if node.int("allowzero", default: 0) == 0 {
      for (index, size) in sizes.enumerated() where size == 0 {
        guard index > 0 else {
          sizes[0] = nil
          continue
        }
        guard index <= axes.sizes.count else { return nil }
        sizes[index] = axes.sizes[index - 1]
      }
    }
    let first = sizes.removeFirst()
    guard first == nil || first == -1 || first == fixedRowCount else { return nil }
    let known = sizes.compactMap { $0 }
    guard known.count == sizes.count, known.filter({ $0 == -1 }).count <= 1 else { return nil }
    var product = 1
    for size in known where size != -1 {
      guard size > 0, size <= axes.extent.count else { return nil }
      product *= size
      guard product <= axes.extent.count else { return nil }
    }
    return known.map { $0 == -1 ? axes.extent.count / product : $0 }
  }

  private func rearrangedConstant(_ node: OnnxNode, _ tensor: OnnxTensor) throws(OnnxFault) -> OnnxTensor {
    var tensor = tensor
    let rank = tensor.dims.count
    switch node.operation {
    case "Transpose":
      if let turned = tensor.transposed(node.ints("perm") ?? Array((0..<rank).reversed())) { return turned }
    case "Unsqueeze", "Squeeze":
      // Sizes of 1 come or go at known places only; lists of whole numbers are the usual case.
      guard let axes = try axisList(node), axes == [0] else { break }
      if node.operation == "Unsqueeze", rank < OnnxTensor.rankMax {
        tensor.dims.insert(1, at: 0)
        return tensor
      }
      if node.operation == "Squeeze", tensor.dims.first == 1 {
        tensor.dims.removeFirst()
        return tensor
      }
    default:
      let dims = node.operation == "Reshape" ? try list(node, 1).compactMap { $0 } : []
      if !dims.isEmpty, dims.count <= OnnxTensor.rankMax, dims.allSatisfy({ (0...OnnxTensor.countMax).contains($0) }),
        dims.reduce(1, { min(OnnxTensor.countMax + 1, $0 * $1) }) == tensor.values.count
      {
        tensor.dims = dims
        return tensor
      }
    }
    throw node.fault("rearranges a constant; export the model with constant folding")
  }

  /// `Shape`, and what picks from sizes or puts them together.
  func sizes(_ node: OnnxNode) throws(OnnxFault) -> [Int?] {
    switch node.operation {
    case "Shape":
      guard case .activation(let axes, _) = try value(node, 0), !node.has("start"), !node.has("end") else { break }
      return [nil] + axes.sizes
    case "Gather":
      let from = try list(node, 0)
      var result: [Int?] = []
      for index in try list(node, 1) {
        let place = index.map { $0 < 0 ? $0 + from.count : $0 } ?? -1
        guard from.indices.contains(place) else { throw node.fault("picks a size that is not there") }
        result.append(from[place])
      }
      return result
    case "Slice":
      let from = try list(node, 0)
      let starts = try bounds(node, "starts", 1)
      let ends = try bounds(node, "ends", 2)
      let steps = hasInput(node, 4) ? try list(node, 4) : [1]
      guard starts.count == 1, ends.count == 1, steps == [1] else { break }
      func place(_ index: Int) -> Int {
        max(0, min(from.count, index < 0 ? max(index, -from.count) + from.count : index))
      }
      let (start, end) = (place(starts[0]), place(ends[0]))
      return start < end ? Array(from[start..<end]) : []
    case "Concat":
      var result: [Int?] = []
      for index in node.inputs.indices { result += try list(node, index) }
      guard result.count <= OnnxTensor.rankMax else { break }
      return result
    default: break
    }
    throw node.fault("computes sizes in a way no student needs; export the model for a fixed part, or use nn.Flatten")
  }

  /// An attribute in older operator sets, an input in newer ones.
  private func bounds(_ node: OnnxNode, _ name: String, _ index: Int) throws(OnnxFault) -> [Int] {
    if let ints = node.ints(name) { return ints }
    return try list(node, index).compactMap { $0 }
  }
}
