import Engine

/// The ledger's write-ahead log, looked at and emptied beside the daemon's own connection: on a thread that may wait for
/// the disk, while the one that writes goes on.
public final class LedgerLog {
  private let database: Database

  /// SQLite's own default, which no schema here changes.
  private static let pageByteCount = 4096

  /// - Throws: `OpenFailure`, for a file that is not there too.
  public init(path: String) throws(OpenFailure) {
    guard StoreFile.size(path) > 0 else { throw .io("there is no ledger at \(path)") }
    database = try Database(path: path, access: .readWrite)
  }

  /// Copies the log into the database as far as its readers let it.
  /// - Returns: bytes that they hold back.
  public func settle() throws(StorageFailure) -> Int {
    // A connection finds out that there is a log with its first read.
    _ = try database.number("SELECT count(*) FROM sqlite_schema")
    let (logged, copied) = try database.checkpoint()
    return (logged - copied) * Self.pageByteCount
  }
}
