import Domain
import Engine
import Foundation
import Store
import Testing

@Suite struct DurabilityTests {
  let folder: TestFolder
  init() throws { folder = try TestFolder() }

  @Test(arguments: Place.allCases)
  func `a transaction that throws leaves nothing behind and the next one works`(_ place: Place) throws {
    let ledger = try SQLiteLedger(place.location(folder))
    try ledger.add(try prediction("kept"))
    let lost = try prediction("lost", line: "new-line", cell: ["new"])
    let truth = try outcome("lost", 1, line: "new-line")
    let failure = #expect(throws: StorageFailure.self) {
      try ledger.transaction { () throws(StorageFailure) in
        _ = try ledger.append(lost)
        _ = try ledger.record(truth)
        throw StorageFailure("a reason", mayPass: true)
      }
    }
    #expect(failure == StorageFailure("a reason", mayPass: true))
    #expect(try ledger.totals(line: nil) == LedgerTotals(predictions: 1, outcomes: 0))
    #expect(try ledger.latestTime(line: try line("new-line")) == nil)
    // Numbers of lines and cells given in the lost transaction are not used.
    #expect(try ledger.add(lost) == .stored)
    #expect(try ledger.everything(try line("new-line")).map(\.cell) == [Cell(["new"])])
  }

  @Test func `a savepoint that throws takes back its own rows and totals alone`() throws {
    let ledger = try SQLiteLedger(.memory)
    let parts = try (0..<4).map { try prediction("p\($0)", second: Int64($0)) }
    try ledger.transaction { () throws(StorageFailure) in
      _ = try ledger.append(parts[0])
      do throws(StorageFailure) {
        try ledger.transaction { () throws(StorageFailure) in
          _ = try ledger.append(parts[1])
          throw StorageFailure("undone", mayPass: true)
        }
      } catch {}
      try ledger.transaction { () throws(StorageFailure) in _ = try ledger.append(parts[2]) }
      _ = try ledger.append(parts[3])
    }
    #expect(try ledger.totals(line: nil).predictions == 3)
    #expect(try ledger.everything(try line()).map(\.time) == [at(0), at(2), at(3)])
  }

  @Test func `a write that failed takes its transaction with it, even when the caller goes on`() throws {
    let path = folder.file("ledger.db")
    let ledger = try SQLiteLedger(.file(path))
    try ledger.add(try prediction("A-1"))
    try RawDatabase(path).execute("PRAGMA ignore_check_constraints = ON; UPDATE prediction SET version = 0")
    let good = try prediction("A-2")
    let bad = try prediction("A-1")
    #expect(throws: StorageFailure.self) {
      try ledger.transaction { () throws(StorageFailure) in
        _ = try ledger.append(good)
        do throws(StorageFailure) { _ = try ledger.append(bad) } catch {}
      }
    }
    #expect(try ledger.totals(line: nil).predictions == 1)
    #expect(try ledger.add(good) == .stored)
  }

  @Test func `a process killed in the middle of a transaction loses that transaction alone`() throws {
    let path = folder.file("ledger.db")
    let ledger = try SQLiteLedger(.file(path))
    for index in 0..<100 { try ledger.add(try prediction("p\(index)", second: Int64(index))) }
    let line = try line()
    // Large enough that SQLite writes part of the transaction into its log before the commit.
    let wide = [Float](repeating: 1, count: 4000)
    let open = try (0..<1000).map { try prediction("open\($0)", inputs: wide) }
    try ledger.transaction { () throws(StorageFailure) in
      for prediction in open { _ = try ledger.append(prediction) }
      #expect(throws: Never.self) { try folder.copyDatabase("ledger.db", to: "copy.db") }
    }
    let copied = try #require(
      try FileManager.default.attributesOfItem(atPath: folder.file("copy.db-wal"))[.size] as? NSNumber)
    #expect(copied.intValue > 4_000_000)
    let survivor = try SQLiteLedger(.file(folder.file("copy.db")))
    #expect(try survivor.totals(line: line) == LedgerTotals(predictions: 100, outcomes: 0))
    #expect(try survivor.everything(line).map(\.time) == (0..<100).map { at($0) })
    #expect(try survivor.add(try prediction("open0")) == .stored)
    #expect(try ledger.totals(line: line).predictions == 1100)
  }

  /// A power cut may tear the log anywhere: what is left is a prefix of the commits, with totals to match.
  @Test(arguments: [0, 31, 5000, 40_000, 70_001])
  func `a torn log leaves the commits before the tear`(_ kept: Int) throws {
    let ledger = try SQLiteLedger(.file(folder.file("ledger.db")))
    for index in 0..<100 { try ledger.add(try prediction("p\(index)", second: Int64(index))) }
    try folder.copyDatabase("ledger.db", to: "torn.db")
    let log = try #require(FileHandle(forUpdatingAtPath: folder.file("torn.db-wal")))
    #expect(try log.seekToEnd() > UInt64(kept))
    try log.truncate(atOffset: UInt64(kept))
    try log.close()
    let survivor = try SQLiteLedger(.file(folder.file("torn.db")))
    let found = try survivor.everything(try line())
    #expect(found.count < 100)
    #expect(found.map(\.time) == (0..<Int64(found.count)).map { at($0) })
    #expect(try survivor.totals(line: nil).predictions == found.count)
  }

  @Test func `everything is there again after closing`() throws {
    let path = folder.file("ledger.db")
    do {
      let ledger = try SQLiteLedger(.file(path))
      for index in 0..<50 { try ledger.add(try prediction("p\(index)", cell: ["\(index % 5)"])) }
      try ledger.add(try outcome("p3", 1))
      try ledger.add(try outcome("early", 1))
      try ledger.checkpoint()
    }
    let ledger = try SQLiteLedger(.file(path))
    #expect(try ledger.totals(line: nil) == LedgerTotals(predictions: 50, outcomes: 2))
    try ledger.add(try prediction("early"))
    #expect(try ledger.everything(try line()).filter { $0.label == 1 }.count == 2)
    #expect(try ledger.add(try prediction("p7", cell: ["2"])) == .repeated(try prediction("p7", cell: ["2"])))
  }

  @Test func `the log is copied beside a transaction that stays open, and the rows are there`() throws {
    let path = folder.file("aside.db")
    let ledger = try SQLiteLedger(.file(path))
    for index in 0..<200 { try ledger.add(try prediction("p\(index)")) }
    let before = try Data(contentsOf: URL(filePath: path))
    let last = try prediction("last")
    try ledger.transaction { () throws(StorageFailure) in
      _ = try ledger.append(last)
      try ledger.checkpointAside { Issue.record("a short log is nothing for the writer") }
      // Only another thread can change the file now: this one is in the midst of its transaction.
      while (try? Data(contentsOf: URL(filePath: path))) == before { sched_yield() }
    }
    try folder.copyDatabase("aside.db", to: "copy.db")
    #expect(try SQLiteLedger(.file(folder.file("copy.db"))).totals(line: nil).predictions == 201)
  }

  @Test func `the bytes on disk count the log too`() throws {
    let path = folder.file("ledger.db")
    let ledger = try SQLiteLedger(.file(path))
    for index in 0..<50 { try ledger.add(try prediction("p\(index)")) }
    let sizes = try ["", "-wal"].map { suffix in
      try #require(try FileManager.default.attributesOfItem(atPath: path + suffix)[.size] as? NSNumber).intValue
    }
    #expect(ledger.byteCount == sizes.reduce(0, +))
    #expect(sizes[1] > 0)
    #expect(try SQLiteLedger(.memory).byteCount > 0)
  }

  @Test func `a full disk loses nothing that was stored and goes on when there is room`() throws {
    guard let disk = try SmallDisk(at: folder.file("small")) else { return }
    try disk.fill(leaving: 1 << 20)
    let opened = try SQLiteLedger.open(stateDirectory: disk.path, at: day)
    var stored = 0
    let wide = [Float](repeating: 1, count: 2000)
    let failure = try #require(
      #expect(throws: StorageFailure.self) {
        for _ in 0..<1000 {
          try opened.ledger.add(try prediction("p\(stored)", second: Int64(stored), inputs: wide))
          stored += 1
        }
      })
    #expect(failure.mayPass)
    #expect(failure.sentence.contains("its disk is full") && failure.sentence.contains("df -h \(disk.path)"))
    #expect(stored > 0)
    #expect(try opened.ledger.totals(line: nil).predictions == stored)
    #expect(throws: StorageFailure.self) { try opened.ledger.add(try prediction("again", inputs: wide)) }
    try disk.makeRoom()
    #expect(try opened.ledger.add(try prediction("after")) == .stored)
    #expect(try opened.ledger.everything(try line()).count == stored + 1)
  }

  @Test func `a ledger opened on a full disk is not taken for a damaged one`() throws {
    guard let disk = try SmallDisk(at: folder.file("small")) else { return }
    for isNew in [true, false] {
      try disk.fill(leaving: 0)
      let failure = #expect(throws: OpenFailure.self) { try SQLiteLedger.open(stateDirectory: disk.path, at: day) }
      if case .io = failure {} else { Issue.record("new: \(isNew): \(String(describing: failure))") }
      #expect(!FileManager.default.fileExists(atPath: disk.path + "/quarantine"))
      try disk.makeRoom()
      let opened = try SQLiteLedger.open(stateDirectory: disk.path, at: day)
      #expect(opened.quarantined == nil)
      #expect(try opened.ledger.totals(line: nil).predictions == (isNew ? 0 : 1))
      try opened.ledger.add(try prediction("A-1"))
    }
  }

  @Test func `a file that another program holds is said to be busy`() throws {
    let path = folder.file("ledger.db")
    let ledger = try SQLiteLedger(.file(path))
    let other = try RawDatabase(path)
    try other.execute("BEGIN IMMEDIATE")
    let failure = #expect(throws: StorageFailure.self) { try ledger.add(try prediction("A-1")) }
    #expect(failure?.mayPass == true)
    #expect(failure?.sentence.contains("held by another program") == true)
    try other.execute("ROLLBACK")
    #expect(try ledger.add(try prediction("A-1")) == .stored)
  }
}

/// A file system of 2 MB of its own, which only root can make.
private final class SmallDisk {
  let path: String
  private var filler: String { path + "/filler" }
  private static let byteCount = 2 << 20

  /// nil, with a printed reason, where it cannot be made.
  init?(at path: String) throws {
    self.path = path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    guard try run("mount", "-t", "tmpfs", "-o", "size=\(Self.byteCount)", "tmpfs", path) else {
      print("skipped: a full disk needs a file system of its own, which only root can mount")
      return nil
    }
  }

  deinit { _ = try? run("umount", path) }

  /// Takes what is free, but for `free` bytes.
  func fill(leaving free: Int) throws {
    guard FileManager.default.createFile(atPath: filler, contents: nil), let file = FileHandle(forWritingAtPath: filler)
    else { return }
    defer { try? file.close() }
    let page = Data(count: 4096)
    // Ends by itself at the latest when nothing is left.
    while try freeByteCount() > free, (try? file.write(contentsOf: page)) != nil {}
  }

  func makeRoom() throws { try FileManager.default.removeItem(atPath: filler) }

  private func freeByteCount() throws -> Int {
    let attributes = try FileManager.default.attributesOfFileSystem(forPath: path)
    return try #require((attributes[.systemFreeSize] as? NSNumber)?.intValue)
  }
}

private func run(_ command: String...) throws -> Bool {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = command
  process.standardError = FileHandle.nullDevice
  try process.run()
  process.waitUntilExit()
  return process.terminationStatus == 0
}
