import Domain

/// `POST /v2/models/LINE/infer` (kserve/open-inference-protocol, inference_rest.md, "Inference Request JSON Object").
public struct InferRequest: Sendable, Equatable {
  /// The part's reference, nil when the client leaves it to us.
  public var id: String?
  /// Group attributes and the protocol's own parameters.
  public var parameters: Parameters
  public var inputs: [InputTensor]
  /// Names of the outputs wanted; nil for all.
  public var outputs: [String]?
  /// Which of them the client wants as raw bytes.
  public var binaryOutputs: BinaryOutputs

  /// Serial numbers are shorter; the ledger indexes by them.
  public static let idBytesMax = 128
  /// One tensor of features and one an attribute.
  public static let inputCountMax = 32
  /// Parts in one request: more would hold up everybody else's answers.
  public static let partCountMax = 10_000
  /// Parameters that are never attributes.
  public static let reservedParameters: Set<String> = [
    "sequence_id", "sequence_start", "sequence_end", "priority", "timeout", BinaryTensor.outputsParameter,
    "observed_at",
  ]
  /// RFC 3339 time of the part itself, for lines whose config says `time = "event"`.
  public static let observedAtParameter = "observed_at"

  public init(
    id: String? = nil, parameters: Parameters = [:], inputs: [InputTensor], outputs: [String]? = nil,
    binaryOutputs: BinaryOutputs = BinaryOutputs()
  ) {
    self.id = id
    self.parameters = parameters
    self.inputs = inputs
    self.outputs = outputs
    self.binaryOutputs = binaryOutputs
  }

  /// - Parameter headerLength: bytes of the JSON, when raw tensors follow it; 0 for one tensor and nothing else.
  /// - Throws: `malformedJSON`, `badMessage`, `badTensor`, `nonFinite` or `missingInput`.
  public init(parsing bytes: [UInt8], headerLength: Int? = nil) throws(WireFault) {
    if headerLength == 0 {
      self = try Self.bare(bytes)
      return
    }
    var tail = try BinaryTail(bytes, headerLength: headerLength)
    var reader = JSONReader(bytes, end: tail.start)
    var draft = InferRequestDraft()
    try reader.requireObject("an infer request")
    try reader.members { (reader, key) throws(WireFault) in
      try draft.readMember(key, from: &reader, tail: &tail)
    }
    try reader.finish()
    try tail.finish()
    self = try draft.finished()
  }

  /// One part's features without a word about them: the line knows their number, and asks for all outputs the same way.
  private static func bare(_ bytes: [UInt8]) throws(WireFault) -> InferRequest {
    let name = InferBatch.featuresName
    let (count, rest) = bytes.count.quotientAndRemainder(dividingBy: 4)
    guard count > 0, rest == 0 else {
      throw .badTensor(name: name, reason: "\(bytes.count) bytes alone are no features in FP32, of 4 bytes each")
    }
    let data = try BinaryTensor.data(bytes[...], datatype: .fp32, shape: [count], name: name)
    return InferRequest(
      parameters: [BinaryTensor.outputsParameter: .flag(true)],
      inputs: [Tensor(name: name, shape: [count], datatype: .fp32, data: data)],
      binaryOutputs: BinaryOutputs(byDefault: true))
  }

  /// The request with its tensors as JSON.
  public var bytes: [UInt8] { message(binary: false).body }

  /// - Parameter binary: the tensors follow the JSON as raw bytes.
  public func message(binary: Bool) -> BinaryMessage {
    BinaryMessage(capacity: 512, tensors: inputs, isBinary: { _ in binary }) { writer in
      writer.object { writer in
        if let id {
          writer.key("id")
          writer.text(id)
        }
        writeParameters(to: &writer)
        writer.key("inputs")
        writer.array { writer in
          for input in inputs { input.write(to: &writer, isBinary: binary) }
        }
        if let outputs {
          writer.key("outputs")
          writer.array { writer in
            for name in outputs { write(output: name, to: &writer) }
          }
        }
      }
    }
  }

  private func writeParameters(to writer: inout JSONWriter) {
    var parameters = parameters
    if binaryOutputs.byDefault { parameters[BinaryTensor.outputsParameter] = .flag(true) }
    guard !parameters.isEmpty else { return }
    writer.key("parameters")
    parameters.write(to: &writer)
  }

  private func write(output name: String, to writer: inout JSONWriter) {
    writer.object { writer in
      writer.key("name")
      writer.text(name)
      if binaryOutputs.exceptions.contains(name) {
        writer.key("parameters")
        writer.object {
          $0.key("binary_data")
          $0.flag(!binaryOutputs.byDefault)
        }
      }
    }
  }
}

/// A request while it is read.
private struct InferRequestDraft {
  private var id: String?
  private var parameters = Parameters()
  private var inputs: [InputTensor] = []
  private var outputs: [(name: String, isBinary: Bool?)] = []

  func finished() throws(WireFault) -> InferRequest {
    guard !inputs.isEmpty else {
      throw .missingInput("an infer request needs at least one tensor in \"inputs\"")
    }
    var binary = BinaryOutputs()
    if let value = parameters[BinaryTensor.outputsParameter] {
      guard case .flag(let flag) = value else {
        throw .badMessage("\"\(BinaryTensor.outputsParameter)\" is true or false")
      }
      binary.byDefault = flag
    }
    for output in outputs {
      if let isBinary = output.isBinary, isBinary != binary.byDefault { binary.exceptions.append(output.name) }
    }
    return InferRequest(
      id: id, parameters: parameters, inputs: inputs, outputs: outputs.isEmpty ? nil : outputs.map(\.name),
      binaryOutputs: binary)
  }

  mutating func readMember(
    _ key: JSONName, from reader: inout JSONReader, tail: inout BinaryTail
  ) throws(WireFault) {
    if reader.says(key, "id") {
      id = try partID(reader.optionalText("id"))
    } else if reader.says(key, "parameters") {
      try reader.requireObject("\"parameters\"")
      parameters = try Parameters.read(from: &reader)
    } else if reader.says(key, "inputs") {
      try readInputs(from: &reader, tail: &tail)
    } else if reader.says(key, "outputs") {
      try readOutputs(from: &reader)
    } else {
      try reader.skipValue()
    }
  }

  private mutating func readInputs(from reader: inout JSONReader, tail: inout BinaryTail) throws(WireFault) {
    try reader.requireArray("inputs")
    inputs = []
    tail.rewind()
    try reader.array { (reader, _) throws(WireFault) in
      inputs.append(try TensorReader.read(from: &reader, tail: &tail))
      guard inputs.count <= InferRequest.inputCountMax else {
        throw .badMessage("more than \(InferRequest.inputCountMax) inputs")
      }
    }
  }

  /// `[{"name": ...}]`; an empty list means all, as in Triton.
  private mutating func readOutputs(from reader: inout JSONReader) throws(WireFault) {
    try reader.requireArray("outputs")
    outputs = []
    try reader.array { (reader, _) throws(WireFault) in
      try reader.requireObject("an output")
      var name: String?
      var isBinary: Bool?
      try reader.members { (reader, key) throws(WireFault) in
        if reader.says(key, "name") {
          name = try reader.requiredText("name")
        } else if reader.says(key, "parameters") {
          isBinary = try Self.readBinaryFlag(from: &reader)
        } else {
          try reader.skipValue()
        }
      }
      guard let name else { throw .badMessage("an output has no \"name\"") }
      outputs.append((name, isBinary))
      guard outputs.count <= InferRequest.inputCountMax else {
        throw .badMessage("more than \(InferRequest.inputCountMax) outputs")
      }
    }
  }

  private static func readBinaryFlag(from reader: inout JSONReader) throws(WireFault) -> Bool? {
    guard try reader.peek() == UInt8(ascii: "{") else {
      try reader.skipValue()
      return nil
    }
    var flag: Bool?
    try reader.members { (reader, key) throws(WireFault) in
      guard reader.says(key, "binary_data") else { return try reader.skipValue() }
      guard case .flag(let value) = try reader.scalar(BinaryTensor.outputParameter) else {
        throw .badMessage("\"\(BinaryTensor.outputParameter)\" is true or false")
      }
      flag = value
    }
    return flag
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
