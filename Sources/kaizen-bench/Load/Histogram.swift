import CBench

/// How often which time was measured: buckets less than 1 % wide, from a nanosecond to minutes.
public struct Histogram: Sendable, Equatable {
  public internal(set) var counts = [UInt64](repeating: 0, count: Int(KB_BUCKETS))

  public init() {}

  public mutating func add(nanoseconds: UInt64) { counts[Int(kb_bucket(nanoseconds))] += 1 }

  public var count: UInt64 { counts.reduce(0, +) }

  /// The time in microseconds that `share` (0...1) of all were not above, as the middle of its bucket; 0 of nothing.
  public func microseconds(at share: Double) -> Double {
    let rank = max(1, UInt64((Double(count) * share).rounded(.up)))
    var seen: UInt64 = 0
    for (index, count) in counts.enumerated() {
      seen += count
      guard count > 0, seen >= rank else { continue }
      let bucket = Int32(index)
      return Double(kb_bucket_floor(bucket) + kb_bucket_floor(bucket + 1)) / 2000
    }
    return 0
  }
}
