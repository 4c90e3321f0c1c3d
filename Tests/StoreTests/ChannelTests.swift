import Domain
import Engine
import Store
import Testing

@Suite struct ChannelTests {
  private func ledger(_ declared: [String] = []) throws -> SQLiteLedger {
    let ledger = try SQLiteLedger(.memory)
    try declare(declared, in: ledger)
    return ledger
  }

  private func declare(_ names: [String], in ledger: SQLiteLedger) throws {
    let line = try line()
    try ledger.transaction { () throws(StorageFailure) in
      try ledger.declare(names.map { OutcomeChannel(name: $0) }, line: line)
    }
  }

  private func truth(_ ledger: SQLiteLedger) throws -> [Int?] { try ledger.everything(try line()).map(\.label) }

  @Test func `the more trusted channel is in force, whichever comes first`() throws {
    let ledger = try ledger(["audit", "rework"])
    try ledger.add(try prediction("A-1"))
    #expect(try ledger.add(try outcome("A-1", 1, source: "rework")) == .joined)
    #expect(try ledger.add(try outcome("A-1", 0, source: "audit")) == .amended)
    #expect(try ledger.add(try outcome("A-1", 1, source: "customer")) == .conflict)
    #expect(try truth(ledger) == [0])
    #expect(try ledger.amendments(line: try line(), part: "A-1") == [], "nothing is lost: it stands beside")
    let rows = try ledger.coverage(line: try line()).channels
    #expect(rows.map(\.name) == ["audit", "rework", "customer"])
    #expect(rows.map(\.outcomes) == [1, 1, 1])
    #expect(rows.map(\.conflicts) == [0, 1, 1])
    #expect(try ledger.totals(line: nil).outcomes == 1)
  }

  @Test func `a channel speaks for itself alone, and may change its mind`() throws {
    let ledger = try ledger(["audit"])
    try ledger.add(try prediction("A-1"))
    try ledger.add(try outcome("A-1", 0, source: "audit"))
    #expect(try ledger.add(try outcome("A-1", 1, amends: true, source: "rework")) == .conflict, "not its own to amend")
    #expect(try ledger.add(try outcome("A-1", 1, source: "rework")) == .duplicate)
    #expect(try ledger.add(try outcome("A-1", 0, source: "rework")) == .conflict)
    #expect(try ledger.add(try outcome("A-1", 0, amends: true, source: "rework")) == .amended)
    #expect(try truth(ledger) == [0])
    #expect(try ledger.coverage(line: try line()).channels.map(\.conflicts) == [0, 0])
    #expect(try ledger.add(try outcome("A-1", 1, amends: true, source: "audit")) == .amended)
    #expect(try truth(ledger) == [1])
    #expect(try ledger.coverage(line: try line()).channels.map(\.conflicts) == [0, 1])
    #expect(try ledger.amendments(line: try line(), part: "A-1").map(\.source) == ["rework", "audit"])
  }

  @Test func `what several channels said of a part before it came joins in the order of trust`() throws {
    let ledger = try ledger(["audit", "rework"])
    #expect(try ledger.add(try outcome("A-1", 1, source: "customer")) == .heldUnknownID)
    #expect(try ledger.add(try outcome("A-1", 1, source: "rework")) == .heldUnknownID)
    #expect(try ledger.add(try outcome("A-1", 0, source: "audit")) == .amended)
    #expect(try ledger.totals(line: nil).outcomes == 1)
    #expect(try ledger.coverage(line: try line()).waiting == 1)
    try ledger.add(try prediction("A-1", second: 3600))
    #expect(try truth(ledger) == [0])
    let coverage = try ledger.coverage(line: try line())
    #expect(coverage.waiting == 0)
    #expect(coverage.channels.map(\.conflicts) == [0, 1, 1])
    #expect(coverage.cells.map(\.outcomes) == [1])
    #expect(coverage.cells.first?.delays == [OutcomeDelay(bucket: 0): 1])
  }

  @Test func `ranks hold for what comes after they were declared, and survive a restart`() throws {
    let folder = try TestFolder()
    var ledger = try SQLiteLedger(.file(folder.file("ledger.db")))
    try ledger.add(try outcome("A-1", 1, source: "rework"))
    try ledger.add(try outcome("A-1", 0, source: "audit"))
    try declare(["audit"], in: ledger)
    ledger = try SQLiteLedger(.file(folder.file("ledger.db")))
    try ledger.add(try prediction("A-1"))
    #expect(try truth(ledger) == [0], "joined by the ranks of the day it came")
    try declare([], in: ledger)
    #expect(try ledger.coverage(line: try line()).channels.map(\.name) == ["rework", "audit"])
  }

  @Test func `channels past the bound go together, declared ones never`() throws {
    let ledger = try ledger()
    for number in 0...OutcomeChannel.countMax + 5 {
      try ledger.add(try outcome("A-\(number)", 1, source: "c\(number)"))
    }
    try declare(["audit"], in: ledger)
    try ledger.add(try outcome("A-0", 1, source: "audit"))
    let names = try ledger.coverage(line: try line()).channels.map(\.name)
    #expect(names.first == "audit")
    #expect(names.count == OutcomeChannel.countMax + 2)
    #expect(names.last == OutcomeChannel.other)
  }

  @Test func `delays are counted once, from the first word of any channel`() throws {
    let folder = try TestFolder()
    let ledger = try SQLiteLedger(.file(folder.file("ledger.db")))
    try ledger.add(try prediction("A-1"))
    let first = Outcome(
      line: try line(), part: "A-1", label: 1, observedAt: at(0), arrivedAt: at(5 * 3600), source: "audit",
      samplingProbability: 0.05, amends: false, receipt: try outcome("A-1", 1).receipt)
    try ledger.add(first)
    try ledger.add(try outcome("A-1", 0, amends: true, source: "audit"))
    try ledger.add(try outcome("A-1", 0, source: "rework"))
    #expect(try ledger.coverage(line: try line()).cells.first?.delays == [OutcomeDelay(bucket: 2): 1])
    let raw = try RawDatabase(folder.file("ledger.db"))
    #expect(try raw.texts("SELECT probability FROM outcome_history") == ["0.05"])
    #expect(try raw.number("SELECT arrived FROM outcome") == Int(at(5 * 3600).microseconds), "the channel's first word")
    #expect(
      try raw.texts("SELECT channel || in_force FROM outcomes_v1 ORDER BY in_force DESC") == ["audit1", "rework0"])
  }
}
