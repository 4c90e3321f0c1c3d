import Domain
import Logging
import NeuralNet
import Policy

extension Plant {
  /// Students of a line that serve at the same time: with more nobody could say any more who answers what.
  static let maximumLiveStudents = 3
  /// Cells that are served well, whose rows a job may use so that they are not forgotten.
  static let maximumReplayCells = 64
  /// Jobs of a line that policy looks back on.
  static let historyLimit = 200

  /// Asks policy about the groups that lag now, and does what it says.
  func considerRetraining(_ id: LineID) {
    guard let line = lines[id], !isStopping, unstored.runs.isEmpty else { return }
    // Parts that have matured wait to be counted: a job now would learn from what its trial is to be judged by.
    guard line.sweptHour != .min else { return }
    if let activeRun, activeRun.record.line == id {
      guard activeRun.heldBack == nil else { return }
      lines[id]?.activity =
        "run \(activeRun.record.number) trains for \(activeRun.record.groups.joined(separator: " and "))"
      return
    }
    guard !line.laggingGroups.isEmpty || line.settings.retrainAfterDays > 0 else {
      lines[id]?.activity = nil
      return noteHopeless([:], line: line)
    }
    do {
      let past = try registry.retrainings(line: id, limit: Self.historyLimit)
      let jobs = history(past)
      let lagging = try laggingGroups(line, past: past)
      noteHopeless(
        lagging.reduce(into: [:]) { $0[$1.group] = hopelessness(cell: $1.group.cell, history: jobs) }, line: line)
      guard let current = lines[id] else { return }
      let decision = decideRetraining(
        lagging: lagging, settings: line.settings, history: jobs, now: line.now(wallClock()),
        standing: try standing(current))
      try act(on: decision, line: current)
    } catch {
      logger.error("line \(id): retraining could not be considered: \(error.sentence)")
      lines[id]?.activity = "retraining could not be considered: \(error.sentence)"
    }
  }

  private func standing(_ line: LineState) throws(StorageFailure) -> LineStanding {
    let made = try registry.models(line: line.id).first { $0.version == line.registered.champion }?.createdAt
    return LineStanding(
      liveStudents: line.servingVersions.count, maximumLiveStudents: Self.maximumLiveStudents,
      isOnTrial: line.wholeTrial?.run, championAgeDays: (made.map { line.now(wallClock()).hours(since: $0) } ?? 0) / 24,
      isQuiet: isQuiet(line), awaiting: line.awaitingCells,
      scopedCells: Dictionary(grouping: line.registered.routes.keys) { line.version(serving: $0) }.mapValues(Set.init))
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

  func history(_ past: [RetrainingRecord]) -> [PastJob] {
    past.filter(\.state.isOver).map {
      PastJob(
        scope: $0.scope, cells: $0.cells, endedAt: $0.endedAt ?? $0.startedAt, reachedVerdict: $0.state != .interrupted,
        wasKept: [.kept, .rolledBack].contains($0.state), rows: $0.rows)
    }
  }

  /// Says once that nothing that was tried helps a group, and sends its parts to manual check while it lags.
  ///
  /// - Parameter findings: for each lagging group why nothing helps it; nil where there is hope.
  private func noteHopeless(_ findings: [GroupKey: String?], line: LineState) {
    let hopeless = findings.compactMapValues { $0 }
    let cells = Set(hopeless.keys.map(\.cell))
    if line.weakCells != cells {
      lines[line.id]?.weakCells = cells
      if let next = lines[line.id], let snapshot = try? next.snapshot() { serving.install(snapshot) }
    }
    for (group, sentence) in hopeless.sorted(by: { $0.key < $1.key }) where !line.announced.contains(group) {
      lines[line.id]?.announced.insert(group)
      let name = line.definition.text(group)
      do {
        let last = try registry.retrainings(line: line.id, limit: Self.historyLimit)
          .first { $0.state.isOver && $0.cells.contains(group.cell) }?.number
        let told = try registry.auditEntries(line: line.id, run: last, group: nil, limit: 1000)
        guard !told.contains(where: { $0.event == .groupHopeless && $0.group == name }) else { continue }
        note(
          AuditEntry(
            time: wallClock(), actor: principal, event: .groupHopeless, line: line.id, group: name, run: last,
            sentence: "\(name): \(sentence)"))
      } catch {
        logger.error("line \(line.id): \(name): \(sentence); the audit could not be read: \(error.sentence)")
      }
    }
  }

  // MARK: - Start

  /// Starts a job: audited before anything acts.
  func start(_ plan: JobPlan, line: LineState, by actor: Principal) throws(StorageFailure) -> Int {
    precondition(activeRun == nil, "one job at a time")
    let now = line.now(wallClock())
    let servedBy = plan.scope == .whole ? line.registered.champion : plan.groups[0].servedBy
    guard let incumbent = line.students[servedBy] else {
      throw StorageFailure("student \(servedBy) of line \(line.id) is not loaded", mayPass: false)
    }
    let names = plan.groups.isEmpty ? ["line \(line.id)"] : plan.groups.map(\.name)
    var record = RunRecord(
      number: 0, line: line.id, kind: .retrain, state: .training, cells: plan.cells, groups: names,
      causes: plan.reasons, since: plan.since, startedAt: now, endedAt: nil, by: actor, report: nil, verdict: [],
      promoted: nil, scope: plan.scope,
      rows: plan.labelledRows)
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
    activeRun = ActiveRun(
      record: record, lagging: plan.groups.map(\.group), servedBy: servedBy, firstRow: line.monitor.cursor,
      service: Takeover(champion: line.registered.champion, routes: line.registered.routes))
    lines[line.id]?.activity = nil
    let number = record.number
    do {
      let (spec, files) = try job(plan, run: number, line: line, incumbent: servedBy, now: now)
      var all = files
      all[RetrainSpec.incumbentFile] = incumbent.bytes
      try trainer.start(spec, files: all) { [weak self] event in
        _ = self?.post(.training(run: number, event))
      }
    } catch {
      finish(.failed, verdict: ["the training process could not be started: \(error.sentence)"])
    }
    return number
  }

  /// What the training process is asked, and the students it needs for it beside the incumbent.
  private func job(_ plan: JobPlan, run: Int, line: LineState, incumbent: ModelVersion, now: Timestamp)
    throws(StorageFailure) -> (RetrainSpec, files: [String: [UInt8]])
  {
    let known = line.trainedCells.union(line.monitor.watched.slices.compactMap(\.cell))
    let cells = plan.scope == .whole ? known.sorted() : plan.cells
    let lagging = Set(line.laggingGroups.map(\.group.cell)).union(plan.cells)
    let replay = plan.scope == .whole ? [] : known.subtracting(lagging).sorted().prefix(Self.maximumReplayCells)
    var students = Dictionary(grouping: plan.scope == .whole ? cells : Array(replay)) { line.version(serving: $0) }
      .map { SpecStudent(version: $0.key, cells: $0.value.sorted(), role: .serving) }
    var files: [String: [UInt8]] = [:]
    for student in students { files[student.fileName] = line.students[student.version]?.bytes }
    // What served before may serve again: the world turns back.
    let parent = try registry.models(line: line.id).first { $0.version == incumbent }?.parent
    if plan.scope == .scoped, let parent, parent != incumbent,
      let bytes = try? registry.bytes(line: line.id, version: parent)
    {
      let previous = SpecStudent(version: parent, cells: cells, role: .previous)
      students.append(previous)
      files[previous.fileName] = bytes
    }
    let spec = RetrainSpec(
      run: run, scope: plan.scope, definition: line.definition, settings: line.settings, cells: cells,
      laggingGroups: plan.groups.map(\.group), since: plan.since,
      until: min(now, line.monitor.lookedAt ?? now).advanced(hours: -line.maturityHours),
      teacher: line.registered.teacher, seed: UInt64(run), incumbent: incumbent,
      incumbentRange: line.bounds[incumbent]?.range,
      students: students.sorted { ($0.role.rawValue, $0.version) < ($1.role.rawValue, $1.version) },
      replayCells: Array(replay),
      limits: JobLimits(memoryBytes: training.memoryBytesMax, latencyMs: line.settings.latencyMsMax))
    return (spec, files)
  }
}
