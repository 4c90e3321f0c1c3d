import ControlText
import Domain
import Wire

/// Sends outcomes in batches and counts what became of them.
struct OutcomeSender {
  let daemon: Daemon
  let line: LineID
  /// The channel, for the ledger.
  let source: String?
  /// Whether these labels replace those stored before.
  let amends: Bool

  /// One request's work for the daemon stays under its deadline, and Ctrl-C loses little.
  static let batchRows = 500

  func send(_ records: [OutcomeRecord], into reply: inout ImportReply) async throws {
    let items = records.map { record in
      OutcomeItem(
        id: record.id, label: .text(record.label), observedAt: record.observedAt, source: source ?? "", amends: amends)
    }
    let call = OperatorCall.outcomes(line, items)
    let answer = try await daemon.exchange(daemon.controlSocket, try call.outgoing())
    let rows: [OutcomesReply.Row]
    do { rows = try OutcomesReply(parsing: answer).rows } catch { throw Daemon.unreadable(error.sentence) }
    guard rows.count == records.count else {
      throw Daemon.unreadable("it has \(countText(rows.count, "item")) for \(countText(records.count, "outcome"))")
    }
    for (record, answered) in zip(records, rows) {
      reply.add(row: record.row, id: record.id, label: record.label, status: answered.status)
    }
  }
}
