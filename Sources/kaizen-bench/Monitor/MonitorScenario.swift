/// A question to the monitor, the plants that answer it, and what the answer has to be.
struct MonitorScenario: Sendable {
  let name: String
  let question: String
  let plant: MonitorPlant
  /// Runs for each of the runs asked for: what is not a matter of rare events needs fewer.
  let share: Double
  let claims: @Sendable ([MonitorPlant.Result]) -> [Claim]

  static let all: [MonitorScenario] = [
    MonitorScenario(
      name: "healthy", question: "50 healthy groups for 90 days, half of the parts labelled", plant: MonitorPlant(),
      share: 1, claims: { falseAlarms($0, .atMost(0.2)) + thumbs($0) }),
    MonitorScenario(
      name: "drop", question: "three groups fall from .95 to .88 on day 30", plant: dropped(MonitorPlant()),
      share: 0.2, claims: { delays($0, .atMost(5)) + thumbs($0) }),
    MonitorScenario(
      name: "drop-80", question: "three groups fall from .95 to .80 on day 30",
      plant: dropped(MonitorPlant(), to: 0.8), share: 0.1, claims: { delays($0, nil) }),
    MonitorScenario(
      name: "own-past", question: "three groups fall from .95 to .88 on day 30, no target is set",
      plant: dropped(MonitorPlant(target: nil)), share: 0.1, claims: { delays($0, nil) }),
    MonitorScenario(
      name: "slow", question: "a twentieth of the parts is labelled, and three groups fall from .95 to .80",
      plant: dropped(
        MonitorPlant(world: MonitorWorld(labelling: .init(right: 0.05, wrong: 0.05)), days: 180), to: 0.8),
      share: 0.05, claims: { delays($0, nil) }),
    MonitorScenario(
      name: "days", question: "good and bad days differ by 1.5 points (correlation .005)",
      plant: MonitorPlant(world: MonitorWorld(correlation: 0.005)), share: 0.3,
      claims: { falseAlarms($0, .atMost(0.3)) }),
    MonitorScenario(
      name: "days-drop", question: "the same, and three groups fall from .95 to .88",
      plant: dropped(MonitorPlant(world: MonitorWorld(correlation: 0.005))), share: 0.2,
      claims: { delays($0, .atMost(6)) }),
    MonitorScenario(
      name: "late", question: "errors come back after 2 h, confirmations after a day, none at weekends",
      plant: MonitorPlant(
        world: MonitorWorld(
          labelling: .init(
            right: 1, wrong: 1, rightHours: 24, wrongHours: 2, restsAtWeekends: true))), share: 0.15,
      claims: { accused($0, .atMost(1)) + [hours($0)] + thumbs($0) }),
    MonitorScenario(
      name: "late-drop", question: "the same, and three groups fall from .95 to .88",
      plant: dropped(
        MonitorPlant(
          world: MonitorWorld(
            labelling: .init(
              right: 1, wrong: 1, rightHours: 24, wrongHours: 2, restsAtWeekends: true)))), share: 0.1,
      claims: { delays($0, nil) }),
    MonitorScenario(
      name: "chosen", question: "rework labels 90 % of errors and 45 % of right answers",
      plant: MonitorPlant(world: chosen, channel: "rework"), share: 0.15,
      claims: { accused($0, .atMost(1)) + thumbs($0) }),
    MonitorScenario(
      name: "chosen-days", question: "the same, and good and bad days differ by 1.5 points",
      plant: MonitorPlant(world: chosenDays, channel: "rework"), share: 0.15, claims: { accused($0, .atMost(1)) }),
    MonitorScenario(
      name: "chosen-drop", question: "the same, and three groups fall from .95 to .88",
      plant: dropped(MonitorPlant(world: chosen, channel: "rework")), share: 0.1, claims: { delays($0, nil) }),
    MonitorScenario(
      name: "audit", question: "an audit draws odd parts eight times as often, with known probabilities",
      plant: MonitorPlant(
        world: MonitorWorld(labelling: .init(drawn: .init(plain: 0.1, odd: 0.8))), channel: "audit"), share: 0.15,
      claims: { accused($0, .atMost(1)) + thumbs($0) }),
    MonitorScenario(
      name: "audit-drop", question: "the same, and three groups fall from .95 to .88",
      plant: dropped(
        MonitorPlant(world: MonitorWorld(labelling: .init(drawn: .init(plain: 0.1, odd: 0.8))), channel: "audit")),
      share: 0.1, claims: { delays($0, nil) }),
    MonitorScenario(
      name: "other-parts", question: "from day 30 on only a fifth of right answers is labelled, of errors all as before",
      plant: MonitorPlant(
        world: MonitorWorld(
          labelling: .init(right: 0.5, wrong: 0.5), laterLabelling: .init(right: 0.2, wrong: 0.5)), target: nil),
      share: 0.1, claims: { accused($0, .atMost(1)) + [unknown($0)] }),
  ]

  private static let chosen = MonitorWorld(labelling: .init(right: 0.45, wrong: 0.9))
  private static let chosenDays = MonitorWorld(correlation: 0.005, labelling: .init(right: 0.45, wrong: 0.9))

  private static func dropped(_ plant: MonitorPlant, to accuracy: Double = 0.88) -> MonitorPlant {
    var plant = plant
    plant.world.droppedAccuracy = accuracy
    return plant
  }

  // MARK: - Claims

  private static func falseAlarms(_ results: [MonitorPlant.Result], _ bound: Bound) -> [Claim] {
    [
      Claim("any false alarm", Figure(results.map { $0.accusedSets > 0 ? 1 : 0 }, .share, places: 2), bound),
      Claim("healthy groups accused", Figure(results.map { Double($0.accusedGroups) }, places: 2)),
    ]
  }

  private static func accused(_ results: [MonitorPlant.Result], _ bound: Bound) -> [Claim] {
    [
      Claim("healthy groups accused of 50", Figure(results.map { Double($0.accusedGroups) }, places: 2), bound),
      Claim("any healthy set accused", Figure(results.map { $0.accusedSets > 0 ? 1 : 0 }, .share, places: 2)),
    ]
  }

  private static func delays(_ results: [MonitorPlant.Result], _ bound: Bound?) -> [Claim] {
    let all = results.flatMap(\.delays)
    return [
      Claim("days", Figure(all.map { $0 ?? Double.infinity }, .median), bound),
      Claim("labels", Figure(results.flatMap(\.labels).map(Double.init), .median, places: 0)),
      Claim("found", Figure(all.map { $0 == nil ? 0 : 1 }, .share, places: 2), bound == nil ? nil : .atLeast(0.95)),
      Claim("healthy groups accused of 47", Figure(results.map { Double($0.accusedGroups) }, places: 2), .atMost(1)),
    ]
  }

  private static func thumbs(_ results: [MonitorPlant.Result]) -> [Claim] {
    MonitorPlant.Thumb.allCases.flatMap { thumb in
      let found = results.map { $0.thumbs[thumb] ?? MonitorPlant.ThumbResult() }
      let name = thumb == .points ? "rule of thumb, last 200 below .92" : "rule of thumb, last 200 with Wilson's interval"
      let delays = found.flatMap(\.delays)
      return [
        Claim("\(name): healthy groups accused", Figure(found.map { Double($0.accusedGroups) }))
      ] + (delays.isEmpty ? [] : [Claim("\(name): days", Figure(delays, .median))])
    }
  }

  private static func hours(_ results: [MonitorPlant.Result]) -> Claim {
    Claim("maturity learned, hours", Figure(results.compactMap(\.maturityHours), .median, places: 0))
  }

  private static func unknown(_ results: [MonitorPlant.Result]) -> Claim {
    Claim("groups said to be unknown", Figure(results.map { Double($0.unknownGroups) }))
  }
}
