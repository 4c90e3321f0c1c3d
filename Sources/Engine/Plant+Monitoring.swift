import Domain
import FoundationEssentials
import Logging
import Policy

extension LineMonitor {
  var stored: [UInt8] {
    get throws(StorageFailure) {
      do {
        return try Array(JSONEncoder().encode(self))
      } catch {
        throw StorageFailure("the monitor's memory could not be written: \(error)", mayPass: false)
      }
    }
  }

  init(stored bytes: [UInt8]) throws(StorageFailure) {
    do {
      self = try JSONDecoder().decode(LineMonitor.self, from: Data(bytes))
    } catch {
      throw StorageFailure(
        "the monitor's memory in ledger.db cannot be read: \(error); move ledger.db away to start a new one",
        mayPass: false)
    }
  }
}

extension Plant {
  /// Rows counted per query: bounds the memory of a sweep after a long stop.
  private static let sweepLimit = 4096

  /// Counts what has matured, once per hour of the line's time, and judges the groups. Inside the ledger transaction.
  /// - Returns: nil when this hour has been swept.
  func sweep(_ id: LineID) throws(StorageFailure) -> [Transition]? {
    guard var line = lines[id] else { return nil }
    let now = line.now(wallClock())
    let hour = now.microseconds / Timestamp.microsecondsPerHour
    guard hour > line.sweptHour else { return nil }
    line.sweptHour = hour
    let watermark = now.advanced(hours: -line.settings.maturityHours)
    var counted = 0
    while true {
      let rows = try ledger.matured(
        line: id, after: line.monitor.cursor, watermark: watermark, future: now.advanced(hours: 1),
        limit: Self.sweepLimit)
      let state = line
      line.monitor.absorb(rows, definition: line.definition, settings: line.settings) { state.version(serving: $0) }
      counted += rows.count
      if rows.count < Self.sweepLimit { break }
    }
    var transitions: [Transition] = []
    if counted > 0 {
      transitions = line.monitor.judge(falseAlarmDays: line.settings.falseAlarmDays)
      try ledger.saveEvidence(try line.monitor.stored, line: id)
    }
    lines[id] = line
    return transitions
  }

  /// Tells the audit and the journal what changed, then lets policy decide what to do about it.
  func follow(_ transitions: [Transition], line id: LineID) {
    guard let line = lines[id] else { return }
    let now = wallClock()
    for transition in transitions {
      guard let event = auditEvent(transition) else { continue }
      let name = line.definition.text(transition.group)
      let sentence = "\(name) is \(transition.assessment.state.rawValue): \(transition.assessment.sentence)"
      if transition.assessment.state != .lagging { lines[id]?.announced.remove(transition.group) }
      note(
        AuditEntry(
          time: now, actor: .daemon, event: event, line: id, group: name, run: nil, sentence: sentence))
    }
    considerRetraining(id)
  }

  /// States a person wants to find in the trail: alarms and their end, not the first look.
  private func auditEvent(_ transition: Transition) -> AuditEvent? {
    switch (transition.from, transition.assessment.state) {
    case (_, .lagging): .groupLagging
    case (_, .watch): .groupWatch
    case (.watch, .ok), (.lagging, .ok), (.watch, .unknown), (.lagging, .unknown): .groupRecovered
    case (_, .ok), (_, .unknown): nil
    }
  }

  /// Writes one audit entry of its own and the journal line that goes with it. A registry that cannot be written is
  /// said in the journal: monitoring goes on.
  func note(_ entry: AuditEntry) {
    do {
      let stored = try registry.transaction { () throws(StorageFailure) in try registry.audit(entry) }
      log(stored)
    } catch {
      logger.error("the audit trail takes no entry (\(error.sentence)): \(entry.sentence)")
    }
  }

  func log(_ entry: AuditEntry) {
    var metadata: Logger.Metadata = ["event": "\(entry.event.rawValue)", "audit_seq": "\(entry.sequence)"]
    if let line = entry.line { metadata["line"] = "\(line)" }
    if let group = entry.group { metadata["group"] = "\(group)" }
    if let run = entry.run { metadata["run"] = "\(run)" }
    logger.notice("\(entry.sentence)", metadata: metadata)
  }
}
