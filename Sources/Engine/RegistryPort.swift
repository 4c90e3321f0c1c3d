import Domain

/// `state.db`: small, written rarely, each change durable (fsync) before it takes effect. Same thread as the ledger.
public protocol Registry: AnyObject {
  /// Runs `body` in one durable transaction: all of its changes and audit entries, or none.
  func transaction<Result>(_ body: () throws(StorageFailure) -> Result) throws(StorageFailure) -> Result

  func lines() throws(StorageFailure) -> [RegisteredLine]
  /// - Precondition: no line of that name is registered.
  func add(_ line: RegisteredLine) throws(StorageFailure)
  func setChampion(_ version: ModelVersion, line: LineID) throws(StorageFailure)
  /// nil takes the route away: the champion serves the cell again.
  func setRoute(_ version: ModelVersion?, cell: Cell, line: LineID) throws(StorageFailure)

  /// What served the line before this student took the place of all; nil forgets it.
  func setTakeover(_ before: Takeover?, of version: ModelVersion, line: LineID) throws(StorageFailure)
  func takeover(of version: ModelVersion, line: LineID) throws(StorageFailure) -> Takeover?

  func models(line: LineID) throws(StorageFailure) -> [ModelRecord]
  /// Stores a student; the record's `sha256` is computed here, whatever it says.
  /// - Parameter advice: what its advice rests on; nil where nobody measured it.
  func add(_ model: ModelRecord, bytes: [UInt8], advice: AdviceBounds?) throws(StorageFailure)
  func bytes(line: LineID, version: ModelVersion) throws(StorageFailure) -> [UInt8]?
  /// nil also for a student that there is not.
  func adviceBounds(line: LineID, version: ModelVersion) throws(StorageFailure) -> AdviceBounds?

  /// Stores a run under the next number and returns it with that number.
  func add(_ run: RunRecord) throws(StorageFailure) -> RunRecord
  func update(_ run: RunRecord) throws(StorageFailure)
  func run(_ number: Int) throws(StorageFailure) -> RunRecord?
  /// Challengers that are not yet, or newly, in service; by run.
  func trials(line: LineID) throws(StorageFailure) -> [TrialRecord]
  /// Stores a trial under its run, in the place of what was there.
  func put(_ trial: TrialRecord) throws(StorageFailure)
  func removeTrial(run: Int) throws(StorageFailure)

  /// Newest first.
  func runs(line: LineID?, limit: Int) throws(StorageFailure) -> [RunRecord]
  /// Retrainings of a line without their reports, newest first: what is looked at every hour.
  func retrainings(line: LineID, limit: Int) throws(StorageFailure) -> [RetrainingRecord]

  /// The oldest first.
  func adoptedSlices(line: LineID) throws(StorageFailure) -> [AdoptedSlice]
  /// Stores a slice under its line and text, in the place of what was there.
  func put(_ slice: AdoptedSlice) throws(StorageFailure)
  /// By slice and kind.
  func marks(line: LineID) throws(StorageFailure) -> [GroupMark]
  /// In the place of the mark of this kind that was there.
  func setMark(_ mark: GroupMark) throws(StorageFailure)
  /// - Returns: whether there was one.
  @discardableResult
  func removeMark(line: LineID, slice: String, kind: GroupMark.Kind) throws(StorageFailure) -> Bool
  /// By attribute and value.
  func aliases(line: LineID) throws(StorageFailure) -> [AttributeAlias]
  /// In the place of what the value stood for.
  func setAlias(_ alias: AttributeAlias) throws(StorageFailure)
  /// - Returns: whether there was one.
  @discardableResult
  func removeAlias(line: LineID, attribute: String, value: String) throws(StorageFailure) -> Bool

  /// Appends to the hash chain and returns the entry with its number and hash.
  @discardableResult
  func audit(_ entry: AuditEntry) throws(StorageFailure) -> AuditEntry
  /// Newest `limit` entries that match, oldest first.
  func auditEntries(line: LineID?, run: Int?, group: String?, limit: Int) throws(StorageFailure) -> [AuditEntry]
  /// How many entries of these kinds there are of each line; kinds without an entry are left out.
  func auditCounts(of events: [AuditEvent]) throws(StorageFailure) -> [LineID: [AuditEvent: Int]]
  /// Recomputes every hash from the first entry on.
  func verifyAudit() throws(StorageFailure) -> AuditVerdict
}
