import Domain
import Engine

/// Holds every total of the ledger against the rows it stands for; within one snapshot.
struct LedgerCheck {
  private let database: Database

  init(_ database: Database) { self.database = database }

  /// Findings told by name; of more, the number.
  private static let namedMax = 5

  func findings(_ work: LongWork) throws(StorageFailure) -> [CheckFinding] {
    try work.report("counting the lines' rows", 0.3)
    var findings = [try lines()]
    try work.report("counting the groups' rows", 0.45)
    findings += [try cells(), try channels()]
    try work.report("comparing training's index with its rows", 0.6)
    findings += [try labelled(), try delays()]
    try work.report("checking references", 0.8)
    findings.append(try references())
    return findings
  }

  // MARK: - Totals

  /// One total that is not the number of its rows.
  private struct Wrong {
    let owner: String
    let total: String
    let kept: Int64
    let counted: Int64

    var text: String { "\(owner): \(total) says \(kept), there are \(counted)" }
  }

  private func lines() throws(StorageFailure) -> CheckFinding {
    try compare(
      "line totals",
      """
      SELECT l.name, prediction_count, coalesce(p.n, 0), outcome_count, coalesce(o.n, 0) + coalesce(h.n, 0),
        held_count, coalesce(h.n, 0)
      FROM line AS l
        LEFT JOIN (SELECT line, count(*) AS n FROM prediction INDEXED BY prediction_line GROUP BY line) AS p
          ON p.line = l.id
        LEFT JOIN (SELECT line, count(*) AS n FROM outcome CROSS JOIN prediction AS q ON q.id = outcome.prediction
          GROUP BY line) AS o ON o.line = l.id
        LEFT JOIN (SELECT line, count(DISTINCT part) AS n FROM held_outcome GROUP BY line) AS h ON h.line = l.id
      """, ["prediction_count", "outcome_count", "held_count"])
  }

  private func cells() throws(StorageFailure) -> CheckFinding {
    try compare(
      "group totals",
      """
      SELECT l.name || ' ' || c.attribute_values, c.prediction_count, coalesce(p.n, 0), c.outcome_count,
        coalesce(p.outcomes, 0), c.input_count, coalesce(p.inputs, 0), c.labelled_count, coalesce(k.n, 0)
      FROM cell AS c JOIN line AS l ON l.id = c.line
        LEFT JOIN (
          SELECT q.cell, count(*) AS n, count(o.prediction) AS outcomes, count(i.prediction) AS inputs
          FROM prediction AS q LEFT JOIN outcome AS o ON o.prediction = q.id
            LEFT JOIN input AS i ON i.prediction = q.id
          GROUP BY q.cell) AS p ON p.cell = c.id
        LEFT JOIN (SELECT cell, count(*) AS n FROM labelled GROUP BY cell) AS k ON k.cell = c.id
      """, ["prediction_count", "outcome_count", "input_count", "labelled_count"])
  }

  private func channels() throws(StorageFailure) -> CheckFinding {
    try compare(
      "channel totals",
      """
      SELECT l.name || ' ' || c.attribute_values || ' ' || h.name, coalesce(t.outcome_count, 0), coalesce(s.n, 0),
        coalesce(t.conflict_count, 0), coalesce(s.conflicts, 0)
      FROM channel_total AS t
        FULL JOIN (
          SELECT p.cell, o.channel, count(*) AS n, sum(o.label <> f.label) AS conflicts
          FROM (
              SELECT prediction, channel, label FROM outcome
              UNION ALL SELECT prediction, channel, label FROM other_outcome
            ) AS o
            JOIN prediction AS p ON p.id = o.prediction JOIN outcome AS f ON f.prediction = o.prediction
          GROUP BY p.cell, o.channel) AS s ON s.cell = t.cell AND s.channel = t.channel
        JOIN cell AS c ON c.id = coalesce(t.cell, s.cell) JOIN line AS l ON l.id = c.line
        JOIN channel AS h ON h.id = coalesce(t.channel, s.channel)
      """, ["outcome_count", "conflict_count"])
  }

  /// - Parameter query: a name, then a total and its rows for each of `totals`.
  private func compare(
    _ subject: String, _ query: String, _ totals: [String]
  ) throws(StorageFailure) -> CheckFinding {
    var wrong: [Wrong] = []
    var count = 0
    try database.prepare(query).forEach { (row) throws(StorageFailure) in
      count += 1
      for (index, total) in totals.enumerated() {
        let kept = row.int64(Int32(1 + 2 * index))
        let counted = row.int64(Int32(2 + 2 * index))
        if kept != counted { wrong.append(Wrong(owner: row.text(0), total: total, kept: kept, counted: counted)) }
      }
      return .more
    }
    guard !wrong.isEmpty else {
      return CheckFinding(subject, .ok, "the totals of \(count) are what a full count gives")
    }
    return CheckFinding(
      subject, .broken, Self.some(wrong.map(\.text)),
      next: "rows count, the totals only tell of them: keep this output with a copy of ledger.db and report a defect")
  }

  private static func some(_ texts: [String]) -> String {
    let more = texts.count > namedMax ? "; and \(texts.count - namedMax) more" : ""
    return texts.prefix(namedMax).joined(separator: "; ") + more
  }

  // MARK: - What training reads

  private func labelled() throws(StorageFailure) -> CheckFinding {
    let astray = try database.number(
      """
      SELECT count(*) FROM labelled AS k
        LEFT JOIN prediction AS p ON p.id = k.prediction
        LEFT JOIN outcome AS o ON o.prediction = k.prediction
        LEFT JOIN input AS i ON i.prediction = k.prediction
      WHERE p.id IS NULL OR o.prediction IS NULL OR i.prediction IS NULL OR p.cell <> k.cell OR p.time <> k.time
        OR o.label <> k.label
      """)
    let rows = try database.number("SELECT count(*) FROM labelled")
    let usable = try database.number(
      "SELECT count(*) FROM outcome AS o JOIN input AS i ON i.prediction = o.prediction")
    guard astray == 0, rows == usable else {
      return CheckFinding(
        "training rows", .broken,
        "\(usable) parts have features and an outcome, training's index has \(rows), \(astray) of them wrong",
        next: "keep a copy of ledger.db and report a defect; retrainings see the index alone")
    }
    return CheckFinding("training rows", .ok, "all \(rows) parts with features and an outcome are there for training")
  }

  /// Delays are counted as outcomes come, and stay when rows go: never more than there ever were.
  private func delays() throws(StorageFailure) -> CheckFinding {
    let wrong = try database.prepare(
      """
      SELECT l.name, d.n, l.outcome_count - l.held_count + l.dropped_outcomes FROM line AS l
        JOIN (SELECT c.line, sum(outcome_count) AS n FROM delay JOIN (SELECT id, line FROM cell) AS c ON c.id = delay.cell
          GROUP BY c.line) AS d ON d.line = l.id
      WHERE d.n > l.outcome_count - l.held_count + l.dropped_outcomes
      """
    ).all { (row) in "\(row.text(0)): \(row.int64(1)) delays, \(row.int64(2)) outcomes" }
    guard wrong.isEmpty else {
      return CheckFinding(
        "delays", .broken, Self.some(wrong), next: "keep a copy of ledger.db and report a defect")
    }
    return CheckFinding("delays", .ok, "no line has more delays counted than outcomes")
  }

  // MARK: - References

  private func references() throws(StorageFailure) -> CheckFinding {
    let dangling = try database.prepare(
      "SELECT \"table\", \"parent\", count(*) FROM pragma_foreign_key_check GROUP BY 1, 2"
    ).all { (row) in "\(row.int64(2)) rows of \(row.text(0)) refer to no row of \(row.text(1))" }
    guard dangling.isEmpty else {
      return CheckFinding(
        "references", .broken, Self.some(dangling), next: "keep a copy of ledger.db and put a backup back")
    }
    return CheckFinding("references", .ok, "every row refers to rows that are there")
  }
}
