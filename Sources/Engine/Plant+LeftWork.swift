import Domain
import Logging
import NeuralNet
import Policy

/// What an earlier process of the daemon left in the middle.
extension Plant {
  /// Goes on with the job that ran, and ends trials of students that serve no more.
  func takeUpLeftWork() {
    for id in lines.keys.sorted() {
      endBrokenTrials(id)
      endStaleTrials(id, rolledBack: false)
    }
    let left = leftRuns
    leftRuns = []
    for run in left { takeUp(run) }
  }

  /// Ends trials whose students could not be loaded: what serves goes on serving, and nobody compares it.
  private func endBrokenTrials(_ id: LineID) {
    guard let line = lines[id] else { return }
    do {
      for record in try registry.trials(line: id) where !line.trials.contains(where: { $0.record.run == record.run }) {
        let entry = try registry.transaction { () throws(StorageFailure) in
          try registry.removeTrial(run: record.run)
          if var run = try registry.run(record.run), !run.state.isOver {
            run.state = .failed
            run.endedAt = line.now(wallClock())
            run.verdict.append("a student of its trial could not be loaded")
            try registry.update(run)
          }
          return try registry.audit(
            AuditEntry(
              time: wallClock(), actor: principal, event: .trialEnded, line: id, group: line.names(of: record),
              run: record.run,
              sentence: "the trial of student \(record.version) (run \(record.run)) is over, for a student of it could "
                + "not be loaded"))
        }
        log(entry, model: record.version)
      }
    } catch {
      logger.error("line \(id): a trial that cannot go on could not be ended: \(error.sentence)")
    }
  }

  private func takeUp(_ run: RunRecord) {
    guard let line = lines[run.line], let resumed = resumed(run, line) else {
      return endLeft(run, "line \(run.line) does not serve, or has changed since")
    }
    guard activeRun == nil, !isStopping else { return endLeft(run, "another job runs") }
    let number = run.number
    // Before the process can tell of its end.
    activeRun = resumed
    let obstacle = trainer.resume(run: number) { [weak self] event in
      _ = self?.post(.training(run: number, event))
    }
    if let obstacle {
      activeRun = nil
      return endLeft(run, obstacle)
    }
    note(
      AuditEntry(
        time: wallClock(), actor: principal, event: .retrainResumed, line: run.line,
        group: run.groups.joined(separator: " "), run: number,
        sentence: "run \(number) goes on from what it had finished when the daemon stopped"))
  }

  private func resumed(_ run: RunRecord, _ line: LineState) -> ActiveRun? {
    guard run.kind == .retrain else { return nil }
    let service = Takeover(champion: line.registered.champion, routes: line.registered.routes)
    let lagging = run.cells.isEmpty ? [] : run.groups.compactMap { try? line.definition.group(named: $0) }
    guard run.cells.isEmpty || lagging.count == run.groups.count else { return nil }
    let first = run.scope == .whole ? nil : run.cells.first
    guard run.scope == .whole || first != nil else { return nil }
    return ActiveRun(
      record: run, lagging: lagging, servedBy: first.map(service.version) ?? service.champion,
      firstRow: line.monitor.cursor, service: service)
  }

  /// Once a second: what was trained before the quiet hours ended.
  func takeUpHeldBack() {
    guard let active = activeRun, let held = active.heldBack, let line = lines[active.record.line], !isQuiet(line)
    else { return }
    activeRun?.heldBack = nil
    evaluate(held.report, student: held.student)
  }

  private func endLeft(_ run: RunRecord, _ reason: String) {
    var ended = run
    ended.state = .interrupted
    ended.endedAt = lines[run.line]?.now(wallClock()) ?? wallClock()
    ended.verdict.append("the daemon stopped while this job ran (\(reason)); the serving students were not touched")
    do {
      let entry = try registry.transaction { () throws(StorageFailure) in
        try registry.update(ended)
        return try registry.audit(
          AuditEntry(
            time: wallClock(), actor: principal, event: .retrainEnded, line: run.line, group: nil, run: run.number,
            sentence: "run \(run.number) ended as interrupted: the daemon stopped while it ran (\(reason))"))
      }
      log(entry)
    } catch {
      logger.error("the end of run \(run.number) could not be stored yet: \(error.sentence)")
      if unstored.runs.count < Unstored.limit { unstored.runs.append(ended) }
    }
  }

  /// Lets training stand still, or go on: answers come first.
  public nonisolated func setTrainingPaused(_ isPaused: Bool, because reason: String) {
    ask { plant in
      guard let active = plant.activeRun, (active.pause != nil) != isPaused else { return }
      plant.activeRun?.pause = isPaused ? reason : nil
      plant.trainer.setPaused(isPaused, run: active.record.number)
      plant.logger.info("run \(active.record.number) \(isPaused ? "stands still" : "goes on"): \(reason)")
    }
  }

  // MARK: - Trials

  /// The trials of a line with their students. One whose students cannot be loaded is told and left to the audit: what
  /// serves goes on serving.
  static func readTrials(
    _ line: inout LineState, memory: [TrialWatch], registry: any Registry, logger: Logger
  ) throws(StorageFailure) {
    for record in try registry.trials(line: line.id) {
      do {
        let challenger = try loadStudent(line.definition, version: record.version, registry: registry)
        var before: [ModelVersion: Student] = [:]
        var bounds: [ModelVersion: AdviceBounds] = [:]
        let needed =
          record.cells.isEmpty
          ? Set(record.before.routes.values).union([record.before.champion])
          : Set(record.cells.map(record.versionBefore)).union([record.before.champion])
        for version in needed {
          before[version] = try loadStudent(line.definition, version: version, registry: registry)
          // Its answers are as good as ever; only what is told about them is less.
          bounds[version] = try? loadBounds(line.definition, version: version, registry: registry)
        }
        line.trials.append(
          TrialState(
            record: record,
            watch: memory.first { $0.run == record.run } ?? TrialWatch(run: record.run, after: record.firstRow),
            challenger: challenger,
            bounds: try? loadBounds(line.definition, version: record.version, registry: registry), before: before,
            boundsBefore: bounds, gateClasses: try registry.run(record.run)?.report?.gateClasses,
            observer: ServingGuard(
              classCount: line.definition.classNames.count, latencyMsMax: line.settings.latencyMsMax)))
      } catch {
        logger.error(
          "line \(line.id): the trial of run \(record.run) stands still, for a student of it cannot be loaded: \(error.sentence)",
          metadata: ["line": "\(line.id)"])
      }
    }
  }
}
