import Domain
import Engine
import Store
import Testing

@Suite struct LabelledRowsTests {
  let folder: TestFolder
  init() throws { folder = try TestFolder() }

  /// 60 labelled parts on three molds, times 0...59 in a scrambled order, every tenth part without an outcome.
  private func fill(_ ledger: SQLiteLedger) throws {
    for index in 0..<60 {
      let second = Int64(index * 37 % 60)
      let mold = "\(second % 3)"
      try ledger.add(try prediction("p\(second)", cell: [mold], second: second, inputs: [Float(second)]))
      if second % 10 != 9 { try ledger.add(try outcome("p\(second)", Int(second % 2))) }
    }
  }

  @Test(arguments: Place.allCases)
  func `rows of several cells come oldest first`(_ place: Place) throws {
    let ledger = try SQLiteLedger(place.location(folder))
    try fill(ledger)
    let rows = try ledger.labelledRows(
      line: try line(), cells: [Cell(["2"]), Cell(["0"])], since: at(6), until: at(20), limit: 100)
    let expected = (6...20).filter { $0 % 3 != 1 && $0 % 10 != 9 }.map(Int64.init)
    #expect(rows.map(\.time) == expected.map { at($0) })
    #expect(rows.map(\.part) == expected.map { "p\($0)" })
    #expect(rows.map(\.inputs) == expected.map { [Float($0)] })
    #expect(rows.map(\.label) == expected.map { Int($0 % 2) })
    #expect(rows.map(\.cell) == expected.map { Cell(["\($0 % 3)"]) })
  }

  @Test(arguments: [1, 5, 17, 54])
  func `a limit keeps the newest`(_ limit: Int) throws {
    let ledger = try SQLiteLedger(.memory)
    try fill(ledger)
    let cells = ["0", "1", "2", "2"].map { Cell([$0]) }
    let rows = try ledger.labelledRows(line: try line(), cells: cells, since: at(0), until: at(59), limit: limit)
    let expected = (0..<60).filter { $0 % 10 != 9 }.suffix(limit).map { at(Int64($0)) }
    #expect(rows.map(\.time) == expected)
  }

  @Test func `rows of one moment come in the order of storing, and the limit cuts the first of them`() throws {
    let ledger = try SQLiteLedger(.memory)
    for index in 0..<6 {
      try ledger.add(try prediction("p\(index)", cell: ["\(index % 2)"], second: 5))
      try ledger.add(try outcome("p\(index)", 0))
    }
    let cells = [Cell(["0"]), Cell(["1"])]
    let rows = try ledger.labelledRows(line: try line(), cells: cells, since: at(5), until: at(5), limit: 4)
    #expect(rows.map(\.part) == ["p2", "p3", "p4", "p5"])
  }

  @Test func `nothing is found for what is not there`() throws {
    let ledger = try SQLiteLedger(.memory)
    try fill(ledger)
    let cell = Cell(["0"])
    #expect(try ledger.labelledRows(line: try line("x"), cells: [cell], since: at(0), until: at(99), limit: 9) == [])
    #expect(try ledger.labelledRows(line: try line(), cells: [], since: at(0), until: at(99), limit: 9) == [])
    #expect(try ledger.labelledRows(line: try line(), cells: [Cell(["9"])], since: at(0), until: at(9), limit: 9) == [])
    #expect(try ledger.labelledRows(line: try line(), cells: [cell], since: at(0), until: at(99), limit: 0) == [])
    #expect(try ledger.labelledRows(line: try line(), cells: [cell], since: at(9), until: at(3), limit: 9) == [])
    #expect(try ledger.labelledCounts(line: try line(), cell: Cell(["9"]), since: at(0), until: at(99)) == [:])
  }

  @Test func `counts by true class include both ends of the span`() throws {
    let ledger = try SQLiteLedger(.memory)
    try fill(ledger)
    // Mold 0 between 12 and 30: 12, 15, 18, 21, 24, 27, 30 (9, 39 have no outcome).
    let counts = try ledger.labelledCounts(line: try line(), cell: Cell(["0"]), since: at(12), until: at(30))
    #expect(counts == [0: 4, 1: 3])
  }

  // MARK: - the training process beside the daemon

  @Test func `a reader sees what is committed and nothing of an open transaction`() throws {
    let ledger = try SQLiteLedger(Place.disk.location(folder))
    try fill(ledger)
    let reader = try LedgerReader(path: folder.file("ledger.db"))
    let line = try line()
    let cells = [Cell(["0"]), Cell(["1"])]
    let before = try ledger.labelledRows(line: line, cells: cells, since: at(0), until: at(99), limit: 1000)
    let late = try prediction("late", cell: ["0"], second: 80)
    let truth = try outcome("late", 1)
    try ledger.transaction { () throws(StorageFailure) in
      _ = try ledger.append(late)
      _ = try ledger.record(truth)
      let seen = try reader.labelledRows(line: line, cells: cells, since: at(0), until: at(99), limit: 1000)
      #expect(seen == before)
    }
    let after = try reader.labelledRows(line: line, cells: cells, since: at(0), until: at(99), limit: 1000)
    #expect(after.count == before.count + 1)
    #expect(after.last?.part == "late")
    let counts = try reader.labelledCounts(line: line, cell: Cell(["0"]), since: at(80), until: at(80))
    #expect(counts == [1: 1])
  }

  @Test func `a reader neither makes nor migrates a ledger`() throws {
    let path = folder.file("ledger.db")
    let missing = #expect(throws: OpenFailure.self) { try LedgerReader(path: path) }
    guard case .io = missing else { Issue.record("\(String(describing: missing))"); return }
    #expect(folder.names == [])
    do { _ = try SQLiteLedger(.file(path)) }
    try RawDatabase(path).execute("PRAGMA user_version = 99")
    let newer = #expect(throws: OpenFailure.self) { try LedgerReader(path: path) }
    guard case .newerSchema = newer else { Issue.record("\(String(describing: newer))"); return }
  }
}
