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

  static let promotion = [
    promotion(
      "promotion-global",
      "promotion of a student for all groups, rule P2 (Policy has no gate for it: its scoped one "
        + "and Statistics' bounds put together)", scope: .everyGroup, good: 0.8),
    promotion(
      "promotion-scoped", "promotion of a student for three lagging groups, 150 gate rows each", scope: .lagging,
      good: 0.95),
  ]

  private static func promotion(
    _ name: String, _ check: String, scope: PromotionSimulation.Scope, good: Double
  ) -> AcceptanceCheck {
    let better = PromotionSimulation(scope: scope, isGood: true)
    let same = PromotionSimulation(scope: scope, isGood: false)
    return AcceptanceCheck(
      name: name, check: check, bench: nil, work: { better.work($0) + same.work($0) },
      judge: {
        [
          Claim("good challengers promoted", Figure(try $0.promotions(better), .share, places: 2), .atLeast(good)),
          Claim("equal ones promoted", Figure(try $0.promotions(same), .share, places: 3), .atMost(0.06)),
        ]
      })
  }

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
