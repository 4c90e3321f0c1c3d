import Domain

extension Scenario {
  /// The scenarios that go by a name on the command line; the first is what is taken when none is named.
  public static let all: [Scenario] = [demo, quiet, small, mild, relabelled] + late + rework + audit + loop

  /// The scenario of that name; nil when there is none.
  public static func named(_ name: String) -> Scenario? { all.first { $0.name == name } }

  static let demo = Scenario(
    name: "demo", products: ["A7", "B2", "C5"], cameras: ["1", "2"], classNames: ["good", "scratch", "dent"],
    featureCount: 12, classDistance: 4.4, partsPerDay: 90, historyDays: 12, days: 70,
    failures: [Failure(product: "B2", camera: "2", day: 28, turn: 54)])

  static let quiet = demo.named("quiet", failure: nil)

  static let small = Scenario(
    name: "small", products: ["A7"], cameras: ["1", "2"], classNames: ["good", "bad"], featureCount: 6,
    classDistance: 4.0, partsPerDay: 40, historyDays: 12, days: 14,
    failures: [Failure(product: "A7", camera: "2", day: 5, turn: 80)])

  /// Some eight points less: nothing that anybody would see on the belt.
  static let mild = demo.named("mild", failure: Failure(product: "B2", camera: "2", day: 28, turn: 30))

  /// Nothing fails, but from day 28 on nobody has time to confirm what looks right: errors become five times as frequent
  /// among outcomes, and not among parts.
  static let relabelled = demo.named(
    "relabelled", failure: nil,
    outcomes: OutcomePlan(
      medianHours: 8, loss: 0,
      change: OutcomePlan.Change(time: moment(day: 28), labelled: .init(right: 0.2, wrong: 1))))

  /// Errors come back at once, confirmations take a day, and nobody writes any at weekends: whoever counts on arrival
  /// sees errors alone.
  static let late = brokenAndSound(
    "late", OutcomePlan(medianHours: 24, errorMedianHours: 2, loss: 0, restsAtWeekends: true))

  /// The people who rework parts see most errors and half of what is right.
  static let rework = brokenAndSound(
    "rework",
    OutcomePlan(
      medianHours: 8, loss: 0, labelled: .init(right: 0.45, wrong: 0.9), channel: OutcomeChannel(name: "rework")))

  /// One part in five, drawn by lot.
  static let audit = brokenAndSound(
    "audit",
    OutcomePlan(
      medianHours: 8, loss: 0, labelled: .init(right: 0.2, wrong: 0.2),
      channel: OutcomeChannel(name: "audit", samplingProbability: 0.2)))

  /// Outcomes of one kind where a group fails, and where none does.
  private static func brokenAndSound(_ name: String, _ outcomes: OutcomePlan) -> [Scenario] {
    [
      demo.named(name, failure: demo.failure, outcomes: outcomes),
      demo.named("\(name)-quiet", failure: nil, outcomes: outcomes),
    ]
  }
}
