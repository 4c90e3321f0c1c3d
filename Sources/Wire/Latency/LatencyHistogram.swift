/// Durations counted in buckets of some 6 %: small enough to keep for ever, exact enough for a 99.9th percentile.
///
/// 16 buckets to each doubling from 64 ns to 68 s (the layout of HdrHistogram); shorter ones count in the first bucket,
/// longer ones in the last.
public struct LatencyHistogram: Sendable, Equatable {
  private var counts = [UInt64](repeating: 0, count: bucketCount)
  public private(set) var count: UInt64 = 0
  public private(set) var sumNanoseconds: UInt64 = 0
  public private(set) var maxNanoseconds: UInt64 = 0

  private static let smallestPower = 6
  private static let doublings = 30
  private static let bucketsPerDoubling = 16
  static let bucketCount = doublings * bucketsPerDoubling

  public init() {}

  public mutating func record(_ nanoseconds: Int64) {
    let value = UInt64(max(0, nanoseconds))
    counts[Self.bucket(value)] += 1
    count += 1
    sumNanoseconds &+= value
    maxNanoseconds = max(maxNanoseconds, value)
  }

  /// The upper end of the bucket that holds the `share`th of all values, in nanoseconds; nil without values.
  public func quantile(_ share: Double) -> UInt64? {
    guard count > 0 else { return nil }
    let rank = UInt64((Double(count) * share).rounded(.up))
    var seen: UInt64 = 0
    for (index, number) in counts.enumerated() where number > 0 {
      seen += number
      if seen >= rank { return min(Self.upperEnd(index), maxNanoseconds) }
    }
    return maxNanoseconds
  }

  /// What was recorded after `earlier` was taken of the same histogram; the largest value is not known of it.
  func since(_ earlier: LatencyHistogram) -> LatencyHistogram {
    var result = self
    for index in counts.indices { result.counts[index] &-= earlier.counts[index] }
    result.count &-= earlier.count
    result.sumNanoseconds &-= earlier.sumNanoseconds
    return result
  }

  /// Buckets that hold something: upper end in nanoseconds and count.
  public var filled: [(upperNanoseconds: UInt64, count: UInt64)] {
    counts.enumerated().filter { $0.element > 0 }.map { (Self.upperEnd($0.offset), $0.element) }
  }

  static func bucket(_ value: UInt64) -> Int {
    guard value >= 1 << smallestPower else { return 0 }
    let power = 63 - value.leadingZeroBitCount
    guard power < smallestPower + doublings else { return bucketCount - 1 }
    // The four bits after the leading one.
    let step = Int(value >> UInt64(power - 4) & 15)
    return (power - smallestPower) * bucketsPerDoubling + step
  }

  static func upperEnd(_ bucket: Int) -> UInt64 {
    let power = bucket / bucketsPerDoubling + smallestPower
    let step = UInt64(bucket % bucketsPerDoubling)
    return (1 << UInt64(power)) + (step + 1) << UInt64(power - 4) - 1
  }
}
