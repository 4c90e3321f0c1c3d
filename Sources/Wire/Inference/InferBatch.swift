import Domain

/// The parts of one request, as a line's definition reads them.
public struct InferBatch: Sendable, Equatable {
  public let partCount: Int
  /// Raw features, `[partCount, featureCount]` row-major.
  public let features: [Float]
  /// One a part.
  public let cells: [Cell]

  /// The name our metadata gives the tensor of features; any other name does where there is only one candidate.
  public static let featuresName = "features"

  /// Attributes come from tensors named after them, one element a part, else from the request's parameters.
  ///
  /// - Throws: `missingInput` without a tensor of features, `badTensor` when a shape or datatype does not fit the line,
  ///   `badMessage` for an attribute value past `GroupSchema.maximumValueBytes`.
  public init(_ request: InferRequest, definition: LineDefinition) throws(WireFault) {
    let tensor = try Self.featureTensor(request, definition: definition)
    let count = try Self.partCount(tensor, definition.input)
    guard let features = tensor.data.asFloats else {
      throw .badTensor(name: tensor.name, reason: "features are numbers, not \(tensor.datatype.rawValue)")
    }
    partCount = count
    self.features = features
    cells = try Self.cells(request, definition.schema.attributes, count: count)
  }

  private static func cells(_ request: InferRequest, _ names: [String], count: Int) throws(WireFault) -> [Cell] {
    var shared: [String] = []
    shared.reserveCapacity(names.count)
    // Attributes that each part has of its own, with their place in a cell.
    var columns: [(place: Int, values: [String])] = []
    for (place, name) in names.enumerated() {
      var value = GroupSchema.missingValue
      if let input = request.inputs.first(where: { $0.name == name }) {
        let values = input.data.asTexts
        guard values.count == count else {
          throw .badTensor(name: name, reason: "\(values.count) attribute values for \(count) parts")
        }
        for value in values { try check(value, of: name) }
        columns.append((place, values))
      } else if let parameter = request.parameters[name], !InferRequest.reservedParameters.contains(name) {
        value = parameter.text
        try check(value, of: name)
      }
      shared.append(value)
    }
    if columns.isEmpty { return [Cell](repeating: Cell(shared), count: count) }
    return (0..<count).map { part in
      var values = shared
      for column in columns { values[column.place] = column.values[part] }
      return Cell(values)
    }
  }

  private static func check(_ value: String, of name: String) throws(WireFault) {
    guard value.utf8.count <= GroupSchema.maximumValueBytes else {
      throw .badMessage("a value of \"\(name)\" is longer than \(GroupSchema.maximumValueBytes) bytes")
    }
  }

  /// BYTES tensor with the reference of each part of a batch.
  public static let partIDName = "part_id"

  private static func featureTensor(_ request: InferRequest, definition: LineDefinition) throws(WireFault) -> Tensor {
    // The usual request: one tensor.
    if request.inputs.count == 1, request.inputs[0].name == featuresName { return request.inputs[0] }
    let others = definition.schema.attributes + [partIDName, InferRequest.observedAtParameter]
    let candidates = request.inputs.filter { !others.contains($0.name) }
    if candidates.count > 1, let stranger = candidates.first(where: { $0.name != featuresName }) {
      // A misspelt "part_id" that nobody reads would leave its outcomes without their parts for ever.
      throw .badTensor(
        name: stranger.name,
        reason:
          "line \(definition.id) knows no such input; they are \(([featuresName] + others).joined(separator: ", "))")
    }
    if candidates.count == 1 { return candidates[0] }
    if let named = candidates.first(where: { $0.name == featuresName }) { return named }
    throw .missingInput(
      "line \(definition.id) needs one input \"\(featuresName)\" of shape \(shapeText(definition.input.sizes))")
  }

  /// `[n, 28, 28, 1]`.
  private static func shapeText(_ sizes: [Int]) -> String { "[n, \(sizes.map { String($0) }.joined(separator: ", "))]" }

  /// Parts in a tensor of one part or of many; no shape can be read as both.
  private static func partCount(_ tensor: Tensor, _ input: InputShape) throws(WireFault) -> Int {
    let shapes = input.partShapes
    let count: Int? =
      if tensor.shape.count == 2, case .vector(let width) = input, tensor.shape[1] == width {
        tensor.shape[0]
      } else if shapes.contains(tensor.shape) { 1 } else if shapes.contains(Array(tensor.shape.dropFirst())) {
        tensor.shape[0]
      } else { nil }
    guard let count else {
      let others = shapes.dropFirst().map(shapeText).joined(separator: " or ")
      throw .badTensor(
        name: tensor.name,
        reason: "shape \(tensor.shape) does not fit this line's \(shapeText(input.sizes))"
          + (others.isEmpty ? "" : " (\(others) will do)"))
    }
    guard 1...InferRequest.partCountMax ~= count else {
      throw .badTensor(name: tensor.name, reason: "\(count) parts; one request takes 1 to \(InferRequest.partCountMax)")
    }
    return count
  }
}
