extension TrainingReport {
  /// More rows than any machine here holds; above it sums could overflow.
  public static let countMaximum = 1_000_000_000

  /// What does not fit the line in a report that came from another process; nil when it can be read without care.
  public func misfit(_ definition: LineDefinition) -> String? {
    let attributes = definition.schema.attributes.count
    let allPairs = pairs + (teacherPairs ?? [])
    let groups =
      folds.map(\.group) + allPairs.map(\.group) + (teacher.scores + heldOutScores).map(\.group)
      + arms.flatMap { $0.selectScores.map(\.group) + $0.weights.map(\.group) }
    for group in groups {
      guard group.cell.values.count == attributes else {
        return "a group of the report has \(group.cell.values.count) attributes, the line \(attributes)"
      }
      guard group.outcome.map(definition.classNames.indices.contains) ?? true else {
        return "a group of the report names class \(group.outcome ?? -1), which the line does not have"
      }
    }
    let counts =
      folds.flatMap { [$0.train, $0.select, $0.heldOut] }
      + allPairs.flatMap { [$0.total, $0.championCorrect, $0.challengerCorrect, $0.wins, $0.losses] }
      + (teacher.scores + heldOutScores + arms.flatMap(\.selectScores)).flatMap { [$0.correct, $0.total] }
      + arms.map(\.steps) + (gateClasses ?? []) + [unlabelledRows ?? 0]
    guard counts.allSatisfy({ (0...Self.countMaximum).contains($0) }) else {
      return "a count of the report is negative or above \(Self.countMaximum)"
    }
    guard gateClasses.map({ $0.count == definition.classNames.count }) ?? true else {
      return
        "the report counts answers of \(gateClasses?.count ?? 0) classes, the line has \(definition.classNames.count)"
    }
    guard allPairs.allSatisfy({ $0.wins + $0.losses <= $0.total }) else {
      return "a group of the report has more changes than parts"
    }
    let numbers =
      arms.map(\.seconds) + arms.compactMap(\.selectScore) + [seconds]
      + (cost.map { [$0.cpuSeconds, $0.pausedSeconds] } ?? [])
    guard numbers.allSatisfy(\.isFinite) else { return "a figure of the report is not a number" }
    return advice?.misfit(definition.input)
  }
}
