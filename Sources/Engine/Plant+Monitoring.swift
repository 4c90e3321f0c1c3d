import Domain
import Logging
import Policy

extension Plant {
  /// Rows counted per query: bounds the memory of a sweep after a long stop.
  private static let sweepLimit = 4096

  /// Counts and judges a line whose hour has turned, after the answers that waited: a ledger that cannot be read stops
  /// the counting of this line until the next hour, never the recording.
  func look(at id: LineID) {
    guard let before = lines[id], isDue(before) else { return }
    do {
      let judged = try ledger.transaction { () throws(StorageFailure) in try sweep(id) }
      if let judged {
        follow(judged, line: id)
        judgeTrials(id)
      }
      considerExamination(id)
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
    let before = (line.monitor, line.early, line.trials.map(\.watch))
    try watchEarly(&line, now: now)
    let state = line
    var early = line.early
    let source = LineMonitor.Source(
      channelNames: { [ledger] () throws(StorageFailure) in try ledger.channelNames(line: id) },
      delays: { [ledger] () throws(StorageFailure) in try ledger.delays(line: id) },
      matured: { [ledger] (after, watermark, withInputs) throws(StorageFailure) in
        try ledger.matured(
          line: id, after: after, watermark: watermark, future: now.advanced(hours: 1), limit: Self.sweepLimit,
          inputs: withInputs ? .all : .none)
      },
      seen: { rows, watermark in
        early?.absorb(matured: state.telling(rows), until: watermark.day - 1) { state.version(serving: $0) }
      })
    let isAll = try line.monitor.look(at: now, rules: line.countingRules, source: source) {
      state.version(serving: $0)
    }
    let isCompared = try compareTrials(&line, now: now)
    // The rest is counted with the next piece of work, not in an hour.
    if !isAll || !isCompared {
      line.sweptHour = .min
      line.clock.looked(atHour: .min)
    }
    line.early = early
    lines[id] = line
    let judged = line
    let transitions = line.monitor.judge(levels: alarmLevels, at: now) { judged.signs(of: $0) }
    if line.monitor.hasNews(since: before.0) || line.early != before.1
      || line.trials.map(\.watch) != before.2
    {
      try ledger.saveEvidence(LineMemory.bytes(line), line: id)
    }
    lines[id] = line
    return transitions
  }

  /// Levels that count the armed detectors of all lines of the machine.
  var alarmLevels: AlarmLevels {
    lines.values.reduce(into: ArmedCounts()) { $0.add($1.monitor.armed) }
      .levels(falseAlarmsPerYear: monitoring.falseAlarmsPerYear)
  }

  /// Tells the audit and the journal what changed, then lets policy decide what to do about it.
  func follow(_ transitions: [Transition], line id: LineID) {
    guard let line = lines[id] else { return }
    let now = wallClock()
    let levels = alarmLevels
    let lagging = line.monitor.lagging(levels)
    for transition in transitions {
      guard let event = auditEvent(transition) else { continue }
      let name = line.definition.text(transition.slice)
      var sentence = "\(name) is \(transition.assessment.state.rawValue): \(transition.assessment.sentence)"
      if let set = lagging.first(where: { $0.slice == transition.slice }), let inner = explaining(set, among: lagging) {
        sentence += "; explained by \(line.definition.text(inner))"
      }
      if transition.assessment.state != .lagging, let group = line.definition.group(of: transition.slice) {
        lines[id]?.announced.remove(group)
      }
      note(
        AuditEntry(
          time: now, actor: principal, event: event, line: id, group: name, run: nil, sentence: sentence))
    }
    forgetAcknowledgements(transitions, line: id)
    considerRetraining(id)
  }

  /// States a person wants to find in the trail: alarms and their end, not the first look.
  private func auditEvent(_ transition: Transition) -> AuditEvent? {
    switch (transition.from, transition.assessment.state) {
    case (_, .lagging): .groupLagging
    case (_, .watch): .groupWatch
    case (.watch, .ok), (.lagging, .ok): .groupRecovered
    case (.ok, .unknown), (.watch, .unknown), (.lagging, .unknown): .groupUnknown
    case (.unknown, _), (.ok, .ok): nil
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
