import Domain
import Engine
import Store
import Testing

@Suite struct AuditTests {
  let folder: TestFolder
  let path: String

  init() throws {
    folder = try TestFolder()
    path = folder.file("state.db")
  }

  private func entry(_ index: Int) throws -> AuditEntry {
    AuditEntry(
      time: at(Int64(index)), actor: Principal(uid: 1000, login: "eve"),
      event: AuditEvent.allCases[index % AuditEvent.allCases.count],
      line: index % 4 == 0 ? nil : try line(index % 2 == 0 ? "press-3" : "press-4"),
      group: index % 3 == 0 ? nil : "mold=\(index % 5)", run: index % 5 == 0 ? index : nil, sentence: "entry \(index)")
  }

  private func registry(entries: Int) throws -> SQLiteRegistry {
    let registry = try SQLiteRegistry(.file(path))
    for index in 1...entries {
      let new = try entry(index)
      let stored = try registry.transaction { () throws(StorageFailure) in try registry.audit(new) }
      #expect(stored.sequence == index)
      #expect(stored.hash.count == 64)
    }
    return registry
  }

  @Test func `an untouched trail verifies, also when it is empty`() throws {
    #expect(try SQLiteRegistry(.memory).verifyAudit() == .intact(rows: 0))
    #expect(try registry(entries: 40).verifyAudit() == .intact(rows: 40))
    #expect(try SQLiteRegistry(.file(path)).verifyAudit() == .intact(rows: 40))
  }

  /// The hash is part of the format: this one was made by Python's hashlib over the fields as `AuditChain` documents
  /// them:
  ///
  ///     import hashlib, struct
  ///     text = lambda s: b"\0" if s is None else b"\1" + struct.pack("<Q", len(s.encode())) + s.encode()
  ///     number = lambda n: b"\0" if n is None else b"\1" + struct.pack("<Qq", 8, n)
  ///     fields = (text("kaizend audit 1") + text("") + number(1) + number(1772344801000000) + number(1000)
  ///       + text("eve") + text("group_seen") + text("press-4") + text("mold=1") + number(None) + text("entry 1"))
  ///     print(hashlib.sha256(fields).hexdigest())
  @Test func `the first hash is the one an independent program computes`() throws {
    let registry = try SQLiteRegistry(.memory)
    let new = try entry(1)
    let stored = try registry.transaction { () throws(StorageFailure) in try registry.audit(new) }
    #expect(new.time.microseconds == 1_772_344_801_000_000)
    #expect(stored.hash == "9093e7c948e10aef11e91bb10518064e055d189b21bdf699b1952e953aebec6f")
  }

  @Test func `entries of a kind are counted for each line`() throws {
    let registry = try SQLiteRegistry(.memory)
    let told: [(AuditEvent, String?)] = [
      (.modelPromoted, "press-3"), (.modelPromoted, "press-3"), (.modelRolledBack, "press-3"),
      (.modelPromoted, "press-4"), (.settingsChanged, "press-4"), (.modelPromoted, nil),
    ]
    for (event, name) in told {
      let new = AuditEntry(
        time: at(1), actor: Principal(uid: 1000, login: "eve"), event: event, line: try name.map { try line($0) },
        group: nil, run: nil, sentence: "so")
      _ = try registry.transaction { () throws(StorageFailure) in try registry.audit(new) }
    }
    #expect(
      try registry.auditCounts(of: [.modelPromoted, .modelRolledBack]) == [
        try line("press-3"): [.modelPromoted: 2, .modelRolledBack: 1], try line("press-4"): [.modelPromoted: 1],
      ])
    #expect(try registry.auditCounts(of: []) == [:])
  }

  @Test func `entries are found by line, run and group, the newest of them oldest first`() throws {
    let registry = try registry(entries: 40)
    func numbers(line name: String? = nil, run: Int? = nil, group: String? = nil, limit: Int = 100) throws -> [Int] {
      let line = try name.map { try LineID($0) }
      return try registry.auditEntries(line: line, run: run, group: group, limit: limit).map(\.sequence)
    }
    #expect(try numbers() == Array(1...40))
    #expect(try numbers(limit: 3) == [38, 39, 40])
    #expect(try numbers(limit: -4) == [])
    #expect(try numbers(line: "press-3", limit: 2) == [34, 38])
    #expect(try numbers(run: 15) == [15])
    #expect(try numbers(group: "mold=2") == (1...40).filter { $0 % 3 != 0 && $0 % 5 == 2 })
    #expect(try numbers(line: "press-4", run: 25, group: "mold=0") == [25])
    #expect(try numbers(line: "nobody") == [])
    let seventh = try #require(try registry.auditEntries(line: nil, run: nil, group: nil, limit: 34).first)
    var expected = try entry(7)
    expected.sequence = 7
    expected.hash = seventh.hash
    #expect(seventh == expected)
  }

  @Test func `the trail refuses to be changed through SQL`() throws {
    _ = try registry(entries: 5)
    let raw = try RawDatabase(path)
    for sql in [
      "UPDATE audit SET sentence = 'x' WHERE sequence = 2", "DELETE FROM audit WHERE sequence = 5",
      "INSERT OR REPLACE INTO audit SELECT sequence, time, uid, 'x', event, line, group_text, run, sentence, hash "
        + "FROM audit WHERE sequence = 2",
      "INSERT INTO audit SELECT 9, time, uid, login, event, line, group_text, run, sentence, hash FROM audit LIMIT 1",
    ] {
      let error = #expect(throws: RawError.self, "\(sql)") { try raw.execute(sql) }
      #expect(error?.text == "the audit trail is append-only")
    }
  }

  /// Each change is made by someone who has dropped the triggers first.
  @Test(arguments: [
    ("UPDATE audit SET sentence = 'all was well' WHERE sequence = 3", 3),
    ("UPDATE audit SET time = time + 1 WHERE sequence = 1", 1),
    ("UPDATE audit SET uid = 0 WHERE sequence = 4", 4),
    ("UPDATE audit SET login = 'ev', event = 'e' || event WHERE sequence = 4", 4),
    ("UPDATE audit SET run = 1 WHERE sequence = 7", 7),
    ("UPDATE audit SET group_text = '' WHERE sequence = 6", 6),
    ("UPDATE audit SET sentence = CAST(x'FF00FE' AS TEXT) WHERE sequence = 9", 9),
    ("UPDATE audit SET hash = replace(hash, substr(hash, 1, 1), 'z') WHERE sequence = 8", 8),
    ("DELETE FROM audit WHERE sequence = 5", 5),
    ("DELETE FROM audit WHERE sequence <= 2", 1),
    ("DELETE FROM audit WHERE sequence = 5; UPDATE audit SET sequence = sequence - 1 WHERE sequence > 5", 5),
    ("UPDATE audit SET sequence = -sequence WHERE sequence = 10", 1),
    ("DELETE FROM audit WHERE sequence > 8", 9),
    ("DELETE FROM audit", 1),
    ("UPDATE audit_head SET sequence = 12", 11),
    ("UPDATE audit_head SET hash = ''", 10),
  ])
  func `the first broken entry is named`(_ sql: String, _ first: Int) throws {
    let registry = try registry(entries: 10)
    let raw = try RawDatabase(path)
    for trigger in ["audit_no_update", "audit_no_delete", "audit_in_order"] {
      try raw.execute("DROP TRIGGER \(trigger)")
    }
    try raw.execute(sql)
    let rows = try raw.number("SELECT count(*) FROM audit")
    #expect(try registry.verifyAudit() == .broken(rows: rows, firstBroken: first))
  }

  @Test func `an entry of an undone transaction leaves no gap`() throws {
    let registry = try registry(entries: 2)
    let new = try entry(3)
    #expect(throws: StorageFailure.self) {
      try registry.transaction { () throws(StorageFailure) in
        try registry.audit(new)
        throw StorageFailure("undone", mayPass: true)
      }
    }
    #expect(try registry.verifyAudit() == .intact(rows: 2))
    #expect(try registry.transaction { () throws(StorageFailure) in try registry.audit(new) }.sequence == 3)
    #expect(try registry.verifyAudit() == .intact(rows: 3))
  }

  @Test func `the chain depends on where fields end`() throws {
    func hash(_ group: String?, _ sentence: String) throws -> String {
      let registry = try SQLiteRegistry(.memory)
      let new = AuditEntry(
        time: day, actor: Principal(uid: 1, login: "a"), event: .groupSeen, line: nil, group: group, run: nil,
        sentence: sentence)
      return try registry.transaction { () throws(StorageFailure) in try registry.audit(new) }.hash
    }
    let hashes = [try hash("ab", "c"), try hash("a", "bc"), try hash("", "abc"), try hash(nil, "abc")]
    #expect(Set(hashes).count == 4)
  }
}
