import Domain
import Engine
import Store
import Testing

/// Rows changed behind the ledger's back, as a failing disk or a curious hand would leave them.
@Suite struct DamagedRowTests {
  let folder: TestFolder
  let path: String

  init() throws {
    folder = try TestFolder()
    path = folder.file("ledger.db")
  }

  /// A ledger with one labelled part, changed by `sql`.
  private func ledger(damagedBy sql: String) throws -> SQLiteLedger {
    let ledger = try SQLiteLedger(.file(path))
    try ledger.add(try prediction("A-1"))
    try ledger.add(try outcome("A-1", 1))
    try RawDatabase(path).execute("PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF; " + sql)
    return ledger
  }

  @Test(arguments: [
    "UPDATE input SET features = x'0102030405'", "UPDATE prediction SET logits = x'01'",
    "UPDATE prediction SET predicted_class = 2", "UPDATE prediction SET predicted_class = -1",
    "UPDATE prediction SET version = 0", "UPDATE prediction SET confidence = 1.5",
    "UPDATE prediction SET confidence = -9e999", "UPDATE prediction SET peer_uid = -1",
  ])
  func `a repeated part whose row is damaged is a failure, not a crash`(_ sql: String) throws {
    let ledger = try ledger(damagedBy: sql)
    let failure = #expect(throws: StorageFailure.self) { try ledger.add(try prediction("A-1")) }
    #expect(failure?.mayPass == false)
    #expect(failure?.sentence.contains("damaged row") == true)
    // The connection goes on.
    #expect(try ledger.add(try prediction("A-2")) == .stored)
  }

  @Test(arguments: [
    "UPDATE prediction SET version = -3", "UPDATE prediction SET predicted_class = -1",
    "UPDATE outcome SET label = -1", "UPDATE prediction SET cell = 77", "UPDATE cell SET attribute_values = '{'",
    "UPDATE cell SET attribute_values = '[1]'",
  ])
  func `a matured row that is damaged is a failure, not a crash`(_ sql: String) throws {
    let ledger = try ledger(damagedBy: sql)
    // An undone transaction makes the ledger forget the cells it knows.
    #expect(throws: StorageFailure.self) {
      try ledger.transaction { () throws(StorageFailure) in throw StorageFailure("undone", mayPass: true) }
    }
    #expect(throws: StorageFailure.self) { try ledger.everything(try line()) }
  }

  @Test(arguments: [
    "DELETE FROM input; DELETE FROM outcome; DELETE FROM prediction", "UPDATE labelled SET label = -5",
    "UPDATE input SET features = x'00'",
  ])
  func `a labelled row that is damaged is a failure, not a crash`(_ sql: String) throws {
    let ledger = try ledger(damagedBy: sql)
    #expect(throws: StorageFailure.self) {
      try ledger.labelledRows(
        line: try line(), cells: [Cell(["8412", "day"])], since: at(0), until: at(9), limit: 5)
    }
  }

  @Test func `damaged totals are a failure, not a crash`() throws {
    _ = try ledger(damagedBy: "UPDATE line SET outcome_count = -1")
    // quick_check already sees the broken CHECK when the file is opened.
    let failure = #expect(throws: OpenFailure.self) { try SQLiteLedger(.file(path)) }
    guard case .malformed = failure else { Issue.record("\(String(describing: failure))"); return }
  }
}
