import Glibc

/// How far two histograms over the same bins lie apart: the population stability index, PSI = Σ (p - q) ln(p / q).
///
/// When both are drawn from one distribution, PSI / (1/n + 1/m) is close to a chi-square variable with a degree of
/// freedom less than there are bins (`monitoring.md` 6.8); a fixed limit such as .2 is no test: at 50 parts it is passed
/// by every third quiet day, and at 500 a shift of .4 standard deviations does not reach it.
public struct StabilityIndex: Sendable, Equatable {
  public let index: Double
  /// Bins left after merging, less one; at least 1.
  public let freedom: Int
  /// 1/n + 1/m.
  public let scale: Double

  /// Fewer parts than this have no tail that a chi-square variable describes.
  public static let partsMinimum = 100
  /// Neighbouring bins are put together until each of both sides would expect this many parts.
  static let expectedMinimum = 5.0

  /// Half a part is added to every bin that is left, or an empty one would be infinitely far off. Without it the chance
  /// of passing the threshold at level .001, 100 parts against 700, is 3.6 times too large, with it 1.5.
  ///
  /// - Parameters:
  ///   - now: parts in each bin, not negative.
  ///   - base: the same bins before.
  /// - Returns: nil where either has fewer than `partsMinimum` parts, or all parts fall into one bin.
  public init?<Count: BinaryInteger>(now: some Collection<Count>, base: some Collection<Count>) {
    precondition(now.count == base.count, "two histograms have the same bins")
    let n = now.reduce(0.0) { $0 + Double($1) }
    let m = base.reduce(0.0) { $0 + Double($1) }
    guard min(n, m) >= Double(Self.partsMinimum) else { return nil }
    let needed = Self.expectedMinimum * (n + m) / min(n, m)
    var merged: [(now: Double, base: Double)] = []
    var open = (now: 0.0, base: 0.0)
    for (one, other) in zip(now, base) {
      open.now += Double(one)
      open.base += Double(other)
      guard open.now + open.base >= needed else { continue }
      merged.append(open)
      open = (0, 0)
    }
    guard merged.count > 1 else { return nil }
    merged[merged.count - 1].now += open.now
    merged[merged.count - 1].base += open.base
    let half = 0.5 * Double(merged.count)
    var sum = 0.0
    for bin in merged {
      let p = (bin.now + 0.5) / (n + half)
      let q = (bin.base + 0.5) / (m + half)
      sum += (p - q) * log(p / q)
    }
    index = sum
    freedom = merged.count - 1
    scale = 1 / n + 1 / m
  }

  /// PSI over what it is on average when nothing has changed.
  public var ratio: Double { index / (scale * Double(freedom)) }

  /// What PSI exceeds with probability `level` when nothing has changed.
  ///
  /// - Parameter inflation: variance of the histogram over that of independent parts, at least 1.
  public func threshold(level: Double, inflation: Double = 1) -> Double {
    chiSquareQuantile(tail: level, freedom: freedom) * scale * max(inflation, 1)
  }
}
