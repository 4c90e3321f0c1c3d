/// How long an outcome took to come after its part was answered, as the ledger counts it: in buckets whose bounds people
/// think in.
public struct OutcomeDelay: Sendable, Hashable, Comparable {
  /// 0 for the shortest, `upperHours.count` for what is longer than all of them. Stored in the ledger: bounds may be
  /// added at the end alone.
  public let bucket: Int

  /// Upper bounds of the buckets in hours, inclusive: 1 h, 4 h, a shift, 1, 2, 3, 7, 14, 30 and 90 days.
  public static let upperHours: [Double] = [1, 4, 8, 24, 48, 72, 168, 336, 720, 2160]

  public static let all = (0...upperHours.count).map { OutcomeDelay(bucket: $0) }

  /// - Precondition: a bucket that there is.
  public init(bucket: Int) {
    precondition((0...Self.upperHours.count).contains(bucket), "delays have no bucket \(bucket)")
    self.bucket = bucket
  }

  /// - Parameter arrived: an outcome that was there before its part took no time.
  public init(answered: Timestamp, arrived: Timestamp) {
    let hours = arrived.hours(since: answered)
    bucket = Self.upperHours.firstIndex { hours <= $0 } ?? Self.upperHours.count
  }

  /// nil for the last bucket.
  public var upperHours: Double? { bucket < Self.upperHours.count ? Self.upperHours[bucket] : nil }

  public static func < (left: OutcomeDelay, right: OutcomeDelay) -> Bool { left.bucket < right.bucket }
}
