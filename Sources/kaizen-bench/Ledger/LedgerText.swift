/// The report as people read it: tables of at most 80 columns.
public enum LedgerText {
  public static func text(_ report: LedgerReport) -> String {
    let named = report.sizes.map { (name: ServeGoals.count($0.rows), size: $0) }
    let random = report.random.map { (name: "\(ServeGoals.count($0.rows)) UUID", size: $0) }
    let all = named + [random].compactMap(\.self)
    var blocks = [heading(report), SpeedText.columns([writesHead] + all.flatMap { writes($0.name, $0.size) })]
    if !named.isEmpty {
      blocks.append(SpeedText.columns([othersHead] + named.flatMap { others($0.name, $0.size) }))
    }
    blocks.append(SpeedText.columns([sizeHead] + all.map { row($0.name, $0.size) }))
    if report.random != nil { blocks.append(SpeedText.wrapped(randomSentence)) }
    blocks.append(SpeedText.columns([ServeText.goalHead] + report.goals.map(ServeText.row)))
    return (blocks + report.absent.map { SpeedText.wrapped($0) }).joined(separator: "\n\n")
  }

  private static func heading(_ report: LedgerReport) -> String {
    let rounds = report.rounds == 1 ? "one round" : "medians of \(report.rounds) rounds"
    return SpeedText.wrapped(
      "Parts of 64 features on \(LedgerRows.lineCount) lines of \(LedgerRows.cellCount) groups, into a ledger that has"
        + " rows already: rows a second, and microseconds of a transaction; \(rounds) of"
        + " \(SpeedText.significant(report.seconds)) s each. C: SQLite in a loop in C, with the same statements on a copy"
        + " of the same file, in turn with ours; ratio: its rate divided by ours, within a round. normal: a commit"
        + " outlives the process; full: the machine (fsync).")
  }

  private static let writesHead = ["rows", "commit", "batch", "rows/s", "C", "ratio", "p50", "p99", "p99.9", "C p99"]

  private static func writes(_ name: String, _ size: LedgerSize) -> [[String]] {
    size.writes.map { writes in
      [
        name, writes.sync.rawValue, "\(writes.batch)", rate(writes.own), rate(writes.floor),
        SpeedText.significant(writes.ratio), middle(writes.own, \.p50), middle(writes.own, \.p99),
        middle(writes.own, \.p999), middle(writes.floor, \.p99),
      ]
    }
  }

  private static let othersHead = ["rows", "what", "batch", "rows/s", "p50", "p99", "p99.9"]

  private static func others(_ name: String, _ size: LedgerSize) -> [[String]] {
    size.others.map { other in
      let what =
        switch other.kind {
        case .journal: "journal alone"
        case .outcomesInOrder: "outcomes, in order"
        case .outcomesAnywhere: "outcomes, anywhere"
        }
      return [
        name, what, "\(other.batch)", rate([other.round]), middle([other.round], \.p50), middle([other.round], \.p99),
        middle([other.round], \.p999),
      ]
    }
  }

  private static let sizeHead = ["rows", "GB", "bytes/row", "filled in s", "start ms", "first", "status ms", "first"]

  private static func row(_ name: String, _ size: LedgerSize) -> [String] {
    [
      name, SpeedText.significant(Double(size.bytes) / 1e9), size.rows > 0 ? "\(Int(size.bytesPerRow.rounded()))" : "-",
      SpeedText.significant(size.fillSeconds), SpeedText.significant(median(size.startMilliseconds)),
      SpeedText.significant(size.startMilliseconds.first ?? 0), SpeedText.significant(median(size.statusMilliseconds)),
      SpeedText.significant(size.statusMilliseconds.first ?? 0),
    ]
  }

  private static let randomSentence =
    "UUID: random ids are the slow case. Each row changes another page of the index, which is read and written whole; a"
    + " counter's rows share the last one. The index was filled in order, so that its pages are full and split early."

  private static func rate(_ rounds: [LedgerRound]) -> String { "\(Int(LedgerGoals.rate(rounds).rounded()))" }

  private static func middle(_ rounds: [LedgerRound], _ figure: (LedgerRound) -> Double) -> String {
    SpeedText.significant(median(rounds.map(figure)))
  }
}
