import Domain

/// `POST /v2/models/LINE/infer` (kserve/open-inference-protocol, inference_rest.md, "Inference Request JSON Object").
public struct InferRequest: Sendable, Equatable {
  /// The part's reference, nil when the client leaves it to us.
  public var id: String?
  /// Group attributes and the protocol's own parameters.
  public var parameters: [String: Scalar]
  public var inputs: [InputTensor]
  /// Names of the outputs wanted; nil for all.
  public var outputs: [String]?

  /// Serial numbers are shorter; the ledger indexes by them.
  public static let idBytesMax = 128
  /// One tensor of features and one an attribute.
  public static let inputCountMax = 32
  /// Parts in one request: more would hold up everybody else's answers.
  public static let partCountMax = 10_000
  /// Parameters that are never attributes.
  public static let reservedParameters: Set<String> = [
    "sequence_id", "sequence_start", "sequence_end", "priority", "timeout", "binary_data_output", "observed_at",
  ]
  /// RFC 3339 time of the part itself, for lines whose config says `time = "event"`.
  public static let observedAtParameter = "observed_at"

  public init(
    id: String? = nil, parameters: [String: Scalar] = [:], inputs: [InputTensor], outputs: [String]? = nil
  ) {
    self.id = id
    self.parameters = parameters
    self.inputs = inputs
    self.outputs = outputs
  }

  /// - Throws: `malformedJSON`, `badMessage`, `badTensor`, `nonFinite` or `missingInput`.
  public init(parsing bytes: [UInt8]) throws(WireFault) {
    var reader = JSONReader(bytes)
    var request = InferRequest(inputs: [])
    try reader.requireObject("an infer request")
    try reader.object { (reader, key) throws(WireFault) in try request.readMember(key, from: &reader) }
    try reader.end()
    guard !request.inputs.isEmpty else {
      throw .missingInput("an infer request needs at least one tensor in \"inputs\"")
    }
    self = request
  }

  private mutating func readMember(_ key: String, from reader: inout JSONReader) throws(WireFault) {
    switch key {
    case "id": id = try partID(reader.optionalText("id"))
    case "parameters":
      try reader.requireObject("\"parameters\"")
      parameters = try [String: Scalar].read(from: &reader)
    case "inputs":
      try reader.requireArray("inputs")
      inputs = []
      try reader.array { (reader, _) throws(WireFault) in
        inputs.append(try TensorReader.read(from: &reader))
        guard inputs.count <= Self.inputCountMax else { throw .badMessage("more than \(Self.inputCountMax) inputs") }
      }
    case "outputs": outputs = try Self.readOutputNames(from: &reader)
    default: try reader.skipValue()
    }
  }

  /// `[{"name": ...}]`; an empty list means all, as in Triton.
  private static func readOutputNames(from reader: inout JSONReader) throws(WireFault) -> [String]? {
    try reader.requireArray("outputs")
    var names: [String] = []
    try reader.array { (reader, _) throws(WireFault) in
      try reader.requireObject("an output")
      var name: String?
      try reader.object { (reader, key) throws(WireFault) in
        if key == "name" { name = try reader.requiredText("name") } else { try reader.skipValue() }
      }
      guard let name else { throw .badMessage("an output has no \"name\"") }
      names.append(name)
      guard names.count <= inputCountMax else { throw .badMessage("more than \(inputCountMax) outputs") }
    }
    return names.isEmpty ? nil : names
  }

  public var bytes: [UInt8] {
    var writer = JSONWriter(capacity: 512)
    writer.object { writer in
      if let id {
        writer.key("id")
        writer.text(id)
      }
      if !parameters.isEmpty {
        writer.key("parameters")
        parameters.write(to: &writer)
      }
      writer.key("inputs")
      writer.array { writer in
        for input in inputs { input.write(to: &writer) }
      }
      if let outputs {
        writer.key("outputs")
        writer.array { writer in
          for name in outputs {
            writer.object {
              $0.key("name")
              $0.text(name)
            }
          }
        }
      }
    }
    return writer.bytes
  }
}

/// Checks the reference of a part; an empty one counts as none.
func partID(_ text: String?) throws(WireFault) -> String? {
  guard let text, !text.isEmpty else { return nil }
  guard text.utf8.count <= InferRequest.idBytesMax, text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
    throw .badMessage("an \"id\" has at most \(InferRequest.idBytesMax) bytes and no control characters")
  }
  return text
}
