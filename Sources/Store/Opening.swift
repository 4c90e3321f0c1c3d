import Domain
import Engine
import Glibc

/// What a database must be: its mark, and every version its tables ever had.
struct Schema {
  /// PRAGMA application_id: tells our files from any other SQLite database.
  let applicationID: Int64
  /// For sentences: "ledger", "state".
  let name: String
  /// `migrations[n]` takes a database of version n to n + 1; never edited once released, only appended to.
  let migrations: [String]
  /// PRAGMA lines of every connection that writes.
  let settings: String
  /// Versions whose migration writes every row again.
  var rewriting: Set<Int64> = []

  var version: Int64 { Int64(migrations.count) }
}

/// Opens, checks and migrates a database.
struct Opening {
  let schema: Schema
  /// The folder's file system; replaced in tests.
  let magic: (String) -> UInt32?
  /// Called now and then while a database is migrated, which may take minutes.
  var migrating: () -> Void = {}
  var durability = Durability.commit
  var disk = Disk.system

  /// Files up to this size are checked page by page at every start: at the 0.4 GB/s measured that is some 80 ms. A
  /// ledger of 10 million rows would hold the start up for seconds, so there only the ends of the tables are read;
  /// `LedgerReader.findings` checks the rest beside the running daemon.
  static let fullCheckByteCount = 32 << 20

  /// An SQLite file's header (sqlite.org/fileformat2.html, 1.3).
  private static let headerByteCount = 100

  func open(_ location: StoreLocation) throws(OpenFailure) -> Database {
    if case .file(let path) = location {
      try refuseNetwork(path)
      try StoreFile.makeFile(path)
      // SQLite takes a file shorter than its header for an empty one and would write over what is left of it.
      guard !(1..<Self.headerByteCount).contains(StoreFile.size(path)) else {
        throw .notADatabase("\(path) is cut off within its header; move it away or put back the last backup")
      }
    }
    let database = try Database(path: location.path, access: .readWrite, disk: disk)
    do throws(StorageFailure) {
      let version = try database.number("PRAGMA user_version")
      try require(database, version: version)
      // The log mode is part of the file, so it is set before the first table.
      try database.execute(schema.settings)
      // Each commit waits for the disk; so what is committed may be forgotten elsewhere.
      if durability == .power { try database.execute("PRAGMA synchronous = FULL") }
      try requireLog(database, location)
      if version < schema.version { try migrate(database, from: version, location) }
      try quickCheck(database, location)
      return database
    } catch {
      throw explain(database, error)
    }
  }

  /// Opens for reading beside the daemon that writes; never creates or migrates.
  func openReadOnly(path: String) throws(OpenFailure) -> Database {
    try refuseNetwork(path)
    guard access(path, R_OK) == 0 else {
      throw StoreFile.systemFailure("could not read \(path)", path: path)
    }
    let database = try Database(path: path, access: .readOnly)
    do throws(StorageFailure) {
      let version = try database.number("PRAGMA user_version")
      try require(database, version: version)
      guard version == schema.version else { throw Self.older }
      return database
    } catch {
      throw explain(database, error)
    }
  }

  // MARK: - Steps

  private func refuseNetwork(_ path: String) throws(OpenFailure) {
    let folder = directory(of: path)
    guard let number = magic(folder), let name = FileSystem.networkName(magic: number) else { return }
    throw .networkFileSystem(
      "\(folder) lies on a network file system (\(name)), whose locks SQLite cannot trust; move the state directory to "
        + "a local disk")
  }

  // Marks for what is no error of SQLite's; `explain` turns each into its case.
  private static let foreign = StorageFailure("foreign", mayPass: false)
  private static let newer = StorageFailure("newer", mayPass: false)
  private static let older = StorageFailure("older", mayPass: false)
  private static let noLog = StorageFailure("no log", mayPass: false)

  private func require(_ database: Database, version: Int64) throws(StorageFailure) {
    let mark = try database.number("PRAGMA application_id")
    let tableCount = try database.number("SELECT count(*) FROM sqlite_schema")
    let isEmpty = mark == 0 && version == 0 && tableCount == 0
    guard isEmpty || mark == schema.applicationID else { throw Self.foreign }
    guard version <= schema.version else { throw Self.newer }
    guard isEmpty || version > 0 else { throw Self.foreign }
  }

  private func requireLog(_ database: Database, _ location: StoreLocation) throws(StorageFailure) {
    guard case .file = location else { return }
    let mode = try database.prepare("PRAGMA journal_mode").first { (row) in row.text(0) }
    guard mode == "wal" else { throw Self.noLog }
  }

  private func migrate(
    _ database: Database, from version: Int64, _ location: StoreLocation
  ) throws(StorageFailure) {
    // Tables that others refer to may be made anew (sqlite.org/lang_altertable.html, 7).
    try database.execute("PRAGMA foreign_keys = OFF")
    try database.reporting(to: migrating) { () throws(StorageFailure) in
      for (index, migration) in schema.migrations.enumerated() where Int64(index) >= version {
        let next = Int64(index) + 1
        if version > 0, schema.rewriting.contains(next) { try requireRoom(location) }
        try database.transaction { () throws(StorageFailure) in
          try database.execute(migration)
          try database.execute("PRAGMA application_id = \(schema.applicationID); PRAGMA user_version = \(next)")
        }
      }
    }
    try database.execute("PRAGMA foreign_keys = ON; PRAGMA wal_checkpoint(TRUNCATE)")
  }

  /// The new rows go through the log, which takes twice their size, into the file while the old ones are still in it.
  private func requireRoom(_ location: StoreLocation) throws(StorageFailure) {
    guard case .file(let path) = location, let free = FileSystem.freeByteCount(at: path) else { return }
    let needed = StoreFile.byteCount(path) * 7 / 2
    guard free < needed else { return }
    throw noRoom(path: path, needed: needed, free: free)
  }

  private func noRoom(path: String, needed: Int, free: Int) -> StorageFailure {
    StorageFailure(
      "\(path) is from an older kaizend, and to bring it up to date \(needed >> 20) MB are needed on its disk, where "
        + "\(free >> 20) MB are free; free some, or move it away, and a new one is started", mayPass: true)
  }

  private func quickCheck(_ database: Database, _ location: StoreLocation) throws(StorageFailure) {
    if case .file(let path) = location, StoreFile.byteCount(path) > Self.fullCheckByteCount {
      return try checkEnds(database)
    }
    let findings = try database.prepare("PRAGMA quick_check(1)").all { (row) in row.text(0) }
    guard findings == ["ok"] else {
      throw database.damaged(findings.first ?? "quick_check gave no answer")
    }
  }

  /// Reads the first and the last row of every table, and so the way down each of their trees.
  private func checkEnds(_ database: Database) throws(StorageFailure) {
    let tables = try database.prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    .all { (row) in row.text(0) }
    for table in tables {
      let key = try database.prepare("SELECT name FROM pragma_table_info('\(table)') WHERE pk > 0 ORDER BY pk")
        .all { (row) in row.text(0) }
      guard !key.isEmpty else { continue }
      for order in ["ASC", "DESC"] {
        let columns = key.map { "\"\($0)\" \(order)" }.joined(separator: ", ")
        try database.prepare("SELECT * FROM \"\(table)\" ORDER BY \(columns) LIMIT 1").run()
      }
    }
  }

  private func explain(_ database: Database, _ error: StorageFailure) -> OpenFailure {
    let path = database.path
    return switch error {
    case Self.foreign:
      .foreignDatabase(
        "\(path) is a database of another program, not kaizend's \(schema.name); move it away or name another "
          + "state directory")
    case Self.newer:
      .newerSchema(
        "\(path) was written by a newer kaizend (its schema is newer than \(schema.version)); install that version "
          + "again, or put back a backup made before it")
    case Self.older:
      .olderSchema("\(path) was written by an older kaizend; start kaizend once, which brings it up to date")
    case Self.noLog:
      .io(
        "\(path) cannot keep a write-ahead log here (its file system shares no memory between processes); move the "
          + "state directory to a local disk such as ext4 or xfs")
    case _ where error.mayPass && database.isSound: .io(error.sentence)
    default: database.openFailure
    }
  }
}

extension Database {
  /// The integer a query gives in its first column; 0 when it gives no row.
  func number(_ sql: String) throws(StorageFailure) -> Int64 {
    try prepare(sql).first { (row) in row.int64(0) } ?? 0
  }
}
