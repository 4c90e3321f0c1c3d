import Domain
import Engine

/// A read-only look at the ledger for the training process, safe beside the daemon that writes.
///
/// Each call sees the ledger as it was at one commit; nothing is locked for longer than the call.
public final class LedgerReader {
  let database: Database
  private let labelled: LabelledQueries

  /// - Throws: `OpenFailure`, for a file that is not there too; never creates, migrates or moves anything.
  public init(
    path: String, magic: @escaping (String) -> UInt32? = FileSystem.magic(of:)
  ) throws(OpenFailure) {
    database = try Opening(schema: ledgerSchema, magic: magic).openReadOnly(path: path)
    do throws(StorageFailure) {
      labelled = try LabelledQueries(database)
    } catch {
      throw database.openFailure
    }
  }

  /// As `Ledger.labelledCounts`.
  public func labelledCounts(
    line: LineID, cell: Cell, since: Timestamp, until: Timestamp
  ) throws(StorageFailure) -> [Int: Int] {
    try database.snapshot { () throws(StorageFailure) in
      try labelled.counts(line: line, cell: cell, since: since, until: until)
    }
  }

  /// As `Ledger.labelledRows`: oldest first; the newest `limit` where there are more.
  public func labelledRows(
    line: LineID, cells: [Cell], since: Timestamp, until: Timestamp, limit: Int
  ) throws(StorageFailure) -> [LabelledRow] {
    try database.snapshot { () throws(StorageFailure) in
      try labelled.rows(line: line, cells: cells, since: since, until: until, limit: limit)
    }
  }

  /// Checks every page of the ledger and says what is wrong with it; empty for a sound one.
  ///
  /// Reads the whole file (some 0.4 GB/s): for a thread that nobody waits for.
  public func findings() throws(StorageFailure) -> [String] {
    try database.pageFindings()
  }
}
