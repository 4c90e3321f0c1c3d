import Statistics

/// Whether a student made for the weak groups takes the place of the plainly trained one, judged on select rows.
///
/// A line's first student replaces nobody, so the burden of proof is put where a mistake would cost: that a group lags
/// at all must be certain, whatever the number of groups; that the best of several students does better there, and
/// what all rows pay for it, are estimates, drawn towards no gain (Decisions.md 5).
public struct FirstStudentGate: Sendable, Equatable {
  public let isPassed: Bool
  /// What was found, for people.
  public let sentence: String
  /// Groups that lag under plain training, by number.
  public let lagging: [Int]

  /// Chance of saying of any group that it lags when none does, shared among all groups: without a lagging group
  /// nothing is promoted, however many challengers there are.
  public static let level = 0.05
  /// The lagging groups' rows have to gain this much...
  public static let gainMinimum = 0.01
  /// ...after so many rows without any gain were added: the luck of the best of a few arms in small groups.
  public static let gainShrinkage = 20.0
  /// All rows together may lose this much: what a gain of tens of points for rare groups costs common ones.
  public static let overallLossMaximum = 0.04

  /// - Parameters:
  ///   - plain: per select row whether the plainly trained student is right.
  ///   - challenger: the same of the best of the others, judged on rows its parameters were not fitted to.
  public init(plain: [Bool], challenger: [Bool], rows: TrainingRows, groupNames: [String]) {
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
    let gain = Double(wins - losses) / (Double(total) + Self.gainShrinkage)
    let overall = (before: overallAccuracy(before), after: overallAccuracy(after))
    var objections: [String] = []
    if gain < Self.gainMinimum { objections.append("the best challenger does no better there") }
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
      + " right before, \(right.after) after (p \(certainty(wins: wins, losses: losses)));"
      + " all rows \(percent(overall.before)) before, \(percent(overall.after)) after)"
  }
}

/// The chance that as good a challenger is no better, to two decimals; without a correction for its being the best of
/// several, hence only told.
private func certainty(wins: Int, losses: Int) -> String {
  let hundredths = Int((mcnemarExact(wins: wins, losses: losses) * 100).rounded(.up))
  return hundredths >= 100 ? "1" : hundredths <= 1 ? "< .01" : hundredths < 10 ? ".0\(hundredths)" : ".\(hundredths)"
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
