import Domain
import Logging
import NeuralNet
import Policy

extension Plant {
  /// Cells a student of their own may serve, and so the students a line keeps in memory.
  static let maximumLiveStudents = 16
  /// Jobs of a line that policy looks back on.
  static let historyLimit = 200

  /// Asks policy about the groups that lag now, and does what it says.
  func considerRetraining(_ id: LineID) {
    guard let line = lines[id], !isStopping, unstored.runs.isEmpty else { return }
    if let activeRun, activeRun.record.line == id {
      lines[id]?.activity =
        "run \(activeRun.record.number) trains for \(activeRun.record.groups.joined(separator: " and "))"
      return
    }
    guard !line.laggingGroups.isEmpty else {
      lines[id]?.activity = nil
      return
    }
    do {
      let past = try registry.retrainings(line: id, limit: Self.historyLimit)
      let lagging = try laggingGroups(line, past: past)
      let decision = decideRetraining(
        lagging: lagging, settings: line.settings, history: history(past), now: line.now(wallClock()),
        standing: LineStanding())
      try act(on: decision, line: line)
    } catch {
      logger.error("line \(id): retraining could not be considered: \(error.sentence)")
      lines[id]?.activity = "retraining could not be considered: \(error.sentence)"
    }
  }

  private func act(on decision: RetrainDecision, line: LineState) throws(StorageFailure) {
    let id = line.id
    switch decision {
    case .nothing:
      lines[id]?.activity = nil
    case .observe(let reasons), .wait(let reasons):
      lines[id]?.activity = reasons.joined(separator: "; ")
    case .start(let plan):
      if let activeRun {
        lines[id]?.activity = "waits for run \(activeRun.record.number) to end; one job runs at a time"
        return
      }
      _ = try start(plan, line: line, by: principal)
    }
  }

  /// The groups in state LAGGING with the rows there are for them.
  func laggingGroups(_ line: LineState, past: [RetrainingRecord]) throws(StorageFailure) -> [LaggingGroup] {
    var result: [LaggingGroup] = []
    let levels = alarmLevels
    for (group, evidence) in line.laggingGroups {
      result.append(try describe(group, evidence: evidence, line: line, levels: levels, past: past))
    }
    return result.sorted { $0.group < $1.group }
  }

  /// A group as policy and trainer see it: the rows since its suspected change, or of the last 30 days.
  func describe(
    _ group: GroupKey, evidence: GroupEvidence?, line: LineState, levels: AlarmLevels, past: [RetrainingRecord]
  ) throws(StorageFailure) -> LaggingGroup {
    let assessment = evidence.map { assess($0, levels: levels) }
    let now = line.now(wallClock())
    let changeDay =
      evidence?.state == .lagging || evidence?.state == .watch ? assessment?.suspectedChangeDay : nil
    let since =
      changeDay.map { Timestamp(microseconds: $0 * Timestamp.microsecondsPerDay) } ?? now.advanced(hours: -30 * 24)
    let until = now.advanced(hours: -line.maturityHours)
    var rows = try ledger.labelledCounts(line: line.id, cell: group.cell, since: since, until: until)
    var fresh: Int?
    if let lastSeen = lastRowsSeen(cell: group.cell, line: line, past: past) {
      let newer =
        lastSeen < until
        ? try ledger.labelledCounts(line: line.id, cell: group.cell, since: lastSeen, until: until) : [:]
      fresh = newer.values.reduce(0, +)
    }
    for known in line.watchedGroups where known.cell == group.cell {
      if let outcome = known.outcome { rows[outcome, default: 0] += 0 }
    }
    return LaggingGroup(
      group: group, name: line.definition.text(group), evidence: assessment?.evidence ?? 0, suspectedChange: since,
      sentence: assessment?.sentence ?? "no labelled parts yet", labelledRows: rows,
      rowsSinceLastJob: fresh, servedBy: line.version(serving: group.cell))
  }

  /// The newest time a row of the last finished job for the cell can carry.
  private func lastRowsSeen(cell: Cell, line: LineState, past: [RetrainingRecord]) -> Timestamp? {
    past.first { $0.state.isOver && $0.state != .interrupted && $0.cells.contains(cell) }
      .map { $0.startedAt.advanced(hours: -line.maturityHours) }
  }

  private func history(_ past: [RetrainingRecord]) -> [PastJob] {
    past.filter(\.state.isOver).map {
      PastJob(cells: $0.cells, endedAt: $0.endedAt ?? $0.startedAt, reachedVerdict: $0.state != .interrupted,
        wasKept: $0.state == .kept)
    }
  }

  // MARK: - Start

  /// Starts a job: audited before anything acts.
  func start(_ plan: JobPlan, line: LineState, by actor: Principal) throws(StorageFailure) -> Int {
    precondition(activeRun == nil, "one job at a time")
    let now = line.now(wallClock())
    let servedBy = plan.groups[0].servedBy
    guard let incumbent = line.students[servedBy] else {
      throw StorageFailure("student \(servedBy) of line \(line.id) is not loaded", mayPass: false)
    }
    let names = plan.groups.map(\.name)
    var record = RunRecord(
      number: 0, line: line.id, kind: .retrain, state: .training, cells: plan.cells, groups: names,
      causes: plan.reasons, since: plan.since, startedAt: now, endedAt: nil, by: actor, report: nil, verdict: [],
      promoted: nil)
    let entry = try registry.transaction { () throws(StorageFailure) in
      record = try registry.add(record)
      return try registry.audit(
        AuditEntry(
          time: wallClock(), actor: actor, event: .retrainStarted, line: line.id, group: names.joined(separator: " "),
          run: record.number,
          sentence: "run \(record.number) starts for \(names.joined(separator: " and ")), on parts since "
            + "\(dateText(plan.since.day)): \(plan.reasons.joined(separator: "; "))"))
    }
    log(entry)
    stopExamination()
    activeRun = ActiveRun(record: record, lagging: plan.groups.map(\.group), servedBy: servedBy, progress: nil)
    lines[line.id]?.activity = nil
    let number = record.number
    let spec = RetrainSpec(
      run: number, definition: line.definition, settings: line.settings, cells: plan.cells,
      laggingGroups: plan.groups.map(\.group), since: plan.since,
      until: now.advanced(hours: -line.maturityHours), teacher: line.registered.teacher,
      seed: UInt64(number), incumbent: servedBy, incumbentRange: line.bounds[servedBy]?.range)
    do {
      try trainer.start(spec, files: [RetrainSpec.incumbentFile: incumbent.bytes]) { [weak self] event in
        _ = self?.post(.training(run: number, event))
      }
    } catch {
      finish(.failed, verdict: ["the training process could not be started: \(error.sentence)"])
    }
    return number
  }

  // MARK: - End

  func handle(_ event: TrainingEvent, run: Int) {
    guard activeRun?.record.number == run else { return }
    switch event {
    case .progress(let progress):
      activeRun?.progress = progress
    case .ended(.failed(let sentence)):
      finish(.failed, verdict: [sentence])
    case .ended(.stopped):
      finish(.interrupted, verdict: ["the job was stopped"])
    case .ended(.finished(let report, let student)):
      activeRun?.record.report = report
      evaluate(report, student: student)
    }
  }

  private func evaluate(_ report: TrainingReport, student bytes: [UInt8]?) {
    guard let activeRun, let line = lines[activeRun.record.line] else { return }
    if let misfit = report.misfit(line.definition) {
      self.activeRun?.record.report = nil
      finish(.failed, verdict: ["the report of the training process does not fit the line: \(misfit)"])
      return
    }
    let moved = activeRun.record.cells.filter { line.version(serving: $0) != activeRun.servedBy }
    guard moved.isEmpty else {
      let names = moved.map { line.definition.text($0) }.joined(separator: " and ")
      finish(
        .interrupted, verdict: ["\(names) got another student while the job ran; it was compared with the old one"])
      return
    }
    noteWeights(report, activeRun)
    guard let bytes, let arm = report.chosenArm else {
      finish(.kept, verdict: ["no arm could be trained: " + report.remarks.joined(separator: "; ")])
      return
    }
    do {
      let challenger = try Self.usableStudent(
        bytes, line.definition, name: "the challenger of run \(activeRun.record.number)")
      let definition = line.definition
      let decision = promotionGate(
        GateQuestion(
          pairs: completed(report.pairs, cells: activeRun.record.cells, line: line), lagging: Set(activeRun.lagging),
          attempt: try attempt(activeRun, line),
          settings: line.settings, name: { definition.text($0) }))
      guard decision.promote else {
        finish(.kept, verdict: decision.findings)
        return
      }
      guard liveStudents(promoting: activeRun.record.cells, line: line) <= Self.maximumLiveStudents else {
        finish(
          .kept,
          verdict: decision.findings + [
            "the line already has \(line.students.count) live students; roll some back first"
          ])
        return
      }
      try promote(challenger, bytes: bytes, arm: arm, findings: decision.findings)
    } catch {
      finish(.failed, verdict: ["the challenger was not promoted: \(error.sentence)"])
    }
  }

  /// Students the line would keep in memory with a new one on these cells.
  private func liveStudents(promoting cells: [Cell], line: LineState) -> Int {
    let others = line.registered.routes.filter { !cells.contains($0.key) }.values
    return Set(others).union([line.registered.champion]).count + 1
  }

  /// The counts of the report, and zeros for groups the line knows in these cells but the gate's rows did not show.
  private func completed(_ pairs: [PairedCounts], cells: [Cell], line: LineState) -> [PairedCounts] {
    let seen = Set(pairs.map(\.group))
    let missing = line.watchedGroups.filter { cells.contains($0.cell) && !seen.contains($0) }
    return pairs
      + missing.sorted().map {
        PairedCounts(group: $0, total: 0, championCorrect: 0, challengerCorrect: 0, wins: 0, losses: 0)
      }
  }

  /// Gates of these cells since the student that serves them was installed, this one included.
  private func attempt(_ active: ActiveRun, _ line: LineState) throws(StorageFailure) -> Int {
    let installed = try registry.models(line: line.id).first { $0.version == active.servedBy }?.run ?? 0
    let earlier = try registry.retrainings(line: line.id, limit: Self.historyLimit).filter {
      $0.number > installed && $0.number < active.record.number && $0.state == .kept
        && !Set($0.cells).isDisjoint(with: active.record.cells)
    }
    return earlier.count + 1
  }

  private func noteWeights(_ report: TrainingReport, _ active: ActiveRun) {
    let kept = report.arms.first { $0.name == report.chosenArm }
    let reasons = (kept?.reasons ?? []) + [report.teacher.sentence]
    note(
      AuditEntry(
        time: wallClock(), actor: principal, event: .retrainWeights, line: active.record.line, group: nil,
        run: active.record.number,
        sentence: "run \(active.record.number) trained \(report.chosenArm ?? "nothing"): "
          + reasons.joined(separator: "; ")))
  }

  /// Registers the challenger, routes its cells to it, and only then lets it answer.
  private func promote(_ challenger: Student, bytes: [UInt8], arm: String, findings: [String]) throws(StorageFailure) {
    guard var active = activeRun, var line = lines[active.record.line] else { return }
    let now = line.now(wallClock())
    let version = ModelVersion((try registry.models(line: line.id).map(\.version.number).max() ?? 0) + 1)
    let cells = active.record.cells
    active.record.state = .promoted
    active.record.endedAt = now
    active.record.verdict = findings
    active.record.promoted = version
    let record = active.record
    let model = ModelRecord(
      line: line.id, version: version, run: record.number, arm: arm, parent: active.servedBy,
      parameterCount: challenger.parameterCount, sha256: "", createdAt: now, by: record.by)
    let names = cells.map { line.definition.text($0) }.joined(separator: " and ")
    let advice = record.report?.advice
    let reasons =
      findings
      + adviceReasons(
        advice, definition: line.definition, settings: line.settings)
    let entry = try registry.transaction { () throws(StorageFailure) in
      try registry.add(model, bytes: bytes, advice: advice)
      for cell in cells { try registry.setRoute(version, cell: cell, line: record.line) }
      try registry.update(record)
      return try registry.audit(
        AuditEntry(
          time: wallClock(), actor: record.by, event: .modelPromoted, line: record.line, group: names,
          run: record.number,
          sentence: "student \(version) (\(arm), run \(record.number)) now serves \(names), all other parts stay with "
            + "the students they had: \(reasons.joined(separator: "; "))"))
    }
    for cell in cells { line.registered.routes[cell] = version }
    line.students[version] = challenger
    line.bounds[version] = advice
    activeRun = nil
    tellIdle()
    log(entry, model: version)
    try adopt(line, changed: Set(cells))
  }

  /// Puts changed routes into service: students nobody is routed to go, evidence about the cells starts anew.
  func adopt(_ changedLine: LineState, changed cells: Set<Cell>) throws(StorageFailure) {
    var line = changedLine
    let live = Set(line.registered.routes.values).union([line.registered.champion])
    line.students = line.students.filter { live.contains($0.key) }
    line.bounds = line.bounds.filter { live.contains($0.key) }
    let routed = line
    line.monitor.reset(
      cells: cells, version: { routed.version(serving: $0) }, settings: line.settings, line.definition.schema)
    line.early?.reset(cells: cells)
    let changedSets = line.marks.keys.filter { slice in cells.contains(where: slice.covers) }
    line.announced = line.announced.filter { !cells.contains($0.cell) }
    line.activity = nil
    let snapshot = try line.snapshot()
    lines[line.id] = line
    serving.install(snapshot)
    forgetAcknowledgements(of: changedSets, line: line.id)
    do {
      let bytes = LineMemory.bytes(line)
      let id = line.id
      try ledger.transaction { () throws(StorageFailure) in try ledger.saveEvidence(bytes, line: id) }
    } catch {
      logger.error("line \(line.id): the new evidence could not be stored yet: \(error.sentence)")
    }
    for id in lines.keys.sorted() { considerRetraining(id) }
  }

  /// Tells whoever waits for the job to end, once its end is recorded.
  private func tellIdle() {
    whenIdle?()
    whenIdle = nil
  }

  /// Ends the job without touching what serves.
  private func finish(_ state: RunState, verdict: [String]) {
    guard var active = activeRun else { return }
    activeRun = nil
    defer { tellIdle() }
    let line = lines[active.record.line]
    active.record.state = state
    active.record.endedAt = line?.now(wallClock()) ?? wallClock()
    active.record.verdict = verdict
    let record = active.record
    do {
      let entry = try registry.transaction { () throws(StorageFailure) in
        try registry.update(record)
        return try registry.audit(
          AuditEntry(
            time: wallClock(), actor: principal, event: .retrainEnded, line: record.line,
            group: record.groups.joined(separator: " "), run: record.number,
            sentence: "run \(record.number) ended as \(state.rawValue), the serving students stay: "
              + verdict.joined(separator: "; ")))
      }
      log(entry)
    } catch {
      logger.error("the end of run \(record.number) (\(state.rawValue)) could not be stored yet: \(error.sentence)")
      if unstored.runs.count < Unstored.limit { unstored.runs.append(record) }
    }
    for id in lines.keys.sorted() { considerRetraining(id) }
  }
}
