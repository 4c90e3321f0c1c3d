import Domain

/// Calls of transports that give line and version as texts beside the message; an empty version is the one in service.
extension InferenceCall {
  public static func modelMetadata(name: String, version: String) throws(WireFault) -> InferenceCall {
    let line = try lineID(name[...])
    return .modelMetadata(line, try optionalVersion(version, line: line))
  }

  public static func modelReady(name: String, version: String) throws(WireFault) -> InferenceCall {
    let line = try lineID(name[...])
    return .modelReady(line, try optionalVersion(version, line: line))
  }

  public static func infer(name: String, version: String, _ request: InferRequest) throws(WireFault) -> InferenceCall {
    let line = try lineID(name[...])
    return .infer(line, try optionalVersion(version, line: line), try request.checked())
  }

  /// - Parameter name: empty for every line.
  public static func modelStats(name: String, version: String) throws(WireFault) -> InferenceCall {
    guard !name.isEmpty else { return .modelStats(nil, nil) }
    let line = try lineID(name[...])
    return .modelStats(line, try optionalVersion(version, line: line))
  }

  private static func optionalVersion(_ text: String, line: LineID) throws(WireFault) -> ModelVersion? {
    text.isEmpty ? nil : try modelVersion(text[...], line: line)
  }
}

extension InferRequest {
  /// The rules that `init(parsing:)` keeps while it reads, for a request that came in another form than JSON.
  func checked() throws(WireFault) -> InferRequest {
    var request = self
    request.id = try partID(id)
    guard !inputs.isEmpty else { throw .missingInput("an infer request needs at least one tensor in \"inputs\"") }
    guard inputs.count <= Self.inputCountMax else { throw .badMessage("more than \(Self.inputCountMax) inputs") }
    guard parameters.count <= Parameters.countMax else {
      throw .badMessage("more than \(Parameters.countMax) parameters")
    }
    if let outputs {
      guard outputs.count <= Self.inputCountMax else { throw .badMessage("more than \(Self.inputCountMax) outputs") }
      if outputs.isEmpty { request.outputs = nil }
    }
    return request
  }
}
