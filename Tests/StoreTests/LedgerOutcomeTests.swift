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

  @Test func `amendments replace the label and keep what was said before`() throws {
    let ledger = try SQLiteLedger(.memory)
    try ledger.add(try prediction("A-1"))
    try ledger.add(try outcome("A-1", 1, source: "audit"))
    #expect(try ledger.add(try outcome("A-1", 0, amends: true, source: "customer")) == .amended)
    #expect(try ledger.add(try outcome("A-1", 1, amends: true, source: "test bench")) == .amended)
    #expect(try ledger.everything(try line()).map(\.label) == [1])
    let history = try ledger.amendments(line: try line(), part: "A-1")
    #expect(history.map(\.label) == [1, 0])
    #expect(history.map(\.source) == ["audit", "customer"])
    #expect(history.first?.receipt == (try outcome("A-1", 1)).receipt)
    let rows = try ledger.labelledRows(
      line: try line(), cells: [Cell(["8412", "day"])], since: at(0), until: at(0), limit: 9)
    #expect(rows.map(\.label) == [1])
  }

  /// Whatever order predictions, outcomes and undone transactions come in, the ledger agrees with a dictionary.
  @Test(arguments: 1...6)
  func `random histories agree with a plain model`(_ seed: Int) throws {
    var random = SeededRandom(seed: UInt64(seed))
    let folder = try TestFolder()
    let ledger = try SQLiteLedger(.file(folder.file("ledger.db")))
    var model = Model()
    for _ in 0..<60 {
      var tentative = model
      let isUndone = Int.random(in: 0..<4, using: &random) == 0
      var steps: [Step] = []
      for _ in 0..<Int.random(in: 1...20, using: &random) { steps.append(try .random(using: &random)) }
      let expected = steps.map { tentative.apply($0) }
      var seen: [String] = []
      do {
        try ledger.transaction { () throws(StorageFailure) in
          for step in steps { seen.append(try step.apply(to: ledger)) }
          if isUndone { throw StorageFailure("undone", mayPass: true) }
        }
        model = tentative
      } catch {
        #expect(error.sentence == "undone")
      }
      #expect(seen == expected)
    }
    try model.check(ledger)
    try model.check(try SQLiteLedger(.file(folder.file("ledger.db"))))
    let raw = try RawDatabase(folder.file("ledger.db"))
    #expect(try raw.number("SELECT count(*) FROM prediction") == model.predictions.count)
    #expect(
      try raw.number("SELECT count(*) FROM outcome") == model.predictions.filter { model.labels[$0.key] != nil }.count)
    #expect(try raw.number("SELECT count(*) FROM labelled NATURAL JOIN outcome") == model.labels.count - model.held)
    #expect(try raw.number("SELECT sum(held_count) FROM line") == model.held)
    #expect(try raw.texts("PRAGMA foreign_key_check") == [])
  }
}

/// One thing that may happen to a ledger.
private enum Step {
  case predict(Prediction)
  case tell(Outcome)

  static func random(using random: inout SeededRandom) throws -> Step {
    let name = ["a", "b", "c"].randomElement(using: &random) ?? "a"
    let part = "p\(Int.random(in: 0..<40, using: &random))"
    let label = Int.random(in: 0..<2, using: &random)
    guard Bool.random(using: &random) else {
      return .tell(try outcome(part, label, line: name, amends: Bool.random(using: &random)))
    }
    let mold = "\(Int.random(in: 0..<3, using: &random))"
    return .predict(
      try prediction(part, line: name, cell: [mold], second: Int64.random(in: 0..<50, using: &random)))
  }

  func apply(to ledger: SQLiteLedger) throws(StorageFailure) -> String {
    switch self {
    case .predict(let prediction): try ledger.append(prediction) == .stored ? "stored" : "repeated"
    case .tell(let outcome): try ledger.record(outcome).rawValue
    }
  }
}

/// What a ledger should hold, kept the plainest way.
private struct Model {
  struct Key: Hashable {
    let line: LineID
    let part: String
  }

  var predictions: [Key: Prediction] = [:]
  var order: [Key] = []
  var labels: [Key: Int] = [:]

  var held: Int { labels.keys.filter { predictions[$0] == nil }.count }

  mutating func apply(_ step: Step) -> String {
    switch step {
    case .predict(let prediction):
      let key = Key(line: prediction.line, part: prediction.part)
      guard predictions[key] == nil else { return "repeated" }
      predictions[key] = prediction
      order.append(key)
      return "stored"
    case .tell(let outcome):
      let key = Key(line: outcome.line, part: outcome.part)
      guard let label = labels[key] else {
        labels[key] = outcome.label
        return predictions[key] == nil ? "held_unknown_id" : "joined"
      }
      guard label != outcome.label else { return "duplicate" }
      guard outcome.amends else { return "conflict" }
      labels[key] = outcome.label
      return "amended"
    }
  }

  func check(_ ledger: SQLiteLedger) throws {
    for name in ["a", "b", "c"] {
      let line = try LineID(name)
      let keys = order.filter { $0.line == line }
      let found = try ledger.everything(line)
      #expect(found.map(\.label) == keys.map { labels[$0] })
      #expect(found.map(\.cell) == keys.compactMap { predictions[$0]?.cell })
      #expect(
        try ledger.totals(line: line)
          == LedgerTotals(predictions: keys.count, outcomes: labels.keys.filter { $0.line == line }.count))
      #expect(try ledger.latestTime(line: line) == keys.compactMap { predictions[$0]?.time }.max())
    }
  }
}
