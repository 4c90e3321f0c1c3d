import Domain
import Foundation
import Wire

/// One soak, from starting the daemon to counting its rows.
struct SoakRun {
  let requests: Int
  let connections: Int
  let seed: UInt64

  /// Stretches of the load; memory is read after each.
  private static let stretchCount = 20
  /// A daemon that answers at all is through a stretch by then.
  private static let stretchSecondsMax = 7200.0

  func report() async throws -> SoakReport {
    let daemon = try MeasuredDaemon(directory: try TemporaryFolder.make("soak"))
    defer { daemon.stop() }
    try await daemon.waitUntilReady()
    let both = try BenchLines(lineCount: 2, seed: seed)
    try await both.add(to: daemon)
    let bench = BenchLines(lines: [both.lines[0]], student: both.student, parts: both.parts)
    let odd = BenchLines(lines: [both.lines[1]], student: both.student, parts: both.parts)
    let parts = try await SoakParts(bench: bench, socket: daemon.socket("infer")).requests()
    let turnsBack = max(1, requests / SoakPlan.slotCount / 20)
    let plan = try SoakPlan(parts, bench: bench, turnsBack: turnsBack, seed: seed)
    let probes = try await counts(daemon, bench)
    var report = SoakReport(seed: seed, connections: connections)

    let oddClients = OddClients(daemon, bench: odd, seed: seed)
    do {
      try load(plan, daemon, into: &report)
    } catch {
      _ = oddClients.stop()
      throw error
    }
    (report.odd, report.oddRowsExpected) = oddClients.stop()

    let status = try await daemon.status()
    let found = try await counts(daemon, bench)
    report.rows = found.rows - probes.rows
    report.outcomes = found.outcomes - probes.outcomes
    report.oddRows = try await counts(daemon, odd).rows
    report.unrecorded = status.ledger.unrecordedPredictions
    report.ledgerBytes = status.ledger.bytes
    return report
  }

  private func load(_ plan: SoakPlan, _ daemon: MeasuredDaemon, into report: inout SoakReport) throws {
    var nextID: UInt64 = 0
    for stretch in 1...Self.stretchCount {
      let end = requests * stretch / Self.stretchCount
      var load = Load(
        socket: daemon.socket("infer"), requests: plan.set, connections: connections, seconds: Self.stretchSecondsMax,
        requestsMax: end - Int(nextID))
      load.oldestID = 0
      let outcome = try load.run(nextID: &nextID)
      report.requests += outcome.answered
      report.seconds += outcome.seconds
      report.refused += outcome.refused
      report.firstRefusal = report.firstRefusal ?? outcome.firstRefusal
      report.wrong += outcome.wrong
      report.broken += outcome.broken
      for (meaning, count) in zip(plan.meanings, outcome.answeredOfKind) where count > 0 {
        report.answered[meaning.rawValue, default: 0] += Int(count)
        report.rowsExpected += Int(count) * meaning.rows
        if meaning.isOutcome { report.outcomesExpected += Int(count) }
      }
      report.memory.append(.init(requests: end, kilobytes: try daemon.memory().resident))
    }
  }

  /// Rows of the line, and outcomes of all lines that have met their part.
  private func counts(_ daemon: MeasuredDaemon, _ bench: BenchLines) async throws -> (rows: Int, outcomes: Int) {
    let status = try await daemon.status()
    let line = status.lines.first { $0.line == bench.lines[0].text }
    return (line?.predictions ?? 0, status.ledger.outcomes)
  }
}
