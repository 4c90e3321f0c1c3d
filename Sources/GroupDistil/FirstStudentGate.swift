import Statistics

/// Whether a student made for the weak groups takes the place of the plainly trained one, judged on select rows.
///
/// Three questions in this order, each asked so that chance seldom answers yes: does any group lag under plain
/// training at all; do the lagging groups gain; and is the price for all rows bearable (Decisions.md 5).
public struct FirstStudentGate: Sendable, Equatable {
  public let isPassed: Bool
  /// What was found, for people.
  public let sentence: String
  /// Groups that lag under plain training, by number.
  public let lagging: [Int]

  /// Chance of saying of any group that it lags when none does; and of taking a gain for real when there is none.
  public static let level = 0.05
  /// A better worst group is worth a new student from this much on.
  public static let gainMinimum = 0.01
  /// Of all rows, this much may be lost: what a gain of tens of points in the lagging groups costs on real data.
  public static let overallLossMaximum = 0.02

  /// - Parameters:
  ///   - plain: per select row whether the plainly trained student is right.
  ///   - challenger: the same of the best of `attempts` others, judged by rows its parameters were not fitted to.
  public init(plain: [Bool], challenger: [Bool], attempts: Int, rows: TrainingRows, groupNames: [String]) {
    let before = tally(plain, rows: rows)
    let after = tally(challenger, rows: rows)
    let lagging = laggingGroups(before)
    self.lagging = lagging
    guard !lagging.isEmpty else {
      isPassed = false
      sentence = "plain training is kept: no group lags under it on the \(rows.count) select rows"
      return
    }
    var (wins, losses, total) = (0, 0, 0)
    let isLagging = before.indices.map { lagging.contains($0) }
    for row in 0..<rows.count where isLagging[rows.groups[row]] {
      total += 1
      if challenger[row], !plain[row] { wins += 1 }
      if plain[row], !challenger[row] { losses += 1 }
    }
    let p = mcnemarExact(wins: wins, losses: losses)
    let overall = (before: overallAccuracy(before), after: overallAccuracy(after))
    var objections: [String] = []
    if p > Self.level / Double(max(attempts, 1)) { objections.append("the gain there may be chance") }
    if selectScore(after) - selectScore(before) < Self.gainMinimum {
      objections.append("the worst group gains less than \(percent(Self.gainMinimum))")
    }
    if overall.before - overall.after > Self.overallLossMaximum {
      objections.append("all rows together lose more than \(percent(Self.overallLossMaximum))")
    }
    let passed = objections.isEmpty
    isPassed = passed
    let right = (
      before: lagging.reduce(0) { $0 + before[$1].correct }, after: lagging.reduce(0) { $0 + after[$1].correct }
    )
    let names = lagging.prefix(TeacherGate.namedGroupsMaximum).map { groupNames[$0] }.joined(separator: ", ")
    let more = lagging.count - TeacherGate.namedGroupsMaximum
    sentence =
      (passed ? "better than plain training" : "plain training is kept: \(objections.joined(separator: ", "))")
      + " (lagging under it: \(names)\(more > 0 ? " and \(more) more" : ""), there \(right.before) of \(total) rows"
      + " right before, \(right.after) after; all rows \(percent(overall.before)) before, \(percent(overall.after)) after)"
  }
}

/// Groups that are worse than all rows together, with certainty: the upper Clopper-Pearson bound, at a level shared
/// among the groups (Bonferroni), is below the accuracy of all rows. Exact for a group of three rows too.
public func laggingGroups(_ tallies: [GroupTally]) -> [Int] {
  let seen = tallies.indices.filter { tallies[$0].total > 0 }
  let overall = overallAccuracy(tallies)
  return seen.filter { group in
    let wrong = tallies[group].total - tallies[group].correct
    let least = clopperPearsonLower(
      correct: wrong, total: tallies[group].total, confidence: 1 - FirstStudentGate.level / Double(seen.count))
    return least.map { $0 > 1 - overall } ?? false
  }
}
