import Domain
import Engine

/// What training asks of the ledger: the same for the daemon and for the training process beside it.
struct LabelledQueries {
  private let database: Database
  private let selectCell: Statement
  private let countClasses: Statement
  private let selectNewest: Statement
  private let selectPrediction: Statement

  init(_ database: Database) throws(StorageFailure) {
    self.database = database
    selectCell = try database.prepare(
      """
      SELECT c.id FROM line AS l JOIN cell AS c ON c.line = l.id WHERE l.name = ?1 AND c.attribute_values = ?2
      """)
    countClasses = try database.prepare(
      "SELECT label, count(*) FROM labelled WHERE cell = ?1 AND time BETWEEN ?2 AND ?3 GROUP BY label")
    selectNewest = try database.prepare(
      """
      SELECT time, prediction, label FROM labelled WHERE cell = ?1 AND time BETWEEN ?2 AND ?3
      ORDER BY time DESC, prediction DESC LIMIT ?4
      """)
    selectPrediction = try database.prepare(
      "SELECT part, version, features FROM prediction JOIN input ON input.prediction = id WHERE id = ?1")
  }

  func counts(
    line: LineID, cell: Cell, since: Timestamp, until: Timestamp
  ) throws(StorageFailure) -> [Int: Int] {
    guard let number = try number(cell, line: line) else { return [:] }
    bind(countClasses, cell: number, since: since, until: until)
    var counts: [Int: Int] = [:]
    try countClasses.forEach { (row) throws(StorageFailure) in
      counts[try row.int(0)] = try row.int(1)
      return .more
    }
    return counts
  }

  func rows(
    line: LineID, cells: [Cell], since: Timestamp, until: Timestamp, limit: Int
  ) throws(StorageFailure) -> [LabelledRow] {
    guard limit > 0 else { return [] }
    var newest: [Entry] = []
    // A cell named twice is still read once.
    for cell in Set(cells).sorted() {
      guard let number = try number(cell, line: line) else { continue }
      // No row older than the oldest of a full list can enter it.
      let from = newest.count == limit ? max(since, newest[0].time) : since
      newest += try entries(cell, number, since: from, until: until, limit: limit)
      newest.sort { ($0.time, $0.prediction) < ($1.time, $1.prediction) }
      newest.removeFirst(max(0, newest.count - limit))
    }
    var rows: [LabelledRow] = []
    rows.reserveCapacity(newest.count)
    for entry in newest { rows.append(try row(entry)) }
    return rows
  }

  // MARK: - Steps

  private struct Entry {
    let cell: Cell
    let time: Timestamp
    let prediction: Int64
    let label: Int
  }

  private func number(_ cell: Cell, line: LineID) throws(StorageFailure) -> Int64? {
    selectCell.bind(1, line.text)
    selectCell.bind(2, try JSONText.encode(cell.values, for: "cell.attribute_values"))
    return try selectCell.first { (row) in row.int64(0) }
  }

  private func entries(
    _ cell: Cell, _ number: Int64, since: Timestamp, until: Timestamp, limit: Int
  ) throws(StorageFailure) -> [Entry] {
    bind(selectNewest, cell: number, since: since, until: until)
    selectNewest.bind(4, limit)
    return try selectNewest.all { (row) throws(StorageFailure) in
      Entry(
        cell: cell, time: Timestamp(microseconds: row.int64(0)), prediction: row.int64(1), label: try row.int(2))
    }
  }

  private func bind(_ statement: Statement, cell: Int64, since: Timestamp, until: Timestamp) {
    statement.bind(1, cell)
    statement.bind(2, since.microseconds)
    statement.bind(3, until.microseconds)
  }

  private func row(_ entry: Entry) throws(StorageFailure) -> LabelledRow {
    selectPrediction.bind(1, entry.prediction)
    let found = try selectPrediction.first { (row) throws(StorageFailure) in
      LabelledRow(
        part: row.text(0), cell: entry.cell, version: try row.version(1), inputs: try row.floats(2),
        label: entry.label, time: entry.time)
    }
    guard let found else { throw database.damaged("labelled row \(entry.prediction) has no features") }
    return found
  }
}
