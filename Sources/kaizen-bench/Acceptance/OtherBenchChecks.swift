import Domain
import GroupDistil

/// FactoryTab and Vib1D with the rich teacher, as the product runs them.
extension AcceptanceCheck {
  private static let tabBalanced = BenchTraining(bench: .factoryTab, way: .study(.balanced))
  private static let tabTableBalanced = BenchTraining(bench: .factoryTab, way: .table(.method(.balanced)))
  private static let tabPlain = BenchTraining(bench: .factoryTab, way: .study(.kd))
  private static let tabPortfolio = BenchTraining(bench: .factoryTab, way: .study(.portfolio))
  private static let tabBestArm = BenchTraining(bench: .factoryTab, way: .bestArm)
  private static let windowBestArm = BenchTraining(bench: .vibration, way: .bestArm)
  private static let windowPlain = BenchTraining(bench: .vibration, way: .study(.kd))
  private static let windowDistil = BenchTraining(
    bench: .vibration, way: .study(.groupDistil))
  private static let windowPortfolio = BenchTraining(bench: .vibration, way: .study(.portfolio))

  static let factoryTab = [
    AcceptanceCheck(
      "factorytab", "FactoryTab: worst of the 11 groups with clean labels",
      trainings: [tabBalanced, tabPlain, tabBestArm, tabPortfolio, tabTableBalanced]
    ) { findings in
      let plain = try findings.worst(tabPlain)
      let claims = try [
        ("balanced labels", tabBalanced), ("best arm", tabBestArm), ("portfolio after its gate", tabPortfolio),
      ].flatMap { label, training in
        let worst = try findings.worst(training)
        return [
          Claim(label, Figure(worst), .atLeast(77)),
          Claim("\(label) minus plain distillation", Figure(differences(worst, plain)), .atLeast(3)),
        ]
      }
      return claims + [
        Claim("plain distillation", Figure(plain)),
        Claim("balanced labels, the table's recipe and raw inputs", Figure(try findings.worst(tabTableBalanced))),
      ]
    }
  ]

  static let vibration = [
    AcceptanceCheck(
      "vib1d", "Vib1D, 1-D CNN: GroupDistil or the best arm minus plain distillation, worst group",
      trainings: [windowPlain, windowDistil, windowBestArm, windowPortfolio]
    ) { findings in
      let plain = try findings.worst(windowPlain)
      let distil = try findings.worst(windowDistil)
      let best = try findings.worst(windowBestArm)
      let gains = [differences(distil, plain), differences(best, plain)].map { Figure($0) }
      return [
        Claim("plain distillation", Figure(plain)),
        Claim("GroupDistil", Figure(distil)),
        Claim("best arm", Figure(best)),
        Claim("portfolio after its gate", Figure(try findings.worst(windowPortfolio))),
        Claim(
          "the better of GroupDistil and best arm minus plain", gains.max { $0.mean < $1.mean } ?? gains[0],
          .atLeast(20)),
      ]
    }
  ]

  static let drift = [
    AcceptanceCheck(
      name: "drift", check: "FactoryTab: two groups turn after deployment, 150 labelled rows each, routed retraining",
      bench: .factoryTab,
      work: { size in size.seedNumbers.map { .drift(seed: $0) } },
      judge: { findings in
        let results = try findings.drifts()
        return [
          Claim("lagging groups before", Figure(results.map(\.before))),
          Claim("after the turn", Figure(results.map(\.drifted))),
          Claim("retrained", Figure(results.map(\.retrained)), .atLeast(75)),
          Claim("retrained without a teacher", Figure(results.map(\.retrainedOnLabels))),
          Claim("change of any healthy group", Figure(results.map(\.healthyChange), .largest), .exactly(0)),
          Claim("promoted by the gate", Figure(results.map { $0.isPromoted ? 1 : 0 }, .share, places: 2)),
        ]
      })
  ]
}
