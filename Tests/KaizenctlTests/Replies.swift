import Domain
import Wire

/// The replies of a small plant: one line, two features, three classes.
enum Plant {
  static let row = LineRow(
    line: "press-3", attributes: ["product", "camera"], outcomeInGroups: false, input: .vector(count: 2),
    features: ["heat", "force"],
    classes: ["good", "scratch", "dent"], mode: "auto", time: "clock", targetAccuracy: 0.9, maturityHours: 24,
    champion: 1, addedAt: "2026-11-01T00:00:00Z")

  static let line = LineStatus(
    line: "press-3", mode: "auto", time: "clock", champion: 1, scoped: [], groups: 0, lagging: 0, watch: 0,
    predictions: 0, labelCoverage: nil, lastPredictionAt: nil, worst: nil, activity: nil)

  static let status = StatusReply(
    version: "0.1.0", startedAt: "2026-11-20T05:00:00Z", headline: "1 line; not enough labels yet", lines: [line],
    job: nil,
    ledger: LedgerStatus(
      writable: true, predictions: 0, outcomes: 0, bytes: 4096, unrecordedPredictions: 0, problem: nil))

  static let metrics = daemonMetrics(status, groups: [GroupsReply(line: "press-3", groups: [lagging])], stages: [])

  static let lagging = GroupRow(
    group: "product=A7", state: "lagging", modelVersion: 1, accuracy: 0.812, lower: 0.75, upper: 0.86, n: 212,
    matured: 300, labelled: 212, target: 0.85, evidence: 1.2, why: "accuracy is below the target of 85.0 %")

  /// The same plant with a group that lags.
  static let laggingStatus: StatusReply = {
    var line = Plant.line
    line.lagging = 1
    line.groups = 4
    line.labelCoverage = 0.69
    line.worst = lagging
    var reply = status
    reply.lines = [line]
    return reply
  }()

  static func run(_ state: String) -> RunRow {
    RunRow(
      run: 12, line: "press-3", kind: "retrain", state: state, groups: [], cells: ["product=A7,camera=2"],
      startedAt: "2026-11-23T06:31:07Z", endedAt: nil, by: "anna", chosenArm: nil, version: nil, progress: nil,
      sentence: "So it went.")
  }

  static func retrain(_ run: Int?) -> RetrainReply {
    RetrainReply(
      run: run, line: "press-3", cells: ["product=A7,camera=2"], since: "2026-11-01T00:00:00Z", rows: [],
      arms: ["labels"], ready: true, estimatedMinutes: nil, sentences: [])
  }

  static let reload = ReloadReply(
    changes: [ChangedSetting(key: "limits.connections_max", from: "256", to: "8")],
    needsRestart: [ChangedSetting(key: "sockets.infer.path", from: "\"/run/a\"", to: "\"/run/b\"")],
    lines: ["press-3"], reopened: [], problems: [], sentence: "The configuration was read again: 1 setting changed.")

  /// Answers every question of a quiet day.
  static let script: ScriptedDaemon.Script = { call throws(WireFault) in
    switch call {
    case .status: OperatorCoding.response(status)
    case .lines: OperatorCoding.response(LinesReply(lines: [row]))
    case .coverage(let line):
      OperatorCoding.response(
        CoverageReply(
          line: line.text, maturityHours: 24,
          total: CoverageRow(group: nil, predictions: 0, outcomes: 0, coverage: nil, n: 0, within: []), groups: [],
          channels: [], waiting: 0, sentence: "no outcome has joined its part yet"))
    case .groups(let line): OperatorCoding.response(GroupsReply(line: line.text, groups: []))
    case .alarms: OperatorCoding.response(AlarmsReply(alarms: []))
    case .setAlarm(let line, let request):
      OperatorCoding.response(MarkReply(line: line.text, group: request.group, sentence: "it is as you said"))
    case .markGroup(let line, let request):
      OperatorCoding.response(MarkReply(line: line.text, group: request.group, sentence: "it is as you said"))
    case .aliases(let line): OperatorCoding.response(AliasesReply(line: line.text, aliases: []))
    case .setAlias(let line, let request):
      OperatorCoding.response(
        AliasReply(
          line: line.text, attribute: request.attribute, value: request.value, sentence: "it is as you said"))
    case .metrics(let format):
      WireResponse(contentType: format.contentType, body: Array(metricsText(Plant.metrics, format: format).utf8))
    case .models(let line): OperatorCoding.response(ModelsReply(line: line.text, models: []))
    case .promote(let line, let request):
      OperatorCoding.response(
        PromoteReply(
          line: line.text, version: request.version,
          changes: request.cells.map { RouteChange(cell: $0, from: 1, to: request.version) }, sentence: "It serves."))
    case .approve(let run, _):
      OperatorCoding.response(
        TrialStepReply(run: run, line: "press-3", version: 4, stage: "shadow", sentence: "Student 4 goes into shadow"))
    case .reject(let run, _):
      OperatorCoding.response(
        TrialStepReply(run: run, line: "press-3", version: 4, stage: nil, sentence: "Student 4 was given up"))
    case .runs: OperatorCoding.response(RunsReply(runs: [run("kept")]))
    case .retrain(_, let request): OperatorCoding.response(retrain(request.dryRun ? nil : 12))
    case .rollback(let line, _):
      OperatorCoding.response(RollbackReply(line: line.text, changes: [], sentence: "Nothing to give back."))
    case .explainRun, .explainGroup:
      OperatorCoding.response(
        ExplainReply(subject: "it", sentences: ["It was so."], run: nil, report: nil, audit: []))
    case .audit: OperatorCoding.response(AuditReply(entries: []))
    case .verifyAudit:
      OperatorCoding.response(AuditVerifyReply(intact: true, rows: 3, firstBrokenSeq: nil, sentence: "All 3 hold."))
    case .reload: OperatorCoding.response(reload)
    case .slices(let line, let anyDependence):
      OperatorCoding.response(
        SlicesReply(
          line: line.text, rule: anyDependence ? "BY" : "BH", parts: 4000, wrong: 200, tested: 397, significant: 0,
          rate: 0.1, findings: [], adopted: [], remarks: []))
    case .adoptSlice(let line, let request):
      OperatorCoding.response(
        AdoptSliceReply(
          line: line.text,
          adopted: AdoptedSliceRow(
            slice: request.slice, state: "candidate", adoptedAt: "2026-11-28T06:15:00Z", by: "ida",
            reason: request.reason ?? "", partsNeeded: 100, partsCome: 0, decidedAt: nil, detail: "20.0 % wrong"),
          sentence: "\(request.slice) is adopted"))
    default: throw .unknownPath("scripted")
    }
  }
}
