import Domain
import Engine

/// One entry of the audit trail as its row holds it, with every field that its hash is made of.
///
/// The hash is SHA-256 over these, one after the other: the text "kaizend audit 1", the previous hash (an empty text for
/// the first), sequence, time, uid, login, event, line, group, run, sentence. A field that is absent is the byte 0; any
/// other is the byte 1, its length in 8 bytes (little-endian) and its bytes; a number is 8 bytes, little-endian.
public struct ExportedAuditEntry: Sendable, Equatable {
  public let sequence: Int64
  /// Microseconds since 1970 in UTC.
  public let time: Int64
  public let uid: Int64
  public let login: String
  public let event: String
  public let line: String?
  public let group: String?
  public let run: Int64?
  public let sentence: String
  public let hash: String
}

/// Reads the audit trail beside the daemon that writes it.
public final class AuditReader {
  private let database: Database

  /// - Throws: `OpenFailure`, for a file that is not there too.
  public init(
    path: String, magic: @escaping (String) -> UInt32? = FileSystem.magic(of:)
  ) throws(OpenFailure) {
    database = try Opening(schema: registrySchema, magic: magic).openReadOnly(path: path)
  }

  /// Entries after a number, the oldest first, as they stand there: none is checked.
  public func entries(after sequence: Int, limit: Int) throws(StorageFailure) -> [ExportedAuditEntry] {
    let select = try database.prepare(
      "SELECT \(AuditRow.columns) FROM audit WHERE sequence > ?1 ORDER BY sequence LIMIT ?2")
    select.bind(1, sequence)
    select.bind(2, limit)
    return try select.all { (row) in
      let entry = AuditRow(row)
      return ExportedAuditEntry(
        sequence: entry.sequence, time: entry.time, uid: entry.uid, login: entry.login, event: entry.event,
        line: entry.line, group: entry.group, run: entry.run, sentence: entry.sentence, hash: row.text(9))
    }
  }

  /// As `Registry.verifyAudit`.
  public func verify() throws(StorageFailure) -> AuditVerdict { try AuditVerifier(database).verify() }
}
