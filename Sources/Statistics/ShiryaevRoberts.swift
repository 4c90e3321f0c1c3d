import Glibc

/// e-SR detector of a drop in accuracy: evidence that some day ended the good times, whichever day and however deep.
///
/// Null: given the past, every outcome is correct with probability at least `nullAccuracy`. Six bets on lower
/// accuracies each hold R_j, which gains 1 at the first labels of every calendar day (a restart) and is multiplied by
/// the likelihood ratio of what arrives. Under the null, mean R_j minus the number of restarts is a supermartingale:
/// an alarm at mean R_j >= detectors * days comes too early less often than once in `days` days for all detectors
/// together, at any schedule of looks and any dependence between them.
/// Beside it runs an e-process with a prior over the day of the change, for a list with an error rate (`eBenjaminiHochberg`).
/// Source: Shin, Ramdas & Rinaldo 2022, "E-detectors"; the design effect tempers the ratio where outcomes cluster.
public struct ShiryaevRobertsDetector: Sendable, Equatable {
  /// Accuracy the group is held to, clamped to (0, 1).
  public let nullAccuracy: Double
  /// Calendar day of the latest restart; nil before the first label.
  public private(set) var lastDay: Int64?
  /// Restarts so far: days with labels.
  public private(set) var restarts: Int
  /// One for each assumed loss of accuracy, the smallest first.
  public private(set) var bets: [DetectorBet]

  public init(nullAccuracy: Double) {
    precondition(!nullAccuracy.isNaN, "the accuracy a group is held to is a number")
    self.nullAccuracy = min(max(nullAccuracy, accuracyMargin), 1 - accuracyMargin)
    lastDay = nil
    restarts = 0
    bets = betDrops.map { _ in DetectorBet() }
  }

  /// What was kept of a detector; nil for a state that no sequence of outcomes leads to.
  public init?(nullAccuracy: Double, lastDay: Int64?, restarts: Int, bets: [DetectorBet]) {
    guard nullAccuracy >= accuracyMargin, nullAccuracy <= 1 - accuracyMargin, restarts >= 0,
      bets.count == betDrops.count, bets.allSatisfy(\.isSound)
    else { return nil }
    self.nullAccuracy = nullAccuracy
    self.lastDay = lastDay
    self.restarts = restarts
    self.bets = bets
  }

  /// Bets of a detector: what `bets` counts.
  public static var betCount: Int { betDrops.count }

  /// Adds the outcomes of one look, at a cost that does not depend on their number; without outcomes nothing happens.
  ///
  /// - `day`: calendar day of the outcomes; a later day than any before starts a block, an earlier one joins the
  ///   current block.
  /// - `designEffect`: variance inflation of clustered outcomes, at least 1 (smaller and undefined values count as 1).
  public mutating func observe(day: Int64, correct: Int, wrong: Int, designEffect: Double) {
    precondition(correct >= 0 && wrong >= 0, "counts of outcomes are not negative")
    let correct = min(correct, batchCountMaximum)
    let wrong = min(wrong, batchCountMaximum)
    if correct + wrong == 0 { return }
    let startsBlock = lastDay.map { day > $0 } ?? true
    if startsBlock {
      lastDay = day
      restarts += 1
    }
    let inflation = designEffect > 1 ? designEffect : 1
    for index in bets.indices {
      if startsBlock { bets[index].restart(day: day, number: restarts) }
      let accuracy = betAccuracy(index)
      let gain = Double(correct) * log(accuracy / nullAccuracy)
      let loss = Double(wrong) * log((1 - accuracy) / (1 - nullAccuracy))
      bets[index].multiply(byLog: (gain + loss) / inflation, labels: correct + wrong)
    }
  }

  /// ln of the mean R_j, the evidence to hold against `alarmLevel`; -700 before the first label.
  public var logEvidence: Double { bets.logEvidence }

  /// ln of an e-value against "never below the null": at any time its mean is at most 1 while the null holds.
  ///
  /// A change at the k-th restart has the prior weight 1/(k (k + 1)), and what is left of the weights bets on none yet.
  public var logEValue: Double { bets.logEValue(restarts: restarts) }

  /// Accuracy the leading bet assumes: a coarse estimate of the accuracy since the suspected change.
  public var leadingAccuracy: Double { betAccuracy(bets.leader) }

  /// True when the evidence has reached its ceiling: the leading bet is then one of several as good.
  public var isSaturated: Bool { bets.contains { $0.logSum >= logSumCeiling } }

  /// Day of the restart that dominates the leading bet, from where on the evidence counts; nil before the first label.
  public var suspectedChangeDay: Int64? { bets[bets.leader].changeDay }

  /// Labels since the start of `suspectedChangeDay`.
  public var labelsSinceChange: Int { bets[bets.leader].labels }

  /// Accuracies the bets assume, deepest last, all below `nullAccuracy`.
  public var betAccuracies: [Double] { betDrops.indices.map(betAccuracy) }

  private func betAccuracy(_ index: Int) -> Double {
    // A bet at or above the null would gain from good outcomes and void the guarantee.
    max(nullAccuracy - betDrops[index], min(betAccuracyMinimum, nullAccuracy / 2))
  }
}

/// Evidence at which `detectors` armed detectors together raise less than one false alarm in `days` days: ln(G * days).
///
/// WATCH uses 30 days, LAGGING 365; `detectors` counts every armed detector, at least 1.
public func alarmLevel(detectors: Int, days: Double) -> Double {
  precondition(days > 0, "a mean time between false alarms is positive")
  return log(Double(max(detectors, 1))) + log(days)
}

/// Assumed losses of accuracy, from a nuisance to a collapse; their mixture costs at most ln 6 against the right one.
private let betDrops = [0.02, 0.04, 0.07, 0.11, 0.17, 0.30]

/// No bet assumes an accuracy below this, so that one correct outcome cannot wipe out its evidence.
private let betAccuracyMinimum = 0.02

/// Distance of the null from 0 and 1, where a single outcome would be infinite evidence.
private let accuracyMargin = 1e-6

/// Outcomes one look may add of each kind, far above any day's traffic, so that sums of labels never overflow.
private let batchCountMaximum = 1_000_000_000
