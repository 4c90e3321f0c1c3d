import Domain
import Engine
import Glibc

/// The ledger in SQLite: one writer, group commit, each statement prepared once.
///
/// One per file: totals are kept in memory between transactions, so a second writer would make them wrong.
public final class SQLiteLedger: Ledger {
  let database: Database
  let names: LedgerNames
  let channels: LedgerChannels
  let statements: LedgerStatements
  private let labelled: LabelledQueries
  let retention: LedgerRetention
  public var keepsInputs = true
  private let location: StoreLocation
  private let durability: Durability
  private let disk: Disk
  /// There from the first time that it is asked for.
  private var copier: LogCopier?

  /// Opens the ledger, making it where there is none and bringing an older one up to date.
  ///
  /// - Parameters:
  ///   - bootID: this start of the machine, which monotonic times belong to.
  ///   - magic: the statfs magic number of a folder's file system; nil when unknown.
  ///   - durability: with `power` each commit waits for the disk.
  ///   - migrating: called now and then while an older file is brought up to date.
  /// - Throws: `OpenFailure`; a damaged file is left as it is. `open(stateDirectory:)` puts it aside instead.
  public init(
    _ location: StoreLocation, bootID: String = SQLiteLedger.currentBootID(), durability: Durability = .commit,
    disk: Disk = .system, magic: @escaping (String) -> UInt32? = FileSystem.magic(of:),
    migrating: @escaping () -> Void = {}
  ) throws(OpenFailure) {
    let opening = Opening(
      schema: ledgerSchema, magic: magic, migrating: migrating, durability: durability, disk: disk)
    database = try opening.open(location)
    self.location = location
    self.durability = durability
    self.disk = disk
    do throws(StorageFailure) {
      names = try LedgerNames(database, bootID: bootID)
      channels = try LedgerChannels(database)
      statements = try LedgerStatements(database)
      labelled = try LabelledQueries(database)
      retention = try LedgerRetention(database, names, channels)
    } catch {
      throw database.openFailure
    }
  }

  /// A ledger that is open, and what had to be put aside for it.
  public struct Opened {
    public let ledger: SQLiteLedger
    public let quarantined: Quarantined?
  }

  /// A damaged ledger that was moved away so that serving goes on with a new one; worth an alarm.
  public struct Quarantined: Sendable, Equatable {
    public let path: String
    public let reason: String
  }

  /// Opens `ledger.db` in a state directory; a damaged one is moved to `quarantine/` and replaced by a new one.
  ///
  /// - Parameter time: stands in the quarantined file's name.
  public static func open(
    stateDirectory: String, at time: Timestamp, bootID: String = SQLiteLedger.currentBootID(),
    durability: Durability = .commit, disk: Disk = .system,
    magic: @escaping (String) -> UInt32? = FileSystem.magic(of:), migrating: @escaping () -> Void = {}
  ) throws(OpenFailure) -> Opened {
    try StoreFile.makeDirectory(stateDirectory)
    let path = stateDirectory + "/" + StoreFile.ledger
    func make() throws(OpenFailure) -> SQLiteLedger {
      try SQLiteLedger(
        .file(path), bootID: bootID, durability: durability, disk: disk, magic: magic, migrating: migrating)
    }
    do throws(OpenFailure) {
      return Opened(ledger: try make(), quarantined: nil)
    } catch {
      guard error.isDamage else { throw error }
      let moved = try StoreFile.moveToQuarantine(path, at: time)
      return Opened(ledger: try make(), quarantined: Quarantined(path: moved, reason: error.sentence))
    }
  }

  /// The kernel's name for this start of the machine; "unknown" where there is no /proc.
  public static func currentBootID() -> String {
    guard let file = fopen("/proc/sys/kernel/random/boot_id", "re") else { return "unknown" }
    defer { fclose(file) }
    // A UUID is 36 characters.
    var bytes = [UInt8](repeating: 0, count: 36)
    let count = fread(&bytes, 1, bytes.count, file)
    return count == bytes.count ? String(decoding: bytes, as: UTF8.self) : "unknown"
  }

  public func transaction<Result>(
    _ body: () throws(StorageFailure) -> Result
  ) throws(StorageFailure) -> Result {
    // Totals of the outer transaction must be in the file before the inner one may be undone and they are forgotten.
    if database.isInTransaction { try database.write { () throws(StorageFailure) in try flush() } }
    do throws(StorageFailure) {
      return try database.transaction { () throws(StorageFailure) in
        let result = try body()
        try flush()
        return result
      }
    } catch {
      names.forget()
      channels.forget()
      retention.forget()
      throw error
    }
  }

  public func durableTransaction<Result>(
    _ body: () throws(StorageFailure) -> Result
  ) throws(StorageFailure) -> Result {
    guard durability != .power else { return try transaction(body) }
    try setWaitsForDisk(true)
    defer { try? setWaitsForDisk(false) }
    return try transaction(body)
  }

  private func flush() throws(StorageFailure) {
    try names.flush()
    try channels.flush()
  }

  /// Copies the write-ahead log into the database as far as no reader holds it back, and returns then.
  public func checkpoint() throws(StorageFailure) { _ = try database.checkpoint() }

  public func checkpointAside(whenLong: @escaping @Sendable () -> Void) throws(StorageFailure) {
    if copier == nil, case .file(let path) = location { copier = try? LogCopier(path: path, disk: disk) }
    guard let copier else { return try checkpoint() }
    copier.copySoon(whenLong: whenLong)
  }

  public var byteCount: Int {
    switch location {
    case .file(let path): return StoreFile.byteCount(path)
    case .memory:
      let pages = (try? database.number("PRAGMA page_count")) ?? 0
      let size = (try? database.number("PRAGMA page_size")) ?? 0
      return Int(pages * size)
    }
  }

  public func room() throws(StorageFailure) -> LedgerRoom {
    let (pages, free) = (try database.number("PRAGMA page_count"), try database.number("PRAGMA freelist_count"))
    let size = try database.number("PRAGMA page_size")
    let disk: Int?
    if case .file(let path) = location { disk = FileSystem.freeByteCount(at: path) } else { disk = nil }
    return LedgerRoom(used: Int((pages - free) * size), reusable: Int(free * size), diskFree: disk)
  }

  // MARK: - Totals and evidence

  public func greatestPart(line: LineID) throws(StorageFailure) -> String? {
    guard let entry = try names.known(line) else { return nil }
    return try database.prepare("SELECT max(part) FROM prediction WHERE line = \(entry.id)")
      .first { (row) in row.isNull(0) ? nil : row.text(0) } ?? nil
  }

  public func nextPart(after part: String, line: LineID) throws(StorageFailure) -> String? {
    guard let entry = try names.known(line) else { return nil }
    statements.nextPart.bind(1, entry.id)
    statements.nextPart.bind(2, part)
    return try statements.nextPart.first { (row) in row.text(0) }
  }

  public func latestTime(line: LineID) throws(StorageFailure) -> Timestamp? {
    try names.known(line)?.latestTime
  }

  public func totals(line: LineID?) throws(StorageFailure) -> LedgerTotals {
    let entries: [LedgerNames.LineEntry]
    if let line { entries = [try names.known(line)].compactMap(\.self) } else { entries = try names.allEntries() }
    return LedgerTotals(
      predictions: entries.reduce(0) { $0 + $1.predictionCount }, outcomes: entries.reduce(0) { $0 + $1.outcomeCount },
      dropped: LedgerTotals.Dropped(
        predictions: entries.reduce(0) { $0 + $1.droppedPredictions },
        outcomes: entries.reduce(0) { $0 + $1.droppedOutcomes }, inputs: entries.reduce(0) { $0 + $1.droppedInputs }))
  }

  public func evidence(line: LineID) throws(StorageFailure) -> [UInt8]? {
    guard let entry = try names.known(line) else { return nil }
    statements.selectEvidence.bind(1, entry.id)
    return try statements.selectEvidence.first { (row) in row.bytes(0) }
  }

  public func saveEvidence(_ bytes: [UInt8], line: LineID) throws(StorageFailure) {
    try database.write { () throws(StorageFailure) in
      let entry = try names.entry(line)
      statements.upsertEvidence.bind(1, entry.id)
      statements.upsertEvidence.bind(2, bytes)
      try statements.upsertEvidence.run()
    }
  }

  // MARK: - Labelled rows

  public func labelledCounts(
    line: LineID, cell: Cell, since: Timestamp, until: Timestamp
  ) throws(StorageFailure) -> [Int: Int] {
    try labelled.counts(line: line, cell: cell, since: since, until: until)
  }

  public func labelledRows(
    line: LineID, cells: [Cell], since: Timestamp, until: Timestamp, limit: Int
  ) throws(StorageFailure) -> [LabelledRow] {
    try labelled.rows(line: line, cells: cells, since: since, until: until, limit: limit)
  }
}
