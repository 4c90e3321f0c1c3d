import Dispatch
import Domain
import Logging
import NeuralNet
import Synchronization

/// One part with what became of its row.
public struct AnsweredPart: Sendable, Equatable {
  /// The first answer, where this id was answered before.
  public let prediction: Prediction
  /// False: the disk would not take the row; the answer stands all the same.
  public let recorded: Bool
  public let repeated: Bool
}

/// Why nothing of a request was stored.
public enum RecordingFault: Error, Equatable {
  /// Too many requests wait for the disk; the same request is welcome in a second.
  case busy
  /// The id was answered before with other features or attributes.
  case conflict(part: String)
  /// The store would not take it; nothing of the request was stored, and it may be sent again.
  case storage(String)
  case unknownLine(String)

  public var sentence: String {
    switch self {
    case .busy: "too many requests are waiting for the ledger; send this one again in a second"
    case .conflict(let part):
      "part \"\(part)\" was answered before with other features or attributes; give each part an id of its own"
    case .storage(let sentence): sentence
    case .unknownLine(let name): "no line is named \"\(name)\"; 'kaizenctl lines' lists those there are"
    }
  }
}

extension Plant {
  /// Queues answered parts for the ledger; `reply` is called on the plant's thread once their transaction has been
  /// committed. All parts of one call are stored, or none.
  public nonisolated func record(
    _ parts: ServedParts, reply: @escaping @Sendable (Result<[AnsweredPart], RecordingFault>) -> Void
  ) {
    queue(parts, reply: reply)
    turn()
  }

  /// As `record`, but for a caller that queues more and then calls `turn`.
  public nonisolated func queue(
    _ parts: ServedParts, reply: @escaping @Sendable (Result<[AnsweredPart], RecordingFault>) -> Void
  ) {
    if let intake, intake.accept(parts, reply: reply) { return }
    post(parts, reply: reply)
  }

  /// The way through the plant's thread.
  nonisolated func post(
    _ parts: ServedParts, reply: @escaping @Sendable (Result<[AnsweredPart], RecordingFault>) -> Void
  ) {
    guard !mailbox.post(.predictions(parts, reply: reply), rows: parts.weight) else { return }
    _ = intake?.finished(parts, stored: false)
    reply(.failure(.busy))
  }

  /// Queues outcomes; one status per outcome in order, after their transaction has been committed.
  ///
  /// - Parameter isTrial: true to learn what would become of them: nothing stays stored.
  public nonisolated func record(
    line: LineID, outcomes: [OutcomeReport], receipt: Receipt, isTrial: Bool = false,
    reply: @escaping @Sendable (Result<[OutcomeStatus], RecordingFault>) -> Void
  ) {
    let told = ToldOutcomes(line: line, outcomes: outcomes, receipt: receipt, isTrial: isTrial)
    if !post(.outcomes(told, reply: reply), rows: outcomes.count) { reply(.failure(.busy)) }
  }

  /// Lets lines on the machine's clock count what has matured; called about once a second.
  public nonisolated func tick() { _ = post(.tick) }

  /// One turn: all that came, one transaction, then the answers, then what follows from them.
  func perform(_ batch: [Work]) {
    let obstacle = takeIn()
    if batch.contains(where: \.writes) { write(batch, obstacle: obstacle) }
    noteFirstSeen()
    // Lines of rows that have just been taken in too: whoever asks next sees them counted.
    unlooked.formUnion(touched(by: batch))
    lookAtLines()
    for work in batch { follow(work) }
  }

  /// Once a second, after the pieces of retention: else what they wrote would wait for the next.
  func copyLog() {
    housekeeping { (ledger) throws(StorageFailure) in
      try ledger.checkpointAside { [executor] in
        executor.queue.async {
          self.assumeIsolated { plant in
            plant.housekeeping { (ledger) throws(StorageFailure) in try ledger.checkpoint() }
          }
        }
      }
    }
  }

  private func housekeeping(_ body: (any Ledger) throws(StorageFailure) -> Void) {
    isHousekeeping.store(true, ordering: .relaxed)
    defer { isHousekeeping.store(false, ordering: .relaxed) }
    do {
      try body(ledger)
    } catch {
      logger.debug("the ledger's log could not be copied yet: \(error.sentence)")
    }
  }

  /// - Parameter obstacle: why nothing can be written; then everything is answered as on a full disk.
  func write(_ batch: [Work], obstacle: StorageFailure?) {
    if let obstacle { return batch.forEach { answerUnwritten($0, obstacle) } }
    let before = lines
    let seenBefore = firstSeen
    let started = ContinuousClock.now
    do {
      let answers = try ledger.transaction { () throws(StorageFailure) in try store(batch) }
      noteCommit(started)
      if answers.contains(where: \.tookRows) { recovered() }
      for answer in answers {
        if case .predictions(.success(let parts), _) = answer { remember(parts) }
        answer.give()
      }
      for work in batch { finish(work, stored: true) }
    } catch {
      noteCommit(started)
      lines = before
      firstSeen = seenBefore
      failed(error)
      for work in batch { answerUnwritten(work, error) }
    }
  }

  /// Tells the intake what has become of parts that it sent here.
  private func finish(_ work: Work, stored: Bool) {
    guard let intake, case .predictions(let parts, _) = work,
      let last = intake.finished(parts, stored: stored)
    else { return }
    let line = parts.snapshot.definition.id
    // Only a speed depends on it.
    guard let next = try? ledger.nextPart(after: last, line: line) else { return }
    intake.opened(after: last, next: next, line: line)
  }

  func recovered() {
    owedTold = 0
    guard ledgerProblem != nil else { return }
    logger.notice("the ledger takes rows again", metadata: ["event": "ledger_recovered"])
    ledgerProblem = nil
  }

  func failed(_ error: StorageFailure) {
    if ledgerProblem == nil {
      logger.error("the ledger takes no rows: \(error.sentence)", metadata: ["event": "ledger_failed"])
    }
    ledgerProblem = error.sentence
  }

  private func noteCommit(_ started: ContinuousClock.Instant) {
    let (seconds, attoseconds) = (ContinuousClock.now - started).components
    lastCommit.store(seconds * 1_000_000_000 + attoseconds / 1_000_000_000, ordering: .relaxed)
  }

  private func store(_ batch: [Work]) throws(StorageFailure) -> [Answer] {
    var answers: [Answer] = []
    for work in batch {
      switch work {
      case .predictions(let parts, let reply):
        answers.append(.predictions(try store(parts), reply))
      case .outcomes(let told, let reply):
        answers.append(.outcomes(told.isTrial ? try attempt(told) : try store(told), isTrial: told.isTrial, reply))
      case .operate, .training, .takeIn, .tick:
        break
      }
    }
    return answers
  }

  func touched(by batch: [Work]) -> [LineID] {
    var touched: Set<LineID> = []
    for work in batch {
      switch work {
      case .predictions(let parts, _): touched.insert(parts.snapshot.definition.id)
      case .outcomes(let told, _): touched.insert(told.line)
      case .tick: touched.formUnion(lines.keys)
      case .operate, .training, .takeIn: break
      }
    }
    return touched.sorted()
  }

  private func follow(_ work: Work) {
    switch work {
    case .operate(let body): body(self)
    case .training(let run, let event): handle(event, run: run)
    case .tick:
      storeAgain()
      judgeLiveTrials()
      takeUpHeldBack()
      retain()
      if !retention.isSlicing || retention.isUrgent { copyLog() }
    case .predictions, .outcomes, .takeIn: break
    }
  }

  /// The disk would not take it: parts are answered all the same and counted, outcomes go back to be sent again.
  private func answerUnwritten(_ work: Work, _ failure: StorageFailure) {
    switch work {
    case .predictions(let parts, let reply):
      remember(answerUnrecorded(parts, reply))
      finish(work, stored: false)
    case .outcomes(_, let reply):
      reply(.failure(.storage(failure.sentence)))
    case .operate, .training, .takeIn, .tick: break
    }
  }

  @discardableResult
  func answerUnrecorded(
    _ served: ServedParts, _ reply: @Sendable (Result<[AnsweredPart], RecordingFault>) -> Void
  ) -> [AnsweredPart] {
    unrecordedPredictions += served.predictions.count
    let parts = served.predictions.map { AnsweredPart(prediction: $0, recorded: false, repeated: false) }
    reply(.success(parts))
    return parts
  }

  /// All parts of a request, or none. One part needs no savepoint: its conflict writes nothing.
  private func store(_ parts: ServedParts) throws(StorageFailure) -> Result<[AnsweredPart], RecordingFault> {
    guard parts.predictions.count > 1 else { return try append(parts) }
    var conflict: RecordingFault?
    do {
      return try ledger.transaction { () throws(StorageFailure) in
        let result = try append(parts)
        if case .failure(let fault) = result {
          conflict = fault
          throw StorageFailure(fault.sentence, mayPass: false)
        }
        return result
      }
    } catch {
      guard let conflict else { throw error }
      return .failure(conflict)
    }
  }

  private func append(_ parts: ServedParts) throws(StorageFailure) -> Result<[AnsweredPart], RecordingFault> {
    var answered: [AnsweredPart] = []
    answered.reserveCapacity(parts.predictions.count)
    let isLate = parts.isLate(at: .now)
    for prediction in parts.predictions {
      // Students are trained on cells that were seen before: only other cells can be new.
      var row = parts.snapshot.isKnown(prediction.cell) ? prediction : placed(prediction)
      row.late = isLate
      switch try ledger.append(row) {
      case .stored:
        parts.snapshot.clock.advance(to: row.time)
        answered.append(AnsweredPart(prediction: row, recorded: true, repeated: false))
      case .repeated(let first) where first.asks(the: row):
        answered.append(AnsweredPart(prediction: first, recorded: true, repeated: true))
      case .repeated:
        return .failure(.conflict(part: row.part))
      }
    }
    return .success(answered)
  }

  /// The prediction as it is stored: cells past the bound go together.
  func placed(_ prediction: Prediction) -> Prediction {
    guard let line = lines[prediction.line], line.monitor.isFull, !line.monitor.seenCells.contains(prediction.cell)
    else {
      announce(prediction)
      return prediction
    }
    return prediction.moved(to: LineMonitor.overflowCell(line.definition.schema))
  }

  /// Says once that a cell was never seen before.
  private func announce(_ prediction: Prediction) {
    guard let line = lines[prediction.line], !line.monitor.seenCells.contains(prediction.cell) else { return }
    lines[prediction.line]?.monitor.see(prediction.cell)
    firstSeen.append((line.id, prediction.cell))
  }

  /// An entry of the audit trail waits for the disk, so this is for the plant's own thread.
  func noteFirstSeen() {
    for (id, cell) in firstSeen {
      guard let line = lines[id] else { continue }
      let name = line.definition.text(cell)
      note(
        AuditEntry(
          time: wallClock(), actor: principal, event: .groupSeen, line: id, group: name, run: nil,
          sentence: "first part of \(name), which no student was trained on; student \(line.version(serving: cell)) "
            + "serves it, and it is watched like any other group"))
    }
    firstSeen = []
  }
}

extension Prediction {
  /// Whether a row was asked for by the same question: bit by bit, for a NaN is not even itself. Where the features are
  /// not kept any more, the attributes alone can tell.
  func asks(the other: Prediction) -> Bool {
    cell == other.cell
      && (inputs.isEmpty || inputs.elementsEqual(other.inputs) { $0.bitPattern == $1.bitPattern })
  }

  func moved(to cell: Cell) -> Prediction {
    Prediction(
      line: line, part: part, cell: cell, version: version, inputs: inputs, logits: logits,
      predictedClass: predictedClass, confidence: confidence, time: time, receipt: receipt, advice: advice, late: late)
  }
}

private enum Answer {
  case predictions(
    Result<[AnsweredPart], RecordingFault>, @Sendable (Result<[AnsweredPart], RecordingFault>) -> Void)
  case outcomes(
    Result<[OutcomeStatus], RecordingFault>, isTrial: Bool,
    @Sendable (Result<[OutcomeStatus], RecordingFault>) -> Void)

  /// True when a row was written: an empty transaction, or one that found everything there, proves nothing of a disk.
  var tookRows: Bool {
    switch self {
    case .predictions(.success(let parts), _): parts.contains { !$0.repeated }
    case .outcomes(.success(let statuses), false, _):
      statuses.contains { $0 == .joined || $0 == .heldUnknownID || $0 == .amended }
    case .predictions(.failure, _), .outcomes: false
    }
  }

  func give() {
    switch self {
    case .predictions(let result, let reply): reply(result)
    case .outcomes(let result, _, let reply): reply(result)
    }
  }
}

extension Work {
  /// True for what goes into the ledger.
  var writes: Bool {
    switch self {
    case .predictions, .outcomes: true
    case .operate, .training, .takeIn, .tick: false
    }
  }
}
