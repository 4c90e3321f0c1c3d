import Domain

/// How long a part waits until it counts, learned from how long a channel's outcomes take (`monitoring.md` 6.5): errors
/// often come back before confirmations, so whoever counts on arrival accuses healthy groups.
///
/// It is the shortest wait after which 1 % of outcomes at most are missing, or after which at least half are there and
/// wrong answers are not over-represented: whoever looks equally late at both is as right as who waits for all.
public struct MaturityRule: Sendable, Equatable {
  /// Outcomes by how long they took, of the weeks before with less weight each week.
  public private(set) var right: [Double]
  public private(set) var wrong: [Double]
  /// What the ledger had counted when they were last looked at.
  public private(set) var told: ChannelDelays
  /// The line's time of the channel's first outcome, and of the last estimate.
  public let begun: Timestamp
  public private(set) var estimatedAt: Timestamp?
  /// nil while it is learned.
  public private(set) var hours: Double?

  /// Never shorter: a day's inspection is often entered at its end.
  public static let hoursMinimum = 24.0
  /// Later outcomes are left out: a quarter is too late to judge a student by.
  public static let hoursMaximum = 720.0
  /// Until somebody has told an outcome: long enough for most.
  public static let hoursUntold = 168.0
  /// Outcomes that may come later than that.
  static let lateShare = 0.01
  /// By so much the share of errors may be too large: one in twenty of them, less than any drop that is looked for.
  static let errorExcess = 0.05
  /// Outcomes that must be there for that: fewer would be too many to lose.
  static let shareMinimum = 0.5
  /// Time to learn in: one working week shows what a week does.
  static let learningHours = 168.0
  static let estimateHours = 168.0
  /// Outcomes that an estimate needs.
  static let outcomesMinimum = 100.0

  public init(begun: Timestamp) {
    self.begun = begun
    right = OutcomeDelay.all.map { _ in 0 }
    wrong = right
    told = ChannelDelays()
  }

  /// What was kept of a rule; nil for what never was one.
  public init?(
    right: [Double], wrong: [Double], told: ChannelDelays, begun: Timestamp, estimatedAt: Timestamp?, hours: Double?
  ) {
    guard right.count == OutcomeDelay.all.count, wrong.count == right.count, (right + wrong).allSatisfy({ $0 >= 0 }),
      hours.map({ Self.hoursMinimum...Self.hoursMaximum ~= $0 }) ?? true
    else { return nil }
    self.right = right
    self.wrong = wrong
    self.told = told
    self.begun = begun
    self.estimatedAt = estimatedAt
    self.hours = hours
  }

  /// Whether a new estimate is due: after the week of learning, then each week.
  public func isDue(_ now: Timestamp) -> Bool {
    now.hours(since: estimatedAt ?? begun) >= (estimatedAt == nil ? Self.learningHours : Self.estimateHours)
  }

  /// - Parameters:
  ///   - total: all outcomes of the channel so far.
  ///   - cells: the same of each cell: a product whose errors come first must not be judged by the others' delays.
  public mutating func estimate(_ total: ChannelDelays, cells: [ChannelDelays] = [], now: Timestamp) {
    // An old week says less of how things are now.
    func faded(_ old: [Double], _ counts: [Int], _ before: [Int]) -> [Double] {
      zip(old, zip(counts, before)).map { $0 / 2 + Double(max(0, $1.0 - $1.1)) }
    }
    right = faded(right, total.right, told.right)
    wrong = faded(wrong, total.wrong, told.wrong)
    told = total
    estimatedAt = now
    guard right.reduce(0, +) + wrong.reduce(0, +) >= Self.outcomesMinimum else {
      // Too few to tell; a channel that is never counted would be worse.
      hours = hours ?? Self.hoursUntold
      return
    }
    let observed = now.hours(since: begun)
    var chosen = shortest(observedHours: observed)
    for cell in cells {
      while chosen < Self.hoursMaximum, isUneven(cell, at: chosen, observedHours: observed) {
        chosen = OutcomeDelay.upperHours.first { $0 > chosen } ?? Self.hoursMaximum
      }
    }
    hours = min(chosen, Self.hoursMaximum)
  }

  /// Whether a cell's wrong answers are surely over-represented after that wait.
  private func isUneven(_ cell: ChannelDelays, at hours: Double, observedHours: Double) -> Bool {
    guard let bucket = OutcomeDelay.upperHours.firstIndex(of: hours) else { return false }
    let right = shares(cell.right.map(Double.init), observedHours: observedHours)[bucket]
    let wrong = shares(cell.wrong.map(Double.init), observedHours: observedHours)[bucket]
    let counts = (Double(cell.right.reduce(0, +)), Double(cell.wrong.reduce(0, +)))
    guard counts.0 + counts.1 >= Self.outcomesMinimum, right > 0, wrong > 0, right < 1 - Self.lateShare else {
      return false
    }
    let variance = (1 - right) / (counts.0 * right) + (1 - wrong) / (counts.1 * wrong)
    return logarithm(wrong / right) - 1.645 * variance.squareRoot() > logarithm(1 + Self.errorExcess)
  }

  private func shortest(observedHours: Double) -> Double {
    let rightShare = shares(right, observedHours: observedHours)
    let wrongShare = shares(wrong, observedHours: observedHours)
    let allShare = shares(zip(right, wrong).map { $0 + $1 }, observedHours: observedHours)
    let counts = (right: right.reduce(0, +), wrong: wrong.reduce(0, +))
    for (bucket, bound) in OutcomeDelay.upperHours.enumerated()
    where Self.hoursMinimum...Self.hoursMaximum ~= bound {
      if allShare[bucket] >= 1 - Self.lateShare { return bound }
      if allShare[bucket] >= Self.shareMinimum,
        isEven(rightShare[bucket], counts.right, wrongShare[bucket], counts.wrong)
      {
        return bound
      }
    }
    return Self.hoursMaximum
  }

  /// Whether wrong answers are surely not over-represented by more than `errorExcess`: the one-sided 95 % bound of the
  /// ratio of two proportions (Katz et al. 1978).
  private func isEven(_ right: Double, _ rightCount: Double, _ wrong: Double, _ wrongCount: Double) -> Bool {
    guard rightCount >= Self.outcomesMinimum, wrongCount >= 1, right > 0, wrong > 0 else { return false }
    let variance = (1 - right) / (rightCount * right) + (1 - wrong) / (wrongCount * wrong)
    return logarithm(wrong / right) + 1.645 * variance.squareRoot() <= logarithm(1 + Self.errorExcess)
  }

  /// Share of outcomes within each bound. Of those that take long, the ones of the last days are not there yet: a bucket
  /// counts for as many as the time so far lets it show.
  private func shares(_ counts: [Double], observedHours: Double) -> [Double] {
    let bounds = OutcomeDelay.upperHours
    let weighed = counts.enumerated().map { bucket, count in
      let least = bucket == 0 ? 0 : bounds[bucket - 1]
      return count / max(1 - least / observedHours, 0.1)
    }
    let all = weighed.reduce(0, +)
    var sum = 0.0
    return bounds.indices.map { bucket in
      sum += weighed[bucket]
      return all > 0 ? sum / all : 0
    }
  }
}
