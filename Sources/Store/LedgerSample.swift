import Domain
import Engine

/// A sample of one day of a line, for the teacher.
public struct DaySample: Sendable {
  /// Parts of the day, with or without features.
  public let dayParts: Int
  /// With their features, in the order they were stored.
  public let rows: [FreshPrediction]
}

extension LedgerReader {
  /// Rows drawn for each one wanted, so that small cells have enough among them to get their share.
  private static let drawnPerWanted = 10
  /// Rows of a day that are looked at: the first of them, and 40 MB.
  private static let dayRowsMaximum = 5_000_000

  /// Parts of a line with `after < row <= through` whose features are kept, as many of each cell as there are, up to an
  /// even share.
  ///
  /// - Parameter limit: rows wanted, from the parts of the day.
  public func sample(
    line: LineID, after: Int64, through: Int64, limit: (Int) -> Int
  ) throws(StorageFailure) -> DaySample {
    try database.snapshot { () throws(StorageFailure) in
      let ids = try ids(line, after: after, through: through)
      let wanted = limit(ids.count)
      let drawn = RowSample.draw(ids, limit: wanted * Self.drawnPerWanted) { $0 }
      var byCell: [Int64: [Int64]] = [:]
      let cell = try database.prepare(
        "SELECT cell FROM prediction WHERE id = ?1 AND EXISTS (SELECT 1 FROM input WHERE prediction = ?1)")
      for id in drawn {
        cell.bind(1, id)
        if let number = try cell.first({ (row) in row.int64(0) }) { byCell[number, default: []].append(id) }
      }
      return DaySample(dayParts: ids.count, rows: try rows(Self.evenly(byCell, count: wanted)))
    }
  }

  private func ids(_ line: LineID, after: Int64, through: Int64) throws(StorageFailure) -> [Int64] {
    let select = try database.prepare(
      """
      SELECT p.id FROM line AS l CROSS JOIN prediction AS p INDEXED BY prediction_line
      WHERE l.name = ?1 AND p.line = l.id AND p.id > ?2 AND p.id <= ?3 ORDER BY p.id LIMIT ?4
      """)
    select.bind(1, line.text)
    select.bind(2, after)
    select.bind(3, through)
    select.bind(4, Self.dayRowsMaximum)
    return try select.all { (row) in row.int64(0) }
  }

  /// The smallest cells first: what they leave of their shares goes to the others.
  private static func evenly(_ byCell: [Int64: [Int64]], count: Int) -> [Int64] {
    var left = count
    var chosen: [Int64] = []
    let cells = byCell.sorted { ($0.value.count, $0.key) < ($1.value.count, $1.key) }
    for (index, cell) in cells.enumerated() {
      let share = RowSample.draw(cell.value, limit: left / (cells.count - index)) { $0 }
      chosen += share
      left -= share.count
    }
    return chosen.sorted()
  }

  private func rows(_ ids: [Int64]) throws(StorageFailure) -> [FreshPrediction] {
    let select = try database.prepare(
      """
      SELECT attribute_values, version, predicted_class, confidence, time, features
      FROM prediction JOIN input ON input.prediction = prediction.id JOIN cell ON cell.id = cell
      WHERE prediction.id = ?1
      """)
    var rows: [FreshPrediction] = []
    rows.reserveCapacity(ids.count)
    for id in ids {
      select.bind(1, id)
      let row = try select.first { (row) throws(StorageFailure) in
        FreshPrediction(
          row: id, cell: Cell(try row.json(0, [String].self)), version: try row.version(1),
          predictedClass: try row.int(2), confidence: Float(row.double(3)),
          time: Timestamp(microseconds: row.int64(4)), inputs: try row.floats(5))
      }
      if let row { rows.append(row) }
    }
    return rows
  }
}
