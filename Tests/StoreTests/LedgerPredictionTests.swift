import Domain
import Engine
import Store
import Testing

@Suite struct LedgerPredictionTests {
  let folder: TestFolder
  init() throws { folder = try TestFolder() }

  @Test(arguments: Place.allCases)
  func `a part is stored once and its first answer is found again`(_ place: Place) throws {
    let ledger = try SQLiteLedger(place.location(folder))
    let first = try prediction("A-1", inputs: [0.1, .infinity, -0.0])
    #expect(try ledger.add(first) == .stored)
    #expect(try ledger.add(try prediction("A-1", second: 99, predictedClass: 1)) == .repeated(first))
    #expect(try ledger.totals(line: nil) == LedgerTotals(predictions: 1, outcomes: 0))
  }

  @Test func `the same part on two lines is two parts`() throws {
    let ledger = try SQLiteLedger(.memory)
    #expect(try ledger.add(try prediction("A-1", line: "press-3")) == .stored)
    #expect(try ledger.add(try prediction("A-1", line: "press-4")) == .stored)
    #expect(try ledger.totals(line: try line("press-3")).predictions == 1)
    #expect(try ledger.totals(line: nil).predictions == 2)
    #expect(try ledger.totals(line: try line("press-5")) == LedgerTotals(predictions: 0, outcomes: 0))
  }

  @Test func `texts of any kind come back as they were`() throws {
    let ledger = try SQLiteLedger(.memory)
    for part in ["", "ü 部品", "a\u{0}b", "'; DROP TABLE line; --", String(repeating: "x", count: 10_000)] {
      let stored = try prediction(part, cell: [part, "\",[]/\\"])
      #expect(try ledger.add(stored) == .stored)
      #expect(try ledger.add(stored) == .repeated(stored))
    }
    #expect(try ledger.everything(try line()).count == 5)
  }

  @Test func `extreme numbers come back as they were`() throws {
    let ledger = try SQLiteLedger(.memory)
    let extreme = Prediction(
      line: try line(), part: "x", cell: Cell([]), version: ModelVersion(Int.max), inputs: [], logits: [],
      predictedClass: 0, confidence: 1, time: Timestamp(microseconds: Int64.min),
      receipt: Receipt(
        wallClock: Timestamp(microseconds: Int64.max), monotonicMicroseconds: Int64.min, peerUID: UInt32.max))
    #expect(try ledger.add(extreme) == .stored)
    #expect(try ledger.add(extreme) == .repeated(extreme))
  }

  @Test func `the latest time is the largest, not the last`() throws {
    let ledger = try SQLiteLedger(.memory)
    #expect(try ledger.latestTime(line: try line()) == nil)
    for second in [5, 900, 20] as [Int64] { try ledger.add(try prediction("p\(second)", second: second)) }
    #expect(try ledger.latestTime(line: try line()) == at(900))
  }

  // MARK: - matured

  @Test func `matured rows come in the order of storing and stop before the first that is too young`() throws {
    let ledger = try SQLiteLedger(.memory)
    for (part, second) in [("a", 10), ("b", 5), ("c", 30), ("d", 6)] as [(String, Int64)] {
      try ledger.add(try prediction(part, second: second, predictedClass: 1))
    }
    try ledger.add(try outcome("b", 1))
    let found = try ledger.matured(
      line: try line(), after: 0, watermark: at(20), future: at(1000), limit: 10, inputs: .none)
    #expect(found.map(\.time) == [at(10), at(5)])
    #expect(found.map(\.label) == [nil, 1])
    #expect(found.map(\.predictedClass) == [1, 1])
    let last = try #require(found.last)
    // "d" is old enough but stands behind "c".
    #expect(
      try ledger.matured(
        line: try line(), after: last.row, watermark: at(20), future: at(1000), limit: 10, inputs: .none) == [])
    let rest = try ledger.matured(
      line: try line(), after: last.row, watermark: at(31), future: at(1000), limit: 10, inputs: .none)
    #expect(rest.map(\.time) == [at(30), at(6)])
  }

  @Test func `the watermark itself is too young and the future itself is given at once`() throws {
    let ledger = try SQLiteLedger(.memory)
    try ledger.add(try prediction("wrong clock", second: 1000))
    try ledger.add(try prediction("on the mark", second: 20))
    let found = try ledger.matured(
      line: try line(), after: 0, watermark: at(20), future: at(1000), limit: 10, inputs: .none)
    #expect(found.map(\.time) == [at(1000)])
  }

  @Test func `matured keeps to its limit and its line`() throws {
    let ledger = try SQLiteLedger(.memory)
    for index in 0..<30 {
      try ledger.add(try prediction("p\(index)", line: index % 3 == 0 ? "quiet" : "busy", second: Int64(index)))
    }
    let quiet = try line("quiet")
    let first = try ledger.matured(
      line: quiet, after: 0, watermark: at(100), future: farFuture, limit: 4, inputs: .none)
    #expect(first.map(\.time) == [at(0), at(3), at(6), at(9)])
    let after = try #require(first.last).row
    let rest = try ledger.matured(
      line: quiet, after: after, watermark: at(100), future: farFuture, limit: 100, inputs: .none)
    #expect(rest.map(\.time) == stride(from: Int64(12), to: 30, by: 3).map { at($0) })
  }

  @Test func `no query of the hot path sorts or reads a whole table`() throws {
    let ledger = try SQLiteLedger(Place.disk.location(folder))
    try ledger.add(try prediction("p"))
    let raw = try RawDatabase(folder.file("ledger.db"))
    let queries = [
      """
      SELECT p.id, o.label FROM prediction AS p INDEXED BY prediction_line
      LEFT JOIN outcome AS o ON o.prediction = p.id WHERE p.line = 1 AND p.id > 5 ORDER BY p.id LIMIT 9
      """,
      "SELECT label, count(*) FROM labelled WHERE cell = 1 AND time BETWEEN 1 AND 2",
      "SELECT prediction FROM labelled WHERE cell = 1 AND time BETWEEN 1 AND 2 ORDER BY time DESC, prediction DESC",
      "SELECT id FROM prediction WHERE line = 1 AND part = 'x'",
      "SELECT label FROM held_outcome WHERE line = 1 AND part = 'x'",
    ]
    for query in queries {
      let plan = try raw.plan(query)
      #expect(plan.allSatisfy { $0.hasPrefix("SEARCH") }, "\(query): \(plan)")
    }
  }

  // MARK: - evidence

  @Test(arguments: Place.allCases)
  func `evidence comes back as it was saved, per line`(_ place: Place) throws {
    let ledger = try SQLiteLedger(place.location(folder))
    #expect(try ledger.evidence(line: try line()) == nil)
    let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let line = try line()
    try ledger.transaction { () throws(StorageFailure) in
      try ledger.saveEvidence([1], line: line)
      try ledger.saveEvidence(bytes, line: line)
    }
    #expect(try ledger.evidence(line: line) == bytes)
    try ledger.transaction { () throws(StorageFailure) in try ledger.saveEvidence([], line: line) }
    #expect(try ledger.evidence(line: line) == [])
    #expect(try ledger.evidence(line: try LineID("other")) == nil)
  }
}
