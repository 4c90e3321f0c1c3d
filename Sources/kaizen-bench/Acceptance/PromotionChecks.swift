import Domain

/// Gates and trials, decided by the product's own functions on simulated lines.
extension AcceptanceCheck {
  static let promotion = [
    gate(
      "promotion-global", "gate of a student for 50 groups, a median of 150 gate rows each (rule P2)",
      scope: .everyGroup, good: 0.8, others: [("one healthy group secretly six points worse", .harmful)]),
    gate(
      "promotion-scoped", "gate of a student for three lagging groups, 150 gate rows each", scope: .lagging,
      good: 0.95),
    shadow, watch, whole, consolidation,
  ]

  private static func gate(
    _ name: String, _ check: String, scope: PromotionSimulation.Scope, good: Double,
    others: [(label: String, challenger: PromotionSimulation.Challenger)] = []
  ) -> AcceptanceCheck {
    let better = PromotionSimulation(scope: scope, challenger: .better)
    let same = PromotionSimulation(scope: scope, challenger: .equal)
    let told = others.map {
      (label: $0.label, simulation: PromotionSimulation(scope: scope, challenger: $0.challenger))
    }
    return AcceptanceCheck(
      name: name, check: check, bench: nil,
      work: { size in ([better, same] + told.map(\.simulation)).flatMap { $0.work(size) } },
      judge: { findings in
        [
          Claim(
            "good challengers promoted", Figure(try findings.promotions(better), .share, places: 2), .atLeast(good)),
          Claim("equal ones promoted", Figure(try findings.promotions(same), .share, places: 3), .atMost(0.06)),
        ]
          + (try told.map {
            Claim($0.label + ", promoted", Figure(try findings.promotions($0.simulation), .share, places: 2))
          })
      })
  }

  private static let shadow: AcceptanceCheck = {
    let better = TrialSimulation.shadow(.better)
    let same = TrialSimulation.shadow(.equal)
    return AcceptanceCheck(
      name: "trial-shadow", check: "shadow of a student for three lagging groups, labels one by one", bench: nil,
      work: { better.work($0) + same.work($0) },
      judge: {
        let good = try $0.trials(better)
        return [
          Claim(
            "labels until a good one is promoted", Figure(labels(good), .median, places: 0), .atMost(200)),
          Claim("good ones promoted", share(good) { $0.labelsToPromote != nil }, .atLeast(0.99)),
          Claim(
            "equal ones ever promoted in 20000 labels", share(try $0.trials(same)) { $0.labelsToPromote != nil },
            .atMost(0.06)),
        ]
      })
  }()

  private static let watch: AcceptanceCheck = {
    let ofOne = TrialSimulation.watch(groups: 1, isHarmful: true)
    let ofMany = TrialSimulation.watch(groups: SimulatedPairs.groups, isHarmful: true)
    let quietOne = TrialSimulation.watch(groups: 1, isHarmful: false)
    let quietMany = TrialSimulation.watch(groups: SimulatedPairs.groups, isHarmful: false)
    return AcceptanceCheck(
      name: "trial-rollback", check: "watch after a promotion, 75 labels a day in each group", bench: nil,
      work: { size in [ofOne, ofMany, quietOne, quietMany].flatMap { $0.work(size) } },
      judge: {
        [
          Claim("days until six points less in the one group take it back", days(try $0.trials(ofOne)), .atMost(5)),
          Claim("in one of 50 groups", days(try $0.trials(ofMany)), .atMost(8)),
          Claim("equal ones taken back in 14 days, one group", ended(try $0.trials(quietOne)), .atMost(0.05)),
          Claim("50 groups", ended(try $0.trials(quietMany)), .atMost(0.1)),
        ]
      })
  }()

  private static let whole: AcceptanceCheck = {
    let better = TrialSimulation.whole(.better)
    let same = TrialSimulation.whole(.equal)
    let harmful = TrialSimulation.whole(.harmful)
    return AcceptanceCheck(
      name: "trial-whole", check: "shadow, canary and watch of a student for 50 groups, a median of 75 labels a day",
      bench: nil,
      work: { size in [better, same, harmful].flatMap { $0.work(size) } },
      judge: {
        let good = try $0.trials(better)
        let bad = try $0.trials(harmful)
        return [
          Claim("good ones come through", share(good) { $0.endedIn == nil }, .atLeast(0.9)),
          Claim("days these were in the shadow", shadowDays(good)),
          Claim("equal ones leave the shadow", share(try $0.trials(same)) { $0.endedIn != .shadow }, .atMost(0.05)),
          Claim("one group six points worse, come through", share(bad) { $0.endedIn == nil }, .atMost(0.1)),
          Claim("never served all", share(bad) { $0.endedIn.map { $0 != .watch } ?? false }),
          Claim("days it served anybody where it was taken back", days(bad)),
        ]
      })
  }()

  private static let consolidation: AcceptanceCheck = {
    let same = PromotionSimulation(scope: .consolidation, challenger: .equal)
    let worse = PromotionSimulation(scope: .consolidation, challenger: .worse)
    let sameTrial = TrialSimulation.consolidation(.equal)
    let worseTrial = TrialSimulation.consolidation(.worse)
    return AcceptanceCheck(
      name: "trial-consolidation",
      check: "one student in the place of several, 8 groups of 150 gate rows and 75 labels a day", bench: nil,
      work: { size in [same, worse].flatMap { $0.work(size) } + [sameTrial, worseTrial].flatMap { $0.work(size) } },
      judge: {
        let equal = try $0.trials(sameTrial)
        return [
          Claim("equal ones pass the gate", Figure(try $0.promotions(same), .share, places: 2), .atLeast(0.5)),
          Claim("a point worse, pass", Figure(try $0.promotions(worse), .share, places: 2)),
          Claim("equal ones then come through", share(equal) { $0.endedIn == nil }, .atLeast(0.8)),
          Claim("days these were in the shadow", shadowDays(equal)),
          Claim(
            "a point worse, come through", share(try $0.trials(worseTrial)) { $0.endedIn == nil }, .atMost(0.05)),
        ]
      })
  }()

  private static func shadowDays(_ runs: [TrialSimulation.Run]) -> Figure {
    Figure(runs.compactMap(\.daysInShadow), .median)
  }

  private static func share(_ runs: [TrialSimulation.Run], _ holds: (TrialSimulation.Run) -> Bool) -> Figure {
    Figure(runs.map { holds($0) ? 1 : 0 }, .share, places: 3)
  }

  private static func ended(_ runs: [TrialSimulation.Run]) -> Figure { share(runs) { $0.endedIn != nil } }

  private static func days(_ runs: [TrialSimulation.Run]) -> Figure {
    Figure(runs.compactMap(\.daysToEnd), .median)
  }

  private static func labels(_ runs: [TrialSimulation.Run]) -> [Double] {
    runs.compactMap { $0.labelsToPromote.map(Double.init) }
  }
}
