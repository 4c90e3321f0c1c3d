import Glibc

/// Confidence sequence of a proportion: valid at every look at once, so it may be watched as labels arrive.
///
/// Accuracies p at which the Beta(1/2, 1/2) mixture martingale is below 1/alpha; the probability that the truth is
/// ever outside is at most `alpha` (0 < alpha < 1). [0, 1] without data. Source: Robbins 1970; Howard, Ramdas,
/// McAuliffe & Sekhon 2021, beta-binomial mixture.
public func betaMixtureInterval(correct: Int, wrong: Int, alpha: Double = 0.05) -> Interval {
  precondition(correct >= 0 && wrong >= 0, "counts of outcomes are not negative")
  precondition(alpha > 0 && alpha < 1, "an error probability lies strictly between 0 and 1")
  if correct + wrong == 0 { return Interval(lower: 0, upper: 1) }
  let s = Double(correct)
  let f = Double(wrong)
  let constant = logBeta(0.5 + s, 0.5 + f) - logBeta(0.5, 0.5) + log(alpha)
  func isExcluded(_ p: Double) -> Bool {
    let correctTerm = correct == 0 ? 0 : s * log(p)
    let wrongTerm = wrong == 0 ? 0 : f * log1p(-p)
    return constant - correctTerm - wrongTerm >= 0
  }
  // The martingale is convex in p with its minimum, below 1, at the observed share: one root on each side of it.
  let share = s / (s + f)
  return Interval(
    lower: correct == 0 ? 0 : edge(outside: 0, inside: share, isExcluded),
    upper: wrong == 0 ? 1 : edge(outside: 1, inside: share, isExcluded))
}

/// The excluded end of the last bracket, so that rounding can only widen the interval.
private func edge(outside: Double, inside: Double, _ isExcluded: (Double) -> Bool) -> Double {
  // 80 halvings leave less than one unit in the last place of any double in [1e-8, 1].
  let halvings = 80
  var outside = outside
  var inside = inside
  for _ in 0..<halvings {
    let middle = 0.5 * (outside + inside)
    if isExcluded(middle) { outside = middle } else { inside = middle }
  }
  return outside
}
