import Foundation
import Testing
import Wire
import kaizen_bench

@Test func `round trips are measured with and without rows to take away, both ways into the ledger`() throws {
  let ended = try Bench.run([
    "retention", "--retention-rows", "3000", "--seconds", "0.02", "--rounds", "1", "--only", "counter", "random",
    "--json",
  ])
  #expect(ended.code == 0, "\(ended.errors)")
  let report: RetentionReport = try OperatorCoding.message(from: Array(ended.output.utf8))
  #expect(report.scenario == "retention" && report.steady == nil)
  #expect(report.serving.map(\.ids) == [.counter, .counter, .counter, .random, .random, .random])
  #expect(report.serving.map(\.load) == [.paced, .one, .eight, .paced, .one, .eight])
  for serving in report.serving {
    #expect(serving.keeping.count == 1 && serving.trimming.count == 1)
    for round in serving.keeping + serving.trimming {
      #expect(round.trips.answered > 0 && round.trips.refused + round.trips.wrong + round.trips.broken == 0)
      #expect(0 < round.trips.p50 && round.trips.p50 <= round.trips.p99 && round.residentKilobytes > 0)
    }
    #expect(serving.keeping.allSatisfy { $0.featuresPerSecond == 0 && $0.partsPerSecond == 0 })
  }
  // So few rows, in so short a time: a load without anything to take away has no figure, the others have.
  let measured = report.goals.filter { $0.name.contains("p99") }.map { $0.measured != nil }
  #expect(measured == report.serving.map { !$0.isIdle })
}

@Test func `a ledger from which as much goes as comes keeps its window and its size`() throws {
  let ended = try Bench.run(["retention", "--steady-rows", "8000", "--only", "steady", "--json"])
  #expect(ended.code == 0, "\(ended.errors)")
  let report: RetentionReport = try OperatorCoding.message(from: Array(ended.output.utf8))
  let steady = try #require(report.steady)
  #expect(report.serving.isEmpty && steady.windowRows == 8000)
  #expect(steady.rows.count == 3 && steady.rows.allSatisfy { (8000..<12_000).contains($0) })
  #expect(steady.bytes.count == 3 && steady.freeBytes.count == 3)
  #expect((steady.keepingRowsPerSecond + steady.trimmingRowsPerSecond).allSatisfy { $0 > 0 })
  #expect(try #require(steady.growth) < 1.2)
}

@Test func `retention's figures fit a terminal, and a cost below nothing is told as such`() {
  var report = RetentionReport(seed: 1, seconds: 5, rounds: 3, rows: 1_000_000)
  report.goals = [ServeGoal("ms retention adds to p99, counter ids", atMost: 2, measured: -0.05)]
  report.remarks = ["There was nothing left to take away."]
  var steady = RetentionSteady(windowRows: 200_000)
  steady.keepingRowsPerSecond = [100_000]
  steady.trimmingRowsPerSecond = [50_000]
  (steady.bytes, steady.freeBytes, steady.rows) = ([100_000_000], [1_000_000], [200_000])
  report.steady = steady
  let text = RetentionText.text(report)
  #expect(text.contains("-0.050") && text.contains("nothing left to take away") && text.contains("0.500"))
  #expect(text.split(separator: "\n").allSatisfy { $0.count <= SpeedText.pageWidth })
}

@Test func `a ledger of a few rows is no measurement`() throws {
  let ended = try Bench.run(["retention", "--steady-rows", "10"])
  #expect(ended.code == 64 && ended.errors.contains("--steady-rows is 1000 to 100000000"))
}
