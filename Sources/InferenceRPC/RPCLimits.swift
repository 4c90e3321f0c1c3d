/// Bounds of `grpc.sock`. Every one exists so that a mistaken client cannot take memory or time from others.
///
/// They may change while the server runs, for connections and calls that come later. What the library takes at its start
/// stays: `callsMax`, `idleTimeout`, and that no message is larger, and none unpacks to more, than `messageBytesMax` was.
public struct RPCLimits: Sendable {
  /// Bytes of one message, packed or unpacked: 10,000 parts of 64 features take 2.5 MB.
  public var messageBytesMax = 16 << 20
  /// Open connections; the calls of those past it are answered UNAVAILABLE. A plant has tens of clients.
  public var connectionsMax = 512
  /// Connections past `connectionsMax` that are told so at the same time; those past this too are closed unanswered.
  public var refusalsMax = 64
  /// How long a refused connection may ask why.
  public var refusalTimeout: Duration = .seconds(1)
  /// Calls of one connection at the same time; the client's library lets further ones wait.
  public var callsMax = 32
  /// Silence after which a connection without a call is asked to close; clients reconnect by themselves.
  public var idleTimeout: Duration = .seconds(120)
  /// Time from a call's first byte to its last.
  public var requestTimeout: Duration = .seconds(10)
  /// Time a whole request may take to be answered unless the client set a deadline.
  public var deadline: Duration = .seconds(5)
  /// The longest deadline a client may set.
  public var deadlineMax: Duration = .seconds(600)

  public init() {}

  /// Connections the kernel holds until they are accepted.
  static let backlog: Int32 = 512
  /// Bytes a client may send ahead of what was read, for each call and for the whole connection: a usual message
  /// goes out at once, and a client that is refused has not filled memory first.
  static let windowBytes = 1 << 20
  /// A peer that answers no ping for as long as `pingTimeout`, asked each `pingInterval` while it has calls, is gone.
  static let pingInterval: Duration = .seconds(60)
  static let pingTimeout: Duration = .seconds(20)
  /// Clients of C-core may be told to ping often; more often than this counts as abuse.
  static let clientPingInterval: Duration = .seconds(5)
}

extension Duration {
  /// Whole nanoseconds; the limits above are far from overflow.
  var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }
}
