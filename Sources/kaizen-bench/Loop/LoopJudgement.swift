/// A policy's accuracies over a run, in one number each; 0...1.
public struct CourseScore: Sendable, Equatable {
  /// Accuracy of each day's worst group, averaged over the days.
  public let worst: Double
  /// Accuracy over all parts, averaged over the days.
  public let mean: Double
  /// The same over the last days alone.
  public let endWorst: Double
  public let endMean: Double

  /// Days at the end that tell how a run ended.
  public static let endDays = 7

  /// - Parameters:
  ///   - accuracies: by day and group.
  ///   - parts: as many parts of each, by day and group.
  public init(accuracies: [[Double]], parts: [[Int]]) {
    precondition(accuracies.count == parts.count, "every day has its accuracies and its parts")
    let worst = accuracies.map { $0.min() ?? .nan }
    let mean = zip(accuracies, parts).map { accuracies, parts in
      zip(accuracies, parts).reduce(0) { $0 + $1.0 * Double($1.1) } / Double(max(1, parts.reduce(0, +)))
    }
    func average(_ values: some Collection<Double>) -> Double { values.reduce(0, +) / Double(values.count) }
    self.worst = average(worst)
    self.mean = average(mean)
    endWorst = average(worst.suffix(Self.endDays))
    endMean = average(mean.suffix(Self.endDays))
  }
}

/// A group's parts of one day that a newcomer answered, and what it made of them.
public struct NewcomerDay: Sendable, Equatable {
  /// Share of the group's parts of that day, 0...1.
  public let share: Double
  /// True accuracy of the student before, minus the newcomer's, -1...1.
  public let loss: Double

  public init(share: Double, loss: Double) {
    self.share = share
    self.loss = loss
  }
}

/// A student that came to serve a group.
public struct Newcomer: Sendable, Equatable {
  public let day: Int
  /// Who had most of the group's parts before.
  public let old: Int
  public let new: Int

  /// A group must not lose more than this...
  public static let lossMaximum = 0.02
  /// ...for more than a day's worth of its parts.
  public static let daysMaximum = 1.0

  /// The students that first appear in a group after the one it began with.
  ///
  /// - Parameter days: the share each version had of the group's parts, by day; a day without parts is empty.
  public static func all(_ days: [[Int: Double]]) -> [Newcomer] {
    guard let first = days.first(where: { !$0.isEmpty }).map(chief) else { return [] }
    var seen: Set<Int> = [first]
    var before = first
    var newcomers: [Newcomer] = []
    for (day, shares) in days.enumerated() where !shares.isEmpty {
      for version in shares.keys.sorted() where seen.insert(version).inserted {
        newcomers.append(Newcomer(day: day, old: before, new: version))
      }
      before = chief(shares)
    }
    return newcomers
  }

  /// The version with the most parts; of equals the older.
  private static func chief(_ shares: [Int: Double]) -> Int {
    shares.keys.sorted().max { (shares[$0] ?? 0) < (shares[$1] ?? 0) } ?? 0
  }

  /// Whether a newcomer did the group harm that counts.
  public static func isHarmful(_ days: [NewcomerDay]) -> Bool {
    days.filter { $0.loss > lossMaximum }.reduce(0) { $0 + $1.share } > daysMaximum
  }
}

/// Two policies on the same plants.
public struct PairedVerdict: Sendable, Equatable {
  /// Ours minus theirs, one a seed.
  public let differences: [Double]

  public init(_ differences: [Double]) { self.differences = differences }

  public enum Verdict: String, Sendable, Codable {
    case better, worse
    case notToldApart = "not told apart"
  }

  public var wins: Int { differences.count { $0 > 0 } }
  public var losses: Int { differences.count { $0 < 0 } }

  /// Better where every seed says so, or so many that chance does not explain it (one-sided sign test at 5 %; equal
  /// seeds count for neither).
  public var verdict: Verdict {
    if wins > 0, wins == differences.count || Self.isBeyondChance(wins, against: losses) { return .better }
    if losses > 0, losses == differences.count || Self.isBeyondChance(losses, against: wins) { return .worse }
    return .notToldApart
  }

  /// Whether so many of one kind would come of fair coins less than once in twenty times.
  static func isBeyondChance(_ more: Int, against less: Int) -> Bool {
    let total = more + less
    guard total > 0 else { return false }
    // The chance of `more` or more heads: binomial coefficients one after the other, scaled by 2^-total.
    var term = 1.0
    for _ in 0..<total { term /= 2 }
    var tail = more == 0 ? term : 0
    for heads in 0..<total {
      term *= Double(total - heads) / Double(heads + 1)
      if heads + 1 >= more { tail += term }
    }
    return tail <= 0.05
  }
}
