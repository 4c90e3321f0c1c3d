import Domain

/// Keeps answered parts through a crash until the ledger has taken them in: one write for a round of answers, where a
/// transaction would rewrite a page of every tree and wait for whatever the plant's thread is doing.
public protocol Journal: AnyObject, Sendable {
  /// Keeps the rows so that they outlive this process; all of them, or none. Not before `recover` has returned once.
  func append(_ rows: [Prediction]) throws(StorageFailure)

  /// Returns once the disk holds every row appended before; may take as long as a disk does.
  ///
  /// - Throws: `StorageFailure` when it cannot be told whether it does. The rows are the ledger's alone to keep then:
  ///   asking again would prove nothing, for a kernel that failed to write a page forgets that it had to.
  func sync() throws(StorageFailure)

  /// From now on rows are kept apart from those before.
  ///
  /// - Precondition: what was kept before the last call has been forgotten.
  func turnOver()

  /// Forgets what was kept before the last `turnOver`: the ledger has it.
  func forget()

  /// Stores what a former process left, and forgets it; for the plant's thread. Does nothing the second time.
  ///
  /// - Throws: `StorageFailure` when the ledger does not take the rows now; they stay where they are.
  func recover(into ledger: any Ledger) throws(StorageFailure) -> JournalRecovery
}

/// What a former process left in its journal.
public struct JournalRecovery: Sendable, Equatable {
  public let rows: Int
  /// What could not be read, in sentences.
  public let remarks: [String]

  public init(rows: Int, remarks: [String]) {
    self.rows = rows
    self.remarks = remarks
  }
}

/// How the plant gets something done beside its own thread and those of its callers; tests put their own in its place.
public struct Errands: Sendable {
  /// Runs work on one thread that may wait for the disk.
  public let beside: @Sendable (@escaping @Sendable () -> Void) -> Void
  /// Runs work there after so many milliseconds.
  public let later: @Sendable (Int, @escaping @Sendable () -> Void) -> Void

  public init(
    beside: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void,
    later: @escaping @Sendable (Int, @escaping @Sendable () -> Void) -> Void
  ) {
    self.beside = beside
    self.later = later
  }
}
