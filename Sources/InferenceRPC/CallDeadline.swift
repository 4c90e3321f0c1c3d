import NIOCore

/// When a call's answer comes too late, as `StreamGuard` tells the service: in a header, for handlers get nothing else.
enum CallDeadline {
  /// The client's own, which began with its call.
  case at(NIODeadline)
  /// Ours, which begins when the whole message is here.
  case after(Duration)

  /// Only `StreamGuard` can set it: what a client sends under the name is dropped.
  static let headerName = "kaizen-deadline"
  private static let (atMark, afterMark) = (UInt8(ascii: "@"), UInt8(ascii: "+"))

  var text: String {
    switch self {
    case .at(let deadline): "@\(deadline.uptimeNanoseconds)"
    case .after(let duration): "+\(duration.nanoseconds)"
    }
  }

  init?(_ text: String) {
    guard let mark = text.utf8.first, let nanoseconds = UInt64(text.dropFirst()) else { return nil }
    switch mark {
    case Self.atMark: self = .at(.uptimeNanoseconds(nanoseconds))
    case Self.afterMark: self = .after(.nanoseconds(Int64(clamping: nanoseconds)))
    default: return nil
    }
  }

  /// On the clock of the handlers, for a message that is here now.
  var instant: ContinuousClock.Instant {
    switch self {
    case .at(let deadline):
      // Read in this order: a thread that is stopped in between then calls nothing late that is not.
      let left = deadline - .now()
      return .now + .nanoseconds(left.nanoseconds)
    case .after(let duration): return .now + duration
    }
  }
}
