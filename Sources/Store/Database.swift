import CSQLite
import Engine

/// One SQLite connection and its transaction; used from one thread at a time.
///
/// A thin wrapper over the C interface, because the hot path needs exactly prepare, bind, step and reset, and because
/// every error must become a sentence for the plant.
final class Database {
  let handle: OpaquePointer
  /// The file's path, or ":memory:"; named in every sentence.
  let path: String
  /// Lives as long as the connection, as the VFS must that a test may have made.
  private let disk: Disk
  private var state = TransactionState.none
  private var lastFailure: (code: Int32, detail: String) = (SQLITE_OK, "")

  // Kept prepared, for they run with every commit; bare handles, for a `Statement` keeps its database alive.
  private var beginStatement: OpaquePointer?
  private var commitStatement: OpaquePointer?

  private enum TransactionState {
    case none
    case open
    /// A write failed half way: whatever the caller does with the error, nothing of the transaction may be kept.
    case spoiled(StorageFailure)
  }

  /// Long enough for a reader's checkpoint to get out of the way; longer, and somebody's VACUUM by hand would hold
  /// answers past their deadline instead of letting them go out unrecorded.
  static let busyTimeoutMs: Int32 = 250

  enum Access {
    case readWrite
    case readOnly
    /// A file that nobody writes: neither locked nor given companions.
    case immutable
  }

  /// - Throws: `OpenFailure` when the file cannot be opened; damage shows only at the first read.
  init(path: String, access: Access, disk: Disk = .system) throws(OpenFailure) {
    var opened: OpaquePointer?
    let mode: Int32
    var name = path
    switch access {
    case .readWrite: mode = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
    case .readOnly: mode = SQLITE_OPEN_READONLY
    case .immutable:
      mode = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
      name = Self.immutableName(of: path)
    }
    // NOMUTEX: one connection is one thread's, so SQLite's own lock would only cost time.
    let code = sqlite3_open_v2(name, &opened, mode | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, disk.vfs)
    guard let opened else { throw OpenFailure(code: code, detail: "out of memory", path: path) }
    guard code == SQLITE_OK else {
      let detail = String(cString: sqlite3_errmsg(opened))
      sqlite3_close_v2(opened)
      throw OpenFailure(code: code, detail: detail, path: path)
    }
    sqlite3_busy_timeout(opened, Self.busyTimeoutMs)
    handle = opened
    self.disk = disk
    self.path = path
  }

  deinit {
    sqlite3_finalize(beginStatement)
    sqlite3_finalize(commitStatement)
    // v2: statements still alive keep the connection until they are finalized.
    sqlite3_close_v2(handle)
  }

  /// Runs statements that give no rows, separated by semicolons.
  func execute(_ sql: String) throws(StorageFailure) {
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw failure(code) }
  }

  func prepare(_ sql: String) throws(StorageFailure) -> Statement {
    try Statement(sql, on: self)
  }

  /// - Returns: pages of the log, and how many of them the database has; fewer where a reader holds the rest back.
  @discardableResult
  func checkpoint() throws(StorageFailure) -> (logged: Int, copied: Int) {
    var logged: Int32 = 0
    var copied: Int32 = 0
    let code = sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_PASSIVE, &logged, &copied)
    guard code == SQLITE_OK else {
      let failure = failure(code)
      // SQLite itself copies again what this checkpoint wrote, and not what earlier ones left for its sync.
      if code & 0xFF == SQLITE_IOERR { try? disownCopies() }
      throw failure
    }
    return (Int(max(0, logged)), Int(max(0, copied)))
  }

  /// A URI with `immutable=1` (sqlite.org/uri.html); bytes that a URI gives a meaning are written as %XX.
  private static func immutableName(of path: String) -> String {
    var name: [UInt8] = Array("file:".utf8)
    for byte in path.utf8 {
      switch byte {
      case UInt8(ascii: "%"), UInt8(ascii: "?"), UInt8(ascii: "#"):
        name += [UInt8(ascii: "%")] + hexText([byte]).uppercased().utf8
      default: name.append(byte)
      }
    }
    return String(decoding: name, as: UTF8.self) + "?immutable=1"
  }

  /// Calls `told` after each few million steps of what `body` runs: some ten times a second.
  func reporting(to told: @escaping () -> Void, _ body: () throws(StorageFailure) -> Void) throws(StorageFailure) {
    try interrupting(
      when: {
        told()
        return false
      }, body)
  }

  /// Ends what `body` runs once `isOver` says so; it is asked some ten times a second.
  /// - Throws: whatever SQLite says of a statement that was interrupted.
  func interrupting<Result>(
    when isOver: @escaping () -> Bool, _ body: () throws(StorageFailure) -> Result
  ) throws(StorageFailure) -> Result {
    let listener = Listener(isOver: isOver)
    sqlite3_progress_handler(
      handle, Self.reportedSteps,
      { context in
        guard let context else { return 0 }
        return Unmanaged<Listener>.fromOpaque(context).takeUnretainedValue().isOver() ? 1 : 0
      }, Unmanaged.passUnretained(listener).toOpaque())
    defer {
      sqlite3_progress_handler(handle, 0, nil, nil)
      withExtendedLifetime(listener) {}
    }
    return try body()
  }

  private static let reportedSteps: Int32 = 2_000_000

  private final class Listener {
    let isOver: () -> Bool
    init(isOver: @escaping () -> Bool) { self.isOver = isOver }
  }

  /// True while SQLite itself has complained of nothing.
  var isSound: Bool { lastFailure.code == SQLITE_OK }

  /// Rows changed by the last INSERT, UPDATE or DELETE.
  var changeCount: Int { Int(sqlite3_changes64(handle)) }
  var lastInsertedRow: Int64 { sqlite3_last_insert_rowid(handle) }

  /// What SQLite says of its last call, as a sentence.
  func failure(_ code: Int32) -> StorageFailure {
    lastFailure = (code, String(cString: sqlite3_errmsg(handle)))
    return storageFailure(code: code, detail: lastFailure.detail, path: path)
  }

  /// A row whose values break the schema's promises: damage, not a programmer's error.
  func damaged(_ what: String) -> StorageFailure {
    lastFailure = (SQLITE_CORRUPT, what)
    return StorageFailure(
      "\(path) holds a damaged row (\(what)); stop kaizend, keep a copy of the file and run "
        + "\"sqlite3 \(path) 'PRAGMA integrity_check'\" on it, or put back the last backup",
      mayPass: false)
  }

  /// The last failure as the reason why the database cannot be opened.
  var openFailure: OpenFailure { OpenFailure(code: lastFailure.code, detail: lastFailure.detail, path: path) }

  // MARK: - Transactions

  var isInTransaction: Bool {
    if case .none = state { false } else { true }
  }

  /// Committed when this returns, undone when it throws; the connection can be used again either way. Inside another
  /// transaction it is a savepoint: a throw undoes `body` alone.
  func transaction<Result>(
    _ body: () throws(StorageFailure) -> Result
  ) throws(StorageFailure) -> Result {
    guard case .none = state else { return try savepoint(body) }
    try run(&beginStatement, "BEGIN IMMEDIATE")
    state = .open
    defer { state = .none }
    do throws(StorageFailure) {
      let result = try body()
      if case .spoiled(let cause) = state { throw cause }
      try requireOpenTransaction()
      try run(&commitStatement, "COMMIT")
      return result
    } catch {
      // SQLite has undone it already after some errors (full disk, I/O); a second ROLLBACK would only complain.
      if sqlite3_get_autocommit(handle) == 0 { sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
      throw error
    }
  }

  private func savepoint<Result>(_ body: () throws(StorageFailure) -> Result) throws(StorageFailure) -> Result {
    if case .spoiled(let cause) = state { throw cause }
    try requireOpenTransaction()
    try execute("SAVEPOINT nested")
    do throws(StorageFailure) {
      let result = try body()
      if case .spoiled(let cause) = state { throw cause }
      try requireOpenTransaction()
      try execute("RELEASE nested")
      return result
    } catch {
      // Names nest in SQLite: the innermost is meant. Where that fails, nothing of the transaction may be kept.
      let isUndone = sqlite3_exec(handle, "ROLLBACK TO nested; RELEASE nested", nil, nil, nil) == SQLITE_OK
      state = isUndone ? .open : .spoiled(error)
      throw error
    }
  }

  /// Reads of one moment, inside a transaction or not: what others commit meanwhile is not seen.
  func snapshot<Result>(_ body: () throws(StorageFailure) -> Result) throws(StorageFailure) -> Result {
    guard sqlite3_get_autocommit(handle) != 0 else { return try body() }
    try execute("BEGIN")
    defer { sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
    return try body()
  }

  /// Runs a write of several statements; when one fails the whole transaction is lost, even if the caller goes on.
  func write<Result>(_ body: () throws(StorageFailure) -> Result) throws(StorageFailure) -> Result {
    switch state {
    case .none: preconditionFailure("a write to \(path) belongs inside a transaction")
    case .spoiled(let cause): throw cause
    case .open: break
    }
    do throws(StorageFailure) {
      try requireOpenTransaction()
      return try body()
    } catch {
      state = .spoiled(error)
      throw error
    }
  }

  private func run(_ statement: inout OpaquePointer?, _ sql: String) throws(StorageFailure) {
    if statement == nil {
      let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
      guard code == SQLITE_OK else { throw failure(code) }
    }
    let code = sqlite3_step(statement)
    defer { sqlite3_reset(statement) }
    guard code == SQLITE_DONE else { throw failure(code) }
  }

  private func requireOpenTransaction() throws(StorageFailure) {
    guard sqlite3_get_autocommit(handle) == 0 else {
      throw StorageFailure(
        "\(path): the changes were undone by an earlier error in the same transaction; send them again", mayPass: true)
    }
  }
}
