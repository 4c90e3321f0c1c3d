import Domain
import Engine
import Store
import Testing

/// Whatever happens in whatever order, the ledger says what the ranks of the channels say.
@Suite struct OutcomeHistoryTests {
  private static let channels = ["audit", "rework", "customer", ""].map { OutcomeChannel(name: $0) }

  /// Predictions, outcomes of four channels, amendments and undone transactions, against dictionaries.
  @Test(arguments: 1...6)
  func `random histories agree with a plain model`(_ seed: Int) throws {
    var random = SeededRandom(seed: UInt64(seed))
    let folder = try TestFolder()
    let ledger = try SQLiteLedger(.file(folder.file("ledger.db")))
    var model = Model(declared: seed.isMultiple(of: 2) ? [] : ["audit", "rework"])
    let declared = model.declared.map { OutcomeChannel(name: $0) }
    for name in Step.lines where !declared.isEmpty {
      try ledger.transaction { () throws(StorageFailure) in
        guard let line = try? LineID(name) else { return }
        try ledger.declare(declared, line: line)
      }
    }
    for round in 0..<60 {
      var tentative = model
      let isUndone = Int.random(in: 0..<4, using: &random) == 0
      var steps: [Step] = []
      for _ in 0..<Int.random(in: 1...20, using: &random) {
        steps.append(try .random(arrived: Int64(round * 3600), using: &random))
      }
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
    try model.check(try RawDatabase(folder.file("ledger.db")))
  }

  /// What is known in the end is the same however it came.
  @Test(arguments: 1...8)
  func `every order of the same facts ends in the same truth`(_ seed: Int) throws {
    var random = SeededRandom(seed: UInt64(seed))
    let ledger = try SQLiteLedger(.memory)
    let line = try line()
    try ledger.transaction { () throws(StorageFailure) in try ledger.declare(Self.channels, line: line) }
    var expected: [Int?] = []
    for number in 0..<40 {
      var queues: [[Step]] = [[.predict(try prediction("p\(number)", second: Int64(number)))]]
      var truth: Int?
      for channel in Self.channels where Bool.random(using: &random) {
        let labels = (0..<Int.random(in: 1...3, using: &random)).map { _ in Int.random(in: 0..<3, using: &random) }
        queues.append(
          try labels.map { .tell(try outcome("p\(number)", $0, amends: true, source: channel.name)) })
        truth = truth ?? labels.last
      }
      expected.append(truth)
      // A channel's own words keep their order, everything else is shuffled.
      while let queue = queues.indices.filter({ !queues[$0].isEmpty }).randomElement(using: &random) {
        let step = queues[queue].removeFirst()
        try ledger.transaction { () throws(StorageFailure) in _ = try step.apply(to: ledger) }
      }
    }
    let found = try ledger.everything(line)
    #expect(found.sorted { $0.time < $1.time }.map(\.label) == expected)
  }
}

/// One thing that may happen to a ledger.
private enum Step {
  case predict(Prediction)
  case tell(Outcome)

  static let lines = ["a", "b", "c"]

  static func random(arrived second: Int64, using random: inout SeededRandom) throws -> Step {
    let name = lines.randomElement(using: &random) ?? "a"
    let part = "p\(Int.random(in: 0..<25, using: &random))"
    guard Int.random(in: 0..<4, using: &random) == 0 else {
      let source = ["rework", "customer", "", "audit"].randomElement(using: &random) ?? ""
      let told = try outcome(
        part, Int.random(in: 0..<3, using: &random), line: name, amends: Bool.random(using: &random), source: source)
      return .tell(told.arriving(at: at(second)))
    }
    let mold = "\(Int.random(in: 0..<3, using: &random))"
    let inputs: [Float] = Bool.random(using: &random) ? [1, 2] : []
    return .predict(try prediction(part, line: name, cell: [mold], second: second, inputs: inputs))
  }

  func apply(to ledger: SQLiteLedger) throws(StorageFailure) -> String {
    switch self {
    case .predict(let prediction): try ledger.append(prediction) == .stored ? "stored" : "repeated"
    case .tell(let outcome): try ledger.record(outcome).rawValue
    }
  }
}

extension Outcome {
  fileprivate func arriving(at time: Timestamp) -> Outcome {
    Outcome(
      line: line, part: part, label: label, observedAt: observedAt, arrivedAt: time, source: source, amends: amends,
      receipt: receipt)
  }
}

/// What a ledger should hold, kept the plainest way.
private struct Model {
  struct Key: Hashable {
    let line: LineID
    let part: String
  }

  let declared: [String]
  /// Channels of a line in the order they were met.
  var met: [LineID: [String]] = [:]
  var predictions: [Key: Prediction] = [:]
  var order: [Key] = []
  var said: [Key: [String: (label: Int, arrived: Timestamp)]] = [:]
  var delays: [Key: OutcomeDelay] = [:]
  var amendments = 0

  init(declared: [String]) { self.declared = declared }

  func rank(_ channel: String, _ line: LineID) -> Int {
    declared.firstIndex(of: channel) ?? declared.count + (met[line]?.firstIndex(of: channel) ?? .max / 2)
  }

  /// The most trusted channel that spoke of the part.
  func best(_ key: Key) -> String? { said[key]?.keys.min { rank($0, key.line) < rank($1, key.line) } }

  func truth(_ key: Key) -> Int? { best(key).flatMap { said[key]?[$0]?.label } }

  mutating func apply(_ step: Step) -> String {
    switch step {
    case .predict(let prediction):
      let key = Key(line: prediction.line, part: prediction.part)
      guard predictions[key] == nil else { return "repeated" }
      predictions[key] = prediction
      order.append(key)
      count(key)
      return "stored"
    case .tell(let outcome):
      return tell(outcome, Key(line: outcome.line, part: outcome.part))
    }
  }

  private mutating func tell(_ outcome: Outcome, _ key: Key) -> String {
    if !met[key.line, default: []].contains(outcome.source) { met[key.line, default: []].append(outcome.source) }
    let stored = predictions[key] == nil ? "held_unknown_id" : "joined"
    guard let best = best(key), let truth = truth(key) else {
      said[key] = [outcome.source: (outcome.label, outcome.arrivedAt)]
      count(key)
      return stored
    }
    if let old = said[key]?[outcome.source] {
      guard old.label != outcome.label else { return "duplicate" }
      guard outcome.amends else { return "conflict" }
      said[key]?[outcome.source] = (outcome.label, old.arrived)
      amendments += 1
      return "amended"
    }
    said[key]?[outcome.source] = (outcome.label, outcome.arrivedAt)
    if outcome.label == truth { return stored }
    return rank(outcome.source, key.line) < rank(best, key.line) ? "amended" : "conflict"
  }

  /// A part has its first outcome and its prediction.
  private mutating func count(_ key: Key) {
    guard let prediction = predictions[key], let first = said[key]?.values.map(\.arrived).min() else { return }
    delays[key] = OutcomeDelay(answered: prediction.time, arrived: first)
  }

  private func known(_ line: LineID) -> [Key] { said.keys.filter { $0.line == line } }

  func check(_ ledger: SQLiteLedger) throws {
    for name in Step.lines {
      let line = try LineID(name)
      let keys = order.filter { $0.line == line }
      let found = try ledger.everything(line)
      #expect(found.map(\.label) == keys.map { truth($0) })
      #expect(found.map(\.cell) == keys.compactMap { predictions[$0]?.cell })
      #expect(
        try ledger.totals(line: line) == LedgerTotals(predictions: keys.count, outcomes: known(line).count))
      #expect(try ledger.latestTime(line: line) == keys.compactMap { predictions[$0]?.time }.max())
      try check(try ledger.coverage(line: line), line)
      for cell in Set(keys.compactMap { predictions[$0]?.cell }) {
        let labelled = keys.filter { predictions[$0]?.cell == cell && predictions[$0]?.inputs.isEmpty == false }
          .compactMap { truth($0) }
        #expect(
          try ledger.labelledCounts(line: line, cell: cell, since: at(0), until: farFuture)
            == Dictionary(grouping: labelled) { $0 }.mapValues(\.count))
      }
    }
  }

  private func check(_ coverage: LedgerCoverage, _ line: LineID) throws {
    #expect(coverage.waiting == known(line).count { predictions[$0] == nil })
    for row in coverage.cells {
      let keys = order.filter { $0.line == line && predictions[$0]?.cell == row.cell }
      #expect(row.predictions == keys.count)
      #expect(row.outcomes == keys.count { said[$0] != nil })
      #expect(row.delays == Dictionary(grouping: keys.compactMap { delays[$0] }) { $0 }.mapValues(\.count))
    }
    let joined = known(line).filter { predictions[$0] != nil }
    #expect(coverage.channels.map(\.name) == coverage.channels.map(\.name).sorted { rank($0, line) < rank($1, line) })
    for row in coverage.channels {
      #expect(row.isDeclared == declared.contains(row.name))
      let spoken = joined.filter { said[$0]?[row.name] != nil }
      #expect(row.outcomes == spoken.count)
      #expect(row.conflicts == spoken.count { said[$0]?[row.name]?.label != truth($0) })
    }
  }

  /// The rows themselves.
  func check(_ raw: RawDatabase) throws {
    let joined = said.filter { predictions[$0.key] != nil }
    #expect(try raw.number("SELECT count(*) FROM prediction") == predictions.count)
    #expect(try raw.number("SELECT count(*) FROM outcome") == joined.count)
    #expect(
      try raw.number("SELECT count(*) FROM other_outcome") == joined.values.reduce(0) { $0 + $1.count - 1 })
    let held = said.filter { predictions[$0.key] == nil }
    #expect(try raw.number("SELECT count(*) FROM held_outcome") == held.values.reduce(0) { $0 + $1.count })
    #expect(try raw.number("SELECT sum(held_count) FROM line") == held.count)
    #expect(try raw.number("SELECT count(*) FROM outcome_history") == amendments)
    #expect(
      try raw.number("SELECT count(*) FROM labelled NATURAL JOIN outcome")
        == joined.keys.count { predictions[$0]?.inputs.isEmpty == false })
    #expect(try raw.number("SELECT sum(outcome_count) FROM cell") == joined.count)
    #expect(try raw.number("SELECT sum(outcome_count) FROM delay") == joined.count)
    #expect(try raw.texts(Self.recount) == [])
    #expect(try raw.texts("PRAGMA foreign_key_check") == [])
  }

  /// Totals of channels that rows do not bear out.
  private static let recount = """
    WITH said AS (
        SELECT p.cell, o.channel, o.label, t.label AS truth FROM (
            SELECT prediction, channel, label FROM outcome
            UNION ALL SELECT prediction, channel, label FROM other_outcome
          ) AS o JOIN prediction AS p ON p.id = o.prediction JOIN outcome AS t ON t.prediction = o.prediction
      ), counted AS (SELECT cell, channel, count(*), sum(label <> truth) FROM said GROUP BY 1, 2),
      kept AS (SELECT cell, channel, outcome_count, conflict_count FROM channel_total WHERE outcome_count > 0)
    SELECT 'kept ' || cell FROM (SELECT * FROM kept EXCEPT SELECT * FROM counted)
    UNION ALL SELECT 'counted ' || cell FROM (SELECT * FROM counted EXCEPT SELECT * FROM kept)
    """
}
