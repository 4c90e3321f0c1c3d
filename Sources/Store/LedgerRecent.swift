import Domain
import Engine

extension SQLiteLedger {
  /// Rows looked back on: a sample of a sweep after a long stop need not speak of months.
  private static let recentRowsMaximum = 200_000

  /// The index alone says which rows there are; the rows themselves are read only where they are in the sample, which is
  /// drawn by a hash of their number, so that it follows no rhythm of the plant.
  public func recent(
    line: LineID, after: Int64, limit: Int, withInputs: Bool
  ) throws(StorageFailure) -> RecentPredictions {
    guard let entry = try names.known(line), limit > 0 else { return RecentPredictions(rows: [], last: after) }
    let newest = try newest(entry.id, after: after)
    guard let last = newest.first else { return RecentPredictions(rows: [], last: after) }
    let rows = RowSample.draw(newest.reversed(), limit: limit) { $0 }
    let select = try database.prepare(
      """
      SELECT cell, version, predicted_class, confidence, time, \(withInputs ? "features" : "NULL")
      FROM prediction \(withInputs ? "LEFT JOIN input ON input.prediction = id" : "") WHERE id = ?1
      """)
    var found: [FreshPrediction] = []
    found.reserveCapacity(rows.count)
    for number in rows {
      select.bind(1, number)
      let row = try select.first { (row) throws(StorageFailure) in
        let confidence = row.double(3)
        guard (0...1).contains(confidence) else { throw row.damaged("confidence of row \(number) is \(confidence)") }
        return FreshPrediction(
          row: number, cell: try names.cell(row.int64(0), line: entry.id), version: try row.version(1),
          predictedClass: try row.int(2), confidence: Float(confidence), time: Timestamp(microseconds: row.int64(4)),
          inputs: row.isNull(5) ? [] : try row.floats(5))
      }
      if let row { found.append(row) }
    }
    return RecentPredictions(rows: found, last: last)
  }

  /// The newest first.
  private func newest(_ line: Int64, after: Int64) throws(StorageFailure) -> [Int64] {
    let select = try database.prepare(
      """
      SELECT id FROM prediction INDEXED BY prediction_line WHERE line = ?1 AND id > ?2 ORDER BY id DESC LIMIT ?3
      """)
    select.bind(1, line)
    select.bind(2, after)
    select.bind(3, Self.recentRowsMaximum)
    return try select.all { (row) in row.int64(0) }
  }
}

/// Draws rows by a hash of their number: the same rows at every call, and no rhythm.
enum RowSample {
  /// At most `limit` of the elements, in their order.
  static func draw<Element>(_ all: [Element], limit: Int, row: (Element) -> Int64) -> [Element] {
    guard all.count > limit else { return all }
    // Twice as many as are wanted have a hash below this, so that not all of them are sorted.
    let bound = UInt64.max / UInt64(all.count) * UInt64(min(2 * max(limit, 50), all.count))
    let drawn = all.enumerated().map { (hash(row($0.element)), $0.offset) }.filter { $0.0 <= bound }
      .sorted { $0 < $1 }.prefix(limit)
    return drawn.map(\.1).sorted().map { all[$0] }
  }

  /// The finaliser of SplitMix64 (Steele, Lea and Flood 2014).
  static func hash(_ row: Int64) -> UInt64 {
    var mixed = UInt64(bitPattern: row) &+ 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
