import Domain
import Logging

/// What reading the configuration again did to the lines.
public struct LinesReloaded: Sendable, Equatable {
  /// Lines that run with other settings now, with the setting of each in words.
  public let changed: [Change]
  /// Lines that were out of service and serve again.
  public let reopened: [LineID]
  /// What is wrong with a stored student; the line serves on with the one in memory, or stays closed.
  public let problems: [String]

  public struct Change: Sendable, Equatable {
    public let line: LineID
    public let settings: LineSettings
  }
}

extension Plant {
  /// The settings every registered line was added with, before the configuration is laid over them.
  public func storedSettings() throws(OperatorFault) -> [(line: LineID, settings: LineSettings)] {
    do {
      return try registry.lines().map { ($0.definition.id, $0.settings) }
    } catch {
      throw .storage(error.sentence)
    }
  }

  /// Takes over a configuration that was read again.
  ///
  /// What changes is audited first, all of it or nothing; then every line runs with its new settings. The stored bytes
  /// of what serves are read again too: a damaged student is told while the one in memory still serves, and a line that
  /// was closed is opened once its student can be loaded.
  /// - Parameters:
  ///   - newSettings: as `PlantPorts.settings`.
  ///   - queueRows: rows that may wait for a commit from now on.
  ///   - retention: how long rows are kept from now on; nil as before.
  ///   - monitoring: how lines are watched from now on; nil as before.
  ///   - training: what the next training process may take; nil as before.
  ///   - told: what changed beside the lines, for the audit; nil when nothing did.
  public func reload(
    settings newSettings: @escaping @Sendable (LineID, LineSettings) -> LineSettings, queueRows: Int,
    retention newRetention: RetentionSettings? = nil, monitoring newMonitoring: MonitoringSettings? = nil,
    training newTraining: TrainingSettings? = nil, told: String?, by actor: Principal
  ) throws(OperatorFault) -> LinesReloaded {
    do {
      let now = wallClock()
      let stored = try registry.lines()
      let changed = stored.compactMap { line -> LinesReloaded.Change? in
        let id = line.definition.id
        let next = newSettings(id, line.settings)
        let present = lines[id]?.settings ?? closedLines[id]?.registered.settings
        return next == present ? nil : LinesReloaded.Change(line: id, settings: next)
      }
      let entries = try registry.transaction { () throws(StorageFailure) in
        var entries: [AuditEntry] = []
        if let told {
          entries.append(try registry.audit(settingsChanged(nil, "settings changed: \(told)", now: now, by: actor)))
        }
        for change in changed {
          let sentence = "line \(change.line) runs with \(change.settings.text)"
          entries.append(try registry.audit(settingsChanged(change.line, sentence, now: now, by: actor)))
        }
        return entries
      }
      for entry in entries { log(entry) }
      settings = newSettings
      mailbox.setCapacity(queueRows)
      intake?.setCapacity(queueRows)
      if let newMonitoring { monitoring = newMonitoring }
      if let newTraining { training = newTraining }
      if let newRetention {
        if newRetention != retention.settings { retention.restartedAt = nil }
        retention.settings = newRetention
        retention.decidedAt = nil
      }
      for change in changed { try adopt(change.settings, line: change.line) }
      var problems: [String] = []
      var reopened: [LineID] = []
      for line in stored { try recheck(line, now: now, problems: &problems, reopened: &reopened) }
      return LinesReloaded(changed: changed, reopened: reopened, problems: problems)
    } catch {
      throw .storage(error.sentence)
    }
  }

  private func settingsChanged(_ line: LineID?, _ sentence: String, now: Timestamp, by actor: Principal) -> AuditEntry {
    AuditEntry(
      time: now, actor: actor, event: .settingsChanged, line: line, group: nil, run: nil, sentence: sentence)
  }

  private func adopt(_ settings: LineSettings, line id: LineID) throws(StorageFailure) {
    guard var line = lines[id] else { return }
    if settings.time != line.settings.time {
      let before = line
      line = LineState(
        registered: before.registered, students: before.students, bounds: before.bounds,
        firstTrainedCells: before.firstTrainedCells, monitor: before.monitor,
        clock: try Self.clock(of: id, monitor: before.monitor, ledger: ledger))
      try line.readMarks(registry, logger: logger)
      line.trials = before.trials
      line.weakCells = before.weakCells
    }
    line.registered.settings = settings
    Self.describe(line.registered, in: ledger)
    line.monitor.apply(settings, line.definition.schema)
    // Counted and judged by the new settings at the next tick, not in an hour.
    line.sweptHour = .min
    line.announced = []
    line.activity = nil
    serving.install(try line.snapshot())
    lines[id] = line
  }

  private func recheck(
    _ stored: RegisteredLine, now: Timestamp, problems: inout [String], reopened: inout [LineID]
  ) throws(StorageFailure) {
    let id = stored.definition.id
    if let line = lines[id] {
      for version in Set(line.registered.routes.values).union([line.registered.champion]).sorted() {
        do {
          _ = try Self.loadStudent(line.definition, version: version, registry: registry)
        } catch {
          let sentence =
            "\(error.sentence); the one in memory serves on until kaizend stops: put a backup of state.db back"
          logger.error("\(sentence)", metadata: ["line": "\(id)"])
          problems.append(sentence)
        }
      }
      return
    }
    var line = stored
    line.settings = settings(id, stored.settings)
    switch try Self.open(line, ledger: ledger, registry: registry, now: now, by: principal, logger: logger) {
    case .open(let state):
      intake?.open(id, try inheritance.ids(of: id, ledger: ledger))
      serving.install(try state.snapshot())
      serving.reopen(id)
      closedLines[id] = nil
      lines[id] = state
      reopened.append(id)
      logger.notice("line \(id) is in service again", metadata: ["event": "line_opened", "line": "\(id)"])
    case .closed(let closed):
      closedLines[id] = closed
      serving.close(closed)
      problems.append(closed.sentence)
    }
  }
}
