import CSQLite
import Domain
import Engine
import FoundationEssentials
import Glibc

/// Copies a state directory in use into `backups/` below it: both databases as they were at one moment, and the
/// teachers.
///
/// Reads through connections of its own; the daemon writes on meanwhile. `ledger.db` may be left behind by what the
/// journal still holds: have the plant take that in first.
public struct StateBackup {
  private let stateDirectory: String
  private let freeByteCount: (String) -> Int?
  private let magic: (String) -> UInt32?

  /// Below the state directory; one folder a backup.
  public static let folder = "backups"
  static let teachers = "teachers"

  /// Pages copied at once, 1 MB: a longer step would only report more seldom and stop later.
  private static let pagesPerStep: Int32 = 256
  /// Of the time that copying takes, as much again is waited, so that a slow disk has room for what serving writes.
  private static let pauseMsMax = 50.0
  /// Pages written between two waits for the disk: what has piled up in memory until then is what a commit may have to
  /// wait for.
  private static let stepsPerSync = 16
  /// What must stay free on the disk, besides what is written: room for serving while the backup runs.
  public static let reserveByteCount = 64 << 20
  private let reserve: Int

  /// - Parameters:
  ///   - reserve: bytes that stay free, so that nobody has to make room for a backup by deleting.
  ///   - freeByteCount: room on the file system of a path; replaced in tests.
  public init(
    stateDirectory: String, reserve: Int = StateBackup.reserveByteCount,
    freeByteCount: @escaping (String) -> Int? = FileSystem.freeByteCount(at:),
    magic: @escaping (String) -> UInt32? = FileSystem.magic(of:)
  ) {
    self.stateDirectory = stateDirectory
    self.reserve = max(reserve, Self.reserveByteCount)
    self.freeByteCount = freeByteCount
    self.magic = magic
  }

  private var root: String { stateDirectory + "/" + Self.folder }

  // MARK: - Making one

  /// Makes a backup and checks it; the manifest is its last file.
  ///
  /// - Throws: `StorageFailure`, `LongWork.stopped` among them; nothing of the backup is left then.
  public func make(
    at time: Timestamp, kaizend: String, host: String, _ work: LongWork
  ) throws(StorageFailure) -> BackupManifest {
    try requireRoom()
    try makeFolder(root)
    let stamp = unusedStamp(at: time)
    let folder = root + "/" + stamp
    try makeFolder(folder)
    do throws(StorageFailure) {
      let manifest = try fill(folder, stamp: stamp, time: time, kaizend: kaizend, host: host, work)
      try PlainFile.replace(folder + "/" + BackupManifest.name, with: try Self.bytes(of: manifest))
      try PlainFile.synchronize(folder: root)
      try PlainFile.synchronize(folder: stateDirectory)
      return manifest
    } catch {
      PlainFile.remove(folder)
      throw error
    }
  }

  private func fill(
    _ folder: String, stamp: String, time: Timestamp, kaizend: String, host: String, _ work: LongWork
  ) throws(StorageFailure) -> BackupManifest {
    let databases = [StoreFile.ledger, StoreFile.state]
    try copyDatabases(to: folder, work)
    // Teachers after the state that names them: they are stored before their line, and never removed.
    let teachers = PlainFile.names(in: "\(stateDirectory)/\(Self.teachers)").filter { BackupFile.isPlain($0[...]) }
    var files: [BackupFile] = []
    if !teachers.isEmpty { try makeFolder("\(folder)/\(Self.teachers)") }
    for name in teachers {
      try work.report("copying the teachers", 0.6)
      let path = "\(Self.teachers)/\(name)"
      let content = try PlainFile.copy("\(stateDirectory)/\(path)", to: "\(folder)/\(path)")
      files.append(BackupFile(path: path, bytes: content.byteCount, sha256: content.sha256))
    }
    if !teachers.isEmpty { try PlainFile.synchronize(folder: "\(folder)/\(Self.teachers)") }
    var rows: [TableRows] = []
    var versions: [Int] = []
    let total = databases.reduce(1) { $0 + StoreFile.size("\(folder)/\($1)") }
    for (index, name) in databases.enumerated() {
      let path = "\(folder)/\(name)"
      try work.report("checking the copy of \(name)", 0.6 + 0.2 * Double(index))
      let copy = try CopiedDatabase(path)
      versions.append(try copy.check(work))
      rows += try copy.rowCounts(work)
      let content = try PlainFile.hash(path) { (count) throws(StorageFailure) in
        try work.report("hashing the copy of \(name)", 0.7 + 0.3 * Double(count) / Double(total))
      }
      files.append(BackupFile(path: name, bytes: content.byteCount, sha256: content.sha256))
    }
    try PlainFile.synchronize(folder: folder)
    return BackupManifest(
      stamp: stamp, createdAt: time.description, host: host, kaizend: kaizend, ledgerSchema: versions[0],
      stateSchema: versions[1], files: files.sorted { $0.path < $1.path }, rows: rows)
  }

  /// Both snapshots are taken before either is copied, so that the two belong together.
  private func copyDatabases(to folder: String, _ work: LongWork) throws(StorageFailure) {
    let ledger = try open(StoreFile.ledger, ledgerSchema)
    let state = try open(StoreFile.state, registrySchema)
    try ledger.snapshot { () throws(StorageFailure) in
      // A snapshot begins with its first read.
      _ = try ledger.number("SELECT count(*) FROM sqlite_schema")
      try state.snapshot { () throws(StorageFailure) in
        _ = try state.number("SELECT count(*) FROM sqlite_schema")
        try copy(state, to: "\(folder)/\(StoreFile.state)", "copying \(StoreFile.state)", 0...0.05, work)
        try copy(ledger, to: "\(folder)/\(StoreFile.ledger)", "copying \(StoreFile.ledger)", 0.05...0.6, work)
      }
    }
  }

  private func open(_ name: String, _ schema: Schema) throws(StorageFailure) -> Database {
    do throws(OpenFailure) {
      return try Opening(schema: schema, magic: magic).openReadOnly(path: "\(stateDirectory)/\(name)")
    } catch {
      throw StorageFailure(error.sentence, mayPass: false)
    }
  }

  private func copy(
    _ source: Database, to path: String, _ stage: String, _ span: ClosedRange<Double>, _ work: LongWork
  ) throws(StorageFailure) {
    do throws(OpenFailure) { try StoreFile.makeFile(path) } catch {
      throw StorageFailure(error.sentence, mayPass: true)
    }
    let target: Database
    do throws(OpenFailure) { target = try Database(path: path, access: .readWrite) } catch {
      throw StorageFailure(error.sentence, mayPass: true)
    }
    // Half a copy is thrown away, so nothing needs to be undone in it; it is brought onto the disk below.
    try target.execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
    let disk = Glibc.open(path, O_RDWR | O_CLOEXEC)
    guard disk >= 0 else { throw PlainFile.failure("\(path) could not be opened") }
    defer { close(disk) }
    guard let backup = sqlite3_backup_init(target.handle, "main", source.handle, "main") else {
      throw target.failure(sqlite3_extended_errcode(target.handle))
    }
    defer { sqlite3_backup_finish(backup) }
    var steps = 0
    try work.report(stage, span.lowerBound)
    while true {
      let started = ContinuousClock.now
      let code = sqlite3_backup_step(backup, Self.pagesPerStep)
      if code == SQLITE_DONE { break }
      guard code == SQLITE_OK || code & 0xFF == SQLITE_BUSY || code & 0xFF == SQLITE_LOCKED else {
        throw storageFailure(code: code, detail: String(cString: sqlite3_errstr(code)), path: path)
      }
      steps += 1
      if steps % Self.stepsPerSync == 0 { fdatasync(disk) }
      let total = Double(max(1, sqlite3_backup_pagecount(backup)))
      let done = 1 - Double(sqlite3_backup_remaining(backup)) / total
      try work.report(stage, span.lowerBound + done * (span.upperBound - span.lowerBound))
      let took = (ContinuousClock.now - started) / .milliseconds(1)
      usleep(useconds_t(min(took, Self.pauseMsMax) * 1000))
    }
    guard fsync(disk) == 0 else { throw PlainFile.failure("\(path) could not be brought onto the disk") }
  }

  // MARK: - Those there are

  /// Whole backups, the oldest first; a folder whose manifest cannot be read is left out.
  public func list() -> [BackupManifest] {
    PlainFile.names(in: root).compactMap { try? Self.manifest(in: root + "/" + $0) }
  }

  /// The folder of a backup; nil where there is none of that name.
  public func path(of stamp: String) -> String? {
    let folder = root + "/" + stamp
    guard BackupFile.isPlain(stamp[...]), PlainFile.isThere(folder + "/" + BackupManifest.name) else { return nil }
    return folder
  }

  /// Part of a file of a backup, shorter at its end; nil where the backup has no such file.
  public func piece(
    of stamp: String, file: String, offset: Int, count: Int
  ) throws(StorageFailure) -> [UInt8]? {
    guard let folder = path(of: stamp), BackupFile(path: file, bytes: 0, sha256: "").isInside,
      PlainFile.isThere("\(folder)/\(file)")
    else { return nil }
    return try PlainFile.piece(of: "\(folder)/\(file)", offset: offset, count: count)
  }

  /// - Returns: false where there is no backup of that name.
  public func remove(_ stamp: String) -> Bool {
    guard let folder = path(of: stamp) else { return false }
    // Without its manifest it is no backup: what an end in the middle leaves is removed at the next start.
    PlainFile.remove(folder + "/" + BackupManifest.name)
    PlainFile.remove(folder)
    return true
  }

  /// Removes what a process that ended in the middle left; while no backup is under way.
  /// - Returns: the folders' names.
  public func removePartial() -> [String] {
    let partial = PlainFile.names(in: root).filter {
      PlainFile.isFolder(root + "/" + $0) && !PlainFile.isThere("\(root)/\($0)/\(BackupManifest.name)")
    }
    for name in partial { PlainFile.remove(root + "/" + name) }
    return partial
  }

  // MARK: - Steps

  private func requireRoom() throws(StorageFailure) {
    let teachers = PlainFile.names(in: "\(stateDirectory)/\(Self.teachers)")
      .reduce(0) { $0 + StoreFile.size("\(stateDirectory)/\(Self.teachers)/\($1)") }
    let needed =
      teachers + StoreFile.byteCount("\(stateDirectory)/\(StoreFile.ledger)")
      + StoreFile.byteCount("\(stateDirectory)/\(StoreFile.state)") + reserve
    guard let free = freeByteCount(stateDirectory), free < needed else { return }
    throw StorageFailure(
      "a backup needs up to \(needed >> 20) MB on the disk of \(stateDirectory), where \(free >> 20) MB are free: free "
        + "some, or remove an older backup (\"kaizenctl backup --list\")", mayPass: true)
  }

  private func makeFolder(_ path: String) throws(StorageFailure) {
    do throws(OpenFailure) { try StoreFile.makeDirectory(path) } catch {
      throw StorageFailure(error.sentence, mayPass: true)
    }
  }

  private func unusedStamp(at time: Timestamp) -> String {
    let stamp = StoreFile.stamp(Timestamp(seconds: time.microseconds / 1_000_000))
    var name = stamp
    var attempt = 1
    while PlainFile.isThere(root + "/" + name) {
      attempt += 1
      name = "\(stamp)-\(attempt)"
    }
    return name
  }

  static func manifest(in folder: String) throws(StorageFailure) -> BackupManifest {
    let path = folder + "/" + BackupManifest.name
    // A manifest is some kilobytes; a larger file is something else.
    let bytes = try PlainFile.piece(of: path, offset: 0, count: 4 << 20)
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do {
      return try decoder.decode(BackupManifest.self, from: Data(bytes))
    } catch {
      throw StorageFailure("\(path) cannot be read (\(error)); take another backup", mayPass: false)
    }
  }

  private static func bytes(of manifest: BackupManifest) throws(StorageFailure) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    do {
      return [UInt8](try encoder.encode(manifest)) + [UInt8(ascii: "\n")]
    } catch {
      throw StorageFailure("the manifest cannot be written (\(error)); report this as a defect", mayPass: false)
    }
  }
}

/// A database in a backup, read without a trace beside it.
struct CopiedDatabase {
  private let database: Database
  private let name: String

  init(_ path: String) throws(StorageFailure) {
    do throws(OpenFailure) { database = try Database(path: path, access: .immutable) } catch {
      throw StorageFailure(error.sentence, mayPass: false)
    }
    name = path.split(separator: "/").last.map(String.init) ?? path
  }

  /// - Returns: the version of its tables.
  /// - Throws: `StorageFailure` where a page is damaged.
  func check(_ work: LongWork) throws(StorageFailure) -> Int {
    try work.run(database) { () throws(StorageFailure) in
      let findings = try database.pageFindings()
      guard findings.isEmpty else { throw database.damaged(findings[0]) }
      return Int(try database.number("PRAGMA user_version"))
    }
  }

  /// Whose database it is (PRAGMA application_id).
  func mark() throws(StorageFailure) -> Int64 { try database.number("PRAGMA application_id") }

  func rowCounts(_ work: LongWork) throws(StorageFailure) -> [TableRows] {
    try work.run(database) { () throws(StorageFailure) in
      let tables = try database.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
      ).all { (row) in row.text(0) }
      var counts: [TableRows] = []
      for table in tables {
        let rows = try database.number("SELECT count(*) FROM \"\(table)\"")
        counts.append(TableRows(database: name, table: table, rows: Int(rows)))
      }
      return counts
    }
  }
}
