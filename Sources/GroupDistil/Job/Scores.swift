import Domain
import NeuralNet
import Statistics

/// Tallies as a report shows them: with Clopper-Pearson 95 % bounds.
public func groupScores(_ tallies: [GroupTally], groups: [GroupKey]) -> [GroupScore] {
  zip(groups, tallies).map { group, tally in
    let interval = clopperPearson(correct: tally.correct, total: tally.total)
    return GroupScore(
      group: group, correct: tally.correct, total: tally.total, lower: interval?.lower, upper: interval?.upper)
  }
}

/// Counts per group in how many rows one answer is right and the other wrong.
///
/// - Parameters:
///   - before: whether the one that serves is right, per row.
///   - after: whether the other is.
///   - groups: the keys of the rows' group numbers; groups without rows are left out.
func pairedCounts(before: [Bool], after: [Bool], rows: TrainingRows, groups: [GroupKey]) -> [PairedCounts] {
  precondition(before.count == rows.count && after.count == rows.count, "one answer a row")
  var wins = Array(repeating: 0, count: groups.count)
  var losses = wins
  var both = wins
  for row in 0..<rows.count {
    let group = rows.groups[row]
    switch (before[row], after[row]) {
    case (true, true): both[group] += 1
    case (true, false): losses[group] += 1
    case (false, true): wins[group] += 1
    case (false, false): break
    }
  }
  return groups.indices.filter { rows.groupSizes[$0] > 0 }.map { group in
    PairedCounts(
      group: groups[group], total: rows.groupSizes[group], championCorrect: both[group] + losses[group],
      challengerCorrect: both[group] + wins[group], wins: wins[group], losses: losses[group])
  }
}

/// Correct and total over all groups.
func pooled(_ tallies: [GroupTally]) -> GroupTally {
  tallies.reduce(GroupTally(correct: 0, total: 0)) { sum, tally in
    GroupTally(correct: sum.correct + tally.correct, total: sum.total + tally.total)
  }
}
