import Glibc

/// A range of accuracies, both ends included, 0 <= lower <= upper <= 1.
public struct Interval: Sendable, Equatable, Codable {
  public let lower: Double
  public let upper: Double

  public init(lower: Double, upper: Double) {
    self.lower = lower
    self.upper = upper
  }

  public var width: Double { upper - lower }
  public func contains(_ value: Double) -> Bool { lower <= value && value <= upper }
}

/// Clopper-Pearson interval of a proportion: valid for one look at a number of labels fixed beforehand.
///
/// Nil for `total` 0. Coverage is at least `confidence` (0 < confidence < 1). Source: Clopper & Pearson 1934.
public func clopperPearson(correct: Int, total: Int, confidence: Double = 0.95) -> Interval? {
  checkCounts(correct: correct, total: total, confidence: confidence)
  if total == 0 { return nil }
  let tail = (1 - confidence) / 2
  return Interval(
    lower: lowerLimit(correct: correct, total: total, tail: tail),
    upper: 1 - lowerLimit(correct: total - correct, total: total, tail: tail))
}

/// One-sided Clopper-Pearson bound: the true proportion is above it with at least `confidence`; nil for `total` 0.
public func clopperPearsonLower(correct: Int, total: Int, confidence: Double = 0.95) -> Double? {
  checkCounts(correct: correct, total: total, confidence: confidence)
  if total == 0 { return nil }
  return lowerLimit(correct: correct, total: total, tail: 1 - confidence)
}

/// Wilson score interval of a proportion: for plots of one look, shorter than Clopper-Pearson, approximate coverage.
///
/// Nil for `total` 0. Source: Wilson 1927. Watched from 30 to 3000 labels a 95 % interval excludes the truth at some
/// point with probability .44: it is never a basis for an alarm.
public func wilson(correct: Int, total: Int, confidence: Double = 0.95) -> Interval? {
  checkCounts(correct: correct, total: total, confidence: confidence)
  if total == 0 { return nil }
  let n = Double(total)
  let share = Double(correct) / n
  let z = normalQuantile(1 - (1 - confidence) / 2)
  let scale = 1 + z * z / n
  let centre = (share + z * z / (2 * n)) / scale
  let half = z * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot() / scale
  return Interval(lower: max(centre - half, 0), upper: min(centre + half, 1))
}

/// The standard normal quantile of `probability`, 0 < probability < 1, by Newton steps on the error function.
public func normalQuantile(_ probability: Double) -> Double {
  precondition(probability > 0 && probability < 1, "a normal quantile needs a probability strictly between 0 and 1")
  if probability > 0.5 { return -normalQuantile(1 - probability) }
  // Lower tail only: ln Φ is concave and increasing there, so Newton steps on it cannot overshoot for long.
  let target = log(probability)
  var x = 0.0
  for _ in 0..<100 {
    let tail = 0.5 * erfc(-x / 2.0.squareRoot())
    let density = exp(-0.5 * x * x) / (2 * Double.pi).squareRoot()
    let step = (log(tail) - target) * tail / density
    x -= step
    if abs(step) <= 1e-15 * max(1, abs(x)) { break }
  }
  return x
}

private func checkCounts(correct: Int, total: Int, confidence: Double) {
  precondition(correct >= 0 && correct <= total, "correct outcomes are a part of all outcomes")
  precondition(confidence > 0 && confidence < 1, "a confidence lies strictly between 0 and 1")
}

/// The proportion at which `correct` or more of `total` has probability `tail`.
private func lowerLimit(correct: Int, total: Int, tail: Double) -> Double {
  if correct == 0 { return 0 }
  return inverseRegularisedIncompleteBeta(tail, Double(correct), Double(total - correct) + 1)
}
