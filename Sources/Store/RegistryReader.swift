import Domain
import Engine

/// Reads runs and the audit trail beside the daemon that writes them: their reports are large, and the plant's thread
/// should not take them apart.
public final class RegistryReader {
  private let registry: SQLiteRegistry

  /// - Throws: `OpenFailure`, for a file that is not there too.
  public init(
    path: String, magic: @escaping (String) -> UInt32? = FileSystem.magic(of:)
  ) throws(OpenFailure) {
    registry = SQLiteRegistry(reading: try Opening(schema: registrySchema, magic: magic).openReadOnly(path: path))
  }

  /// As `Registry.runs`: newest first.
  public func runs(line: LineID, limit: Int) throws(StorageFailure) -> [RunRecord] {
    try registry.runs(line: line, limit: limit)
  }

  /// As `Registry.auditEntries`: the newest `limit` of a line, oldest first.
  public func auditEntries(line: LineID, limit: Int) throws(StorageFailure) -> [AuditEntry] {
    try registry.auditEntries(line: line, run: nil, group: nil, limit: limit)
  }
}
