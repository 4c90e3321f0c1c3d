/// What is simulated and needs no data.
extension AcceptanceCheck {
  private static let quiet = MonitorSimulation(story: .null, correlation: 0)
  private static let drop = MonitorSimulation(story: .drop, correlation: 0)
  /// A spread of 1.5 points from day to day.
  private static let quietClustered = MonitorSimulation(story: .null, correlation: 0.005)
  private static let dropClustered = MonitorSimulation(story: .drop, correlation: 0.005)

  static let monitoring = [
    AcceptanceCheck(
      "monitor-null", "monitor: 50 healthy groups for 90 days, any declared lagging", simulations: [quiet]
    ) { [Claim("", falseAlarms(try $0.alarms(quiet)), .atMost(0.2))] },
    AcceptanceCheck("monitor-drop", "monitor: from .95 to .88, until declared lagging", simulations: [drop]) {
      let runs = try $0.alarms(drop)
      return [Claim("days", delays(runs), .atMost(5)), Claim("labels", labels(runs))]
    },
    AcceptanceCheck(
      "monitor-days", "monitor: the same where good and bad days differ (correlation .005), tempered",
      simulations: [quietClustered, dropClustered]
    ) {
      let runs = try $0.alarms(dropClustered)
      return [
        Claim("any healthy group accused", falseAlarms(try $0.alarms(quietClustered)), .atMost(0.3)),
        Claim("days from .95 to .88", delays(runs), .atMost(6)), Claim("labels", labels(runs)),
      ]
    },
  ]

  private init(
    _ name: String, _ check: String, simulations: [MonitorSimulation],
    judge: @escaping @Sendable (Findings) throws -> [Claim]
  ) {
    self.init(
      name: name, check: check, bench: nil, work: { size in simulations.flatMap { $0.work(size) } }, judge: judge)
  }

  private static func falseAlarms(_ runs: [MonitorSimulation.Run]) -> Figure {
    Figure(runs.map { $0 == .quarter(isAccused: true) ? 1 : 0 }, .share, places: 2)
  }

  private static func delays(_ runs: [MonitorSimulation.Run]) -> Figure {
    Figure(runs.flatMap(\.delays).map(\.days), .median)
  }

  private static func labels(_ runs: [MonitorSimulation.Run]) -> Figure {
    Figure(runs.flatMap(\.delays).map { Double($0.labels) }, .median, places: 0)
  }
}

extension MonitorSimulation.Run {
  fileprivate var delays: [MonitorSimulation.Delay] {
    guard case .drops(let delays) = self else { return [] }
    return delays
  }
}
