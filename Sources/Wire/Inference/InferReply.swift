/// The answer to an infer request (inference_rest.md, "Inference Response JSON Object").
public struct InferReply: Sendable, Equatable {
  public var modelName: String
  public var modelVersion: String
  public var id: String?
  public var parameters: [String: Scalar]
  public var outputs: [OutputTensor]

  public init(
    modelName: String, modelVersion: String, id: String?, parameters: [String: Scalar], outputs: [OutputTensor]
  ) {
    self.modelName = modelName
    self.modelVersion = modelVersion
    self.id = id
    self.parameters = parameters
    self.outputs = outputs
  }

  public init(parsing bytes: [UInt8]) throws(WireFault) {
    var reader = JSONReader(bytes)
    var reply = InferReply(modelName: "", modelVersion: "", id: nil, parameters: [:], outputs: [])
    try reader.requireObject("an infer answer")
    try reader.object { (reader, key) throws(WireFault) in
      switch key {
      case "model_name": reply.modelName = try reader.requiredText(key)
      case "model_version": reply.modelVersion = try reader.requiredText(key)
      case "id": reply.id = try reader.optionalText(key)
      case "parameters":
        try reader.requireObject("\"parameters\"")
        reply.parameters = try [String: Scalar].read(from: &reader)
      case "outputs":
        try reader.requireArray(key)
        try reader.array { (reader, _) throws(WireFault) in reply.outputs.append(try TensorReader.read(from: &reader)) }
      default: try reader.skipValue()
      }
    }
    try reader.end()
    self = reply
  }

  public var bytes: [UInt8] {
    var writer = JSONWriter(capacity: 512)
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
        for output in outputs { output.write(to: &writer) }
      }
    }
    return writer.bytes
  }

  public var response: WireResponse { WireResponse(body: bytes) }
}
