/// Whether answers take too long for anything else to go on beside them.
///
/// Looks at histograms that are kept anyway, once a second: requests carry no more for it. Answers of the last second
/// count, or of so many seconds before it (ten at most) as hold 50 answers: fewer say nothing about a 99th percentile.
/// Pressure is seen at once and believed to be gone after five seconds without it. Where it stays for a quarter of an
/// hour although everything else stands still, that was not its cause, and it is not held against it any more until
/// answers have been quick again.
public struct ServingPressure: Sendable {
  /// What a look found.
  public struct Change: Sendable, Equatable {
    public let isHigh: Bool
    /// Why, for people.
    public let sentence: String
  }

  private let limitNanoseconds: UInt64
  private var looks: [LatencyHistogram] = []
  private var highSeconds = 0
  private var goodSeconds = 0
  private var isHigh = false
  /// Pressure that standing still does not end.
  private var isBlameless = false

  static let answersMinimum: UInt64 = 50
  static let windowSeconds = 10
  static let goodSecondsMinimum = 5
  static let highSecondsMaximum = 15 * 60

  /// - Parameter p99Ms: milliseconds; 0: nothing is ever too long.
  public init(p99Ms: Double) {
    limitNanoseconds = p99Ms > 0 ? UInt64(min(p99Ms, 1e9) * 1e6) : 0
  }

  /// Called once a second.
  ///
  /// - Parameter total: of whole requests, since the daemon started.
  /// - Returns: nil where nothing has changed.
  public mutating func look(_ total: LatencyHistogram) -> Change? {
    guard limitNanoseconds > 0 else { return nil }
    defer {
      looks.append(total)
      if looks.count > Self.windowSeconds { looks.removeFirst() }
    }
    let recent = looks.reversed().lazy.map(total.since).first { $0.count >= Self.answersMinimum }
    let isSlow = recent?.quantile(0.99).map { $0 > limitNanoseconds } ?? false
    return isSlow ? slow(recent) : quick()
  }

  private mutating func slow(_ recent: LatencyHistogram?) -> Change? {
    goodSeconds = 0
    guard !isBlameless else { return nil }
    guard isHigh else {
      isHigh = true
      highSeconds = 0
      let measured = recent?.quantile(0.99).map(milliseconds) ?? "-"
      return Change(
        isHigh: true,
        sentence:
          "99 % of \(recent?.count ?? 0) answers took up to \(measured) ms, and \(milliseconds(limitNanoseconds)) "
          + "are allowed")
    }
    highSeconds += 1
    guard highSeconds >= Self.highSecondsMaximum else { return nil }
    isHigh = false
    isBlameless = true
    return Change(
      isHigh: false,
      sentence:
        "answers stayed slow for \(Self.highSecondsMaximum / 60) minutes while training stood still, so it is not "
        + "what slows them")
  }

  private mutating func quick() -> Change? {
    goodSeconds += 1
    guard goodSeconds >= Self.goodSecondsMinimum else { return nil }
    isBlameless = false
    guard isHigh else { return nil }
    isHigh = false
    return Change(isHigh: false, sentence: "answers are quick again")
  }
}

/// `20.0`, without Foundation.
private func milliseconds(_ nanoseconds: UInt64) -> String {
  let tenths = (nanoseconds + 50_000) / 100_000
  return "\(tenths / 10).\(tenths % 10)"
}
