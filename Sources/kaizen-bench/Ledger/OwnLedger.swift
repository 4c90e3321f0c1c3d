import CBench
import Domain
import Engine
import Store

/// A ledger written as the plant writes it.
struct OwnLedger {
  let ledger: SQLiteLedger
  let rows: LedgerRows

  init(path: String, rows: LedgerRows) throws {
    ledger = try SQLiteLedger(.file(path))
    self.rows = rows
  }

  /// As `FloorLedger.append`.
  func append(_ ids: PartIDs, from first: Int, count: Int = .max, batch: Int, seconds: Double) throws -> LedgerStretch {
    var stretch = LedgerStretch()
    while stretch.rows < count, stretch.seconds < seconds {
      let start = first + stretch.rows
      let predictions = (start..<start + min(batch, count - stretch.rows)).map { rows.prediction($0, ids: ids) }
      var repeated = 0
      try Self.time(&stretch) {
        try ledger.transaction { () throws(StorageFailure) in
          for prediction in predictions {
            if case .repeated = try ledger.append(prediction) { repeated += 1 }
          }
        }
      }
      guard repeated == 0 else { throw BenchFailure("\(repeated) new parts were in the ledger already") }
      stretch.rows += predictions.count
    }
    return stretch
  }

  /// Outcomes of rows that are there, in transactions of `batch`.
  ///
  /// - Parameters:
  ///   - numbers: of the rows, each once.
  func record(_ numbers: some Sequence<Int>, ids: PartIDs, batch: Int, seconds: Double) throws -> LedgerStretch {
    var stretch = LedgerStretch()
    var iterator = numbers.makeIterator()
    while stretch.seconds < seconds {
      var outcomes: [Outcome] = []
      while outcomes.count < batch, let number = iterator.next() { outcomes.append(rows.outcome(of: number, ids: ids)) }
      guard !outcomes.isEmpty else { break }
      var joined = 0
      try Self.time(&stretch) {
        try ledger.transaction { () throws(StorageFailure) in
          for outcome in outcomes where try ledger.record(outcome) == .joined { joined += 1 }
        }
      }
      guard joined == outcomes.count else { throw BenchFailure("\(outcomes.count - joined) outcomes met no part") }
      stretch.rows += joined
    }
    return stretch
  }

  /// The journal alone, a row a write, as single parts come.
  func journal(folder: String, from first: Int, seconds: Double) throws -> LedgerStretch {
    let journal = try LedgerJournal.open(stateDirectory: folder)
    _ = try journal.recover(into: ledger)
    var stretch = LedgerStretch()
    while stretch.seconds < seconds {
      let prediction = rows.prediction(first + stretch.rows, ids: .counter)
      try Self.time(&stretch) { try journal.append([prediction]) }
      stretch.rows += 1
      guard stretch.rows.isMultiple(of: Self.journalRows) else { continue }
      // As when the ledger has taken them in.
      journal.turnOver()
      journal.forget()
    }
    journal.turnOver()
    journal.forget()
    return stretch
  }

  /// Rows after which the plant takes the journal in.
  private static let journalRows = 256

  /// What `kaizenctl status` asks of a ledger.
  /// - Returns: milliseconds.
  func status() throws -> Double {
    let start = kb_nanoseconds()
    _ = try ledger.totals(line: nil)
    for line in rows.bench.lines {
      _ = try ledger.totals(line: line)
      _ = try ledger.latestTime(line: line)
      _ = try ledger.latestAdvice(line: line, limit: Self.adviceRows)
    }
    _ = ledger.byteCount
    return Double(kb_nanoseconds() - start) / 1e6
  }

  /// Parts whose advice `status` sums up.
  private static let adviceRows = 1000

  /// Opens a ledger and asks it what the plant asks at its start.
  /// - Returns: milliseconds.
  static func start(path: String, lines: [LineID]) throws -> Double {
    let start = kb_nanoseconds()
    let ledger = try SQLiteLedger(.file(path))
    for line in lines {
      _ = try ledger.evidence(line: line)
      _ = try ledger.greatestPart(line: line)
      _ = try ledger.latestTime(line: line)
    }
    return Double(kb_nanoseconds() - start) / 1e6
  }

  private static func time(_ stretch: inout LedgerStretch, _ body: () throws -> Void) rethrows {
    let start = kb_nanoseconds()
    try body()
    let taken = kb_nanoseconds() - start
    stretch.histogram.add(nanoseconds: taken)
    stretch.seconds += Double(taken) * 1e-9
  }
}
