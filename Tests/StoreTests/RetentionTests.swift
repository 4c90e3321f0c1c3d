import Domain
import Engine
import Store
import Testing

@Suite struct RetentionTests {
  let folder: TestFolder
  let ledger: SQLiteLedger
  let raw: RawDatabase

  init() throws {
    folder = try TestFolder()
    ledger = try SQLiteLedger(.file(folder.file("ledger.db")))
    raw = try RawDatabase(folder.file("ledger.db"))
  }

  private let week: Int64 = 7 * 86_400

  /// Parts one second apart from `second` on; every third is labelled.
  private func store(_ parts: Range<Int>, cell: [String] = ["8412", "day"], from second: Int64 = 0) throws {
    let rows = try parts.map {
      try prediction("p\(100_000 + $0)", cell: cell, second: second + Int64($0), inputs: [Float($0), 2, 3])
    }
    let outcomes = try parts.filter { $0 % 3 == 0 }.map { try outcome("p\(100_000 + $0)", 1) }
    try ledger.transaction { () throws(StorageFailure) in
      for row in rows { _ = try ledger.append(row) }
      for outcome in outcomes { _ = try ledger.record(outcome) }
      try ledger.setRetentionClock(at(week))
    }
  }

  private func order(
    inputs: Timestamp? = nil, rows: Timestamp? = nil, counted: Timestamp? = nil, held: Timestamp? = nil,
    share: Int = 500,
    spared: Set<RetentionOrder.GroupCell> = [], last: Int64 = 0
  ) throws -> RetentionOrder {
    RetentionOrder(
      inputsBefore: inputs, rowsBefore: rows, countedRowsBefore: counted, heldBefore: held, inputsPerGroup: share,
      spared: spared,
      counted: [try line(): last])
  }

  @discardableResult
  private func trim(_ order: RetentionOrder, limit: Int = 7) throws -> Trimmed {
    var all = Trimmed()
    while !all.isDone {
      let piece = try ledger.transaction { () throws(StorageFailure) in try ledger.trim(order, limit: limit) }
      all.inputs += piece.inputs
      all.predictions += piece.predictions
      all.outcomes += piece.outcomes
      all.isDone = piece.isDone
    }
    return all
  }

  private func count(_ table: String) throws -> Int { try raw.number("SELECT count(*) FROM \(table)") }

  @Test func `old features go, those of each group's newest labelled parts stay`() throws {
    try store(0..<90)
    try store(90..<120, cell: ["rare", "day"])
    let gone = try trim(try order(inputs: at(101), share: 10))
    // Received a second after they were made: 0..<100 are older. 30 labelled parts of the first group, 4 of the second.
    #expect(gone.inputs == 60 + 20 + 6 && gone.predictions == 0)
    #expect(try raw.texts("SELECT part FROM prediction JOIN input ON prediction = id WHERE id <= 90").count == 10)
    #expect(try raw.texts("SELECT part FROM prediction JOIN input ON prediction = id").first == "p100060")
    #expect(try count("labelled") == 20 && count("prediction") == 120 && count("outcome") == 40)
    #expect(try ledger.totals(line: nil).dropped == LedgerTotals.Dropped(inputs: 86))
    try requireTotals()
  }

  @Test func `a group in trouble keeps its features`() throws {
    try store(0..<90)
    let group = RetentionOrder.GroupCell(line: try line(), cell: Cell(["8412", "day"]))
    #expect(try trim(try order(inputs: at(1000), share: 10, spared: [group])).inputs == 60)
    #expect(try count("labelled") == 30)
  }

  @Test func `old parts go with all that is known of them, unless their features are kept`() throws {
    try store(0..<90)
    try ledger.add(try outcome("p100000", 0, amends: true))
    var told = try prediction("told", second: 40, advice: .lowConfidence)
    told.late = true
    try ledger.add(told)
    let gone = try trim(try order(inputs: at(1000), rows: at(51), share: 10))
    // Of 30 labelled parts the first 20 lose their features; 17 of these are older than the cut.
    #expect(gone.predictions == 33 + 17 && gone.outcomes == 17)
    #expect(try count("prediction") == 91 - 50 && count("outcome") == 13 && count("outcome_history") == 0)
    #expect(try count("remark") == 1, "stored later, however old it is: the walk stopped before it")
    #expect(try ledger.add(try outcome("p100001", 1)) == .heldUnknownID)
    try requireTotals()
  }

  @Test func `a part that lost its features is still known, and its outcome counts`() throws {
    try store(1..<2)
    try trim(try order(inputs: at(1000)))
    let again = try prediction("p100001", second: 1, inputs: [1, 2, 3])
    guard case .repeated(let first) = try ledger.add(again) else { Issue.record("stored twice"); return }
    #expect(first.inputs.isEmpty && first.logits == again.logits)
    #expect(try ledger.add(try outcome("p100001", 1)) == .joined)
    #expect(try ledger.everything(try line()).map(\.label) == [1])
    #expect(try ledger.labelledCounts(line: try line(), cell: again.cell, since: at(0), until: farFuture).isEmpty)
    try requireTotals()
  }

  @Test func `rows stamped 1970 or far ahead are as old as their neighbours`() throws {
    try store(0..<10)
    for (number, wall) in [(10, Timestamp(seconds: 5)), (11, at(900 * week))] {
      let row = try prediction("p\(100_000 + number)", second: 10)
      try ledger.add(
        Prediction(
          line: row.line, part: row.part, cell: row.cell, version: row.version, inputs: row.inputs, logits: row.logits,
          predictedClass: 0, confidence: 0.5, time: row.time,
          receipt: Receipt(wallClock: wall, monotonicMicroseconds: 1, peerUID: 1)))
    }
    try store(12..<30)
    #expect(try trim(try order(inputs: at(5), rows: at(5), share: 1)).predictions == 4)
    #expect(try raw.texts("SELECT part FROM prediction WHERE id IN (11, 12)").count == 2, "neighbours of younger ones")
    #expect(try trim(try order(inputs: at(20), rows: at(20), share: 1)).predictions == 15)
    #expect(try raw.texts("SELECT part FROM prediction WHERE id IN (11, 12)").isEmpty)
    try requireTotals()
  }

  @Test func `the newest row stays, for its number must not be given twice`() throws {
    try store(1..<9)
    let last = try raw.number("SELECT max(id) FROM prediction")
    #expect(try trim(try order(inputs: farFuture, rows: farFuture, share: 0)).predictions == 7)
    let rest = try ledger.everything(try line()).map(\.row)
    #expect(rest == [Int64(last)])
    try store(10..<11)
    let next = try ledger.matured(
      line: try line(), after: Int64(last), watermark: farFuture, future: farFuture, limit: 9, inputs: .none)
    #expect(next.count == 1, "whoever has counted up to the last row sees the next")
    #expect(try trim(try order(inputs: farFuture, rows: farFuture, share: 0)).predictions == 1)
    try requireTotals()
  }

  @Test func `labelled parts with a wrong clock lose their features with their neighbours, not before`() throws {
    try store(0..<3)
    for (part, wall) in [("at 1970", Timestamp(seconds: 5)), ("far ahead", at(900 * week))] {
      let row = try prediction(part, second: 3)
      try ledger.add(
        Prediction(
          line: row.line, part: row.part, cell: row.cell, version: row.version, inputs: row.inputs, logits: row.logits,
          predictedClass: 0, confidence: 0.5, time: row.time,
          receipt: Receipt(wallClock: wall, monotonicMicroseconds: 1, peerUID: 1)))
      try ledger.add(try outcome(part, 1))
    }
    try store(4..<20)
    let kept = "SELECT count(*) FROM input JOIN prediction ON id = prediction WHERE part LIKE '% %'"
    try trim(try order(inputs: at(2), share: 1))
    #expect(try raw.number(kept) == 2)
    try trim(try order(inputs: at(15), share: 1))
    #expect(try raw.number(kept) == 0)
    try requireTotals()
  }

  @Test func `an order that gave up later ones says nothing of those that expire under another`() throws {
    try store(0..<30)
    try trim(try order(inputs: at(1), counted: farFuture, share: 500, last: 30))
    // Features of labelled parts beyond a smaller share go; the parts stay, for none is old.
    #expect(try trim(try order(inputs: farFuture, rows: at(0), share: 2)).predictions == 0)
    let (labelled, parts) = (try count("labelled"), try count("prediction"))
    #expect(labelled == 2 && parts == 30)
    try requireTotals()
  }

  @Test func `for want of room only parts go that the monitor has counted`() throws {
    try store(0..<30)
    #expect(try trim(try order(inputs: farFuture, counted: farFuture, share: 1, last: 10)).predictions == 10)
    // The walk has stopped before what nobody had counted.
    #expect(try trim(try order(inputs: farFuture, counted: farFuture, share: 1, last: 30)).predictions == 18)
    try ledger.transaction { () throws(StorageFailure) in try ledger.restartRetention() }
    #expect(try trim(try order(inputs: farFuture, counted: farFuture, share: 1, last: 30)).predictions == 0)
    // The newest labelled part keeps its features, the newest row its number.
    #expect(try raw.texts("SELECT part FROM prediction") == ["p100027", "p100029"])
    try requireTotals()
  }

  @Test func `outcomes that wait for ever go too`() throws {
    for number in 0..<20 { try ledger.add(try outcome("nowhere-\(number)", 1)) }
    #expect(try trim(try order(held: at(3601))).outcomes == 0)
    try ledger.transaction { () throws(StorageFailure) in try ledger.restartRetention() }
    #expect(try trim(try order(held: at(3602))).outcomes == 20)
    #expect(try count("held_outcome") == 0)
    #expect(try ledger.totals(line: nil) == LedgerTotals(predictions: 0, outcomes: 0, dropped: .init(outcomes: 20)))
  }

  @Test func `a file stays as large as it is when as much goes as comes`() throws {
    var pages: [Int] = []
    for round in 0..<12 {
      try store(round * 600..<(round + 1) * 600)
      let now = Int64((round + 1) * 600)
      try trim(try order(inputs: at(now - 600), rows: at(now - 1200), share: 20), limit: 64)
      pages.append(try raw.number("PRAGMA page_count"))
    }
    #expect(pages[5] == pages[11], "\(pages)")
    try requireTotals()
  }

  @Test(arguments: 1...8 as ClosedRange<UInt64>)
  func `pieces of any size take away the same, and totals are those of a recount`(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var next = 0
    for _ in 0..<12 {
      let count = Int(random.next() % 60)
      try store(next..<next + count, cell: [["a", "b", "c"][Int(random.next() % 3)], "day"])
      next += count
      let now = Int64(next)
      let order = try order(
        inputs: at(now - Int64(random.next() % 90)), rows: at(now - Int64(random.next() % 200)),
        counted: random.next() % 4 == 0 ? farFuture : nil, share: 1 + Int(random.next() % 30),
        last: Int64(random.next() % UInt64(next + 1)))
      if random.next() % 3 == 0 {
        try ledger.transaction { () throws(StorageFailure) in try ledger.restartRetention() }
      }
      try trim(order, limit: 1 + Int(random.next() % 50))
      try requireTotals()
    }
  }

  /// Every total against a scan, and no row without what it belongs to.
  private func requireTotals() throws {
    #expect(try raw.texts("PRAGMA foreign_key_check").isEmpty)
    #expect(
      try raw.texts(
        """
        SELECT c.id || ':' || c.prediction_count || ',' || c.outcome_count || ',' || c.input_count || ',' || c.labelled_count
        FROM cell AS c ORDER BY id
        """)
        == raw.texts(
          """
          SELECT c.id || ':' || (SELECT count(*) FROM prediction WHERE cell = c.id) || ','
            || (SELECT count(*) FROM outcome JOIN prediction AS p ON p.id = prediction WHERE cell = c.id) || ','
            || (SELECT count(*) FROM input JOIN prediction AS p ON p.id = prediction WHERE cell = c.id) || ','
            || (SELECT count(*) FROM labelled WHERE cell = c.id)
          FROM cell AS c ORDER BY id
          """))
    let totals = try ledger.totals(line: nil)
    #expect(try totals.predictions == count("prediction"))
    #expect(try totals.outcomes == count("outcome") + count("held_outcome"))
    #expect(
      try raw.number(
        "SELECT count(*) FROM labelled AS b WHERE NOT EXISTS (SELECT 1 FROM input WHERE prediction = b.prediction)")
        == 0)
  }
}
