import Domain
import Logging
import NeuralNet
import Policy

/// From the end of a job to a challenger on trial.
extension Plant {
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

  func evaluate(_ report: TrainingReport, student bytes: [UInt8]?) {
    guard let activeRun, let line = lines[activeRun.record.line] else { return }
    if let misfit = report.misfit(line.definition) {
      self.activeRun?.record.report = nil
      finish(.failed, verdict: ["the report of the training process does not fit the line: \(misfit)"])
      return
    }
    let moved =
      activeRun.record.scope == .whole
      ? line.trainedCells.filter { line.version(serving: $0) != activeRun.service.version(serving: $0) }
      : Set(activeRun.record.cells.filter { line.version(serving: $0) != activeRun.servedBy })
    guard moved.isEmpty else {
      let names = moved.sorted().map { line.definition.text($0) }.joined(separator: " and ")
      finish(
        .interrupted, verdict: ["\(names) got another student while the job ran; it was compared with the old one"])
      return
    }
    if isQuiet(line) {
      lines[line.id]?.activity = "run \(activeRun.record.number) is trained, and waits for the end of the quiet hours"
      self.activeRun?.heldBack = (report, bytes)
      if isStopping { tellIdle() }
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
      let scope = activeRun.record.scope
      let decision = promotionGate(
        GateQuestion(
          scope: scope,
          pairs: completed(
            report.pairs, cells: scope == .whole ? Array(line.trainedCells) : activeRun.record.cells, line: line),
          lagging: Set(activeRun.lagging),
          scoped: Set(line.watchedGroups.filter { activeRun.service.routes[$0.cell] != nil }),
          attempt: try attempt(
            cells: activeRun.record.cells, servedBy: activeRun.servedBy, line: line, before: activeRun.record.number),
          settings: line.settings, selection: line.selection(of: activeRun.lagging),
          name: { definition.text($0) }))
      guard decision.promote else {
        finish(.kept, verdict: decision.findings)
        return
      }
      guard scope == .whole || liveStudents(promoting: activeRun.record.cells, line: line) <= Self.maximumLiveStudents
      else {
        finish(
          .kept,
          verdict: decision.findings + [
            "the line already has \(line.servingVersions.count) students; 'kaizenctl retrain \(line.id) --whole' makes one "
              + "of them"
          ])
        return
      }
      try admit(challenger, bytes: bytes, arm: arm, findings: decision.findings)
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

  /// The number of the next gate of these cells since the student that serves them was installed.
  ///
  /// - Parameter before: runs from this one on do not count; nil: all do.
  func attempt(cells: [Cell], servedBy version: ModelVersion, line: LineState, before run: Int? = nil)
    throws(StorageFailure) -> Int
  {
    let installed = try registry.models(line: line.id).first { $0.version == version }?.run ?? 0
    let earlier = try registry.retrainings(line: line.id, limit: Self.historyLimit).filter {
      $0.number > installed && $0.number < run ?? .max && [.kept, .rejected, .rolledBack].contains($0.state)
        && !Set($0.cells).isDisjoint(with: cells)
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

  /// Registers a challenger that passed its gate and lets it take its first stage.
  private func admit(_ challenger: Student, bytes: [UInt8], arm: String, findings: [String]) throws(StorageFailure) {
    guard var active = activeRun, let line = lines[active.record.line] else { return }
    let now = line.now(wallClock())
    let version = ModelVersion((try registry.models(line: line.id).map(\.version.number).max() ?? 0) + 1)
    let scope = active.record.scope
    active.record.verdict = findings
    let run = active.record
    let advice = run.report?.advice
    let model = ModelRecord(
      line: line.id, version: version, run: run.number, arm: arm, parent: active.servedBy,
      parameterCount: challenger.parameterCount, sha256: "", createdAt: now, by: run.by)
    let stage = TrialStage.path(scope, needsApproval: line.settings.mode != .auto)[0]
    let record = TrialRecord(
      run: run.number, line: line.id, scope: scope, version: version, lagging: active.lagging,
      cells: scope == .whole ? [] : run.cells, stage: stage, stageSince: now, firstRow: active.firstRow,
      before: active.service)
    let trial = trialState(
      record, line, challenger: challenger, bounds: advice, before: line.students, boundsBefore: line.bounds,
      gateClasses: run.report?.gateClasses)
    activeRun = nil
    defer { tellIdle() }
    do {
      try enter(
        trial, line,
        reasons: findings + adviceReasons(advice, definition: line.definition, settings: line.settings), verdict: [],
        by: principal
      ) { () throws(StorageFailure) in
        try registry.add(model, bytes: bytes, advice: advice)
        try registry.update(run)
      }
    } catch {
      activeRun = active
      throw error
    }
  }

  /// A trial with the students it needs, of those that are at hand.
  func trialState(
    _ record: TrialRecord, _ line: LineState, challenger: Student, bounds: AdviceBounds?,
    before: [ModelVersion: Student], boundsBefore: [ModelVersion: AdviceBounds], gateClasses: [Int]?
  ) -> TrialState {
    let needed = Set(record.before.routes.values).union([record.before.champion])
    return TrialState(
      record: record, watch: TrialWatch(run: record.run, after: record.firstRow), challenger: challenger,
      bounds: bounds, before: before.filter { needed.contains($0.key) },
      boundsBefore: boundsBefore.filter { needed.contains($0.key) }, gateClasses: gateClasses,
      observer: ServingGuard(
        classCount: line.definition.classNames.count, latencyMsMax: line.settings.latencyMsMax))
  }

  /// Puts changed routes into service: students nobody is routed to go, evidence about the cells starts anew.
  ///
  /// - Parameter rolledBack: an operator gave parts back: what was on trial there has failed.
  func adopt(_ changedLine: LineState, changed cells: Set<Cell>, rolledBack: Bool = false) throws(StorageFailure) {
    var line = changedLine
    let live = line.servingVersions
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
    endStaleTrials(line.id, rolledBack: rolledBack)
    // What it is compared with serves no more.
    if let activeRun, activeRun.record.line == line.id, activeRun.heldBack == nil, isOvertaken(activeRun, line) {
      trainer.stop(run: activeRun.record.number)
    }
    for id in lines.keys.sorted() { considerRetraining(id) }
  }

  /// Whether other students serve its cells than when it started.
  private func isOvertaken(_ active: ActiveRun, _ line: LineState) -> Bool {
    let cells = active.record.scope == .whole ? Array(line.trainedCells) : active.record.cells
    return cells.contains { line.version(serving: $0) != active.service.version(serving: $0) }
  }

  /// Tells whoever waits for the job to end, once its end is recorded.
  private func tellIdle() {
    whenIdle?()
    whenIdle = nil
  }

  /// Ends the job without touching what serves.
  func finish(_ state: RunState, verdict: [String]) {
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
