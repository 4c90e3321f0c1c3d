import Domain
import Engine

extension SQLiteRegistry {
  @discardableResult
  public func audit(_ entry: AuditEntry) throws(StorageFailure) -> AuditEntry {
    try database.write { () throws(StorageFailure) in
      let head = try AuditVerifier(database).head()
      var stored = entry
      stored.sequence = head.sequence + 1
      stored.hash = AuditChain.hash(entry, sequence: stored.sequence, previous: head.hash)
      let insert = try database.prepare(
        "INSERT INTO audit (\(AuditRow.columns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")
      AuditRow(entry, sequence: stored.sequence).bind(to: insert)
      insert.bind(10, stored.hash)
      try insert.run()
      let update = try database.prepare("UPDATE audit_head SET sequence = ?1, hash = ?2 WHERE id = 1")
      update.bind(1, stored.sequence)
      update.bind(2, stored.hash)
      try update.run()
      return stored
    }
  }

  public func auditEntries(
    line: LineID?, run: Int?, group: String?, limit: Int
  ) throws(StorageFailure) -> [AuditEntry] {
    var conditions: [String] = []
    if line != nil { conditions.append("line = ?2") }
    if run != nil { conditions.append("run = ?3") }
    if group != nil { conditions.append("group_text = ?4") }
    let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
    let select = try database.prepare(
      "SELECT \(AuditRow.columns) FROM audit \(filter) ORDER BY sequence DESC LIMIT ?1")
    select.bind(1, max(0, limit))
    if let line { select.bind(2, line.text) }
    if let run { select.bind(3, run) }
    if let group { select.bind(4, group) }
    return try select.all { (row) throws(StorageFailure) in try Self.entry(row) }.reversed()
  }

  public func auditCounts(of events: [AuditEvent]) throws(StorageFailure) -> [LineID: [AuditEvent: Int]] {
    let places = events.indices.map { "?\($0 + 1)" }.joined(separator: ", ")
    let select = try database.prepare(
      "SELECT line, event, count(*) FROM audit WHERE line IS NOT NULL AND event IN (\(places)) GROUP BY line, event")
    for (index, event) in events.enumerated() { select.bind(Int32(index + 1), event.rawValue) }
    var counts: [LineID: [AuditEvent: Int]] = [:]
    let rows = try select.all { (row) throws(StorageFailure) in (try row.line(0), row.text(1), try row.int(2)) }
    for (line, name, count) in rows {
      if let event = AuditEvent(rawValue: name) { counts[line, default: [:]][event] = count }
    }
    return counts
  }

  /// Recomputes every hash from the first entry on; an entry that is missing counts as broken.
  public func verifyAudit() throws(StorageFailure) -> AuditVerdict { try AuditVerifier(database).verify() }

  private static func entry(_ row: Statement) throws(StorageFailure) -> AuditEntry {
    guard let event = AuditEvent(rawValue: row.text(4)) else {
      throw row.damaged("an audit entry tells of \"\(row.text(4))\"")
    }
    var entry = AuditEntry(
      time: Timestamp(microseconds: row.int64(1)), actor: try row.actor(2), event: event,
      line: row.isNull(5) ? nil : try row.line(5), group: row.optionalText(6), run: try row.optionalInt(7),
      sentence: row.text(8))
    entry.sequence = try row.int(0)
    entry.hash = row.text(9)
    return entry
  }
}
