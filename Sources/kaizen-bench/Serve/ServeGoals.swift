/// The goals of the serving path, from what was measured.
enum ServeGoals {
  static func goals(_ report: ServeReport) -> [ServeGoal] {
    speed(report.results) + [
      ServeGoal(
        "p99 during training / idle, 1 connection", atMost: 2,
        measured: report.retraining.filter { $0.connections == 1 }.map { $0.ratio(\.p99) }.max()),
      ServeGoal(
        "MB resident, \(ServeMemory.lineCount) lines, \(count(report.memory?.requests ?? 1_000_000)) requests",
        atMost: 40,
        measured: report.memory?.residentKilobytes.last.map { Double($0) / 1024 }),
      ServeGoal(
        "ms to ready, \(ServeMemory.lineCount) lines, \(count(report.start?.rows ?? 10_000_000)) rows", atMost: 200,
        measured: report.start.map { median($0.milliseconds) }),
    ]
  }

  /// `10 M`, `250 k`, `300`.
  static func count(_ number: Int) -> String {
    if number >= 1_000_000, number.isMultiple(of: 100_000) {
      return SpeedText.trimmed(Double(number) / 1e6) + " M"
    }
    return number >= 1000 && number.isMultiple(of: 1000) ? "\(number / 1000) k" : "\(number)"
  }

  private static func speed(_ results: [ServeResult]) -> [ServeGoal] {
    func rounds(_ subject: ServeSubject, _ connections: Int) -> [ServeRound]? {
      results.first { $0.subject == subject && $0.connections == connections }?.rounds
    }
    /// Median of a ratio that is taken within each round.
    func ratio(
      _ above: [ServeRound]?, _ below: [ServeRound]?, _ figure: (ServeRound) -> Double
    ) -> Double? {
      guard let above, let below, !above.isEmpty, above.count == below.count else { return nil }
      return median(zip(above, below).map { figure($0) / figure($1) })
    }
    func overFloor(_ subject: ServeSubject) -> Double? {
      ratio(rounds(subject, 1), rounds(.floorBlocking, 1), \.p50)
    }
    func tail(_ subject: ServeSubject) -> Double? {
      rounds(subject, 1).map { median($0.map { $0.p99 / $0.p50 }) }
    }
    func throughput(_ subject: ServeSubject) -> Double? {
      rounds(subject, 32).map { median($0.map(\.requestsPerSecond)) }
    }
    let bestPeer = results.filter { [.fastapi, .asyncio, .batched].contains($0.subject) }
      .map { $0.spread(\.requestsPerSecond).median }.max()
    func overPeer(_ subject: ServeSubject) -> Double? {
      guard let own = throughput(subject), let bestPeer else { return nil }
      return own / bestPeer
    }
    return [
      ServeGoal("binary p50 / C echo's, 1 connection", atMost: 1.5, measured: overFloor(.binary)),
      ServeGoal("JSON p50 / C echo's, 1 connection", atMost: 2, measured: overFloor(.json)),
      ServeGoal("gRPC p50 / C echo's, 1 connection", atMost: 5, measured: overFloor(.grpc)),
      ServeGoal("binary p99 / p50, 1 connection", atMost: 2.5, measured: tail(.binary)),
      ServeGoal("JSON p99 / p50, 1 connection", atMost: 2.5, measured: tail(.json)),
      ServeGoal("binary requests/s, 32 connections", atLeast: 100_000, measured: throughput(.binary)),
      ServeGoal("JSON requests/s, 32 connections", atLeast: 50_000, measured: throughput(.json)),
      ServeGoal("binary requests/s / best Python's", atLeast: 3, measured: overPeer(.binary)),
      ServeGoal("JSON requests/s / best Python's", atLeast: 3, measured: overPeer(.json)),
    ]
  }
}
