import Domain
import Engine

/// Reads the audit trail through any connection and checks its chain.
struct AuditVerifier {
  private let database: Database

  init(_ database: Database) { self.database = database }

  /// Recomputes every hash from the first entry on; an entry that is missing counts as broken.
  func verify() throws(StorageFailure) -> AuditVerdict {
    try database.snapshot { () throws(StorageFailure) in
      let count = Int(try database.number("SELECT count(*) FROM audit"))
      let select = try database.prepare("SELECT \(AuditRow.columns) FROM audit ORDER BY sequence")
      var expected = 1
      var previous = AuditChain.origin
      var firstBroken: Int?
      try select.forEach { (row) throws(StorageFailure) in
        let entry = AuditRow(row)
        let hash = row.text(9)
        guard entry.sequence == expected, hash == AuditChain.hash(entry, previous: previous) else {
          firstBroken = expected
          return .stop
        }
        expected += 1
        previous = hash
        return .more
      }
      if let firstBroken { return .broken(rows: count, firstBroken: firstBroken) }
      let head = try self.head()
      guard head.sequence == count, head.hash == previous else {
        // Cut off at the end, or the head itself was changed: the first entry the two do not agree on.
        return .broken(rows: count, firstBroken: max(1, min(count + 1, head.sequence)))
      }
      return .intact(rows: count)
    }
  }

  /// The last link, as it is kept apart from the entries.
  func head() throws(StorageFailure) -> (sequence: Int, hash: String) {
    let select = try database.prepare("SELECT sequence, hash FROM audit_head WHERE id = 1")
    let head = try select.first { (row) throws(StorageFailure) in (try row.int(0, in: 0...Int.max - 1), row.text(1)) }
    guard let head else { throw database.damaged("audit_head is empty") }
    return head
  }
}
