import ControlText
import Domain
import Wire

/// One file of outcomes on its way into the ledger: a pass that only reads, then one that sends.
struct OutcomeImport {
  let line: LineID
  let path: String
  let columns: OutcomeColumns
  /// The channel of rows that name none.
  let source: String
  let amends: Bool
  /// Rows that are no outcomes are passed over; else nothing is sent where there is one.
  let skipsBad: Bool
  /// Nothing is stored.
  let isTrial: Bool
  let fromRow: Int
  let interruption: Interruption
  let report: RejectionFile?

  /// What the first pass found.
  struct Checked {
    var rows = 0
    var unreadable = 0
    var firstUnreadable: UnreadableRow?
    /// Of a trial: what one row would become depends on the rows before it, which are not stored.
    var repeated: RepeatedParts?
  }

  /// Reads the whole file.
  /// - Throws: `Failure` where it cannot be sent: nothing was.
  func check() throws -> Checked {
    var checked = Checked(repeated: isTrial ? RepeatedParts() : nil)
    do {
      var batches = OutcomeBatches(try OutcomeFile(path: path, columns: columns), fromRow: fromRow)
      while let batch = try batches.next() {
        if interruption.hasCome { throw Failure(.interrupted, "Interrupted.") }
        checked.rows += batch.records.count
        checked.unreadable += batch.unreadable.count
        checked.firstUnreadable = checked.firstUnreadable ?? batch.unreadable.first
        if isTrial { for record in batch.records { checked.repeated?.meet(record.id) } }
        if !skipsBad, !isTrial { for fault in batch.unreadable { try tell(fault) } }
      }
    } catch let failure as Failure {
      throw Failure(failure.status, "\(failure.sentence) Nothing was sent.", next: failure.next)
    }
    guard let first = checked.firstUnreadable, !skipsBad, !isTrial else { return checked }
    try report?.flush()
    let others = checked.unreadable == 1 ? "" : ", the first of \(countText(checked.unreadable)) such rows"
    throw Failure(
      .data, "row \(first.row): \(first.why)\(others). Nothing was sent; --skip-bad sends the other rows.")
  }

  /// Sends the file batch by batch: while one is on its way, the next is read.
  ///
  /// - Returns: what became of the rows, and why it ended before the last of them, if it did.
  func send(_ checked: Checked, to sender: OutcomeSender, _ display: ProgressDisplay) async throws
    -> (ImportReply, Failure?)
  {
    var reply = ImportReply(line: line.text, file: path, dryRun: isTrial)
    var batches = OutcomeBatches(
      try OutcomeFile(path: path, columns: columns), fromRow: fromRow, repeated: checked.repeated)
    let clock = ContinuousClock()
    let start = clock.now
    var current = try batches.next()
    while let batch = current {
      guard !interruption.hasCome else {
        return (reply, stopped(Failure(.interrupted, "Interrupted."), before: batch))
      }
      let answer: OutcomeSender.Answer
      do {
        let request = try request(batch)
        async let answering = sender.send(request, count: batch.records.count)
        current = try batches.next()
        answer = try await answering
      } catch let failure as Failure {
        return (reply, stopped(interruption.hasCome ? interrupted(failure) : failure, before: batch))
      }
      try count(batch, answer, &reply)
      let fraction = Double(reply.rows) / Double(max(1, checked.rows))
      let left = (clock.now - start) / .seconds(1) * (1 - fraction) / max(fraction, 1e-9)
      display.show(
        TrainingProgress(
          stage: isTrial ? "trying outcomes" : "sending outcomes", fraction: fraction, secondsLeft: left))
    }
    return (reply, nil)
  }

  private func request(_ batch: OutcomeBatches.Batch) throws -> OutgoingRequest {
    let items = batch.records.map { record in
      OutcomeItem(
        id: record.id, label: .text(record.label), observedAt: record.observedAt, source: channel(record),
        samplingProbability: record.samplingProbability, amends: amends)
    }
    let call: OperatorCall = isTrial ? .checkOutcomes(line, items) : .outcomes(line, items)
    return try call.outgoing()
  }

  private func channel(_ record: OutcomeRecord) -> String { record.channel ?? source }

  private func count(_ batch: OutcomeBatches.Batch, _ answer: OutcomeSender.Answer, _ reply: inout ImportReply) throws {
    for fault in batch.unreadable {
      reply.addBad(row: fault.row, why: fault.why)
      try tell(fault)
    }
    for (record, status) in zip(batch.records, answer.statuses) {
      let why = reply.add(row: record.row, id: record.id, label: record.label, status: status)
      guard let why else { continue }
      try report?.add(
        row: record.row, id: record.id, label: record.label, channel: channel(record), status: status.rawValue,
        why: why)
    }
    if answer.wasSentTwice { reply.resentRows += batch.records.count }
    // Whoever stops this program finds every row that has been answered.
    try report?.flush()
  }

  private func tell(_ fault: UnreadableRow) throws {
    try report?.add(row: fault.row, id: "", label: "", channel: "", status: "bad_row", why: fault.why)
  }

  private func interrupted(_ failure: Failure) -> Failure { Failure(.interrupted, "Interrupted: \(failure.sentence)") }

  /// Where it stands and how to go on.
  private func stopped(_ failure: Failure, before batch: OutcomeBatches.Batch) -> Failure {
    guard !isTrial else { return Failure(failure.status, "\(failure.sentence) Nothing was stored, it was a trial.") }
    let rows = batch.records.map(\.row) + batch.unreadable.map(\.row)
    let next = rows.min() ?? fromRow
    return Failure(
      failure.status,
      "\(failure.sentence) The rows before row \(next) of \(path) are in the ledger, the others are to be sent.",
      next: .kaizenctl(words(from: next)))
  }

  /// The same command from another row on.
  private func words(from row: Int) -> [String] {
    var words = ["outcomes", "import", line.text, path]
    func option(_ name: String, _ value: String?, _ usual: String? = nil) {
      if let value, value != usual { words += [name, value] }
    }
    option("--id-column", columns.id, OutcomeColumns.usualID)
    option("--label-column", columns.label, OutcomeColumns.usualLabel)
    option("--observed-at-column", columns.observedAt)
    option("--channel-column", columns.channel)
    option("--probability-column", columns.probability)
    option("--source", source, "")
    option("--report", report?.path)
    if amends { words.append("--amend") }
    if skipsBad { words.append("--skip-bad") }
    return words + ["--from-row", "\(row)"]
  }
}
