import Domain

/// The plants on which the whole loop is measured, from a lagging group to a better student for it (`kaizen-bench loop`):
/// seven or eight weeks each, 540 parts a day, a tenth of the outcomes never comes.
extension Scenario {
  static let loop: [Scenario] = [
    clearFailure, twoGroups, driftingSensor, labelNoise, inseparableGroup, teacherStale, teacherKnows, noFailure,
  ]

  /// Their names, in the order they are told in.
  public static let loopNames = loop.map(\.name)

  /// A Thursday, so that what is done every Monday comes neither at once nor a whole week late.
  private static let failureDay = 17

  static let noFailure = Scenario(
    name: "no-failure", products: ["A7", "B2", "C5"], cameras: ["1", "2"], classNames: ["good", "scratch", "dent"],
    featureCount: 12, classDistance: 4.4, partsPerDay: 90, historyDays: 12, days: 49, failures: [],
    outcomes: OutcomePlan(medianHours: 8, loss: 0.1))

  /// Camera 2 begins to see product B2 turned. Nothing in a part says which camera saw it, so one student for all
  /// groups cannot serve both cameras well.
  static let clearFailure = noFailure.named(
    "clear-failure", failure: Failure(product: "B2", camera: "2", day: failureDay, turn: 54))

  /// Two groups fail, two weeks apart and in opposite directions.
  static let twoGroups = noFailure.named(
    "two-groups",
    failures: [
      Failure(product: "B2", camera: "2", day: 10, turn: 54), Failure(product: "A7", camera: "1", day: 24, turn: -54),
    ]
  ).lasting(days: 56)

  /// What turns at once elsewhere turns over five weeks: no day on which anything happened.
  static let driftingSensor = noFailure.named(
    "drifting-sensor", failure: Failure(product: "B2", camera: "2", day: 10, turn: 80, rampDays: 35)
  ).lasting(days: 56)

  /// Of one group's outcomes 15 % name another class: its students look bad and are as good as ever.
  static let labelNoise = noFailure.named(
    "label-noise", failure: Failure(product: "B2", camera: "2", day: failureDay, mislabelled: 0.15))

  /// The classes of one group stand so near to each other that nobody can tell them apart much better than the old
  /// student does.
  static let inseparableGroup = noFailure.named(
    "inseparable-group", failure: Failure(product: "B2", camera: "2", day: failureDay, crowding: 0.6))

  /// A failure that shows in the parts themselves: a student for all groups could learn it beside the old world. The
  /// line's teacher was trained before it and answers as badly as the student. (So it does in `clear-failure`.)
  static let teacherStale = noFailure.named(
    "teacher-stale", failure: Failure(product: "B2", camera: "2", day: failureDay, turn: 54, shift: 3))

  /// The same plant with a teacher that has seen such parts.
  static let teacherKnows = noFailure.named(
    "teacher-knows", failures: teacherStale.failures, teacherKnowsFailures: true)
}
