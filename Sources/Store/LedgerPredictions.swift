import Domain
import Engine

extension SQLiteLedger {
  public func append(_ prediction: Prediction) throws(StorageFailure) -> AppendResult {
    try append(prediction, bootID: names.bootID)
  }

  /// - Parameter bootID: the machine's start that the monotonic time belongs to.
  public func append(_ prediction: Prediction, bootID: String) throws(StorageFailure) -> AppendResult {
    try database.write { () throws(StorageFailure) in
      let line = try names.entry(prediction.line)
      let cell = try names.number(prediction.cell, line: line.id)
      let clock = try names.number(of: prediction.receipt.clock, bootID: bootID)
      try insert(prediction, line: line.id, cell: cell, clock: clock)
      guard database.changeCount == 1 else {
        return .repeated(try stored(line: prediction.line, id: line.id, part: prediction.part))
      }
      let row = database.lastInsertedRow
      let hasInput = keepsInputs && !prediction.inputs.isEmpty
      if hasInput {
        statements.insertInput.bind(1, row)
        statements.insertInput.bind(2, prediction.inputs)
        try statements.insertInput.run()
      }
      names.change(cell: cell) { change in
        change.predictions += 1
        if hasInput { change.inputs += 1 }
      }
      if !prediction.advice.isEmpty || prediction.late { try remark(prediction, row: row) }
      if line.heldCount > 0 { try joinHeld(prediction, line: line.id, cell: cell, row: row) }
      names.change(prediction.line) { entry in
        entry.predictionCount += 1
        if !hasInput && !prediction.inputs.isEmpty { entry.droppedInputs += 1 }
        entry.latestTime = max(entry.latestTime ?? prediction.time, prediction.time)
      }
      return .stored
    }
  }

  private func insert(_ prediction: Prediction, line: Int64, cell: Int64, clock: Int64) throws(StorageFailure) {
    let statement = statements.insertPrediction
    statement.bind(1, line)
    statement.bind(2, prediction.part)
    statement.bind(3, cell)
    statement.bind(4, prediction.version.number)
    statement.bind(5, prediction.predictedClass)
    statement.bind(6, Double(prediction.confidence))
    statement.bind(7, prediction.time.microseconds)
    statement.bind(8, prediction.receipt.wallClock.microseconds)
    statement.bind(9, prediction.receipt.monotonicMicroseconds)
    statement.bind(10, Int64(prediction.receipt.peerUID))
    statement.bind(11, clock)
    statement.bind(12, prediction.logits)
    try statement.run()
  }

  private func remark(_ prediction: Prediction, row: Int64) throws(StorageFailure) {
    statements.insertRemark.bind(1, row)
    statements.insertRemark.bind(2, Int64(prediction.advice.rawValue))
    statements.insertRemark.bind(3, Int64(prediction.late ? 1 : 0))
    try statements.insertRemark.run()
  }

  /// The answer given before to this part.
  private func stored(line: LineID, id: Int64, part: String) throws(StorageFailure) -> Prediction {
    statements.selectPrediction.bind(1, id)
    statements.selectPrediction.bind(2, part)
    let found = try statements.selectPrediction.first { (row) throws(StorageFailure) in
      let logits = try row.floats(9)
      let confidence = row.double(3)
      guard (0...1).contains(confidence) else { throw row.damaged("confidence of part \(part) is \(confidence)") }
      return Prediction(
        line: line, part: part, cell: try names.cell(row.int64(0), line: id), version: try row.version(1),
        inputs: row.isNull(8) ? [] : try row.floats(8), logits: logits,
        predictedClass: try row.int(2, in: 0...max(0, logits.count - 1)),
        confidence: Float(confidence), time: Timestamp(microseconds: row.int64(4)),
        receipt: Receipt(
          wallClock: Timestamp(microseconds: row.int64(5)), clock: try row.clockSync(12),
          monotonicMicroseconds: row.int64(6),
          peerUID: UInt32(try row.int(7, in: 0...Int(UInt32.max)))),
        advice: try row.advice(10), late: try row.int(11, in: 0...1) == 1)
    }
    guard let found else { throw database.damaged("part \(part) of \(line) is in an index but not in its table") }
    return found
  }

  public func matured(
    line: LineID, after: Int64, watermark: Timestamp, future: Timestamp, limit: Int, inputs: InputsWanted
  ) throws(StorageFailure) -> [MaturedPrediction] {
    guard let entry = try names.known(line) else { return [] }
    let statement =
      switch inputs {
      case .none: statements.matured
      case .ofLabelled: statements.maturedWithInputsOfLabelled
      case .all: statements.maturedWithInputs
      }
    statement.bind(1, entry.id)
    statement.bind(2, after)
    statement.bind(3, limit)
    let channelNames = try channels.ranks(line: entry.id).names
    var found: [MaturedPrediction] = []
    try statement.forEach { (row) throws(StorageFailure) in
      let time = Timestamp(microseconds: row.int64(5))
      if time >= watermark && time < future { return .stop }
      found.append(
        MaturedPrediction(
          row: row.int64(0), cell: try names.cell(row.int64(1), line: entry.id), version: try row.version(2),
          predictedClass: try row.int(3), label: try row.optionalInt(4), time: time, confidence: Float(row.double(6)),
          channel: row.isNull(7) ? nil : channelNames[row.int64(7)],
          samplingProbability: row.isNull(8) ? nil : row.double(8),
          inputs: inputs != .none && !row.isNull(9) ? try row.floats(9) : nil))
      return .more
    }
    try addOthers(to: &found, channelNames)
    return found
  }

  /// What other channels say of these rows. Most lines have none, and then this is one look into an index.
  private func addOthers(to rows: inout [MaturedPrediction], _ channels: [Int64: String]) throws(StorageFailure) {
    guard let first = rows.first?.row, let last = rows.last?.row else { return }
    var places: [Int64: Int] = [:]
    statements.otherOutcomes.bind(1, first)
    statements.otherOutcomes.bind(2, last)
    let said = try statements.otherOutcomes.all { (row) throws(StorageFailure) in
      (row.int64(0), row.int64(1), try row.int(2), row.isNull(3) ? nil : row.double(3))
    }
    guard !said.isEmpty else { return }
    for (place, row) in rows.enumerated() { places[row.row] = place }
    for (row, channel, label, probability) in said {
      guard let place = places[row], let name = channels[channel] else { continue }
      rows[place].others.append(
        MaturedPrediction.Said(channel: name, label: label, samplingProbability: probability))
    }
  }
}

extension SQLiteLedger {
  public func latestAdvice(line: LineID, limit: Int) throws(StorageFailure) -> [Advice] {
    guard let entry = try names.known(line) else { return [] }
    statements.latestAdvice.bind(1, entry.id)
    statements.latestAdvice.bind(2, limit)
    return try statements.latestAdvice.all { (row) throws(StorageFailure) in try row.advice(0) }.reversed()
  }
}

extension Statement {
  func clockSync(_ column: Int32) throws(StorageFailure) -> ClockSync {
    guard let sync = ClockSync(rawValue: UInt8(try int(column, in: 0...2))) else { preconditionFailure("0 to 2") }
    return sync
  }

  func advice(_ column: Int32) throws(StorageFailure) -> Advice {
    Advice(rawValue: UInt8(try int(column, in: 0...Int(UInt8.max))))
  }

  func version(_ column: Int32) throws(StorageFailure) -> ModelVersion {
    ModelVersion(try int(column, in: 1...Int.max))
  }
}
