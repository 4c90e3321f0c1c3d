import Glibc

/// One bet of a detector: the sum over restarts, and a CUSUM beside it that remembers which restart dominates the sum.
public struct DetectorBet: Sendable, Equatable {
  /// ln R_j.
  public private(set) var logSum: Double
  /// ln of the largest single term of R_j: the CUSUM, which may start anew at restarts only.
  public private(set) var logLargest: Double
  /// ln of the sum over restarts with their prior weights.
  public private(set) var logPrior: Double
  /// Day of the restart behind `logLargest`.
  public private(set) var changeDay: Int64?
  /// Labels since then.
  public private(set) var labels: Int

  init() {
    self.init(logSum: -logSumLimit, logLargest: -logSumLimit, logPrior: -logSumLimit, changeDay: nil, labels: 0)
  }

  /// What was kept of a bet.
  public init(logSum: Double, logLargest: Double, logPrior: Double, changeDay: Int64?, labels: Int) {
    self.logSum = logSum
    self.logLargest = logLargest
    self.logPrior = logPrior
    self.changeDay = changeDay
    self.labels = labels
  }

  mutating func restart(day: Int64, number: Int) {
    logSum = max(logSum, 0) + log1p(exp(-abs(logSum)))
    let weight = -log(Double(number)) - log(Double(number) + 1)
    logPrior = max(logPrior, weight) + log1p(exp(-abs(logPrior - weight)))
    if logLargest <= 0 {
      logLargest = 0
      changeDay = day
      labels = 0
    }
  }

  mutating func multiply(byLog factor: Double, labels count: Int) {
    logSum = clamped(logSum + factor)
    logLargest = clamped(logLargest + factor)
    logPrior = clamped(logPrior + factor)
    labels = min(labels, Int.max - count) + count
  }

  private func clamped(_ value: Double) -> Double { min(max(value, -logSumLimit), logSumCeiling) }

  var isSound: Bool {
    [logSum, logLargest, logPrior].allSatisfy { abs($0) <= logSumLimit } && labels >= 0
  }
}

extension [DetectorBet] {
  /// The bet with the largest R_j.
  var leader: Int {
    var best = 0
    for index in indices where self[index].logSum > self[best].logSum { best = index }
    return best
  }

  /// ln of the mean R_j.
  var logEvidence: Double {
    let top = self[leader].logSum
    return top + log(reduce(0.0) { $0 + exp($1.logSum - top) } / Double(count))
  }

  /// ln of the mean over bets of their sums with prior weights, with what is left of the weights after so many restarts.
  func logEValue(restarts: Int) -> Double {
    let none = -log(Double(restarts) + 1)
    let top = reduce(none) { Swift.max($0, $1.logPrior) }
    return top + log(reduce(0.0) { $0 + exp($1.logPrior - top) } / Double(count) + exp(none - top))
  }
}

/// R_j stays above exp(-700), inside the range of Double.
private let logSumLimit = 700.0

/// R_j stays below exp(40), far past any alarm (near exp(10)): holding evidence down keeps the guarantee, and a group that
/// recovers by itself is seen to within weeks instead of needing as many good labels as there were bad ones.
let logSumCeiling = 40.0
