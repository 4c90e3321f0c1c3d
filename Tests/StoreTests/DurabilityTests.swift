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

  /// On a small file system of its own, made by root alone.
  @Test func `a full disk loses nothing that was stored and goes on when there is room`() throws {
    let small = folder.file("small")
    try FileManager.default.createDirectory(atPath: small, withIntermediateDirectories: true)
    guard try run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", small) else {
      print("skipped: a full disk needs a file system of its own, which only root can mount")
      return
    }
    defer { _ = try? run("umount", small) }
    let filler = small + "/filler"
    try Data(count: 1 << 20).write(to: URL(fileURLWithPath: filler))
    let opened = try SQLiteLedger.open(stateDirectory: small, at: day)
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
    #expect(failure.sentence.contains("its disk is full") && failure.sentence.contains("df -h \(small)"))
    #expect(stored > 0)
    #expect(try opened.ledger.totals(line: nil).predictions == stored)
    #expect(throws: StorageFailure.self) { try opened.ledger.add(try prediction("again", inputs: wide)) }
    try FileManager.default.removeItem(atPath: filler)
    #expect(try opened.ledger.add(try prediction("after")) == .stored)
    #expect(try opened.ledger.everything(try line()).count == stored + 1)
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

private func run(_ command: String...) throws -> Bool {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = command
  process.standardError = FileHandle.nullDevice
  try process.run()
  process.waitUntilExit()
  return process.terminationStatus == 0
}
