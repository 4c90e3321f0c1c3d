import Domain
import Engine

/// A stored prediction that an outcome belongs to.
private struct JoinedPart {
  let row: Int64
  let cell: Int64
  let time: Int64
  let predictedClass: Int
}

/// A part by its name, whether its prediction is there or not.
private struct NamedPart {
  let line: Int64
  let name: String
}

extension SQLiteLedger {
  public func record(_ outcome: Outcome) throws(StorageFailure) -> OutcomeStatus {
    precondition(outcome.label >= 0, "labels are indices of the line's classes, got \(outcome.label)")
    return try database.write { () throws(StorageFailure) in
      let part = NamedPart(line: try names.entry(outcome.line).id, name: outcome.part)
      let new = OutcomeRow(
        outcome, channel: try channels.number(outcome.source, line: part.line),
        clock: try names.number(of: outcome.receipt.clock, bootID: names.bootID))
      if let joined = try find(part) {
        let (status, isFirst) = try tell(new, of: joined, part, amends: outcome.amends)
        if isFirst { names.change(outcome.line) { $0.outcomeCount += 1 } }
        return status
      }
      let (status, isFirst) = try hold(new, part, amends: outcome.amends)
      if isFirst {
        names.change(outcome.line) { entry in
          entry.outcomeCount += 1
          entry.heldCount += 1
        }
      }
      return status
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

  /// Joins what was said of a part before its prediction came, if anything was.
  func joinHeld(_ prediction: Prediction, line: Int64, cell: Int64, row: Int64) throws(StorageFailure) {
    let part = NamedPart(line: line, name: prediction.part)
    let held = try self.held(part)
    guard let truth = try held.min(by: outranks(line)) else { return }
    statements.deleteHeld.bind(1, line)
    statements.deleteHeld.bind(2, prediction.part)
    try statements.deleteHeld.run()
    let joined = JoinedPart(
      row: row, cell: cell, time: prediction.time.microseconds, predictedClass: prediction.predictedClass)
    let first = held.min { ($0.arrived, $0.channel) < ($1.arrived, $1.channel) } ?? truth
    try insertFirst(truth, of: joined, told: first)
    let others = held.filter { $0.channel != truth.channel }
    for other in others { try run(statements.insertOther, other, of: joined) }
    channels.count(held, truth: truth.label, cell: cell, 1)
    names.change(prediction.line) { $0.heldCount -= 1 }
  }

  // MARK: - Parts with their prediction

  private func find(_ part: NamedPart) throws(StorageFailure) -> JoinedPart? {
    statements.findPrediction.bind(1, part.line)
    statements.findPrediction.bind(2, part.name)
    return try statements.findPrediction.first { (row) in
      JoinedPart(
        row: row.int64(0), cell: row.int64(1), time: row.int64(2), predictedClass: Int(row.int64(3)))
    }
  }

  /// - Returns: also whether it is the first that is said of the part.
  private func tell(
    _ new: OutcomeRow, of joined: JoinedPart, _ part: NamedPart, amends: Bool
  ) throws(StorageFailure) -> (OutcomeStatus, isFirst: Bool) {
    guard let truth = try one(statements.selectOutcome, joined.row) else {
      try insertFirst(new, of: joined, told: new)
      channels.count([new], truth: new.label, cell: joined.cell, 1)
      return (.joined, true)
    }
    var new = new
    let old = truth.channel == new.channel ? truth : try one(statements.selectOther, joined.row, new.channel)
    if let old {
      guard old.label != new.label else { return (.duplicate, false) }
      guard amends else { return (.conflict, false) }
      try keepHistory(old, part)
      new.arrived = old.arrived
    }
    let others = try all(statements.selectOthers, joined.row)
    channels.count(others + [truth], truth: truth.label, cell: joined.cell, -1)
    let isAhead = try outranks(part.line)
    let takesForce = truth.channel == new.channel || isAhead(new, truth)
    let label = takesForce ? new.label : truth.label
    if takesForce {
      if truth.channel != new.channel {
        if old != nil { try deleteOther(joined.row, new.channel) }
        try run(statements.insertOther, truth, of: joined)
      }
      try run(statements.updateOutcome, new, of: joined)
      if label != truth.label { try self.label(label, with: statements.updateLabelled, joined) }
    } else {
      try run(old == nil ? statements.insertOther : statements.updateOther, new, of: joined)
    }
    let said = others.filter { $0.channel != new.channel } + [new] + (truth.channel == new.channel ? [] : [truth])
    channels.count(said, truth: label, cell: joined.cell, 1)
    if old != nil { return (.amended, false) }
    return (new.label == truth.label ? .joined : takesForce ? .amended : .conflict, false)
  }

  /// - Parameter first: what was said first of the part.
  private func insertFirst(_ truth: OutcomeRow, of joined: JoinedPart, told first: OutcomeRow) throws(StorageFailure) {
    try run(statements.insertOutcome, truth, of: joined)
    try label(truth.label, with: statements.insertLabelled, joined)
    let labelled = database.changeCount
    names.change(cell: joined.cell) { change in
      change.outcomes += 1
      change.labelled += labelled
    }
    let delay = OutcomeDelay(
      answered: Timestamp(microseconds: joined.time), arrived: Timestamp(microseconds: first.arrived))
    channels.count(
      delay, cell: joined.cell, channel: first.channel, isWrong: first.label != joined.predictedClass)
  }

  private func deleteOther(_ row: Int64, _ channel: Int64) throws(StorageFailure) {
    statements.deleteOther.bind(1, row)
    statements.deleteOther.bind(2, channel)
    try statements.deleteOther.run()
  }

  private func run(_ statement: Statement, _ outcome: OutcomeRow, of joined: JoinedPart) throws(StorageFailure) {
    outcome.bind(to: statement)
    statement.bind(10, joined.row)
    try statement.run()
  }

  private func label(_ label: Int, with statement: Statement, _ joined: JoinedPart) throws(StorageFailure) {
    statement.bind(1, joined.cell)
    statement.bind(2, joined.time)
    statement.bind(3, joined.row)
    statement.bind(4, label)
    try statement.run()
  }

  // MARK: - Parts whose prediction has not come

  private func hold(
    _ new: OutcomeRow, _ part: NamedPart, amends: Bool
  ) throws(StorageFailure) -> (OutcomeStatus, isFirst: Bool) {
    let held = try self.held(part)
    guard let truth = try held.min(by: outranks(part.line)) else {
      try run(statements.insertHeld, new, part)
      return (.heldUnknownID, true)
    }
    if let old = held.first(where: { $0.channel == new.channel }) {
      guard old.label != new.label else { return (.duplicate, false) }
      guard amends else { return (.conflict, false) }
      try keepHistory(old, part)
      var new = new
      new.arrived = old.arrived
      try run(statements.updateHeld, new, part)
      return (.amended, false)
    }
    try run(statements.insertHeld, new, part)
    if new.label == truth.label { return (.heldUnknownID, false) }
    return (try outranks(part.line)(new, truth) ? .amended : .conflict, false)
  }

  /// All that waits for the part.
  private func held(_ part: NamedPart) throws(StorageFailure) -> [OutcomeRow] {
    statements.selectHeld.bind(1, part.line)
    statements.selectHeld.bind(2, part.name)
    return try statements.selectHeld.all { (row) throws(StorageFailure) in try OutcomeRow(row) }
  }

  private func run(_ statement: Statement, _ outcome: OutcomeRow, _ part: NamedPart) throws(StorageFailure) {
    outcome.bind(to: statement)
    statement.bind(10, part.line)
    statement.bind(11, part.name)
    try statement.run()
  }

  private func keepHistory(_ outcome: OutcomeRow, _ part: NamedPart) throws(StorageFailure) {
    try run(statements.insertHistory, outcome, part)
  }

  // MARK: - Rows and ranks

  /// Whether the first of two is more trusted than the second.
  private func outranks(_ line: Int64) throws(StorageFailure) -> (OutcomeRow, OutcomeRow) -> Bool {
    let ranks = try channels.ranks(line: line)
    return { ranks.isAhead($0.channel, of: $1.channel) }
  }

  private func one(_ statement: Statement, _ row: Int64, _ channel: Int64? = nil) throws(StorageFailure) -> OutcomeRow?
  {
    statement.bind(1, row)
    if let channel { statement.bind(2, channel) }
    return try statement.first { (row) throws(StorageFailure) in try OutcomeRow(row) }
  }

  private func all(_ statement: Statement, _ row: Int64) throws(StorageFailure) -> [OutcomeRow] {
    statement.bind(1, row)
    return try statement.all { (row) throws(StorageFailure) in try OutcomeRow(row) }
  }
}
