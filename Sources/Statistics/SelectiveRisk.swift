import Glibc

/// The lowest of several thresholds at which the error among accepted parts is shown to be at most `errorMax`.
///
/// Thresholds are tested in the order given, highest first, each at the full level; the first that is not shown ends
/// the walk (fixed-sequence testing), so the chance that the chosen one has a larger error is at most 1 - `confidence`
/// over all of them together. Each test is exact: of the parts at or above a threshold fixed beforehand the wrong ones
/// are binomial. Thresholds with fewer than `acceptedMinimum` parts are passed over; the error of those after them is
/// not smaller as long as surer answers are not wrong more often, so this spends nothing.
/// Source: Geifman & El-Yaniv 2017, "Selective classification for deep neural networks" (arXiv 1705.08500), for the
/// guarantee; Angelopoulos et al. 2021, "Learn then test" (arXiv 2110.01052), section 3.1, for testing in sequence.
/// - Parameters:
///   - rungs: of each threshold, parts accepted and wrong among them; accepted parts never grow fewer.
///   - errorMax: 0 < `errorMax` <= 1.
/// - Returns: the index of the last threshold that was shown; nil when the first tested was not.
public func lastShown(
  rungs: [(accepted: Int, wrong: Int)], errorMax: Double, acceptedMinimum: Int = 1, confidence: Double = 0.95
) -> Int? {
  var shown: Int?
  for (index, rung) in rungs.enumerated() where rung.accepted >= acceptedMinimum {
    guard let bound = errorBound(wrong: rung.wrong, total: rung.accepted, confidence: confidence), bound <= errorMax
    else { break }
    shown = index
  }
  return shown
}

/// One-sided Clopper-Pearson bound: the error rate is below it with at least `confidence`; nil for `total` 0.
public func errorBound(wrong: Int, total: Int, confidence: Double = 0.95) -> Double? {
  clopperPearsonLower(correct: total - wrong, total: total, confidence: confidence).map { 1 - $0 }
}

/// The fewest parts among which `wrong` errors still show an error rate of at most `errorMax`.
///
/// 59 without an error for 5 % at 95 % confidence, 93 with one. 0 < `errorMax` <= 1.
public func partsNeeded(wrong: Int, errorMax: Double, confidence: Double = 0.95) -> Int {
  precondition(errorMax > 0 && errorMax <= 1 && wrong >= 0, "an error rate to be shown lies in 0...1, without 0")
  if errorMax == 1 { return wrong + 1 }
  func isShown(_ total: Int) -> Bool {
    errorBound(wrong: wrong, total: total, confidence: confidence).map { $0 <= errorMax } ?? false
  }
  var upper = wrong + 1
  while !isShown(upper), upper < partsNeededMaximum { upper *= 2 }
  var lower = upper / 2
  while upper - lower > 1 {
    let middle = (lower + upper) / 2
    if isShown(middle) { upper = middle } else { lower = middle }
  }
  return upper
}

/// Nobody labels more parts than this to choose a threshold.
private let partsNeededMaximum = 1 << 40
