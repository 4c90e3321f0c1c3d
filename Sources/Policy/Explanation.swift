import Domain
import Statistics

/// A lagging set of parts with what its statistic holds it to and since when.
public struct LaggingSet: Sendable, Equatable {
  public let slice: PartSlice
  public let evidence: GroupEvidence
  public let assessment: Assessment

  public init(slice: PartSlice, evidence: GroupEvidence, assessment: Assessment) {
    self.slice = slice
    self.evidence = evidence
    self.assessment = assessment
  }
}

/// The lagging set inside another that explains it: without it and the others inside, the rest shows no drop.
///
/// Sets inside are taken as far as they have no part in common, the narrowest first. nil where nothing inside lags, or
/// where the rest lags too.
public func explaining(_ outer: LaggingSet, among lagging: [LaggingSet]) -> PartSlice? {
  let inside = lagging.filter { $0.slice != outer.slice && outer.slice.contains($0.slice) }
    .sorted { ($1.slice.depth, $1.assessment.evidence ?? 0) < ($0.slice.depth, $0.assessment.evidence ?? 0) }
  var taken: [LaggingSet] = []
  for candidate in inside where taken.allSatisfy({ areDisjoint($0.slice, candidate.slice) }) { taken.append(candidate) }
  guard let worst = taken.max(by: { ($0.assessment.evidence ?? 0) < ($1.assessment.evidence ?? 0) }) else {
    return sameStory(outer, among: lagging)
  }
  let since = outer.assessment.suspectedChangeDay ?? .min
  var rest = counts(outer.evidence, since: since)
  for set in taken {
    let own = counts(set.evidence, since: since)
    rest.correct = max(0, rest.correct - own.correct)
    rest.wrong = max(0, rest.wrong - own.wrong)
  }
  let total = rest.correct + rest.wrong
  guard total >= labelsMinimum, let null = outer.assessment.nullAccuracy,
    let lowestError = clopperPearsonLower(correct: rest.wrong, total: total)
  else { return worst.slice }
  return 1 - lowestError >= null ? worst.slice : nil
}

/// A true class has parts of every group: a group that began to lag in the same days explains it.
private func sameStory(_ outer: LaggingSet, among lagging: [LaggingSet]) -> PartSlice? {
  guard outer.slice.outcome != nil, outer.slice.depth == 1, let day = outer.assessment.suspectedChangeDay else {
    return nil
  }
  let groups = lagging.filter { set in
    set.slice.outcome == nil && set.slice.cell != nil
      && set.assessment.suspectedChangeDay.map { abs($0 - day) <= storyDays } == true
  }
  return groups.max { ($0.assessment.evidence ?? 0) < ($1.assessment.evidence ?? 0) }?.slice
}

/// Between the days of two changes that are one.
private let storyDays: Int64 = 4

private func areDisjoint(_ left: PartSlice, _ right: PartSlice) -> Bool {
  if let mine = left.outcome, let other = right.outcome, mine != other { return true }
  return zip(left.values, right.values).contains { mine, other in mine != nil && other != nil && mine != other }
}

private func counts(_ evidence: GroupEvidence, since day: Int64) -> (correct: Int, wrong: Int) {
  evidence.days.reduce(into: (0, 0)) { sum, counts in
    guard counts.day >= day else { return }
    sum.0 += counts.correct
    sum.1 += counts.wrong
  }
}
