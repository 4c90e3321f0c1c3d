/// Labelled outcomes of one group on one calendar day.
public struct DayCount: Sendable, Equatable, Codable {
  /// Any number that tells groups apart.
  public let group: Int
  public let day: Int64
  public let correct: Int
  public let total: Int

  public init(group: Int, day: Int64, correct: Int, total: Int) {
    self.group = group
    self.day = day
    self.correct = correct
    self.total = total
  }
}

/// How much clustered outcomes (one bad coil, one worn tool) inflate the variance of a day's accuracy.
public struct DesignEffect: Sendable, Equatable, Codable {
  /// Correlation of two outcomes of the same group and day, within `correlationRange`.
  public let correlation: Double

  /// Used until `daysMinimum` days of data exist.
  public static let defaultCorrelation = 0.005
  /// Below: no plant is that independent; above: one day would hardly count as more than 20 labels.
  public static let correlationRange = 0.002...0.05
  /// Calendar days an estimate needs before it replaces the default.
  public static let daysMinimum = 20

  /// - Parameter range: what is believed of a correlation; whether a part is labelled hangs more on the day than
  ///   whether its answer is right.
  public init(
    correlation: Double = defaultCorrelation, range: ClosedRange<Double> = correlationRange
  ) {
    precondition(!correlation.isNaN, "a correlation is a number")
    self.correlation = min(max(correlation, range.lowerBound), range.upperBound)
  }

  /// Estimates the correlation from baseline days, pooled over groups.
  ///
  /// φ = Σ (k - n p̂_g)² / (n p̂_g (1 - p̂_g)) / (group-days - groups) and ρ̂ = (φ - 1) / (n̄ - 1), with p̂_g the group's
  /// accuracy over all its days and n̄ the mean labels of a group-day; groups without any variance are left out. One
  /// entry per group and day; days without labels are ignored. The default where there are fewer than `daysMinimum`
  /// distinct days. Source: moment estimator of the beta-binomial, Williams 1982, equation 3.
  public init(
    estimatedFrom days: [DayCount], default usual: Double = defaultCorrelation,
    range: ClosedRange<Double> = correlationRange
  ) {
    var correct: [Int: Double] = [:]
    var total: [Int: Double] = [:]
    for entry in days where entry.total > 0 {
      precondition(entry.correct >= 0 && entry.correct <= entry.total, "correct outcomes are a part of all outcomes")
      correct[entry.group, default: 0] += Double(entry.correct)
      total[entry.group, default: 0] += Double(entry.total)
    }
    var calendar: Set<Int64> = []
    var groups: Set<Int> = []
    var groupDays = 0.0
    var labels = 0.0
    var squares = 0.0
    for entry in days where entry.total > 0 {
      guard let hits = correct[entry.group], let all = total[entry.group], hits > 0, hits < all else { continue }
      let n = Double(entry.total)
      let mean = n * hits / all
      squares += (Double(entry.correct) - mean) * (Double(entry.correct) - mean) / (mean * (1 - hits / all))
      labels += n
      groupDays += 1
      calendar.insert(entry.day)
      groups.insert(entry.group)
    }
    let freedom = groupDays - Double(groups.count)
    guard calendar.count >= Self.daysMinimum, freedom > 0, labels > groupDays else {
      self.init(correlation: usual, range: range)
      return
    }
    self.init(correlation: (squares / freedom - 1) / (labels / groupDays - 1), range: range)
  }

  /// 1 + max(m - 1, 0) ρ for a group with `labelsPerActiveDay` = m matured labels on a mean day with labels.
  public func inflation(labelsPerActiveDay: Double) -> Double {
    1 + max(labelsPerActiveDay - 1, 0) * correlation
  }
}
