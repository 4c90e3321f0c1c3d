import Dispatch
import Domain
import Logging
import Policy
import Synchronization

/// What the plant remembers of giving room back.
struct RetentionState {
  var settings: RetentionSettings
  var pressure = RetentionPressure.none
  var order: RetentionOrder?
  var room: LedgerRoom?
  /// Why ages are not judged by the machine's clock.
  var clockRemark: String?
  /// The order in force has given all it can.
  var isExhausted = false
  /// An operator waits: pieces follow each other until nothing is left.
  var isUrgent = false
  /// A piece is queued.
  var isSlicing = false
  /// Rows that a piece looks at; follows what the disk takes for them.
  var sliceRows = 32
  var spendUntil = ContinuousClock.now
  /// Rows that pieces may look at before the next second.
  var rowsLeft = 0
  var decidedAt: ContinuousClock.Instant?
  /// nil: not since kaizend started, or the settings changed, and the places of the walks may be those of another order.
  var restartedAt: ContinuousClock.Instant?

  init(settings: RetentionSettings) { self.settings = settings }

  /// Sizes of files and disks are asked for this often.
  static let decisionPeriod = Duration.seconds(10)
  /// What was passed by is looked at again this often.
  static let restartPeriod = Duration.seconds(86_400)
  /// Before a level gives up more, this one has looked at every row within this.
  static let freshPeriod = Duration.seconds(600)
  /// A piece holds the plant's thread, and whoever waits for it, no longer than about this.
  static let sliceDuration = Duration.microseconds(700)
  static let sliceRowsRange = 4...512
  /// Of each second, what pieces may take together.
  static let budget = Duration.milliseconds(100)
  /// Rows that they look at while only age asks for it. Each may change a page of its own, which the disk gets twice: as
  /// many as a tenth of a second allows are 50 MB/s, and keep the disk from those who wait for it.
  static let calmRows = 2000
}

/// How things stand with the room that the ledger takes.
public struct RetentionOverview: Sendable, Equatable {
  public let settings: RetentionSettings
  public let room: LedgerRoom?
  public let pressure: RetentionPressure
  public let keepsInputs: Bool
  /// What an operator should know, in sentences.
  public let remarks: [String]
}

/// What `kaizenctl prune` would do, or has begun.
public struct PruneOutline: Sendable, Equatable {
  public let outlook: RetentionOutlook
  public let order: RetentionOrder
  public let remarks: [String]
}

extension Plant {
  /// Once a second: decides now and then what may go, and takes a little of it away.
  ///
  /// Pieces are blocks of their own in the plant's queue: whoever comes meanwhile waits for one piece at most.
  func retain() {
    if let decided = retention.decidedAt, ContinuousClock.now - decided < RetentionState.decisionPeriod {
      return spend(RetentionState.budget)
    }
    decideRetention()
    spend(RetentionState.budget)
  }

  private func spend(_ budget: Duration) {
    retention.spendUntil = .now + budget
    retention.rowsLeft = retention.pressure == .none ? RetentionState.calmRows : .max
    guard !retention.isSlicing, retention.order != nil else { return }
    retention.isSlicing = true
    sliceLater()
  }

  private nonisolated func sliceLater() {
    executor.queue.async { self.assumeIsolated { $0.slice() } }
  }

  private func slice() {
    isHousekeeping.store(true, ordering: .relaxed)
    defer { isHousekeeping.store(false, ordering: .relaxed) }
    guard let order = retention.order, !isStopping else { return stopSlicing() }
    let started = ContinuousClock.now
    do {
      let rows = retention.isUrgent ? retention.sliceRows : min(retention.sliceRows, retention.rowsLeft)
      retention.rowsLeft -= rows
      let trimmed = try ledger.transaction { () throws(StorageFailure) in
        try ledger.trim(order, limit: rows)
      }
      retention.isExhausted = trimmed.isDone
    } catch {
      // A full disk, most likely; said where rows are stored.
      logger.debug("retention waits: \(error.sentence)")
      return stopSlicing()
    }
    let now = ContinuousClock.now
    let took = now - started
    let range = RetentionState.sliceRowsRange
    if took > RetentionState.sliceDuration {
      retention.sliceRows = max(range.lowerBound, retention.sliceRows / 2)
    } else if took < RetentionState.sliceDuration / 2 {
      retention.sliceRows = min(range.upperBound, retention.sliceRows * 2)
    }
    let isSpent = now >= retention.spendUntil || retention.rowsLeft <= 0
    if retention.isExhausted || (isSpent && !retention.isUrgent) { return stopSlicing() }
    sliceLater()
  }

  private func stopSlicing() {
    retention.isSlicing = false
    retention.isUrgent = false
    copyLog()
  }

  private func decideRetention(trustClock: Bool = false) {
    retention.decidedAt = .now
    let before = retention.pressure
    do {
      let room = try ledger.room()
      let clock = RetentionRule.clock(
        stored: try ledger.retentionClock(), wall: wallClock(), sync: clockSync(), isTrusted: trustClock)
      var pressure = RetentionRule.pressure(
        before, room: room, settings: retention.settings, isExhausted: retention.isExhausted)
      var restarts = pressure != before || trustClock || !isFresh(within: RetentionState.restartPeriod)
      if pressure > before, before >= .rows, !isFresh(within: RetentionState.freshPeriod) {
        // Rows have been counted since this level looked at them.
        (pressure, restarts) = (before, true)
      }
      try ledger.transaction { () throws(StorageFailure) in
        try ledger.setRetentionClock(clock.stored)
        if restarts { try ledger.restartRetention() }
      }
      if restarts { (retention.isExhausted, retention.restartedAt) = (false, .now) }
      tell(pressure, before: before, room: room, remark: clock.remark)
      retention.pressure = pressure
      retention.room = room
      retention.clockRemark = clock.remark
      ledger.keepsInputs = !RetentionRule.dropsNewInputs(room, retention.settings)
      retention.order = order(clock: clock.now)
    } catch {
      logger.debug("what may be deleted is not decided: \(error.sentence)")
    }
  }

  private func isFresh(within period: Duration) -> Bool {
    retention.restartedAt.map { ContinuousClock.now - $0 <= period } ?? false
  }

  private func order(clock: Timestamp?) -> RetentionOrder {
    var lagging: Set<RetentionOrder.GroupCell> = []
    for (id, line) in lines {
      for (group, _) in line.laggingGroups {
        lagging.insert(RetentionOrder.GroupCell(line: id, cell: group.cell))
      }
    }
    return RetentionRule.order(
      retention.settings, clock: clock, pressure: retention.pressure, lagging: lagging,
      counted: lines.mapValues(\.monitor.countedThrough))
  }

  private func tell(_ pressure: RetentionPressure, before: RetentionPressure, room: LedgerRoom, remark: String?) {
    if let remark, remark != retention.clockRemark { logger.warning("\(remark)", metadata: ["event": "clock_doubted"]) }
    guard pressure != before else { return }
    if let sentence = RetentionRule.sentence(pressure, room, retention.settings) {
      logger.warning("\(sentence)", metadata: ["event": "ledger_pressed"])
    } else {
      logger.notice("the ledger has room again", metadata: ["event": "ledger_relieved"])
    }
  }

  public func retentionOverview() -> RetentionOverview {
    var remarks: [String] = []
    if let room = retention.room,
      let sentence = RetentionRule.sentence(retention.pressure, room, retention.settings)
    {
      remarks.append(sentence)
    }
    if !ledger.keepsInputs {
      remarks.append("the disk is nearly full, so new parts are stored without their features")
    }
    if let remark = retention.clockRemark { remarks.append(remark) }
    return RetentionOverview(
      settings: retention.settings, room: retention.room, pressure: retention.pressure,
      keepsInputs: ledger.keepsInputs, remarks: remarks)
  }

  /// What may be taken away now; unless it is only asked for, all of it is, in pieces between whatever else is done.
  public func prune(dryRun: Bool, trustClock: Bool, by actor: Principal) throws(OperatorFault) -> PruneOutline {
    if !dryRun {
      try auditing("\(actor.login) has what is due by the settings of [ledger] deleted at once", by: actor)
    }
    if trustClock, !dryRun {
      let sentence = "\(actor.login) says that the machine's clock is right: it is \(wallClock().wholeSeconds)"
      try auditing(sentence, by: actor)
    }
    decideRetention(trustClock: trustClock && !dryRun)
    guard let order = retention.order else {
      throw .storage("what may be deleted cannot be told now; see 'kaizenctl status'")
    }
    let outline = PruneOutline(
      outlook: try reading { () throws(StorageFailure) in try ledger.outlook(order) }, order: order,
      remarks: retentionOverview().remarks)
    guard !dryRun else { return outline }
    retention.isUrgent = true
    spend(RetentionState.budget)
    return outline
  }

  /// True while what an operator asked to take away is being taken away.
  public var isPruning: Bool { retention.isUrgent }

  private func auditing(_ sentence: String, by actor: Principal) throws(OperatorFault) {
    do {
      let entry = try registry.transaction { () throws(StorageFailure) in
        try registry.audit(
          AuditEntry(
            time: wallClock(), actor: actor, event: .settingsChanged, line: nil, group: nil, run: nil,
            sentence: sentence))
      }
      log(entry)
    } catch {
      throw .storage(error.sentence)
    }
  }
}
