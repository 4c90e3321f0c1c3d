import Foundation
import Testing
import Wire
import kaizen_bench

@Test func `after a small soak every answer was right and the counters add up`() throws {
  let ended = try Bench.run(["soak", "--requests", "1200", "--connections", "5", "--json"])
  #expect(ended.code == 0, "\(ended.errors) \(ended.output)")
  let report: SoakReport = try OperatorCoding.message(from: Array(ended.output.utf8))
  #expect(report.complaints.isEmpty, "\(report.complaints)")
  #expect(report.requests == 1200)
  #expect(report.refused == 0 && report.wrong == 0 && report.broken == 0 && report.unrecorded == 0)
  #expect(report.rows == report.rowsExpected && report.rows > 600)
  #expect(report.outcomes == report.outcomesExpected && report.outcomes > 100)
  #expect(report.oddRows == report.oddRowsExpected && report.oddRows > 0)
  for kind in [
    "json", "binary", "batch", "outcome_at_once", "outcome_late", "outcome_early", "repeated", "conflict", "malformed",
  ] {
    #expect((report.answered[kind] ?? 0) > 0, "\(kind)")
  }
}

@Test func `what is not as it must be is said`() {
  var report = SoakReport(seed: 1, connections: 1)
  #expect(report.complaints.isEmpty)
  report.rowsExpected = 2
  report.rows = 1
  report.wrong = 3
  #expect(report.complaints.count == 2)
  #expect(report.complaints.contains("2 parts were answered and the ledger has 1"))
}
