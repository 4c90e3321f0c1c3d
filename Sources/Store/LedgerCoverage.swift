import Domain
import Engine

extension SQLiteLedger {
  public func declare(_ declared: [OutcomeChannel], line: LineID) throws(StorageFailure) {
    try database.write { () throws(StorageFailure) in
      try channels.declare(declared.map(\.name), line: try names.entry(line).id)
    }
  }

  public func coverage(line: LineID) throws(StorageFailure) -> LedgerCoverage {
    guard let entry = try names.known(line) else { return LedgerCoverage(cells: [], channels: [], waiting: 0) }
    return try database.snapshot { () throws(StorageFailure) in
      LedgerCoverage(cells: try cells(entry.id), channels: try told(entry.id), waiting: entry.heldCount)
    }
  }

  public func channelNames(line: LineID) throws(StorageFailure) -> [String] {
    guard let entry = try names.known(line) else { return [] }
    let select = try database.prepare(
      """
      SELECT name FROM channel
      WHERE line = ?1 AND EXISTS (
        SELECT 1 FROM cell JOIN channel_total ON cell = cell.id
        WHERE cell.line = ?1 AND channel = channel.id AND channel_total.outcome_count > 0)
      ORDER BY name
      """)
    select.bind(1, entry.id)
    return try select.all { (row) throws(StorageFailure) in row.text(0) }
  }

  public func delays(line: LineID) throws(StorageFailure) -> [String: [ChannelDelays]] {
    guard let entry = try names.known(line) else { return [:] }
    let select = try database.prepare(
      """
      SELECT channel.name, cell, bucket, wrong, outcome_count
      FROM delay JOIN channel ON channel.id = channel WHERE channel.line = ?1
      """)
    select.bind(1, entry.id)
    var delays: [String: [Int64: ChannelDelays]] = [:]
    try select.forEach { (row) throws(StorageFailure) in
      let delay = OutcomeDelay(bucket: try row.int(2, in: 0...OutcomeDelay.upperHours.count))
      delays[row.text(0), default: [:]][row.int64(1), default: ChannelDelays()].add(
        try row.int(4), of: delay, isWrong: try row.int(3, in: 0...1) == 1)
      return .more
    }
    return delays.mapValues { Array($0.values) }
  }

  private func cells(_ line: Int64) throws(StorageFailure) -> [LedgerCoverage.CellRow] {
    let delay = try database.prepare(
      """
      SELECT cell, bucket, sum(delay.outcome_count) FROM cell JOIN delay ON cell = cell.id WHERE line = ?1 GROUP BY 1, 2
      """)
    delay.bind(1, line)
    var delays: [Int64: [OutcomeDelay: Int]] = [:]
    try delay.forEach { (row) throws(StorageFailure) in
      let bucket = OutcomeDelay(bucket: try row.int(1, in: 0...OutcomeDelay.upperHours.count))
      delays[row.int64(0), default: [:]][bucket] = try row.int(2)
      return .more
    }
    let select = try database.prepare("SELECT id, prediction_count, outcome_count FROM cell WHERE line = ?1")
    select.bind(1, line)
    return try select.all { (row) throws(StorageFailure) in
      LedgerCoverage.CellRow(
        cell: try names.cell(row.int64(0), line: line), predictions: try row.int(1), outcomes: try row.int(2),
        delays: delays[row.int64(0)] ?? [:])
    }
  }

  /// The most trusted first.
  private func told(_ line: Int64) throws(StorageFailure) -> [LedgerCoverage.ChannelRow] {
    let select = try database.prepare(
      """
      SELECT name, rank IS NOT NULL, max(0, coalesce(sum(t.outcome_count), 0)),
        max(0, coalesce(sum(t.conflict_count), 0))
      FROM channel AS h
        LEFT JOIN (
          SELECT channel, channel_total.outcome_count, conflict_count
          FROM cell JOIN channel_total ON cell = cell.id WHERE line = ?1
        ) AS t ON t.channel = h.id
      WHERE line = ?1 GROUP BY h.id ORDER BY rank IS NULL, rank, h.id
      """)
    select.bind(1, line)
    return try select.all { (row) throws(StorageFailure) in
      LedgerCoverage.ChannelRow(
        name: row.text(0), isDeclared: row.int64(1) == 1, outcomes: try row.int(2), conflicts: try row.int(3))
    }
  }
}
