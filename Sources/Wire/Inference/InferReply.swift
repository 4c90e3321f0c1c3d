/// The answer to an infer request (inference_rest.md, "Inference Response JSON Object").
public struct InferReply: Sendable, Equatable {
  public var modelName: String
  public var modelVersion: String
  public var id: String?
  public var parameters: Parameters
  public var outputs: [OutputTensor]

  public init(
    modelName: String, modelVersion: String, id: String?, parameters: Parameters, outputs: [OutputTensor]
  ) {
    self.modelName = modelName
    self.modelVersion = modelVersion
    self.id = id
    self.parameters = parameters
    self.outputs = outputs
  }

  /// - Parameter headerLength: what the answer's `Inference-Header-Content-Length` says, where raw tensors follow.
  public init(parsing bytes: [UInt8], headerLength: Int? = nil) throws(WireFault) {
    var tail = try BinaryTail(bytes, headerLength: headerLength)
    var reader = JSONReader(bytes, end: tail.start)
    var reply = InferReply(modelName: "", modelVersion: "", id: nil, parameters: [:], outputs: [])
    try reader.requireObject("an infer answer")
    try reader.object { (reader, key) throws(WireFault) in
      switch key {
      case "model_name": reply.modelName = try reader.requiredText(key)
      case "model_version": reply.modelVersion = try reader.requiredText(key)
      case "id": reply.id = try reader.optionalText(key)
      case "parameters":
        try reader.requireObject("\"parameters\"")
        reply.parameters = try Parameters.read(from: &reader)
      case "outputs":
        try reader.requireArray(key)
        reply.outputs = []
        tail.rewind()
        try reader.array { (reader, _) throws(WireFault) in
          reply.outputs.append(try TensorReader.read(from: &reader, tail: &tail))
        }
      default: try reader.skipValue()
      }
    }
    try reader.finish()
    try tail.finish()
    self = reply
  }

  /// The answer with its tensors as JSON.
  public var bytes: [UInt8] { message(BinaryOutputs()).body }

  /// - Parameter binary: the outputs whose tensors follow the JSON as raw bytes.
  public func message(_ binary: BinaryOutputs) -> BinaryMessage {
    BinaryMessage(capacity: 512, tensors: outputs, isBinary: { binary.contains($0.name) }) { writer in
      writer.object { writer in
        writer.key("model_name")
        writer.text(modelName)
        writer.key("model_version")
        writer.text(modelVersion)
        if let id {
          writer.key("id")
          writer.text(id)
        }
        if !parameters.isEmpty {
          writer.key("parameters")
          parameters.write(to: &writer)
        }
        writer.key("outputs")
        writer.array { writer in
          for output in outputs { output.write(to: &writer, isBinary: binary.contains(output.name)) }
        }
      }
    }
  }

  public var response: WireResponse { response(BinaryOutputs()) }

  public func response(_ binary: BinaryOutputs) -> WireResponse {
    let message = message(binary)
    return WireResponse(
      contentType: message.headerLength == nil ? WireResponse.json : BinaryTensor.contentType,
      headers: message.headers, body: message.body)
  }
}
