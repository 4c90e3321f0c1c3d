import Domain

/// What a client sends to make a call: the routes live in one place for both ends.
public struct OutgoingRequest: Sendable, Equatable {
  public let method: WireMethod
  /// Percent-encoded.
  public let path: String
  public let body: [UInt8]

  init(_ method: WireMethod, _ path: String, body: [UInt8] = []) {
    self.method = method
    self.path = path
    self.body = body
  }
}

extension InferenceCall {
  public var outgoing: OutgoingRequest {
    switch self {
    case .live: OutgoingRequest(.get, "/v2/health/live")
    case .ready: OutgoingRequest(.get, "/v2/health/ready")
    case .serverMetadata: OutgoingRequest(.get, "/v2")
    case .modelMetadata(let line, let version): OutgoingRequest(.get, Self.path(line, version))
    case .modelReady(let line, let version): OutgoingRequest(.get, Self.path(line, version) + "/ready")
    case .infer(let line, let version, let request):
      OutgoingRequest(.post, Self.path(line, version) + "/infer", body: request.bytes)
    case .outcomes(let line, let items):
      OutgoingRequest(.post, Self.path(line, nil) + "/outcomes", body: OutcomesRequest.bytes(items))
    case .repositoryIndex(let readyOnly):
      OutgoingRequest(
        .post, "/v2/repository/index", body: readyOnly ? JSONValue.object(["ready": .flag(true)]).bytes : [])
    case .modelStats(let line, let version):
      OutgoingRequest(.get, (line.map { Self.path($0, version) } ?? "/v2/models") + "/stats")
    }
  }

  private static func path(_ line: LineID, _ version: ModelVersion?) -> String {
    "/v2/models/\(line)" + (version.map { "/versions/\($0)" } ?? "")
  }
}

extension OperatorCall {
  /// - Throws: `internalFailure` when the message holds a number that JSON cannot say.
  public func outgoing() throws(WireFault) -> OutgoingRequest {
    switch self {
    case .live: InferenceCall.live.outgoing
    case .ready: InferenceCall.ready.outgoing
    case .outcomes(let line, let items): InferenceCall.outcomes(line, items).outgoing
    case .checkOutcomes(let line, let items):
      OutgoingRequest(.post, "/v1/lines/\(line)/outcomes/check", body: OutcomesRequest.bytes(items))
    case .coverage(let line): OutgoingRequest(.get, "/v1/lines/\(line)/coverage")
    case .status: OutgoingRequest(.get, "/v1/status")
    case .latency: OutgoingRequest(.get, "/v1/latency")
    case .lines: OutgoingRequest(.get, "/v1/lines")
    case .addLine(let request): OutgoingRequest(.post, "/v1/lines", body: try OperatorCoding.bytes(request))
    case .groups(let line): OutgoingRequest(.get, "/v1/lines/\(line)/groups")
    case .alarms(let line): OutgoingRequest(.get, "/v1/alarms" + Self.query([("line", line?.text)]))
    case .setAlarm(let line, let request):
      OutgoingRequest(.post, "/v1/lines/\(line)/alarms", body: try OperatorCoding.bytes(request))
    case .markGroup(let line, let request):
      OutgoingRequest(.post, "/v1/lines/\(line)/groups/marks", body: try OperatorCoding.bytes(request))
    case .aliases(let line): OutgoingRequest(.get, "/v1/lines/\(line)/aliases")
    case .setAlias(let line, let request):
      OutgoingRequest(.post, "/v1/lines/\(line)/aliases", body: try OperatorCoding.bytes(request))
    case .metrics(let format): OutgoingRequest(.get, "/metrics" + Self.query([("format", format.query)]))
    case .models(let line): OutgoingRequest(.get, "/v1/lines/\(line)/models")
    case .modelBytes(let line, let version): OutgoingRequest(.get, "/v1/lines/\(line)/models/\(version)/bytes")
    case .importModel(let line, let request):
      OutgoingRequest(.post, "/v1/lines/\(line)/models", body: try OperatorCoding.bytes(request))
    case .retrain(let line, let request):
      OutgoingRequest(.post, "/v1/lines/\(line)/retrain", body: try OperatorCoding.bytes(request))
    case .promote(let line, let request):
      OutgoingRequest(.post, "/v1/lines/\(line)/promote", body: try OperatorCoding.bytes(request))
    case .approve(let run, let request):
      OutgoingRequest(.post, "/v1/runs/\(run)/approve", body: try OperatorCoding.bytes(request))
    case .reject(let run, let request):
      OutgoingRequest(.post, "/v1/runs/\(run)/reject", body: try OperatorCoding.bytes(request))
    case .rollback(let line, let request):
      OutgoingRequest(.post, "/v1/lines/\(line)/rollback", body: try OperatorCoding.bytes(request))
    case .runs(let line): OutgoingRequest(.get, "/v1/runs" + Self.query([("line", line?.text)]))
    case .run(let number): OutgoingRequest(.get, "/v1/runs/\(number)")
    case .explainRun(let number): OutgoingRequest(.get, "/v1/explain/\(number)")
    case .explainGroup(let line, let group):
      OutgoingRequest(.get, "/v1/lines/\(line)/explain" + Self.query([("group", group)]))
    case .audit(let line, let run, let group, let limit):
      OutgoingRequest(
        .get,
        "/v1/audit"
          + Self.query([
            ("line", line?.text), ("run", run.map { String($0) }), ("group", group), ("limit", String(limit)),
          ]))
    case .verifyAudit: OutgoingRequest(.post, "/v1/audit/verify")
    case .auditEntries(let after):
      OutgoingRequest(.get, "/v1/audit/entries" + Self.query([("after", String(after))]))
    case .reload: OutgoingRequest(.post, "/v1/reload")
    case .maintenance: OutgoingRequest(.get, "/v1/maintenance")
    case .backup: OutgoingRequest(.post, "/v1/backup")
    case .doctor: OutgoingRequest(.post, "/v1/doctor")
    case .backups: OutgoingRequest(.get, "/v1/backups")
    case .backupBytes(let piece):
      OutgoingRequest(.get, "/v1/backups/\(piece.stamp)/bytes" + Self.query(piece.query))
    case .removeBackup(let stamp): OutgoingRequest(.post, "/v1/backups/\(PercentCoding.encode(stamp))/remove")
    case .exportPlan(let line, let selection):
      OutgoingRequest(.get, "/v1/lines/\(line)/export/plan" + Self.query(selection.query))
    case .export(let line, let selection, let page):
      OutgoingRequest(.get, "/v1/lines/\(line)/export" + Self.query(selection.query + page.query))
    case .prune(let request): OutgoingRequest(.post, "/v1/prune", body: try OperatorCoding.bytes(request))
    case .report(let line, let since):
      OutgoingRequest(.get, "/v1/lines/\(line)/report" + Self.query([("since", since?.description)]))
    case .slices(let line, let anyDependence):
      OutgoingRequest(.get, "/v1/lines/\(line)/slices" + Self.query([("rule", anyDependence ? "BY" : nil)]))
    case .adoptSlice(let line, let request):
      OutgoingRequest(.post, "/v1/lines/\(line)/slices", body: try OperatorCoding.bytes(request))
    }
  }

  private static func query(_ pairs: [(name: String, value: String?)]) -> String {
    let present = pairs.compactMap { pair in pair.value.map { "\(pair.name)=\(PercentCoding.encode($0))" } }
    return present.isEmpty ? "" : "?" + present.joined(separator: "&")
  }
}
