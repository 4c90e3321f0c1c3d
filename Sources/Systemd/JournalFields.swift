import Logging

/// The fields of one event in the journal, in the order they are sent: MESSAGE first.
///
/// Metadata keys `line`, `group`, `model`, `run`, `audit_seq`, `audit_hash` and `event` become KAIZEN_ fields; an event of a known
/// kind also gets its MESSAGE_ID; any other key is appended to the message as `key=value`, so that nothing is lost.
public func journalFields(
  level: Logger.Level, label: String, message: String, metadata: Logger.Metadata
) -> [(name: String, value: String)] {
  let extra = metadata.filter { structuredKeys[$0.key] == nil }
  var fields = [
    ("MESSAGE", cut(message + suffix(extra))), ("PRIORITY", "\(priority(level))"), ("SYSLOG_IDENTIFIER", label),
  ]
  if let event = metadata["event"], let kind = EventKind(rawValue: event.description) {
    fields.append(("MESSAGE_ID", kind.messageID))
  }
  for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
    guard let name = structuredKeys[key] else { continue }
    fields.append((name, cut(value.description)))
  }
  return fields
}

/// One line for a terminal or a file: level, label, message and every metadata value but the audit's hash, which is for
/// programs alone.
public func plainLine(level: Logger.Level, label: String, message: String, metadata: Logger.Metadata) -> String {
  oneLine("\(level) \(label): \(message)\(suffix(metadata.filter { $0.key != "audit_hash" }))", fieldBytesMax)
}

/// A field longer than this is no sentence for a person, and would be kept as long as the journal.
private let fieldBytesMax = 8192

private let structuredKeys = [
  "line": "KAIZEN_LINE", "group": "KAIZEN_GROUP", "model": "KAIZEN_MODEL", "run": "KAIZEN_RUN",
  "audit_seq": "KAIZEN_AUDIT_SEQ", "audit_hash": "KAIZEN_AUDIT_HASH", "event": "KAIZEN_EVENT",
]

private func suffix(_ metadata: Logger.Metadata) -> String {
  metadata.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
}

/// The first `fieldBytesMax` bytes, in whole characters.
private func cut(_ text: String) -> String {
  if text.utf8.count <= fieldBytesMax { return text }
  var bytes = 0
  let kept = text.unicodeScalars.prefix { scalar in
    bytes += UTF8.width(scalar)
    return bytes <= fieldBytesMax
  }
  return String(kept)
}

/// Severities of syslog(3).
private func priority(_ level: Logger.Level) -> Int {
  switch level {
  case .trace, .debug: 7
  case .info: 6
  case .notice: 5
  case .warning: 4
  case .error: 3
  case .critical: 2
  }
}
