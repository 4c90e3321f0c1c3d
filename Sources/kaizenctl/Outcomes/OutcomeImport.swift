import ControlText
import Domain

/// The two passes over a file of outcomes.
enum OutcomeImport {
  /// Reads the whole file without sending anything.
  static func check(_ file: OutcomeFile, _ classes: [String], _ reply: ImportReply) throws -> ImportReply {
    var reply = reply
    let known = Set(classes)
    while let record = try file.next() {
      if known.contains(record.label) {
        reply.rows += 1
      } else {
        reply.add(row: record.row, id: record.id, label: record.label, status: .unknownLabel)
      }
    }
    return reply
  }

  /// Sends the file batch by batch.
  static func send(
    _ file: OutcomeFile, _ sender: OutcomeSender, _ reply: ImportReply, rows: Int, _ display: ProgressDisplay
  ) async throws -> ImportReply {
    var reply = reply
    var batch: [OutcomeRecord] = []
    let clock = ContinuousClock()
    let start = clock.now
    while true {
      let record = try file.next()
      if let record { batch.append(record) }
      guard batch.count == OutcomeSender.batchRows || record == nil else { continue }
      if !batch.isEmpty { try await sender.send(batch, into: &reply) }
      batch.removeAll(keepingCapacity: true)
      guard record != nil else { return reply }
      let fraction = Double(reply.rows) / Double(max(1, rows))
      let left = (clock.now - start) / .seconds(1) * (1 - fraction) / max(fraction, 1e-9)
      display.show(TrainingProgress(stage: "sending outcomes", fraction: fraction, secondsLeft: left))
    }
  }
}
