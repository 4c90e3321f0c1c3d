import Domain
import Testing
import Wire

func sampleReport() throws -> TrainingReport {
  let group = GroupKey(cell: Cell(["8412", "day"]), outcome: 1)
  let score = GroupScore(group: group, correct: 9, total: 10, lower: 0.55, upper: 0.9975)
  let empty = GroupScore(group: GroupKey(cell: Cell(["x", "y"])), correct: 0, total: 0, lower: nil, upper: nil)
  let weight = WeightRecord(
    step: 1, group: group, rows: 5, loss: 0.1, relativeLoss: 1.8, weight: 0.21, limit: .cap, selectCorrect: 3,
    selectTotal: 4)
  let arm = ArmReport(
    name: "groupdistil", skipped: nil, selectScore: 0.5, selectScores: [score], steps: 3, seconds: 1.5,
    weights: [weight], reasons: ["why"])
  let skipped = ArmReport(
    name: "labels", skipped: "no rows", selectScore: nil, selectScores: [], steps: 0, seconds: 0, weights: [],
    reasons: [])
  return TrainingReport(
    folds: [FoldCounts(group: group, train: 1, select: 2, heldOut: 3)],
    teacher: TeacherExamination(name: "t", scores: [score, empty], verdict: .weaker, sentence: "s"),
    arms: [arm, skipped],
    chosenArm: "groupdistil", heldOutScores: [score],
    pairs: [PairedCounts(group: group, total: 9, championCorrect: 5, challengerCorrect: 6, wins: 2, losses: 1)],
    seed: .max, instructionSet: "avx2", seconds: 12.25, remarks: ["r"])
}

func sampleLine(
  settings: LineSettings = LineSettings(mode: .propose, time: .event, targetAccuracy: 0.9),
  teacher: TeacherUpload = .trained("AAEC"), features: [String] = ["temp_x", "b"]
) throws -> AddLineRequest {
  AddLineRequest(
    definition: LineDefinition(
      id: try LineID("die-casting"), schema: try GroupSchema(attributes: ["mold_id", "shift"], includesOutcome: true),
      featureNames: features, classNames: ["ok", "fail"]),
    settings: settings, student: OperatorCoding.base64([0, 1, 255]), teacher: teacher, report: try sampleReport(),
    source: "parts.csv: 10 rows")
}

private func roundTrip<Message: Codable & Equatable>(_ message: Message) throws -> String {
  let bytes = try OperatorCoding.bytes(message)
  #expect(try OperatorCoding.message(Message.self, from: bytes) == message)
  return String(decoding: bytes, as: UTF8.self)
}

@Test func `a line on its way in comes back with every teacher`() throws {
  for teacher in [TeacherUpload.trained("AA=="), .onnx("BB=="), .columns(prefix: "t_logit_")] {
    let text = try roundTrip(try sampleLine(teacher: teacher))
    #expect(text.contains(#""feature_names":["temp_x","b"]"#))
    #expect(text.contains(#""seed":18446744073709551615"#))
    #expect(text.contains(#""held_out":3"#))
  }
}

@Test func `answers come back, with snake_case keys and the schema`() throws {
  let row = GroupRow(
    group: "mold=1", state: "lagging", modelVersion: 2, accuracy: 0.8, lower: nil, upper: 0.9, n: 10, matured: 12,
    labelled: 11, target: nil, evidence: 1.25, why: "because")
  let run = RunRow(
    run: 1, line: "l", kind: "retrain", state: "training", groups: ["g"], cells: ["c"],
    startedAt: "2026-01-01T00:00:00Z", endedAt: nil, by: "root", chosenArm: nil, version: nil, progress: 0.5,
    sentence: "s")
  let line = LineStatus(
    line: "l", mode: "auto", time: "clock", champion: 1, scoped: [2], groups: 3, lagging: 1, watch: 0, predictions: 9,
    labelCoverage: 0.25, lastPredictionAt: nil, worst: row, activity: nil)
  let status = try roundTrip(
    StatusReply(
      version: "0.1", startedAt: "x", headline: "h", lines: [line], job: run,
      ledger: LedgerStatus(
        writable: true, predictions: 1, outcomes: 2, bytes: 3, unrecordedPredictions: 4, problem: nil)))
  for key in [#""schema":1"#, #""label_coverage":0.25"#, #""unrecorded_predictions":4"#, #""started_at""#] {
    #expect(status.contains(key), "\(key) in \(status)")
  }
  _ = try roundTrip(GroupsReply(line: "l", groups: [row]))
  let covered = CoverageRow(
    group: nil, predictions: 4, outcomes: 3, coverage: 0.75, n: 3, within: [DelayShare(hours: 1, count: 3, share: 1)])
  _ = try roundTrip(
    CoverageReply(
      line: "l", maturityHours: 24, total: covered, groups: [],
      channels: [
        ChannelRow(channel: "audit", declared: true, samplingProbability: 0.05, outcomes: 3, conflicts: 1)
      ], waiting: 2, sentence: "s"))
  _ = try roundTrip(
    LinesReply(lines: [
      LineRow(
        line: "l", attributes: ["a"], outcomeInGroups: true, input: .vector(count: 1), features: ["f"], classes: ["c"],
        mode: "auto",
        time: "clock",
        targetAccuracy: nil, maturityHours: 24, champion: 1, addedAt: "x")
    ]))
  _ = try roundTrip(AddLineReply(line: "l", version: 1, run: 1, sentence: "s"))
  let models = try roundTrip(
    ModelsReply(
      line: "l",
      models: [
        ModelRow(
          version: 1, role: "champion", cells: [], createdAt: "x", run: 1, arm: nil, parameters: 5, sha256: "ab",
          by: "r")
      ]))
  #expect(models.contains(#""sha256":"ab""#))
  _ = try roundTrip(ImportModelReply(line: "l", version: 2, run: 3, sentence: "s"))
  _ = try roundTrip(
    PromoteReply(line: "l", version: 2, changes: [RouteChange(cell: "c", from: 1, to: 2)], sentence: "s"))
  _ = try roundTrip(TrialStepReply(run: 7, line: "l", version: 2, stage: "watch", sentence: "s"))
  _ = try roundTrip(ModelBytesReply(line: "l", version: 1, sha256: "ab", bytes: "AA=="))
  _ = try roundTrip(
    RetrainReply(
      run: nil, line: "l", cells: [], since: "x", rows: [PlannedRows(group: "g", labelled: 5)], arms: ["a"],
      ready: false,
      estimatedMinutes: nil, sentences: ["s"]))
  _ = try roundTrip(RollbackReply(line: "l", changes: [RouteChange(cell: "c", from: 2, to: 1)], sentence: "s"))
  _ = try roundTrip(RunsReply(runs: [run]))
  let entry = AuditRow(
    seq: 1, time: "x", uid: 0, login: "root", event: "line_added", line: "l", group: nil, run: nil, sentence: "s",
    hash: "h")
  _ = try roundTrip(
    ExplainReply(subject: "run 1", sentences: ["a"], run: run, report: try sampleReport(), audit: [entry]))
  _ = try roundTrip(AuditReply(entries: [entry]))
  _ = try roundTrip(AuditVerifyReply(intact: false, rows: 9, firstBrokenSeq: 4, sentence: "s"))
  _ = try roundTrip(ErrorReply(error: "e"))
}

@Test func `lines with impossible settings or names are refused`() throws {
  func fault(_ request: AddLineRequest) -> WireFault? {
    do {
      let sent = try OperatorCall.addLine(request).outgoing()
      _ = try OperatorCall.decode(try WireRequest(method: sent.method, target: sent.path, body: sent.body))
      return nil
    } catch { return error }
  }
  #expect(fault(try sampleLine()) == nil)
  #expect(fault(try sampleLine(settings: LineSettings(targetAccuracy: 1)))?.status == 400)
  #expect(fault(try sampleLine(settings: LineSettings(maturityHours: 1e300)))?.status == 400)
  #expect(fault(try sampleLine(settings: LineSettings(maturityHours: -1)))?.status == 400)
  #expect(fault(try sampleLine(settings: LineSettings(coolDownHours: -1)))?.status == 400)
  #expect(fault(try sampleLine(settings: LineSettings(jobRowsMinimum: 100, gateRowsMinimum: 100)))?.status == 400)
  #expect(fault(try sampleLine(settings: LineSettings(gateRowsMinimum: 0)))?.status == 400)
  #expect(fault(try sampleLine(settings: LineSettings(maximumCellLoss: 2)))?.status == 400)
  #expect(fault(try sampleLine(settings: LineSettings(retrainAfterDays: -1)))?.status == 400)
  #expect(fault(try sampleLine(settings: LineSettings(latencyMsMax: 0)))?.status == 400)
  #expect(fault(try sampleLine(settings: LineSettings(quietHours: QuietHours("22:00-06:00")))) == nil)
  #expect(fault(try sampleLine(features: []))?.status == 400)
  #expect(fault(try sampleLine(features: ["a", "a"]))?.status == 400)
}

@Test func `a challenger on trial stands in the status of its line`() throws {
  var line = LineStatus(
    line: "l", mode: "propose", time: "clock", champion: 1, scoped: [], groups: 3, lagging: 1, watch: 0, predictions: 9,
    labelCoverage: nil, lastPredictionAt: nil, worst: nil, activity: nil)
  let older = String(decoding: try OperatorCoding.bytes(line), as: UTF8.self)
  #expect(!older.contains("trials") && !older.contains("hopeless"), "what there is not is left out")
  line.trials = [
    TrialRow(
      run: 7, version: 4, stage: "canary", percent: 10, cells: ["c"], since: "2026-11-23T06:31:07Z", sentence: "s",
      tradeOff: ["t"])
  ]
  line.hopeless = ["g"]
  let text = try roundTrip(line)
  #expect(text.contains(#""percent":10"#) && text.contains(#""trade_off":["t"]"#))
  #expect(!text.contains("until"))
}

@Test func `a retraining asked for by an older client is for its groups alone`() throws {
  let older = try OperatorCoding.message(RetrainRequest.self, from: Array(#"{"groups":[],"dry_run":true}"#.utf8))
  #expect(older == RetrainRequest(groups: [], dryRun: true, scope: nil))
  let whole = try OperatorCoding.message(
    RetrainRequest.self, from: Array(#"{"groups":[],"dry_run":false,"scope":"whole"}"#.utf8))
  #expect(whole.scope == .whole)
  #expect(throws: WireFault.self) {
    try OperatorCoding.message(RetrainRequest.self, from: Array(#"{"groups":[],"dry_run":true,"scope":"x"}"#.utf8))
  }
}

@Test func `what a message lacks is named`() throws {
  func sentence(_ text: String) -> String? {
    do {
      _ = try OperatorCoding.message(RetrainRequest.self, from: Array(text.utf8))
      return nil
    } catch { return error.sentence }
  }
  #expect(sentence(#"{"groups":[]}"#)?.contains("is missing") == true)
  #expect(sentence(#"{"groups":3,"dry_run":true}"#)?.contains("groups") == true)
  #expect(sentence(#"{"groups":[}"#)?.contains("at byte 11") == true)
  var bad = String(decoding: try OperatorCoding.bytes(try sampleLine()), as: UTF8.self)
  bad.replace(#""id":"die-casting""#, with: #""id":"Die""#)
  #expect(throws: WireFault.self) { try OperatorCoding.message(AddLineRequest.self, from: Array(bad.utf8)) }
  #expect(throws: WireFault.self) { try OperatorCoding.bytes(PlannedDouble(value: .nan)) }
}

private struct PlannedDouble: Codable { let value: Double }

@Test func `base64 goes both ways`() {
  let bytes = (0...255).map { UInt8($0) }
  #expect(OperatorCoding.bytes(base64: OperatorCoding.base64(bytes)) == bytes)
  #expect(OperatorCoding.bytes(base64: "no base64!") == nil)
}
