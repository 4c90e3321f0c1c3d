import Engine

extension SQLiteLedger {
  /// PRAGMA lines of a connection that writes a ledger, for whoever measures another way of writing one.
  public static var connectionSettings: String { ledgerSchema.settings }

  /// Whether a commit returns only when the disk has it (synchronous = FULL); it does not in a ledger that was just
  /// opened.
  public func setWaitsForDisk(_ waits: Bool) throws(StorageFailure) {
    try database.execute("PRAGMA synchronous = \(waits ? "FULL" : "NORMAL")")
  }
}
