import Domain
import Engine

/// An outcome as a row holds it, whichever table it stands in.
private struct OutcomeRow {
  let label: Int
  let observedAt: Int64
  let arrived: Int64
  let channel: Int64
  let probability: Double?
  let wallClock: Int64
  let monotonic: Int64
  let peerUID: Int64
  let clock: Int64

  init(_ outcome: Outcome, channel: Int64, clock: Int64) {
    label = outcome.label
    observedAt = outcome.observedAt.microseconds
    arrived = outcome.arrivedAt.microseconds
    self.channel = channel
    probability = outcome.samplingProbability
    wallClock = outcome.receipt.wallClock.microseconds
    monotonic = outcome.receipt.monotonicMicroseconds
    peerUID = Int64(outcome.receipt.peerUID)
    self.clock = clock
  }

  init(_ row: Statement) throws(StorageFailure) {
    label = try row.int(0)
    observedAt = row.int64(1)
    arrived = row.int64(2)
    channel = row.int64(3)
    probability = row.isNull(4) ? nil : row.double(4)
    wallClock = row.int64(5)
    monotonic = row.int64(6)
    peerUID = Int64(try row.int(7, in: 0...Int(UInt32.max)))
    clock = row.int64(8)
  }

  func bind(to statement: Statement) {
    statement.bind(1, label)
    statement.bind(2, observedAt)
    statement.bind(3, arrived)
    statement.bind(4, channel)
    statement.bind(5, probability)
    statement.bind(6, wallClock)
    statement.bind(7, monotonic)
    statement.bind(8, peerUID)
    statement.bind(9, clock)
  }

  func outcome(line: LineID, part: String, source: String, clock: ClockSync) -> Outcome {
    Outcome(
      line: line, part: part, label: label, observedAt: Timestamp(microseconds: observedAt),
      arrivedAt: Timestamp(microseconds: arrived), source: source, samplingProbability: probability, amends: false,
      receipt: Receipt(
        wallClock: Timestamp(microseconds: wallClock), clock: clock, monotonicMicroseconds: monotonic,
        peerUID: UInt32(peerUID)))
  }
}

/// Where a part's outcome belongs.
private enum Place {
  case joined(row: Int64, cell: Int64, time: Int64)
  case held(line: Int64, part: String)
}

extension SQLiteLedger {
  public func record(_ outcome: Outcome) throws(StorageFailure) -> OutcomeStatus {
    precondition(outcome.label >= 0, "labels are indices of the line's classes, got \(outcome.label)")
    return try database.write { () throws(StorageFailure) in
      let line = try names.entry(outcome.line).id
      let new = OutcomeRow(
        outcome, channel: try names.number(channel: outcome.source, line: line),
        clock: try names.number(of: outcome.receipt.clock, bootID: names.bootID))
      let place = try place(line: line, part: outcome.part)
      guard let old = try current(place) else {
        try insert(new, place)
        names.change(outcome.line) { entry in
          entry.outcomeCount += 1
          if case .held = place { entry.heldCount += 1 }
        }
        if case .held = place { return .heldUnknownID }
        return .joined
      }
      guard old.label != new.label else { return .duplicate }
      guard outcome.amends else { return .conflict }
      try keepHistory(old, line: line, part: outcome.part)
      try replace(with: new, place)
      return .amended
    }
  }

  /// What was said of a part before each amendment, oldest first.
  public func amendments(line: LineID, part: String) throws(StorageFailure) -> [Outcome] {
    guard let entry = try names.known(line) else { return [] }
    let select = try database.prepare(
      """
      SELECT \(LedgerStatements.outcomeColumns), channel.name, clock.synced
      FROM outcome_history JOIN channel ON channel.id = channel JOIN clock ON clock.id = clock
      WHERE outcome_history.line = ?1 AND part = ?2 ORDER BY outcome_history.id
      """)
    select.bind(1, entry.id)
    select.bind(2, part)
    return try select.all { (row) throws(StorageFailure) in
      try OutcomeRow(row).outcome(line: line, part: part, source: row.text(9), clock: try row.clockSync(10))
    }
  }

  /// Joins an outcome that came before its prediction, if there is one.
  func joinHeld(_ prediction: Prediction, line: Int64, cell: Int64, row: Int64) throws(StorageFailure) {
    guard let held = try current(.held(line: line, part: prediction.part)) else { return }
    statements.deleteHeld.bind(1, line)
    statements.deleteHeld.bind(2, prediction.part)
    try statements.deleteHeld.run()
    try insert(held, .joined(row: row, cell: cell, time: prediction.time.microseconds))
    names.change(prediction.line) { $0.heldCount -= 1 }
  }

  private func place(line: Int64, part: String) throws(StorageFailure) -> Place {
    statements.findPrediction.bind(1, line)
    statements.findPrediction.bind(2, part)
    let found = try statements.findPrediction.first { (row) in
      Place.joined(row: row.int64(0), cell: row.int64(1), time: row.int64(2))
    }
    return found ?? .held(line: line, part: part)
  }

  private func current(_ place: Place) throws(StorageFailure) -> OutcomeRow? {
    let statement: Statement
    switch place {
    case .joined(let row, _, _):
      statement = statements.selectOutcome
      statement.bind(1, row)
    case .held(let line, let part):
      statement = statements.selectHeld
      statement.bind(1, line)
      statement.bind(2, part)
    }
    return try statement.first { (row) throws(StorageFailure) in try OutcomeRow(row) }
  }

  private func insert(_ outcome: OutcomeRow, _ place: Place) throws(StorageFailure) {
    switch place {
    case .joined(let row, let cell, let time):
      outcome.bind(to: statements.insertOutcome)
      statements.insertOutcome.bind(10, row)
      try statements.insertOutcome.run()
      try label(outcome.label, with: statements.insertLabelled, row: row, cell: cell, time: time)
      let labelled = database.changeCount
      names.change(cell: cell) { change in
        change.outcomes += 1
        change.labelled += labelled
      }
    case .held(let line, let part):
      try run(statements.insertHeld, outcome, line: line, part: part)
    }
  }

  private func replace(with outcome: OutcomeRow, _ place: Place) throws(StorageFailure) {
    switch place {
    case .joined(let row, let cell, let time):
      outcome.bind(to: statements.updateOutcome)
      statements.updateOutcome.bind(10, row)
      try statements.updateOutcome.run()
      try label(outcome.label, with: statements.updateLabelled, row: row, cell: cell, time: time)
    case .held(let line, let part):
      try run(statements.updateHeld, outcome, line: line, part: part)
    }
  }

  private func keepHistory(_ outcome: OutcomeRow, line: Int64, part: String) throws(StorageFailure) {
    try run(statements.insertHistory, outcome, line: line, part: part)
  }

  private func run(
    _ statement: Statement, _ outcome: OutcomeRow, line: Int64, part: String
  ) throws(StorageFailure) {
    outcome.bind(to: statement)
    statement.bind(10, line)
    statement.bind(11, part)
    try statement.run()
  }

  private func label(
    _ label: Int, with statement: Statement, row: Int64, cell: Int64, time: Int64
  ) throws(StorageFailure) {
    statement.bind(1, cell)
    statement.bind(2, time)
    statement.bind(3, row)
    statement.bind(4, label)
    try statement.run()
  }
}
