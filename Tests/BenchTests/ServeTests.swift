import Foundation
import Testing
import Wire
import kaizen_bench

@Test func `every answer of a short run is as it must be, from the floor to the daemon`() throws {
  let ended = try Bench.run([
    "serve", "--seconds", "0.02", "--rounds", "1", "--connections", "1,3", "--only", "floor", "transport", "refused",
    "json", "binary", "grpc",
    "--json",
  ])
  #expect(ended.code == 0, "\(ended.errors)")
  let report: ServeReport = try OperatorCoding.message(from: Array(ended.output.utf8))
  #expect(report.scenario == "serve")
  #expect(
    report.results.map(\.subject)
      == [.floorBlocking, .floorEpoll, .transport, .refused, .json, .binary, .grpc].flatMap {
        [$0, $0]
      })
  #expect(report.results.map(\.connections) == (0..<7).flatMap { _ in [1, 3] })
  #expect(report.absent.isEmpty)
  for round in report.results.flatMap(\.rounds) {
    #expect(round.answered > 0 && round.refused == 0 && round.wrong == 0 && round.broken == 0)
    #expect(0 < round.p50 && round.p50 <= round.p99 && round.p99 <= round.p999)
  }
  #expect(report.goals.contains { $0.name.hasPrefix("JSON p50") && $0.measured != nil })
  #expect(report.goals.contains { $0.name.hasPrefix("gRPC") && $0.measured != nil })
  #expect(report.goals.contains { $0.name.hasPrefix("binary requests/s") && $0.isMet == nil })
}

@Test func `a goal is met on its own side of the limit`() {
  #expect(ServeGoal("", atMost: 2, measured: 2).isMet == true)
  #expect(ServeGoal("", atMost: 2, measured: 2.1).isMet == false)
  #expect(ServeGoal("", atLeast: 2, measured: 2.1).isMet == true)
  #expect(ServeGoal("", atLeast: 2, measured: nil).isMet == nil)
}

@Test func `memory and start are measured with ten lines`() throws {
  let ended = try Bench.run(["serve", "--only", "memory", "start", "--requests", "300", "--rows", "500", "--json"])
  #expect(ended.code == 0, "\(ended.errors)")
  let report: ServeReport = try OperatorCoding.message(from: Array(ended.output.utf8))
  let memory = try #require(report.memory)
  #expect(memory.lines == 10 && memory.requests == 300 && memory.residentKilobytes.count == 3)
  #expect(memory.residentKilobytes.allSatisfy { 0 < $0 && $0 <= memory.peakKilobytes })
  let start = try #require(report.start)
  #expect(start.lines == 10 && start.rows == 500 && start.ledgerBytes > 0)
  #expect(!start.milliseconds.isEmpty && start.milliseconds.allSatisfy { $0 > 0 })
}

@Test func `without the servers in Python the program says so, and how to get them`() throws {
  let ended = try Bench.run([
    "serve", "--seconds", "0.02", "--rounds", "1", "--connections", "1", "--only", "peers", "--python",
    "/no/such/python",
  ])
  #expect(ended.code == 0, "\(ended.errors)")
  let words = ended.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  #expect(words.contains("there is no /no/such/python; 'make bench-serve-peers' installs them"))
}
