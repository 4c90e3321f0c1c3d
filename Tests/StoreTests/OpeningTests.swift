import Domain
import Engine
import Foundation
import Glibc
import Store
import Testing

@Suite struct OpeningTests {
  let folder: TestFolder
  init() throws { folder = try TestFolder() }

  private func write(_ bytes: [UInt8], _ name: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: folder.file(name)))
  }

  /// A ledger of 400 parts, closed, hence without a log.
  private func makeLedger(_ name: String = "ledger.db") throws {
    let ledger = try SQLiteLedger(.file(folder.file(name)))
    let parts = try (0..<400).map { try prediction("p\($0)", second: Int64($0)) }
    try ledger.transaction { () throws(StorageFailure) in for part in parts { _ = try ledger.append(part) } }
  }

  @Test func `a new state directory gets both databases, readable by nobody else`() throws {
    let directory = folder.file("state")
    let opened = try SQLiteLedger.open(stateDirectory: directory, at: day)
    let registry = try SQLiteRegistry.open(stateDirectory: directory)
    #expect(opened.quarantined == nil)
    #expect(try registry.lines() == [])
    try opened.ledger.add(try prediction("A-1"))
    #expect(try folder.mode("state") & 0o027 == 0)
    for name in ["ledger.db", "ledger.db-wal", "ledger.db-shm", "state.db"] {
      #expect(try folder.mode("state/" + name) & 0o137 == 0, "\(name)")
    }
  }

  @Test func `both databases carry their mark, their version and their settings`() throws {
    do {
      _ = try SQLiteLedger(.file(folder.file("ledger.db")))
      _ = try SQLiteRegistry(.file(folder.file("state.db")))
    }
    for (name, mark, version) in [("ledger.db", 0x6B7A_4C47, 3), ("state.db", 0x6B7A_5354, 5)] {
      let raw = try RawDatabase(folder.file(name))
      #expect(try raw.number("PRAGMA application_id") == mark)
      #expect(try raw.number("PRAGMA user_version") == version)
      #expect(try raw.texts("PRAGMA journal_mode") == ["wal"])
      let loose = "SELECT name FROM pragma_table_list WHERE type = 'table' AND NOT strict AND name NOT LIKE 'sqlite_%'"
      #expect(try raw.texts(loose) == [])
    }
  }

  @Test func `a newer schema is refused and left as it is`() throws {
    try makeLedger()
    _ = try SQLiteRegistry(.file(folder.file("state.db")))
    for name in ["ledger.db", "state.db"] {
      try RawDatabase(folder.file(name)).execute("PRAGMA user_version = 99")
      let before = try Data(contentsOf: URL(fileURLWithPath: folder.file(name)))
      let failure = #expect(throws: OpenFailure.self) {
        if name == "state.db" {
          _ = try SQLiteRegistry.open(stateDirectory: folder.path)
        } else {
          _ = try SQLiteLedger.open(stateDirectory: folder.path, at: day)
        }
      }
      guard case .newerSchema(let sentence) = failure else {
        Issue.record("\(name): \(String(describing: failure))")
        continue
      }
      #expect(sentence.contains(name) && sentence.contains("install"))
      #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file(name))) == before)
    }
    #expect(!folder.names.contains("quarantine"))
  }

  @Test func `another program's database is refused and left as it is`() throws {
    for sql in ["CREATE TABLE orders (x)", "PRAGMA application_id = 7; CREATE TABLE orders (x)"] {
      let path = folder.file("ledger.db")
      try RawDatabase(path).execute(sql)
      let failure = #expect(throws: OpenFailure.self) { try SQLiteLedger.open(stateDirectory: folder.path, at: day) }
      guard case .foreignDatabase = failure else { Issue.record("\(String(describing: failure))"); return }
      #expect(try RawDatabase(path).texts("SELECT name FROM sqlite_schema") == ["orders"])
      try FileManager.default.removeItem(atPath: path)
    }
    // The two databases in each other's place.
    do { _ = try SQLiteRegistry(.file(folder.file("ledger.db"))) }
    let swapped = #expect(throws: OpenFailure.self) { try SQLiteLedger.open(stateDirectory: folder.path, at: day) }
    guard case .foreignDatabase = swapped else { Issue.record("\(String(describing: swapped))"); return }
  }

  @Test func `a ledger of random bytes is put aside and a new one opened`() throws {
    var random = SeededRandom(seed: 5)
    let bytes = (0..<20_000).map { _ in UInt8.random(in: 0...255, using: &random) }
    try write(bytes, "ledger.db")
    try write([1, 2, 3], "ledger.db-wal")
    let opened = try SQLiteLedger.open(stateDirectory: folder.path, at: day)
    let quarantined = try #require(opened.quarantined)
    #expect(quarantined.path == folder.file("quarantine/20260301T060000Z-ledger.db"))
    #expect(quarantined.reason.contains("not a database"))
    #expect(try Data(contentsOf: URL(fileURLWithPath: quarantined.path)) == Data(bytes))
    #expect(try opened.ledger.add(try prediction("A-1")) == .stored)
    #expect(try folder.mode("quarantine") & 0o027 == 0)
  }

  @Test(arguments: [1, 99, 100, 4095, 4096, 9000, 20_480])
  func `a ledger cut short is put aside, again and again`(_ kept: Int) throws {
    for attempt in 1...2 {
      try? FileManager.default.removeItem(atPath: folder.file("ledger.db"))
      try makeLedger()
      let whole = try Data(contentsOf: URL(fileURLWithPath: folder.file("ledger.db")))
      #expect(whole.count > 40_000)
      try write(Array(whole.prefix(kept)), "ledger.db")
      let opened = try SQLiteLedger.open(stateDirectory: folder.path, at: day)
      let name = attempt == 1 ? "20260301T060000Z-ledger.db" : "20260301T060000Z-2-ledger.db"
      #expect(opened.quarantined?.path == folder.file("quarantine/" + name))
      #expect(try opened.ledger.totals(line: nil).predictions == 0)
      #expect(try opened.ledger.add(try prediction("A-1")) == .stored)
    }
  }

  /// Whatever bytes are changed, opening and reading end in a value or a failure, never in a crash.
  @Test(arguments: 1...12)
  func `a ledger with overwritten bytes is opened, put aside or refused`(_ seed: Int) throws {
    var random = SeededRandom(seed: UInt64(seed))
    try makeLedger()
    var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: folder.file("ledger.db"))))
    for _ in 0..<200 {
      bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
    }
    try write(bytes, "ledger.db")
    do throws(OpenFailure) {
      let opened = try SQLiteLedger.open(stateDirectory: folder.path, at: day)
      if opened.quarantined != nil { #expect(throws: Never.self) { try opened.ledger.add(try prediction("A-1")) } }
      _ = try? opened.ledger.everything(try line())
      _ = try? opened.ledger.add(try prediction("p7"))
    } catch {
      #expect(!error.sentence.isEmpty)
    }
  }

  @Test(arguments: ["outcome", "evidence", "line"])
  func `a ledger that lacks a table is put aside`(_ table: String) throws {
    try makeLedger()
    try RawDatabase(folder.file("ledger.db")).execute("PRAGMA foreign_keys = OFF; DROP TABLE \(table)")
    let opened = try SQLiteLedger.open(stateDirectory: folder.path, at: day)
    #expect(opened.quarantined?.reason.contains("no such table") == true)
    #expect(try opened.ledger.add(try prediction("A-1")) == .stored)
  }

  /// Above the size that is checked in full, the ends of each table are read: damage there is seen at the start, damage
  /// between them by `findings`.
  @Test func `a large ledger is checked at its ends at the start and as a whole by a reader`() throws {
    let path = folder.file("ledger.db")
    do {
      let ledger = try SQLiteLedger(.file(path))
      let wide = [Float](repeating: 1, count: 900)
      let parts = try (0..<10_000).map { try prediction("p\($0)", inputs: wide) }
      try ledger.transaction { () throws(StorageFailure) in for part in parts { _ = try ledger.append(part) } }
    }
    var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    #expect(bytes.count > 33 << 20)
    #expect(try LedgerReader(path: path).findings() == [])
    #expect(try SQLiteLedger.open(stateDirectory: folder.path, at: day).quarantined == nil)

    for page in 4000..<4040 { for byte in 0..<64 { bytes[page * 4096 + byte] = 0xAA } }
    try write(bytes, "ledger.db")
    let opened = try SQLiteLedger.open(stateDirectory: folder.path, at: day)
    #expect(opened.quarantined == nil)
    #expect(try LedgerReader(path: path).findings() != [])
    #expect(throws: StorageFailure.self) { try opened.ledger.everything(try line()) }
    #expect(try opened.ledger.add(try prediction("after")) == .stored)
  }

  @Test func `a large ledger that is cut short is put aside`() throws {
    let path = folder.file("ledger.db")
    do {
      let ledger = try SQLiteLedger(.file(path))
      let wide = [Float](repeating: 1, count: 900)
      let parts = try (0..<12_000).map { try prediction("p\($0)", inputs: wide) }
      try ledger.transaction { () throws(StorageFailure) in for part in parts { _ = try ledger.append(part) } }
    }
    let handle = try #require(FileHandle(forUpdatingAtPath: path))
    #expect(try handle.seekToEnd() > 40 << 20)
    try handle.truncate(atOffset: 36 << 20)
    try handle.close()
    #expect(try SQLiteLedger.open(stateDirectory: folder.path, at: day).quarantined != nil)
  }

  @Test func `a damaged state database stops the start and says how to restore it`() throws {
    let path = folder.file("state.db")
    do { _ = try SQLiteRegistry(.file(path)) }
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    for bytes in [Array(whole.prefix(6000)), Array("not a database, but long enough to be read as one".utf8)] {
      try write(bytes, "state.db")
      let failure = #expect(throws: OpenFailure.self) { try SQLiteRegistry.open(stateDirectory: folder.path) }
      guard case .malformed(let sentence) = failure else { Issue.record("\(String(describing: failure))"); continue }
      #expect(sentence.contains("install -m 0640 BACKUP \(path)"))
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(bytes))
    }
  }

  @Test(arguments: [0x6969, 0xFF53_4D42, 0xFE53_4D42, 0x0102_1997, 0x00C3_6400] as [UInt32])
  func `network file systems are refused before anything is made`(_ magic: UInt32) throws {
    let directory = folder.path
    let ledger = #expect(throws: OpenFailure.self) {
      try SQLiteLedger.open(stateDirectory: directory, at: day, magic: { $0 == directory ? magic : nil })
    }
    guard case .networkFileSystem(let sentence) = ledger else { Issue.record("\(String(describing: ledger))"); return }
    #expect(sentence.contains("local disk"))
    #expect(throws: OpenFailure.self) {
      try SQLiteRegistry.open(stateDirectory: directory, magic: { _ in magic })
    }
    #expect(folder.names == [])
  }

  @Test func `local file systems are told from network ones by their numbers`() throws {
    // ext4, xfs, btrfs, tmpfs, zfs, overlayfs.
    for magic in [0xEF53, 0x5846_5342, 0x9123_683E, 0x0102_1994, 0x2FC1_2FC1, 0x794C_7630] as [UInt32] {
      #expect(FileSystem.networkName(magic: magic) == nil)
    }
    #expect(FileSystem.magic(of: folder.path) != nil)
    #expect(FileSystem.magic(of: folder.file("missing")) == nil)
  }

  @Test func `a folder that cannot be made or written is a permission or an I/O failure`() throws {
    try write([], "file")
    let below = #expect(throws: OpenFailure.self) {
      try SQLiteLedger.open(stateDirectory: folder.file("file/state"), at: day)
    }
    guard case .io = below else { Issue.record("\(String(describing: below))"); return }
    let missing = #expect(throws: OpenFailure.self) { try SQLiteLedger(.file(folder.file("no/such/ledger.db"))) }
    guard case .io(let sentence) = missing else { Issue.record("\(String(describing: missing))"); return }
    #expect(sentence.contains("No such file or directory"))
    guard geteuid() != 0 else {
      print("skipped: root may write anywhere, so a folder without permission needs another user")
      return
    }
    try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: folder.path)
    let denied = #expect(throws: OpenFailure.self) { try SQLiteLedger(.file(folder.file("ledger.db"))) }
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder.path)
    guard case .permission = denied else { Issue.record("\(String(describing: denied))"); return }
  }
}
