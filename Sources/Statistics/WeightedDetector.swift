import Glibc

/// e-SR detector of a drop in accuracy where parts are labelled with known, different probabilities.
///
/// Every part that could have been labelled counts: Z = (1 - x) A / π, with A = 1 where it was labelled, which has the
/// mean 1 - p whatever decides about the labels. A bet multiplies its R_j by 1 + λ_j (Z - e0), e0 = 1 - `nullAccuracy`
/// and 0 <= λ_j < 1 / e0, and gains 1 at each day's first parts, as `ShiryaevRobertsDetector` does; the same levels
/// hold. λ_j is what would be best for an error rate e0 + d_j, given the probabilities seen before.
/// Source: `monitoring.md` 6.5; Waudby-Smith & Ramdas 2024 for the betting.
public struct WeightedDetector: Sendable, Equatable {
  public let nullAccuracy: Double
  public private(set) var lastDay: Int64?
  public private(set) var restarts: Int
  public private(set) var bets: [DetectorBet]
  /// Sums of 1/π and 1/π² over labelled parts.
  public private(set) var weightSum: Double
  public private(set) var squareSum: Double

  /// - Parameter nullAccuracy: above 0 and below 1.
  public init(nullAccuracy: Double) {
    precondition(nullAccuracy > 0 && nullAccuracy < 1, "the accuracy a group is held to lies between 0 and 1")
    self.nullAccuracy = nullAccuracy
    restarts = 0
    weightSum = 0
    squareSum = 0
    bets = weightedBetDrops.map { _ in DetectorBet() }
  }

  /// What was kept of a detector; nil for a state that no sequence of outcomes leads to.
  public init?(
    nullAccuracy: Double, lastDay: Int64?, restarts: Int, bets: [DetectorBet], weightSum: Double, squareSum: Double
  ) {
    guard nullAccuracy > 0, nullAccuracy < 1, restarts >= 0, bets.count == weightedBetDrops.count,
      bets.allSatisfy(\.isSound), weightSum >= 0, squareSum >= 0, weightSum.isFinite, squareSum.isFinite
    else { return nil }
    self.nullAccuracy = nullAccuracy
    self.lastDay = lastDay
    self.restarts = restarts
    self.bets = bets
    self.weightSum = weightSum
    self.squareSum = squareSum
  }

  /// Adds the parts of one look.
  ///
  /// - Parameters:
  ///   - parts: all of them, labelled or not.
  ///   - correct, wrong: 1/π of each labelled part, at least 1.
  ///   - designEffect: variance inflation of clustered outcomes, at least 1.
  public mutating func observe(day: Int64, parts: Int, correct: [Double], wrong: [Double], designEffect: Double) {
    precondition(parts >= correct.count + wrong.count, "labelled parts are a part of all parts")
    guard parts > 0 else { return }
    let startsBlock = lastDay.map { day > $0 } ?? true
    if startsBlock {
      lastDay = day
      restarts += 1
    }
    let inflation = designEffect > 1 ? designEffect : 1
    let typical = typicalProbability
    for index in bets.indices {
      if startsBlock { bets[index].restart(day: day, number: restarts) }
      let stake = stake(index, probability: typical)
      var factor = Double(parts - wrong.count) * log1p(-stake * nullError)
      for weight in wrong { factor += log1p(stake * (weight - nullError)) }
      bets[index].multiply(byLog: factor / inflation, labels: correct.count + wrong.count)
    }
    for weight in correct + wrong {
      weightSum += weight
      squareSum += weight * weight
    }
  }

  /// ln of the mean R_j, as `ShiryaevRobertsDetector.logEvidence`.
  public var logEvidence: Double { bets.logEvidence }
  public var logEValue: Double { bets.logEValue(restarts: restarts) }

  public var suspectedChangeDay: Int64? { bets[bets.leader].changeDay }
  public var labelsSinceChange: Int { bets[bets.leader].labels }
  public var leadingAccuracy: Double { max(nullAccuracy - weightedBetDrops[bets.leader], 0) }

  private var nullError: Double { 1 - nullAccuracy }

  /// What one labelled part is a share of, weighed by how much it counts; before the first label a small one.
  private var typicalProbability: Double { squareSum > 0 ? min(weightSum / squareSum, 1) : 0.05 }

  private func stake(_ index: Int, probability: Double) -> Double {
    let gain = min(weightedBetDrops[index], nullAccuracy / 2) * probability
    // Never all of it: one right part must not end a bet for ever.
    return min(gain / (nullError * (1 - nullError * probability)), 0.9 / nullError)
  }
}

private let weightedBetDrops = [0.02, 0.04, 0.07, 0.11, 0.17, 0.30]
