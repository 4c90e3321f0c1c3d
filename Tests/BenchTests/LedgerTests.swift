import Foundation
import Testing
import Wire
import kaizen_bench

@Test func `a small ledger is written by both, at every size, and everything is told`() throws {
  let arguments = [
    "ledger", "--rows", "0,3000", "--random-rows", "2000", "--batches", "1,64", "--seconds", "0.01", "--rounds", "2",
  ]
  let ended = try Bench.run(arguments + ["--json"])
  #expect(ended.code == 0, "\(ended.errors)")
  let report: LedgerReport = try OperatorCoding.message(from: Array(ended.output.utf8))
  #expect(report.scenario == "ledger" && report.absent.isEmpty)
  #expect(report.sizes.map(\.rows) == [0, 3000] && report.random?.rows == 2000)
  for size in report.sizes + [report.random].compactMap(\.self) {
    #expect(size.writes.map(\.batch) == [1, 64, 1, 64] && size.writes.map(\.sync) == [.normal, .normal, .full, .full])
    for round in size.writes.flatMap({ $0.own + $0.floor }) {
      #expect(round.rows > 0 && round.rowsPerSecond > 0)
      #expect(0 < round.p50 && round.p50 <= round.p99 && round.p99 <= round.p999)
    }
    #expect(size.writes.allSatisfy { $0.own.count == 2 && $0.floor.count == 2 && $0.ratio > 0 })
    #expect(size.bytes > 0 && size.startMilliseconds.count == 5 && size.statusMilliseconds.count == 5)
  }
  // Features alone are 256 bytes.
  #expect(report.sizes.last.map { (300..<2000).contains($0.bytesPerRow) } == true)
  for size in report.sizes {
    #expect(size.others.map(\.kind) == LedgerOther.Kind.allCases && size.others.allSatisfy { $0.round.rows > 0 })
  }
  #expect(report.goals.count == 7 && report.goals.allSatisfy { $0.measured != nil })
}

@Test func `the ledger's figures fit a terminal, and a goal that is missed says so`() {
  var report = LedgerReport(seed: 1, seconds: 1, rounds: 1)
  report.absent = ["50 M rows are not measured: the disk is full."]
  var text = LedgerText.text(report)
  #expect(text.contains("50 M rows are not measured"))
  report.goals = [ServeGoal("C loop's rate / ours, normal, worst batch, 50 M rows", atMost: 1.3, measured: 1.4)]
  text = LedgerText.text(report)
  #expect(text.contains("missed"))
  #expect(text.split(separator: "\n").allSatisfy { $0.count <= SpeedText.pageWidth })
}

@Test func `sizes that are no numbers are refused`() throws {
  let ended = try Bench.run(["ledger", "--rows", "10,many"])
  #expect(ended.code == 64 && ended.errors.contains("--rows are numbers from 0"))
}
