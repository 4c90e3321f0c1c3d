import Synchronization
import Wire

/// Bounds of one listening socket. Every one exists so that a mistaken client cannot take memory or time from others.
public struct SocketLimits: Sendable {
  /// Bytes of one request's body.
  public var bodyBytesMax = WireRequest.bodyBytesMax
  /// Bytes of a request line and its header fields: no client here sends a tenth of it.
  public var headerBytesMax = 32 << 10
  /// Open connections of the socket; those past it are answered 503. A plant has tens of clients.
  public var connectionsMax = 512
  /// Connections past `connectionsMax` that are told so at the same time; those past this too are closed unanswered.
  public var refusalsMax = 64
  /// Requests of one connection handed to the handler whose answers have not left; the rest of a pipeline waits.
  public var inFlightMax = 32
  /// Silence after which a connection without a request, or one that does not read its answers, is closed.
  public var idleTimeout: Duration = .seconds(120)
  /// Time from a request's first byte to its last.
  public var requestTimeout: Duration = .seconds(10)
  /// Time a request may take unless its `Kaizen-Deadline-Ms` says otherwise.
  public var deadline: Duration = .seconds(5)
  /// The longest deadline a request may ask for.
  public var deadlineMax: Duration = .seconds(600)
  /// How long the rest of a refused request is read and thrown away, so that its sender gets to see the answer.
  public var lingerTimeout: Duration = .seconds(1)
  /// How long a connection without a request is kept when the server ends: what was sent before its client could know
  /// takes microseconds to arrive, milliseconds on a busy machine.
  public var drainGrace: Duration = .milliseconds(100)

  public init() {}

  /// The header that sets a request's own deadline, in whole milliseconds from 1 on.
  public static let deadlineHeader = "Kaizen-Deadline-Ms"
}

/// The limits of a server while it runs: a change holds for connections made after it, and for how many there may be.
public final class LimitsInForce: Sendable {
  private let stored: Mutex<SocketLimits>

  public init(_ limits: SocketLimits = SocketLimits()) { stored = Mutex(limits) }

  public var now: SocketLimits { stored.withLock { $0 } }
  public func set(_ limits: SocketLimits) { stored.withLock { $0 = limits } }
}

extension Duration {
  /// Whole nanoseconds; the limits above are far from overflow.
  var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }

  var milliseconds: Int { Int(nanoseconds / 1_000_000) }
}
