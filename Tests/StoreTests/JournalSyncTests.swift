import Domain
import Engine
import Foundation
import Glibc
import Store
import Synchronization
import Testing

/// What the journal may say of a disk that fails.
@Suite struct JournalSyncTests {
  let folder: TestFolder
  init() throws { folder = try TestFolder() }

  /// Syncs fail while it says so.
  private final class Syncs: Sendable {
    private let state = Mutex((isFailing: false, count: 0))
    var isFailing: Bool {
      get { state.withLock { $0.isFailing } }
      set { state.withLock { $0.isFailing = newValue } }
    }
    var count: Int { state.withLock { $0.count } }

    var disk: Disk {
      var disk = Disk.system
      disk.sync = { [self] _ in
        let isFailing = state.withLock { state in
          state.count += 1
          return state.isFailing
        }
        if isFailing { errno = EIO }
        return isFailing ? -1 : 0
      }
      return disk
    }
  }

  private func row(_ number: Int) throws -> Prediction { try prediction("p\(1000 + number)", second: Int64(number)) }

  @Test func `a sync covers both files, and asks the disk for nothing that it has`() throws {
    let syncs = Syncs()
    let ledger = try SQLiteLedger(.file(folder.file("ledger.db")))
    let journal = try LedgerJournal.open(stateDirectory: folder.path, disk: syncs.disk)
    _ = try journal.recover(into: ledger)
    try journal.append([try row(0)])
    journal.turnOver()
    try journal.append([try row(1)])
    try journal.sync()
    #expect(syncs.count == 2)
    try journal.sync()
    #expect(syncs.count == 2)
  }

  @Test func `behind a failed sync nothing is written before the file has been emptied`() throws {
    let syncs = Syncs()
    let ledger = try SQLiteLedger(.file(folder.file("ledger.db")))
    let journal = try LedgerJournal.open(stateDirectory: folder.path, disk: syncs.disk)
    _ = try journal.recover(into: ledger)
    try journal.append([try row(0)])
    syncs.isFailing = true
    #expect(throws: StorageFailure.self) { try journal.sync() }
    syncs.isFailing = false
    let failure = #expect(throws: StorageFailure.self) { try journal.append([try row(1)]) }
    #expect(failure?.sentence.contains("could not be brought to the disk") == true)
    journal.turnOver()
    try journal.append([try row(2)])
    try journal.sync()
    journal.forget()
    journal.turnOver()
    try journal.append([try row(3)])
    try journal.sync()
  }

  @Test func `a journal takes nothing before the ledger has what was left in it`() throws {
    let path = folder.file("ledger.db")
    let ledger = try SQLiteLedger(.file(path))
    do {
      let journal = try LedgerJournal.open(stateDirectory: folder.path)
      _ = try journal.recover(into: ledger)
      try journal.append([try row(0)])
    }
    let journal = try LedgerJournal.open(stateDirectory: folder.path)
    let other = try RawDatabase(path)
    try other.execute("BEGIN IMMEDIATE")
    #expect(throws: StorageFailure.self) { try journal.recover(into: ledger) }
    #expect(throws: StorageFailure.self) { try journal.append([try row(1)]) }
    try other.execute("ROLLBACK")
    #expect(try journal.recover(into: ledger).rows == 1)
    try journal.append([try row(1)])
    #expect(try ledger.totals(line: nil).predictions == 1)
  }

  @Test func `bytes that are no whole record are told of`() throws {
    let ledger = try SQLiteLedger(.file(folder.file("ledger.db")))
    do {
      let journal = try LedgerJournal.open(stateDirectory: folder.path)
      _ = try journal.recover(into: ledger)
      try journal.append([try row(0)])
    }
    let file = try #require(FileHandle(forUpdatingAtPath: folder.file("ledger-journal-0")))
    try file.seekToEnd()
    try file.write(contentsOf: [1, 2, 3, 0, 0])
    try file.close()
    let recovery = try LedgerJournal.open(stateDirectory: folder.path).recover(into: ledger)
    #expect(recovery.rows == 1)
    #expect(recovery.remarks.count == 1 && recovery.remarks[0].hasPrefix("ledger-journal-0 ended with 3 bytes"))
  }

  @Test func `a mark that a power cut tore is still ours, that of a later version is not`() throws {
    let ledger = try SQLiteLedger(.file(folder.file("ledger.db")))
    let path = folder.file("ledger-journal-1")
    for start in ["kzLJ0001", "kzL\0\0\0\0\0", "\0\0\0\0\0\0\0\0", "kz", ""] {
      try Data((start + String(repeating: "\0", count: 600)).utf8).write(to: URL(filePath: path))
      #expect(try LedgerJournal.open(stateDirectory: folder.path).recover(into: ledger).rows == 0)
    }
    try Data("kzLJ0002".utf8).write(to: URL(filePath: path))
    #expect(throws: StorageFailure.self) { try LedgerJournal.open(stateDirectory: folder.path) }
  }
}
