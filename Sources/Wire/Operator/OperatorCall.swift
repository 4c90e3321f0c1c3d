import Domain

/// Everything that can be asked on `control.sock`.
public enum OperatorCall: Sendable, Equatable {
  case live
  case ready
  case outcomes(LineID, [OutcomeItem])
  /// What would become of outcomes, without storing any. A path of its own, so that a daemon which does not know it
  /// refuses instead of storing them.
  case checkOutcomes(LineID, [OutcomeItem])
  case coverage(LineID)
  case status
  case latency
  case lines
  case addLine(AddLineRequest)
  case groups(LineID)
  /// nil: of every line.
  case alarms(LineID?)
  case setAlarm(LineID, AlarmRequest)
  case markGroup(LineID, GroupMarkRequest)
  case aliases(LineID)
  case setAlias(LineID, AliasRequest)
  /// Everything a monitoring system counts, as text of its own.
  case metrics(MetricsFormat)
  case models(LineID)
  case modelBytes(LineID, ModelVersion)
  case importModel(LineID, ImportModelRequest)
  case retrain(LineID, RetrainRequest)
  case promote(LineID, PromoteRequest)
  case rollback(LineID, RollbackRequest)
  case approve(run: Int, ApproveRequest)
  case reject(run: Int, RejectRequest)
  case runs(LineID?)
  case run(Int)
  case explainRun(Int)
  case explainGroup(LineID, group: String)
  case audit(line: LineID?, run: Int?, group: String?, limit: Int)
  case verifyAudit
  /// Entries after that number with all that their hashes are made of, one JSON object a line.
  case auditEntries(after: Int)
  /// Read the configuration again.
  case reload
  case maintenance
  case backup
  case doctor
  case backups
  case backupBytes(BackupPiece)
  case removeBackup(stamp: String)
  case exportPlan(LineID, ExportSelection)
  case export(LineID, ExportSelection, ExportPage)
  case prune(PruneRequest)
  /// - Parameter anyDependence: whether the correction for many tests holds however they depend.
  case slices(LineID, anyDependence: Bool)
  case adoptSlice(LineID, AdoptSliceRequest)
  /// nil: over all that is kept.
  case report(LineID, since: Timestamp?)

  /// Entries `audit` gives unless asked for another number.
  public static let auditLimitDefault = 100
  /// One answer holds no more entries than this, some 300 bytes each.
  public static let auditLimitMax = 10_000

  public static func decode(_ request: WireRequest) throws(WireFault) -> OperatorCall {
    let segments = request.segments
    guard let first = segments.first else { throw .unknownPath(request.path) }
    if first == "v2" { return try decodeShared(request) }
    if segments == ["metrics"] { return try get(request, .metrics(try MetricsFormat(request.query["format"]))) }
    guard first == "v1", segments.count >= 2 else { throw .unknownPath(request.path) }
    switch (segments[1], segments.count) {
    case ("status", 2): return try get(request, .status)
    case ("latency", 2): return try get(request, .latency)
    case ("lines", 2):
      if request.method != .post {
        guard request.method == .get || request.method == .head else {
          throw .methodNotAllowed(method: request.method.text, allow: "GET, HEAD, POST")
        }
        return .lines
      }
      let message: AddLineRequest = try body(of: request)
      return .addLine(try AddLineCheck.checked(message))
    case ("lines", 4...):
      return try decodeLine(request, line: lineID(segments[2]), rest: Array(segments.dropFirst(3)))
    case ("runs", 2): return try get(request, .runs(try request.query["line"].map(queryLine)))
    case ("runs", 3): return try get(request, .run(try number(segments[2], of: request)))
    case ("runs", 4): return try decodeRun(request, number: try number(segments[2], of: request), verb: segments[3])
    case ("explain", 3): return try get(request, .explainRun(try number(segments[2], of: request)))
    case ("alarms", 2): return try get(request, .alarms(try request.query["line"].map(queryLine)))
    case ("audit", 2): return try get(request, try audit(request))
    case ("audit", 3) where segments[2] == "verify":
      try request.require(.post)
      return .verifyAudit
    case ("audit", 3) where segments[2] == "entries": return try get(request, try auditEntries(request))
    case ("prune", 2): return .prune(try body(of: request))
    case ("reload", 2):
      try request.require(.post)
      return .reload
    case ("maintenance", _), ("backup", _), ("backups", _), ("doctor", _): return try decodeMaintenance(request)
    default: throw .unknownPath(request.path)
    }
  }

  /// Health and outcomes, so that operators need one socket only.
  private static func decodeShared(_ request: WireRequest) throws(WireFault) -> OperatorCall {
    let segments = request.segments
    if segments.count == 3, segments[1] == "health" {
      if segments[2] == "live" { return try get(request, .live) }
      if segments[2] == "ready" { return try get(request, .ready) }
    }
    if segments.count == 4, segments[1] == "models", segments[3] == "outcomes" {
      return .outcomes(try lineID(segments[2]), try InferenceCall.decodeOutcomes(request))
    }
    throw .unknownPath(request.path)
  }

  private static func decodeLine(_ request: WireRequest, line: LineID, rest: [String]) throws(WireFault)
    -> OperatorCall
  {
    switch (rest[0], rest.count) {
    case ("groups", 1): return try get(request, .groups(line))
    case ("groups", 2) where rest[1] == "marks": return .markGroup(line, try checked(try body(of: request)))
    case ("alarms", 1): return .setAlarm(line, try checked(try body(of: request)))
    case ("aliases", 1):
      if request.method == .post { return .setAlias(line, try checked(try body(of: request))) }
      return try get(request, .aliases(line))
    case ("outcomes", 2) where rest[1] == "check":
      return .checkOutcomes(line, try InferenceCall.decodeOutcomes(request))
    case ("coverage", 1): return try get(request, .coverage(line))
    case ("models", 1):
      if request.method == .post { return .importModel(line, try body(of: request)) }
      return try get(request, .models(line))
    case ("models", 3) where rest[2] == "bytes":
      return try get(request, .modelBytes(line, try modelVersion(rest[1], line: line)))
    case ("explain", 1):
      try request.require(.get)
      guard let group = request.query["group"] else { throw .badMessage("say which group: explain?group=...") }
      return .explainGroup(line, group: group)
    case ("export", 1):
      return try get(request, .export(line, try ExportSelection(request.query), try ExportPage(request.query)))
    case ("export", 2) where rest[1] == "plan":
      return try get(request, .exportPlan(line, try ExportSelection(request.query)))
    case ("slices", 1):
      if request.method == .post { return .adoptSlice(line, try checked(try body(of: request))) }
      return try get(request, .slices(line, anyDependence: try anyDependence(request.query["rule"])))
    case ("report", 1): return try get(request, .report(line, since: try reportStart(request.query["since"])))
    case ("retrain", 1): return .retrain(line, try body(of: request))
    case ("promote", 1): return .promote(line, try checked(try body(of: request)))
    case ("rollback", 1): return .rollback(line, try body(of: request))
    default: throw .unknownPath(request.path)
    }
  }

  private static func audit(_ request: WireRequest) throws(WireFault) -> OperatorCall {
    let query = request.query
    var limit = auditLimitDefault
    if let text = query["limit"] {
      guard let number = wholeNumber(text), 1...auditLimitMax ~= number else {
        throw .badMessage("\"limit\" is a number from 1 to \(auditLimitMax)")
      }
      limit = number
    }
    var run: Int?
    if let text = query["run"] {
      guard let number = wholeNumber(text) else { throw .badMessage("\"run\" is a run's number") }
      run = number
    }
    return .audit(line: try query["line"].map(queryLine), run: run, group: query["group"], limit: limit)
  }

  private static func anyDependence(_ rule: String?) throws(WireFault) -> Bool {
    switch rule {
    case nil, "BH": return false
    case "BY": return true
    default: throw .badMessage("\"rule\" is BH or BY")
    }
  }

  private static func reportStart(_ text: String?) throws(WireFault) -> Timestamp? {
    guard let text else { return nil }
    guard let time = Timestamp(text) else { throw .badMessage("\"since\" is a date or a time in RFC 3339") }
    return time
  }

  private static func queryLine(_ text: String) throws(WireFault) -> LineID { try lineID(text) }

  private static func number(_ text: String, of request: WireRequest) throws(WireFault) -> Int {
    guard let number = wholeNumber(text) else { throw .unknownPath(request.path) }
    return number
  }

  static func get(_ request: WireRequest, _ call: @autoclosure () throws(WireFault) -> OperatorCall)
    throws(WireFault) -> OperatorCall
  {
    try request.require(.get)
    return try call()
  }

  static func body<Message: Decodable>(of request: WireRequest) throws(WireFault) -> Message {
    try request.require(.post)
    return try OperatorCoding.message(from: try request.jsonBody())
  }
}
