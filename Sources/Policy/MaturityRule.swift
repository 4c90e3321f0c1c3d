import Domain

/// How long a part waits until it counts, learned from how long a channel's outcomes take (`monitoring.md` 6.5): errors
/// often come back before confirmations, so whoever counts on arrival accuses healthy groups.
public struct MaturityRule: Sendable, Equatable {
  /// Outcomes by how long they took, of the weeks before with less weight each week.
  public private(set) var delays: [Double]
  /// What the ledger had counted when they were last looked at.
  public private(set) var told: [Int]
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
  /// Time to learn in: one working week shows what a week does.
  static let learningHours = 168.0
  static let estimateHours = 168.0
  /// Outcomes that a change of the estimate needs.
  static let outcomesMinimum = 100.0

  public init(begun: Timestamp) {
    self.begun = begun
    delays = OutcomeDelay.all.map { _ in 0 }
    told = OutcomeDelay.all.map { _ in 0 }
  }

  /// What was kept of a rule; nil for what never was one.
  public init?(delays: [Double], told: [Int], begun: Timestamp, estimatedAt: Timestamp?, hours: Double?) {
    guard delays.count == OutcomeDelay.all.count, told.count == delays.count, delays.allSatisfy({ $0 >= 0 }),
      hours.map({ Self.hoursMinimum...Self.hoursMaximum ~= $0 }) ?? true
    else { return nil }
    self.delays = delays
    self.told = told
    self.begun = begun
    self.estimatedAt = estimatedAt
    self.hours = hours
  }

  /// Whether a new estimate is due: after the week of learning, then each week.
  public func isDue(_ now: Timestamp) -> Bool {
    now.hours(since: estimatedAt ?? begun) >= (estimatedAt == nil ? Self.learningHours : Self.estimateHours)
  }

  /// - Parameter total: all outcomes of the channel so far, by how long they took.
  public mutating func estimate(_ total: [OutcomeDelay: Int], now: Timestamp) {
    let counts = OutcomeDelay.all.map { total[$0] ?? 0 }
    let fresh = zip(counts, told).map { max(0, $0 - $1) }
    // An old week says less of how things are now.
    delays = zip(delays, fresh).map { $0 / 2 + Double($1) }
    told = counts
    estimatedAt = now
    if let estimate = quantile(observedHours: now.hours(since: begun)) { hours = estimate }
  }

  /// The smallest bound that leaves out 1 % at most. Of outcomes that take long, those of the last days are not there
  /// yet: a bucket counts for as many as the time so far lets it show.
  private func quantile(observedHours: Double) -> Double? {
    guard delays.reduce(0, +) >= Self.outcomesMinimum else { return nil }
    let bounds = OutcomeDelay.upperHours
    let weighed = delays.enumerated().map { bucket, count in
      let typical = bucket == 0 ? 0 : bounds[min(bucket, bounds.count) - 1]
      return count / max(1 - typical / observedHours, 0.1)
    }
    let all = weighed.reduce(0, +)
    var sum = 0.0
    for (bucket, bound) in bounds.enumerated() where bound <= Self.hoursMaximum {
      sum += weighed[bucket]
      if bound >= Self.hoursMinimum, sum >= (1 - Self.lateShare) * all { return bound }
    }
    return Self.hoursMaximum
  }
}
