import Domain

/// Everything that can be asked on `infer.sock`.
public enum InferenceCall: Sendable, Equatable {
  case live
  case ready
  case serverMetadata
  case modelMetadata(LineID, ModelVersion?)
  case modelReady(LineID, ModelVersion?)
  case infer(LineID, ModelVersion?, InferRequest)
  case outcomes(LineID, [OutcomeItem])
  case repositoryIndex(readyOnly: Bool)
  /// Of all versions without one, of all lines without a line.
  case modelStats(LineID?, ModelVersion?)

  /// Paths and methods first, then the body: a wrong path is never answered with a complaint about its body.
  public static func decode(_ request: WireRequest) throws(WireFault) -> InferenceCall {
    let segments = request.segments
    guard segments.first == "v2" else { throw .unknownPath(request.path) }
    switch (segments.count, segments.dropFirst().first) {
    case (1, _):
      try request.require(.get)
      return .serverMetadata
    case (3, "health") where segments[2] == "live" || segments[2] == "ready":
      try request.require(.get)
      return segments[2] == "live" ? .live : .ready
    case (3, "repository") where segments[2] == "index":
      try request.require(.post)
      return .repositoryIndex(readyOnly: try decodeIndexFilter(request))
    case (5, "repository") where segments[2] == "models" && (segments[4] == "load" || segments[4] == "unload"):
      try request.require(.post)
      throw .forbidden("lines load their models themselves; \"kaizenctl models LINE\" shows them")
    // Triton's path for all models: a line of this name has its metadata at /v2/models/stats/versions/V.
    case (3, "models") where segments[2] == "stats":
      try request.require(.get)
      return .modelStats(nil, nil)
    case (3..., "models"): return try decodeModel(request, line: lineID(segments[2]), rest: segments.dropFirst(3))
    default: throw .unknownPath(request.path)
    }
  }

  private static func decodeModel(_ request: WireRequest, line: LineID, rest: ArraySlice<String>) throws(WireFault)
    -> InferenceCall
  {
    var rest = rest
    var version: ModelVersion?
    if rest.first == "versions", rest.count >= 2 {
      version = try modelVersion(rest[rest.startIndex + 1], line: line)
      rest = rest.dropFirst(2)
    }
    guard rest.count <= 1 else { throw .unknownPath(request.path) }
    switch rest.first {
    case nil:
      try request.require(.get)
      return .modelMetadata(line, version)
    case "ready":
      try request.require(.get)
      return .modelReady(line, version)
    case "infer":
      try request.require(.post)
      let message = try request.inferMessage()
      return .infer(line, version, try InferRequest(parsing: message.body, headerLength: message.headerLength))
    case "stats":
      try request.require(.get)
      return .modelStats(line, version)
    case "outcomes" where version == nil: return .outcomes(line, try decodeOutcomes(request))
    default: throw .unknownPath(request.path)
    }
  }

  static func decodeOutcomes(_ request: WireRequest) throws(WireFault) -> [OutcomeItem] {
    try request.require(.post)
    return try OutcomesRequest.parse(try request.jsonBody())
  }

  /// `{"ready": true}`, an object without it, or nothing at all.
  private static func decodeIndexFilter(_ request: WireRequest) throws(WireFault) -> Bool {
    guard !request.body.isEmpty else { return false }
    var reader = JSONReader(try request.plainBody())
    var readyOnly = false
    try reader.requireObject("an index request")
    try reader.object { (reader, key) throws(WireFault) in
      guard key == "ready" else { return try reader.skipValue() }
      switch try reader.scalar(key) {
      case .flag(let flag): readyOnly = flag
      case nil: readyOnly = false
      default: throw .badMessage("\"ready\" is true or false")
      }
    }
    try reader.finish()
    return readyOnly
  }
}

/// A name that breaks the rule of line names cannot be a line's: 404 like any other unknown one.
func lineID(_ text: String) throws(WireFault) -> LineID {
  do { return try LineID(text) } catch { throw .unknownLine(String(text.prefix(64))) }
}

func modelVersion(_ text: String, line: LineID) throws(WireFault) -> ModelVersion {
  guard let number = wholeNumber(text), number >= 1 else {
    throw .unknownVersion(line: line.text, version: String(text.prefix(20)))
  }
  return ModelVersion(number)
}

/// Digits alone, no sign, within Int.
func wholeNumber(_ text: String) -> Int? {
  guard text.utf8.allSatisfy({ $0 &- UInt8(ascii: "0") <= 9 }) else { return nil }
  return Int(text)
}
