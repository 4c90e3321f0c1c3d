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

  /// Counts and judges a line whose hour has turned, after the answers that waited: a ledger that cannot be read stops
  /// the counting of this line until the next hour, never the recording.
  func look(at id: LineID) {
    guard let before = lines[id], isDue(before) else { return }
    do {
      let judged = try ledger.transaction { () throws(StorageFailure) in try sweep(id) }
      if let judged { follow(judged, line: id) }
    } catch {
      let hour = lines[id]?.sweptHour
      lines[id] = before
      if let hour { lines[id]?.sweptHour = hour }
      lines[id]?.activity = "outcomes are not counted: \(error.sentence)"
      logger.error("line \(id): outcomes are not counted: \(error.sentence)")
    }
  }

  func isDue(_ id: LineID) -> Bool { lines[id].map(isDue) ?? false }

  private func isDue(_ line: LineState) -> Bool { hour(line) != line.sweptHour }

  private func hour(_ line: LineState) -> Int64 {
    line.now(wallClock()).microseconds / Timestamp.microsecondsPerHour
  }

  /// Counts what has matured, once per hour of the line's time, and judges the groups. Inside a ledger transaction.
  /// - Returns: nil when this hour has been swept.
  private func sweep(_ id: LineID) throws(StorageFailure) -> [Transition]? {
    guard var line = lines[id], isDue(line) else { return nil }
    let now = line.now(wallClock())
    line.sweptHour = hour(line)
    // Kept also when the rest fails, so that a damaged row is met once an hour and not with every request.
    lines[id]?.sweptHour = line.sweptHour
    line.clock.looked(atHour: line.sweptHour)
    line.monitor.look(at: now)
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
    let transitions = line.monitor.judge(falseAlarmDays: line.settings.falseAlarmDays)
    if counted > 0 || !transitions.isEmpty { try ledger.saveEvidence(try line.monitor.stored, line: id) }
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
          time: now, actor: principal, event: event, line: id, group: name, run: nil, sentence: sentence))
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
  /// said in the journal and tried again: monitoring goes on.
  func note(_ entry: AuditEntry) {
    do {
      let stored = try registry.transaction { () throws(StorageFailure) in try registry.audit(entry) }
      log(stored)
    } catch {
      logger.error("the audit trail takes no entry yet (\(error.sentence)): \(entry.sentence)")
      if unstored.entries.count < Unstored.limit { unstored.entries.append(entry) }
    }
  }

  /// Tries what the registry would not take before.
  func storeAgain() {
    guard !unstored.entries.isEmpty || !unstored.runs.isEmpty else { return }
    let waiting = unstored
    do {
      try registry.transaction { () throws(StorageFailure) in
        for run in waiting.runs { try registry.update(run) }
        for entry in waiting.entries { try registry.audit(entry) }
      }
      unstored = Unstored()
    } catch {
      logger.warning("the registry still takes nothing: \(error.sentence)")
    }
  }

  /// - Parameter model: the student it is about, for the journal.
  func log(_ entry: AuditEntry, model: ModelVersion? = nil) {
    logger.notice("\(entry.sentence)", metadata: Self.metadata(of: entry, model: model))
  }

  static func metadata(of entry: AuditEntry, model: ModelVersion?) -> Logger.Metadata {
    // The hash too: a trail that somebody writes anew as a whole does not fit what the journal says.
    var metadata: Logger.Metadata = [
      "event": "\(entry.event.rawValue)", "audit_seq": "\(entry.sequence)", "audit_hash": "\(entry.hash)",
    ]
    if let line = entry.line { metadata["line"] = "\(line)" }
    if let group = entry.group { metadata["group"] = "\(group)" }
    if let run = entry.run { metadata["run"] = "\(run)" }
    if let model { metadata["model"] = "\(model)" }
    return metadata
  }
}
