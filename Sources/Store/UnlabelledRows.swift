import Domain
import Engine

/// Which rows of a cell without an outcome training wants.
public struct UnlabelledWish: Sendable {
  public let cell: Cell
  public let since: Timestamp
  public let until: Timestamp
  /// The newest so many.
  public let limit: Int

  public init(cell: Cell, since: Timestamp, until: Timestamp, limit: Int) {
    self.cell = cell
    self.since = since
    self.until = until
    self.limit = limit
  }
}

extension LedgerReader {
  /// Rows of a line that are looked at, the newest: some seconds of a thread that nobody waits for.
  private static let unlabelledLookMaximum = 500_000

  /// Parts of the cells whose features are kept and whose truth nobody has told, in the order they were stored.
  ///
  /// - Parameter wishes: one a cell; cells the ledger does not know are left out.
  public func unlabelledRows(line: LineID, _ wishes: [UnlabelledWish]) throws(StorageFailure) -> [FreshPrediction] {
    try database.snapshot { () throws(StorageFailure) in
      var wanted = try wishesByNumber(line, wishes)
      var found: [(id: Int64, cell: Cell)] = []
      let walk = try database.prepare(
        """
        SELECT p.id, p.cell, p.time FROM line AS l CROSS JOIN prediction AS p INDEXED BY prediction_line
        WHERE l.name = ?1 AND p.line = l.id ORDER BY p.id DESC LIMIT ?2
        """)
      let isUsable = try database.prepare(
        """
        SELECT 1 WHERE EXISTS (SELECT 1 FROM input WHERE prediction = ?1)
          AND NOT EXISTS (SELECT 1 FROM outcome WHERE prediction = ?1)
        """)
      walk.bind(1, line.text)
      walk.bind(2, Self.unlabelledLookMaximum)
      try walk.forEach { (row) throws(StorageFailure) in
        guard !wanted.isEmpty else { return .stop }
        let number = row.int64(1)
        guard var wish = wanted[number] else { return .more }
        guard (wish.since...wish.until).contains(Timestamp(microseconds: row.int64(2))) else { return .more }
        isUsable.bind(1, row.int64(0))
        guard try isUsable.first({ (row) in row.int64(0) }) != nil else { return .more }
        found.append((row.int64(0), wish.cell))
        wish.left -= 1
        wanted[number] = wish.left > 0 ? wish : nil
        return .more
      }
      return try predictions(found.reversed())
    }
  }

  private struct OpenWish {
    let cell: Cell
    let since: Timestamp
    let until: Timestamp
    var left: Int
  }

  private func wishesByNumber(_ line: LineID, _ wishes: [UnlabelledWish]) throws(StorageFailure) -> [Int64: OpenWish] {
    let select = try database.prepare(
      "SELECT c.id FROM line AS l JOIN cell AS c ON c.line = l.id WHERE l.name = ?1 AND c.attribute_values = ?2")
    var result: [Int64: OpenWish] = [:]
    for wish in wishes where wish.limit > 0 && wish.since <= wish.until {
      select.bind(1, line.text)
      select.bind(2, try JSONText.encode(wish.cell.values, for: "cell.attribute_values"))
      guard let number = try select.first({ (row) in row.int64(0) }) else { continue }
      result[number] = OpenWish(cell: wish.cell, since: wish.since, until: wish.until, left: wish.limit)
    }
    return result
  }

  private func predictions(_ found: [(id: Int64, cell: Cell)]) throws(StorageFailure) -> [FreshPrediction] {
    let select = try database.prepare(
      """
      SELECT version, predicted_class, confidence, time, features
      FROM prediction JOIN input ON input.prediction = prediction.id WHERE prediction.id = ?1
      """)
    var rows: [FreshPrediction] = []
    rows.reserveCapacity(found.count)
    for (id, cell) in found {
      select.bind(1, id)
      let row = try select.first { (row) throws(StorageFailure) in
        FreshPrediction(
          row: id, cell: cell, version: try row.version(0), predictedClass: try row.int(1),
          confidence: Float(row.double(2)), time: Timestamp(microseconds: row.int64(3)), inputs: try row.floats(4))
      }
      if let row { rows.append(row) }
    }
    return rows
  }
}
