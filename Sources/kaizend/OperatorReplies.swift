import Domain
import Engine
import NeuralNet
import Policy
import Statistics
import Wire

/// Engine values as operator messages.
enum OperatorReplies {
  static func status(_ plant: isolated Plant) throws(OperatorFault) -> StatusReply {
    var overviews: [LineOverview] = []
    for id in plant.lineIDs { overviews.append(try plant.overview(id)) }
    var job: RunRow?
    if let current = plant.currentRun {
      job = try runRow(current.record, plant)
      job?.progress = current.progress?.fraction
      job?.step = current.pause.map { "stands still: \($0)" } ?? current.progress?.stage
      job?.secondsLeft = current.progress?.secondsLeft
    }
    let ledger = plant.ledgerOverview()
    return StatusReply(
      version: daemonVersion, startedAt: plant.started.description,
      headline: Headline.sentence(overviews, ledger, closed: plant.closed),
      lines: try overviews.map { overview throws(OperatorFault) in try lineStatus(overview, plant) },
      outOfService: plant.closed.isEmpty ? nil : plant.closed.map(\.sentence), job: job,
      ledger: LedgerStatus(
        writable: ledger.problem == nil, predictions: ledger.totals.predictions, outcomes: ledger.totals.outcomes,
        bytes: ledger.byteCount, unrecordedPredictions: ledger.unrecordedPredictions, problem: ledger.problem,
        usedBytes: ledger.retention.room?.used, diskFreeBytes: ledger.retention.room?.diskFree,
        dropped: dropped(ledger.totals.dropped), remarks: ledger.retention.remarks,
        durability: ledger.durability.rawValue))
  }

  private static func dropped(_ rows: LedgerTotals.Dropped) -> DroppedRows {
    DroppedRows(predictions: rows.predictions, outcomes: rows.outcomes, features: rows.inputs)
  }

  static func prune(_ outline: PruneOutline, dryRun: Bool) -> PruneReply {
    func text(_ time: Timestamp?) -> String? {
      time.flatMap { $0.microseconds == .max ? nil : $0.wholeSeconds }
    }
    let (order, outlook) = (outline.order, outline.outlook)
    return PruneReply(
      dryRun: dryRun, featuresBefore: text(order.inputsBefore), partsBefore: text(order.rowsBefore),
      inputsPerGroup: order.inputsPerGroup, labelledFeatures: outlook.labelledInputs,
      unlabelledFeatures: outlook.unlabelledInputs, parts: outlook.predictions, remarks: outline.remarks,
      sentence: dryRun
        ? "Nothing has been deleted."
        : "Deleting has begun, a little at a time beside serving; 'kaizenctl status' shows what has gone.")
  }

  /// systemd's STATUS line: the headline, the job and the ledger.
  static func statusLine(_ plant: isolated Plant) -> String {
    guard let status = try? status(plant) else { return "status cannot be read" }
    let job = status.job.map { "run \($0.run) \($0.state)" } ?? "retrain idle"
    return "\(status.headline); \(job); ledger \(decimal(Double(status.ledger.bytes) / 1e6, places: 1)) MB"
  }

  private static func lineStatus(_ overview: LineOverview, _ plant: isolated Plant) throws(OperatorFault) -> LineStatus
  {
    let line = overview.registered
    var status = LineStatus(
      line: line.definition.id.text, mode: line.settings.mode.rawValue, time: line.settings.time.rawValue,
      champion: line.champion.number, scoped: overview.liveVersions.filter { $0 != line.champion }.map(\.number),
      groups: overview.partition.count, lagging: overview.alarming(.lagging), watch: overview.alarming(.watch),
      predictions: overview.predictions,
      labelCoverage: overview.labelCoverage, lastPredictionAt: overview.lastPredictionAt?.description,
      worst: overview.worst.map(GroupReplies.row), activity: overview.activity, advice: adviceStatus(overview.advice),
      adviceRules: overview.adviceSentences)
    status.remarks = GroupReplies.remarks(overview)
    let hopeless = try plant.hopelessGroups(line.definition.id)
    status.hopeless = hopeless.isEmpty ? nil : hopeless.map { TrialReplies.sentence($0, line.settings) }
    status.trials = try TrialReplies.rows(line.definition.id, plant)
    return status
  }

  private static func adviceStatus(_ shares: AdviceShares) -> AdviceStatus? {
    guard shares.parts > 0 else { return nil }
    func share(_ count: Int) -> Double { Double(count) / Double(shares.parts) }
    func share(_ reason: Advice) -> Double { share(shares.reasons.first { $0.reason == reason }?.parts ?? 0) }
    return AdviceStatus(
      parts: shares.parts, manualCheckShare: share(shares.manualCheck), lowConfidenceShare: share(.lowConfidence),
      unseenGroupShare: share(.unseenGroup), outOfRangeShare: share(.outOfRange), notANumberShare: share(.notANumber),
      weakGroupShare: share(.weakGroup))
  }

  static func lines(_ plant: isolated Plant) throws(OperatorFault) -> LinesReply {
    var rows: [LineRow] = []
    for id in plant.lineIDs {
      let overview = try plant.overview(id)
      let line = overview.registered
      rows.append(
        LineRow(
          line: id.text, attributes: line.definition.schema.attributes,
          outcomeInGroups: line.definition.schema.includesOutcome, input: line.definition.input,
          features: line.definition.featureNames, classes: line.definition.classNames,
          mode: line.settings.mode.rawValue, time: line.settings.time.rawValue,
          targetAccuracy: line.settings.targetAccuracy, maturityHours: overview.maturityHours,
          champion: line.champion.number,
          student: plant.serving.snapshot(id)?.students[line.champion]?.shape.figures,
          addedAt: line.addedAt.description))
    }
    return LinesReply(lines: rows)
  }

  static func models(_ id: LineID, _ plant: isolated Plant) throws(OperatorFault) -> ModelsReply {
    let line = try plant.overview(id).registered
    let onTrial = Set(try plant.trials(id).map(\.version))
    let rows = try plant.models(id).map { model in
      let cells = line.routes.filter { $0.value == model.version }.keys.sorted()
      let idle =
        onTrial.contains(model.version) ? "trial" : model.arm == Plant.importedArm ? "imported" : "retired"
      let role = model.version == line.champion ? "champion" : (cells.isEmpty ? idle : "scoped")
      return ModelRow(
        version: model.version.number, role: role, cells: cells.map { line.definition.text($0) },
        createdAt: model.createdAt.description, run: model.run, arm: model.arm, parameters: model.parameterCount,
        sha256: model.sha256, by: model.by.login)
    }
    return ModelsReply(line: id.text, models: rows)
  }

  static func rollback(_ line: LineID, _ changes: [Reroute]) -> RollbackReply {
    let told = changes.map { "\($0.cell) is served by student \($0.to) again, not by \($0.from)" }
    return RollbackReply(
      line: line.text,
      changes: changes.map { RouteChange(cell: $0.cell, from: $0.from.number, to: $0.to.number) },
      sentence: told.joined(separator: "; "))
  }

  static func runs(_ line: LineID?, _ plant: isolated Plant) throws(OperatorFault) -> RunsReply {
    var rows: [RunRow] = []
    for run in try plant.runs(line: line, limit: 100) { rows.append(try runRow(run, plant)) }
    return RunsReply(runs: rows)
  }

  static func runRow(_ run: RunRecord, _ plant: isolated Plant) throws(OperatorFault) -> RunRow {
    runRow(run, try plant.definition(run.line))
  }

  static func runRow(_ run: RunRecord, _ definition: LineDefinition) -> RunRow {
    RunRow(
      run: run.number, line: run.line.text, kind: run.kind.rawValue, state: run.state.rawValue, groups: run.groups,
      cells: run.cells.map { definition.text($0) }, startedAt: run.startedAt.description,
      endedAt: run.endedAt?.description, by: run.by.login, chosenArm: run.report?.chosenArm,
      version: run.promoted?.number, progress: nil,
      sentence: conclusion(run))
  }

  /// What the gate concluded, or what ended the run, without the word that the state says already.
  private static func conclusion(_ run: RunRecord) -> String {
    // The second pair: runs of versions before trials.
    let prefixes = ["passed: ", "not passed: ", "promoted: ", "not promoted: "]
    let gate = run.verdict.first { sentence in prefixes.contains { sentence.hasPrefix($0) } }
    let stays = [.awaiting, .shadow, .canary, .promoted].contains(run.state)
    guard let told = (stays ? gate : nil) ?? run.verdict.last else {
      return run.causes.first ?? "started by \(run.by.login)"
    }
    for prefix in prefixes where told.hasPrefix(prefix) { return String(told.dropFirst(prefix.count)) }
    return told
  }

  static func explain(run number: Int, _ plant: isolated Plant) throws(OperatorFault) -> ExplainReply {
    let run = try plant.run(number)
    let line = try plant.registered(run.line)
    let audit = try plant.auditEntries(line: nil, run: number, group: nil, limit: 50)
    var reply = ExplainReply(
      subject: "run \(number)",
      sentences: Engine.explain(run, audit: audit, definition: line.definition, settings: line.settings),
      run: try runRow(run, plant), report: run.report, audit: audit.map(auditRow))
    // Of a line out of service nothing is on trial.
    let trials = (try? TrialReplies.rows(run.line, plant))?.filter { $0.run == number } ?? []
    reply.trials = trials.isEmpty ? nil : trials
    return reply
  }

  static func auditRow(_ entry: AuditEntry) -> AuditRow {
    AuditRow(
      seq: entry.sequence, time: entry.time.description, uid: Int(entry.actor.uid), login: entry.actor.login,
      event: entry.event.rawValue, line: entry.line?.text, group: entry.group, run: entry.run,
      sentence: entry.sentence, hash: entry.hash)
  }

  static func verdict(_ verdict: AuditVerdict) -> AuditVerifyReply {
    switch verdict {
    case .intact(let rows):
      AuditVerifyReply(
        intact: true, rows: rows, firstBrokenSeq: nil,
        sentence: "the audit trail is intact: \(counted(rows, "entry", "entries")), every hash fits")
    case .broken(let rows, let first):
      AuditVerifyReply(
        intact: false, rows: rows, firstBrokenSeq: first,
        sentence: "the audit trail was changed: entry \(first) of \(rows) does not fit the one before it; "
          + "compare state.db with a backup")
    }
  }
}

/// The one sentence above everything: trouble with the ledger first, then the worst group.
enum Headline {
  static func sentence(_ lines: [LineOverview], _ ledger: LedgerOverview, closed: [ClosedLine]) -> String {
    if let problem = ledger.problem { return "answers go out but are not recorded: \(problem)" }
    if !closed.isEmpty {
      let names = closed.map(\.registered.definition.id.text).joined(separator: ", ")
      return "\(counted(closed.count, "line")) out of service (\(names)); \(counted(lines.count, "line")) in service"
    }
    guard !lines.isEmpty else { return "no line yet; add one with 'kaizenctl line add'" }
    let worst = lines.compactMap { line in line.worst.map { (line, $0) } }
      .min { ($0.1.accuracy ?? 1) < ($1.1.accuracy ?? 1) }
    let groups = lines.reduce(0) { $0 + $1.partition.count }
    let size = "\(counted(lines.count, "line")), \(counted(groups, "group"))"
    guard groups > 0 else { return "\(counted(lines.count, "line")); no part has matured yet" }
    guard let (line, group) = worst, let accuracy = group.accuracy, let interval = group.interval else {
      return "\(size); not enough labels yet to rank groups"
    }
    return "\(size); worst \(line.registered.definition.id) \(group.name) \(percent(accuracy)) "
      + "[\(percent(interval.lower)), \(percent(interval.upper))] (n=\(group.total), \(group.state.rawValue))"
  }
}

/// `1 line`, `2 lines`.
func counted(_ number: Int, _ noun: String, _ plural: String? = nil) -> String {
  "\(number) \(number == 1 ? noun : plural ?? noun + "s")"
}
