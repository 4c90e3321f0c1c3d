import Domain
import Engine
import Foundation
import Store
import Testing

@Suite struct StateCheckTests {
  let state: StateFolder
  init() throws { state = try StateFolder() }

  private func findings() throws -> [CheckFinding] {
    try StateCheck(stateDirectory: state.path, freeByteCount: { _ in 1 << 40 }).run(LongWork())
  }

  private func broken() throws -> [String] { try findings().filter { $0.state == .broken }.map(\.subject) }

  @Test func `a sound state has nothing to say`() throws {
    // Several channels, some that disagree, and some that speak before their part has come.
    for (part, label, source) in [
      ("p100000", 1, "rework"), ("p100001", 1, "rework"), ("early", 0, "audit"), ("early", 1, "rework"),
      ("p100002", 0, "customer"),
    ] { try state.ledger.add(try outcome(part, label, source: source)) }
    #expect(try findings().filter { $0.state != .ok } == [])
    #expect(try findings().count > 10)
  }

  /// Each is a row that the daemon would not write, made by hand.
  @Test(arguments: [
    ("UPDATE line SET prediction_count = prediction_count + 1", "line totals"),
    ("UPDATE line SET outcome_count = 7", "line totals"),
    ("UPDATE line SET held_count = 3", "line totals"),
    ("UPDATE cell SET prediction_count = 0 WHERE id = 1", "group totals"),
    ("UPDATE cell SET labelled_count = labelled_count - 1 WHERE id = 2", "group totals"),
    ("UPDATE cell SET input_count = 1 WHERE id = 2", "group totals"),
    ("UPDATE channel_total SET outcome_count = outcome_count + 1 WHERE cell = 1", "channel totals"),
    ("DELETE FROM channel_total WHERE cell = 2", "channel totals"),
    ("UPDATE labelled SET label = label + 1 WHERE prediction = 3", "training rows"),
    ("UPDATE channel_total SET conflict_count = conflict_count + 1", "channel totals"),
    ("INSERT OR REPLACE INTO delay VALUES (1, 1, 0, 3, 1000)", "delays"),
    ("PRAGMA foreign_keys = OFF; UPDATE prediction SET clock = 99 WHERE id = 5", "references"),
  ])
  func `a wrong row is found and named`(_ sql: String, _ subject: String) throws {
    try RawDatabase(state.folder.file("ledger.db")).execute(sql)
    let found = try findings().filter { $0.state == .broken }
    #expect(found.map(\.subject).contains(subject), "\(found)")
    #expect(found.allSatisfy { $0.next != nil })
  }

  @Test func `what several channels say of a part is counted once, whether the part has come or not`() throws {
    for part in ["p100000", "z1"] {
      for (source, label) in [("audit", 0), ("rework", 1), ("customer", 0)] {
        try state.ledger.add(try outcome(part, label, source: source))
      }
    }
    #expect(try broken() == [])
  }

  @Test func `an outcome without its row for training is found`() throws {
    try RawDatabase(state.folder.file("ledger.db")).execute("DELETE FROM labelled WHERE prediction = 3")
    #expect(try broken() == ["group totals", "training rows"])
  }

  @Test func `a changed audit entry is found`() throws {
    try RawDatabase(state.folder.file("state.db")).execute(
      "DROP TRIGGER audit_no_update; UPDATE audit SET login = 'nobody'")
    #expect(try broken() == ["audit trail"])
  }

  @Test func `a damaged page is found, and no total is counted on it`() throws {
    try state.append(200..<4000)
    let copy = try state.copied()
    // What was in the log is in the file now, and nobody has it open.
    try RawDatabase(copy.file("ledger.db")).execute("PRAGMA wal_checkpoint(TRUNCATE)")
    let handle = try FileHandle(forUpdating: URL(filePath: copy.file("ledger.db")))
    for page in stride(from: UInt64(20), to: 60, by: 1) {
      try handle.seek(toOffset: page * 4096)
      try handle.write(contentsOf: Data(repeating: 0xA5, count: 600))
    }
    try handle.close()
    let found = try StateCheck(stateDirectory: copy.path).run(LongWork()).filter { $0.state == .broken }
    #expect(found.map(\.subject) == ["ledger.db pages"])
    #expect(found.first?.next?.contains("kaizenctl restore") == true)
  }

  @Test func `files that others can read, a full disk and what was put aside are warned of`() throws {
    #expect(chmod(state.folder.file("state.db"), 0o644) == 0)
    try state.write("quarantine/20260101T000000Z-ledger.db", "old")
    let found = try StateCheck(stateDirectory: state.path, freeByteCount: { _ in 1 << 20 }).run(LongWork())
      .filter { $0.state != .ok }
    #expect(found.map(\.subject) == ["disk", "files", "quarantine"])
    #expect(found.map(\.state) == [.broken, .warning, .warning])
  }

  @Test func `it stops when it is told to`() throws {
    let failure = #expect(throws: StorageFailure.self) {
      try StateCheck(stateDirectory: state.path).run(LongWork(isStopped: { true }))
    }
    #expect(failure == LongWork.stopped)
  }
}
