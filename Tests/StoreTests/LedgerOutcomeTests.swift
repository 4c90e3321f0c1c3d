import Domain
import Engine
import Store
import Testing

@Suite struct LedgerOutcomeTests {
  @Test func `an outcome after its prediction joins it`() throws {
    let ledger = try SQLiteLedger(.memory)
    try ledger.add(try prediction("A-1"))
    #expect(try ledger.add(try outcome("A-1", 1)) == .joined)
    #expect(try ledger.everything(try line()).map(\.label) == [1])
    #expect(try ledger.totals(line: nil) == LedgerTotals(predictions: 1, outcomes: 1))
  }

  @Test func `an outcome before its prediction is held and joins when it comes`() throws {
    let ledger = try SQLiteLedger(.memory)
    #expect(try ledger.add(try outcome("A-1", 1)) == .heldUnknownID)
    #expect(try ledger.add(try outcome("A-1", 1)) == .duplicate)
    #expect(try ledger.add(try outcome("A-1", 0)) == .conflict)
    #expect(try ledger.add(try outcome("A-1", 0, amends: true)) == .amended)
    #expect(try ledger.totals(line: nil) == LedgerTotals(predictions: 0, outcomes: 1))
    try ledger.add(try prediction("A-2"))
    try ledger.add(try prediction("A-1"))
    #expect(try ledger.everything(try line()).map(\.label) == [nil, 0])
    #expect(try ledger.add(try outcome("A-1", 0)) == .duplicate)
    #expect(try ledger.totals(line: nil) == LedgerTotals(predictions: 2, outcomes: 1))
    let counts = try ledger.labelledCounts(line: try line(), cell: Cell(["8412", "day"]), since: at(0), until: at(9))
    #expect(counts == [0: 1])
  }

  @Test func `a held outcome waits for its own line`() throws {
    let ledger = try SQLiteLedger(.memory)
    try ledger.add(try outcome("A-1", 1, line: "press-4"))
    try ledger.add(try prediction("A-1", line: "press-3"))
    #expect(try ledger.everything(try line("press-3")).map(\.label) == [nil])
    try ledger.add(try prediction("A-1", line: "press-4"))
    #expect(try ledger.everything(try line("press-4")).map(\.label) == [1])
  }

  @Test func `the same label is a duplicate, another one a conflict, and neither changes anything`() throws {
    let ledger = try SQLiteLedger(.memory)
    try ledger.add(try prediction("A-1"))
    try ledger.add(try outcome("A-1", 1))
    #expect(try ledger.add(try outcome("A-1", 1, amends: true)) == .duplicate)
    #expect(try ledger.add(try outcome("A-1", 0)) == .conflict)
    #expect(try ledger.everything(try line()).map(\.label) == [1])
    #expect(try ledger.amendments(line: try line(), part: "A-1") == [])
    #expect(try ledger.totals(line: nil).outcomes == 1)
  }

  @Test func `amendments replace the channel's own label and keep what was said before`() throws {
    let ledger = try SQLiteLedger(.memory)
    try ledger.add(try prediction("A-1"))
    try ledger.add(try outcome("A-1", 1, source: "audit"))
    #expect(try ledger.add(try outcome("A-1", 0, amends: true, source: "audit")) == .amended)
    #expect(try ledger.add(try outcome("A-1", 1, amends: true, source: "audit")) == .amended)
    #expect(try ledger.everything(try line()).map(\.label) == [1])
    let history = try ledger.amendments(line: try line(), part: "A-1")
    #expect(history.map(\.label) == [1, 0])
    #expect(history.map(\.source) == ["audit", "audit"])
    #expect(history.first?.receipt == (try outcome("A-1", 1)).receipt)
    let rows = try ledger.labelledRows(
      line: try line(), cells: [Cell(["8412", "day"])], since: at(0), until: at(0), limit: 9)
    #expect(rows.map(\.label) == [1])
  }
}
