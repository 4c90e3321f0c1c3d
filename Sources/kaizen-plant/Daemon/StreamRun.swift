import Domain
import Foundation
import PlantSimulation
import Wire

/// A stream from its first part to its report.
struct StreamRun {
  let client: PlantClient
  let lines: [(row: LineRow, streamed: StreamedLine)]
  /// For each line the cell that fails and when, where that is known.
  let failures: [(cell: Cell, time: Timestamp)?]
  let plan: OutcomePlan
  let seed: UInt64
  let log: ProgressLog
  /// Reads along what the daemon says of its groups; nil where nobody asks.
  var trail: Trail?

  func report(on parts: some Sequence<Part>) async throws -> PlantReport { try await play(parts).report }

  /// The report, and the answers in the order of the parts.
  func play(_ parts: some Sequence<Part>) async throws -> (report: PlantReport, answers: [StreamedPart]) {
    let before = try await client.status().ledger
    let started = ContinuousClock.now
    let streamer = Streamer(
      lines: lines.map(\.streamed), calls: trail?.following(client) ?? client.calls, plan: plan, seed: seed,
      pausesMaximum: PlantClient.pausesMaximum)
    var log = log
    let result = try await streamer.run(parts) { day, result in log.show(day: day, result, lines: lines.map(\.row)) }
    let elapsed = ContinuousClock.now - started
    let after = try await client.status().ledger
    var reports: [LineReport] = []
    for (index, line) in lines.enumerated() {
      reports.append(
        LineReport(
          result.parts, index: index, line: line.streamed,
          schema: try GroupSchema(attributes: line.row.attributes, includesOutcome: line.row.outcomeInGroups),
          failure: failures[index], runs: try await client.runs(line: line.row.line)))
    }
    let predictions = after.predictions - before.predictions
    let outcomes = after.outcomes - before.outcomes
    let report = PlantReport(
      parts: result.parts.count, outcomesSent: result.outcomesSent, outcomesLost: result.outcomesLost,
      outcomeStatuses: Dictionary(uniqueKeysWithValues: result.outcomes.map { ($0.key.rawValue, $0.value) }),
      ledgerPredictions: predictions, ledgerOutcomes: outcomes,
      ledgerAgrees: predictions == result.parts.count && outcomes == result.outcomesStored,
      seconds: Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18, lines: reports)
    return (report, result.parts)
  }
}

extension PlantReport {
  /// - Throws: `mismatch` when the ledger or an answer is not what it must be.
  func check() throws(PlantFault) {
    guard ledgerAgrees else {
      throw PlantFault(
        .mismatch,
        "the ledger gained \(ledgerPredictions) predictions and \(ledgerOutcomes) outcomes for \(parts) parts and"
          + " \(outcomesSent) outcomes sent; were these parts streamed before? '--id-prefix' makes them new ones")
    }
    for line in lines where line.disagreements > 0 {
      throw PlantFault(
        .mismatch,
        "\(line.disagreements) answers of \(line.line) differ from the same student's here; report this as a fault")
    }
  }

  /// The report on standard output, as one JSON object or as tables.
  func show(json: Bool) throws {
    if json {
      FileHandle.standardOutput.write(Data(try OperatorCoding.bytes(self)) + Data("\n".utf8))
    } else {
      print(ReportText.text(self))
    }
  }
}
