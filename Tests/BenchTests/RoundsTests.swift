import Testing
import kaizen_bench

@Test func `the median is the middle figure, whatever the order`() {
  #expect(median([3, 1, 2]) == 2)
  #expect(median([4, 1, 2, 3]) == 3)
  #expect(median([]) == 0)
}

/// A program whose every piece of work takes as long as it is told to, and which notes when it ran.
private final class Pretender {
  let name: String
  let pieceSeconds: Double
  let log: Log

  final class Log { var runs: [(name: String, count: Int)] = [] }

  init(_ name: String, pieceSeconds: Double, log: Log) {
    self.name = name
    self.pieceSeconds = pieceSeconds
    self.log = log
  }

  var contender: Contender {
    Contender(name: name) { [self] count in
      log.runs.append((name, count))
      return Double(count) * pieceSeconds
    }
  }
}

@Test func `programs take turns, each working about as long as a round gives it`() throws {
  let log = Pretender.Log()
  let contenders = [
    Pretender("quick", pieceSeconds: 0.001, log: log).contender,
    Pretender("slow", pieceSeconds: 2, log: log).contender,
  ]
  let seconds = try Rounds(count: 3, seconds: 0.1).measure(contenders)
  #expect(seconds.map(\.count) == [3, 3])
  #expect(seconds[0].allSatisfy { abs($0 - 0.001) < 1e-12 })
  #expect(seconds[1] == [2, 2, 2])
  let turns = log.runs.suffix(6)
  #expect(turns.map(\.name) == ["quick", "slow", "quick", "slow", "quick", "slow"])
  #expect(turns.map(\.count) == [100, 1, 100, 1, 100, 1])
}

@Test func `a program that fails ends the measurement`() {
  struct Broken: Error {}
  #expect(throws: Broken.self) {
    try Rounds.quick.measure([Contender(name: "broken") { _ in throw Broken() }])
  }
}
