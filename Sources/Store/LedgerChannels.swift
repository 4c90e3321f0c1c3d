import Domain
import Engine

/// The channels of each line's outcomes, how far each is trusted, and what each has told.
///
/// As with `LedgerNames`, totals change in memory and are written once per transaction; after a rollback everything is
/// forgotten.
final class LedgerChannels {
  private let database: Database
  private var lines: [Int64: Ranks] = [:]
  /// What was declared last, for it is said with every request.
  private var declared: [Int64: [String]] = [:]
  private var totals: [TotalKey: Total] = [:]
  private var delays: [DelayKey: Int] = [:]

  /// A line's channels by name, and their places.
  struct Ranks {
    struct Place: Comparable {
      /// `Int.max` where the settings do not name the channel.
      let rank: Int
      let channel: Int64

      static func < (left: Place, right: Place) -> Bool { (left.rank, left.channel) < (right.rank, right.channel) }
    }

    fileprivate(set) var numbers: [String: Int64] = [:]
    fileprivate(set) var names: [Int64: String] = [:]
    fileprivate(set) var places: [Int64: Place] = [:]

    func isAhead(_ channel: Int64, of other: Int64) -> Bool { place(channel) < place(other) }

    func place(_ channel: Int64) -> Place { places[channel] ?? Place(rank: .max, channel: channel) }

    fileprivate mutating func add(_ name: String, channel: Int64, rank: Int?) {
      numbers[name] = channel
      names[channel] = name
      places[channel] = Place(rank: rank ?? .max, channel: channel)
    }

    fileprivate var undeclaredCount: Int { places.values.count { $0.rank == .max } }
  }

  private struct TotalKey: Hashable {
    let cell: Int64
    let channel: Int64
  }

  private struct Total {
    var outcomes = 0
    var conflicts = 0
  }

  private struct DelayKey: Hashable {
    let cell: Int64
    let channel: Int64
    let isWrong: Bool
    let delay: OutcomeDelay
  }

  private let select: Statement
  private let insert: Statement
  private let update: Statement
  private let updateTotal: Statement
  private let insertTotal: Statement
  private let addDelay: Statement
  private let selectSaid: Statement

  init(_ database: Database) throws(StorageFailure) {
    self.database = database
    select = try database.prepare("SELECT id, name, rank FROM channel WHERE line = ?1")
    insert = try database.prepare("INSERT INTO channel (line, name, rank) VALUES (?1, ?2, ?3)")
    update = try database.prepare("UPDATE channel SET rank = ?2 WHERE id = ?1")
    updateTotal = try database.prepare(
      """
      UPDATE channel_total SET outcome_count = outcome_count + ?3, conflict_count = conflict_count + ?4
      WHERE cell = ?1 AND channel = ?2
      """)
    insertTotal = try database.prepare(
      "INSERT INTO channel_total (cell, channel, outcome_count, conflict_count) VALUES (?1, ?2, ?3, ?4)")
    addDelay = try database.prepare(
      """
      INSERT INTO delay (cell, channel, bucket, outcome_count, wrong) VALUES (?1, ?2, ?3, ?4, ?5)
      ON CONFLICT DO UPDATE SET outcome_count = outcome_count + ?4
      """)
    selectSaid = try database.prepare(
      """
      SELECT channel, label, 1 FROM outcome WHERE prediction = ?1
      UNION ALL SELECT channel, label, 0 FROM other_outcome WHERE prediction = ?1
      """)
  }

  // MARK: - Names and ranks

  func ranks(line: Int64) throws(StorageFailure) -> Ranks {
    if let known = lines[line] { return known }
    var ranks = Ranks()
    select.bind(1, line)
    try select.forEach { (row) throws(StorageFailure) in
      ranks.add(row.text(1), channel: row.int64(0), rank: try row.optionalInt(2))
      return .more
    }
    lines[line] = ranks
    return ranks
  }

  /// The number of a line's channel; makes its row when it is new. Past the bound, channels that the settings do not
  /// name go together.
  func number(_ name: String, line: Int64) throws(StorageFailure) -> Int64 {
    if let number = lines[line]?.numbers[name] { return number }
    let ranks = try ranks(line: line)
    if let number = ranks.numbers[name] { return number }
    guard name == OutcomeChannel.other || ranks.undeclaredCount < OutcomeChannel.countMax else {
      return try number(OutcomeChannel.other, line: line)
    }
    return try add(name, line: line, rank: nil)
  }

  private func add(_ name: String, line: Int64, rank: Int?) throws(StorageFailure) -> Int64 {
    insert.bind(1, line)
    insert.bind(2, name)
    insert.bind(3, rank.map { Int64($0) })
    try insert.run()
    let number = database.lastInsertedRow
    lines[line]?.add(name, channel: number, rank: rank)
    return number
  }

  /// Ranks a line's channels, the most trusted first; those not named are behind them.
  func declare(_ names: [String], line: Int64) throws(StorageFailure) {
    guard declared[line] != names else { return }
    let before = try ranks(line: line)
    for (rank, name) in names.enumerated() where before.numbers[name] == nil {
      _ = try add(name, line: line, rank: rank)
    }
    for (name, channel) in before.numbers {
      let rank = names.firstIndex(of: name)
      guard before.place(channel).rank != rank ?? .max else { continue }
      update.bind(1, channel)
      update.bind(2, rank.map { Int64($0) })
      try update.run()
      lines[line]?.add(name, channel: channel, rank: rank)
    }
    declared[line] = names
  }

  // MARK: - Totals

  /// Counts what channels say of one part.
  /// - Parameters:
  ///   - truth: the label in force.
  ///   - sign: -1 takes it back.
  func count(_ said: [OutcomeRow], truth: Int, cell: Int64, _ sign: Int) {
    for outcome in said { count(outcome.channel, isConflict: outcome.label != truth, cell: cell, sign) }
  }

  private func count(_ channel: Int64, isConflict: Bool, cell: Int64, _ sign: Int) {
    let key = TotalKey(cell: cell, channel: channel)
    totals[key, default: Total()].outcomes += sign
    if isConflict { totals[key, default: Total()].conflicts += sign }
  }

  /// - Parameter channel: the one that spoke first of the part.
  func count(_ delay: OutcomeDelay, cell: Int64, channel: Int64, isWrong: Bool) {
    delays[DelayKey(cell: cell, channel: channel, isWrong: isWrong, delay: delay), default: 0] += 1
  }

  /// Takes back what was counted for a prediction whose outcomes are about to go. Its delay stays counted.
  func withdraw(prediction: Int64, cell: Int64) throws(StorageFailure) {
    selectSaid.bind(1, prediction)
    let said = try selectSaid.all { (row) throws(StorageFailure) in
      (channel: row.int64(0), label: try row.int(1), isInForce: row.int64(2) == 1)
    }
    guard let truth = said.first(where: \.isInForce)?.label else { return }
    for one in said { count(one.channel, isConflict: one.label != truth, cell: cell, -1) }
  }

  /// Writes changed totals; before the commit.
  func flush() throws(StorageFailure) {
    for (key, change) in totals where change.outcomes != 0 || change.conflicts != 0 {
      for statement in [updateTotal, insertTotal] {
        statement.bind(1, key.cell)
        statement.bind(2, key.channel)
        statement.bind(3, change.outcomes)
        statement.bind(4, change.conflicts)
        try statement.run()
        if database.changeCount > 0 { break }
      }
    }
    totals.removeAll(keepingCapacity: true)
    for (key, count) in delays {
      addDelay.bind(1, key.cell)
      addDelay.bind(2, key.channel)
      addDelay.bind(3, key.delay.bucket)
      addDelay.bind(4, count)
      addDelay.bind(5, key.isWrong ? 1 : 0)
      try addDelay.run()
    }
    delays.removeAll(keepingCapacity: true)
  }

  /// Forgets everything: the transaction that made or read it was undone.
  func forget() {
    lines.removeAll()
    declared.removeAll()
    totals.removeAll()
    delays.removeAll()
  }
}
