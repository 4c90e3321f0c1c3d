import Glibc
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Wire

/// Where a server listens.
public enum Endpoint: Sendable {
  /// A socket file made here with this mode (0o660, say), given to `group` where one is named.
  case path(String, mode: UInt32, group: String?)
  /// A listening descriptor that systemd passed; its file is systemd's and is never removed here.
  case inherited(CInt)
}

/// HTTP/1.1 on a Unix socket: keep-alive, pipelines, limits, deadlines, and nothing else.
public final class HTTPUnixServer: Sendable {
  /// Called on an event loop, so it must return at once; `reply` may be called from any thread, exactly once.
  ///
  /// A reply after the request's deadline, a second one, and one to a connection that is gone are dropped.
  public typealias Handler =
    @Sendable (_ request: WireRequest, _ peer: Peer, _ reply: @escaping @Sendable (WireResponse) -> Void) -> Void

  private let group: MultiThreadedEventLoopGroup
  private let listener: any Channel
  private let socket: ListeningSocket?
  private let connections: ConnectionTable

  private init(
    group: MultiThreadedEventLoopGroup, listener: any Channel, socket: ListeningSocket?, connections: ConnectionTable
  ) {
    self.group = group
    self.listener = listener
    self.socket = socket
    self.connections = connections
  }

  /// Starts to listen.
  ///
  /// - Parameters:
  ///   - stages: gets the times of every answer that carries some.
  ///   - afterRound: called on the event loop after it has handed over all requests that it found together;
  ///     a handler that collects them can act on all at once then.
  /// - Throws: `SocketFailure` when the path is held by a live server, is no socket, or cannot be made.
  public static func start(
    _ endpoint: Endpoint, limits: SocketLimits = SocketLimits(), logger: Logger = Logger(label: "kaizend.socket"),
    stages: StageHistograms? = nil, afterRound: @escaping @Sendable () -> Void = {}, handler: @escaping Handler
  ) async throws(SocketFailure) -> HTTPUnixServer {
    try await start(
      endpoint, limits: LimitsInForce(limits), logger: logger, stages: stages, afterRound: afterRound, handler: handler)
  }

  /// Starts to listen with limits that may change while it runs.
  ///
  /// - Throws: as the other.
  public static func start(
    _ endpoint: Endpoint, limits: LimitsInForce, logger: Logger = Logger(label: "kaizend.socket"),
    stages: StageHistograms? = nil, afterRound: @escaping @Sendable () -> Void = {}, handler: @escaping Handler
  ) async throws(SocketFailure) -> HTTPUnixServer {
    var socket: ListeningSocket?
    let descriptor: CInt
    switch endpoint {
    case .path(let path, let mode, let group):
      let opened = try ListeningSocket.open(path: path, mode: mode, group: group)
      socket = opened
      descriptor = opened.descriptor
    case .inherited(let inherited): descriptor = inherited
    }
    // One loop: a round of it is what came together, and its thread is the only one that touches a connection.
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let connections = ConnectionTable()
    let loop = group.next()
    let round = try? await loop.submit { NIOLoopBound(Round(loop, stages: stages, body: afterRound), eventLoop: loop) }
      .get()
    guard let round else { throw SocketFailure("the event loop ended before it began; start again") }
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 512)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { channel in
        prepare(channel, connections: connections, limits: limits.now, logger: logger, round: round, handler: handler)
      }
    do {
      let listener = try await bootstrap.withBoundSocket(descriptor).get()
      return HTTPUnixServer(group: group, listener: listener, socket: socket, connections: connections)
    } catch {
      socket?.remove()
      try? await group.shutdownGracefully()
      throw SocketFailure("the socket could not be listened on: \(error)")
    }
  }

  /// Connections open now, those being refused included.
  public var connectionCount: Int { connections.count }

  /// Stops accepting, lets every request that was read be answered for up to `drain`, closes, and removes the socket
  /// file if it was made here.
  public func shutdown(drain: Duration) async {
    try? await listener.close().get()
    socket?.remove()
    let open = connections.all
    for channel in open { channel.pipeline.fireUserInboundEventTriggered(ServerEvent.drain) }
    let loop = group.next()
    let cut = loop.scheduleTask(in: .nanoseconds(max(0, drain.nanoseconds))) {
      for channel in open { channel.close(promise: nil) }
    }
    for channel in open { try? await channel.closeFuture.get() }
    cut.cancel()
    try? await group.shutdownGracefully()
  }

  private static func prepare(
    _ channel: any Channel, connections: ConnectionTable, limits: SocketLimits, logger: Logger,
    round: NIOLoopBound<Round>, handler: @escaping Handler
  ) -> EventLoopFuture<Void> {
    let count = connections.add(channel)
    channel.closeFuture.whenComplete { _ in connections.remove(channel) }
    guard count <= limits.connectionsMax + limits.refusalsMax, let options = channel as? any SocketOptionProvider else {
      return channel.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
    }
    let refusal: WireFault? = count > limits.connectionsMax ? .tooManyConnections(limit: limits.connectionsMax) : nil
    if refusal != nil {
      logger.warning("a connection is refused: all are taken", metadata: ["limit": "\(limits.connectionsMax)"])
    }
    let credentials: EventLoopFuture<KernelCredentials> = options.unsafeGetSocketOption(
      level: .init(rawValue: SOL_SOCKET), name: .init(rawValue: SO_PEERCRED))
    return credentials.flatMapThrowing { credentials in
      let peer = Peer(uid: credentials.uid, gid: credentials.gid, pid: credentials.pid)
      let connection = ServerConnection(
        handler: handler, round: round.value, peer: peer, limits: limits, refusal: refusal)
      try channel.pipeline.syncOperations.addHandlers([
        ByteMeter(connection), ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)), connection,
      ])
    }
  }
}

/// The open connections of one server.
final class ConnectionTable: Sendable {
  private let channels = Mutex<[ObjectIdentifier: any Channel]>([:])

  var count: Int { channels.withLock { $0.count } }
  var all: [any Channel] { channels.withLock { Array($0.values) } }

  /// - Returns: how many there are with this one.
  func add(_ channel: any Channel) -> Int {
    channels.withLock { open in
      open[ObjectIdentifier(channel)] = channel
      return open.count
    }
  }

  func remove(_ channel: any Channel) {
    _ = channels.withLock { $0.removeValue(forKey: ObjectIdentifier(channel)) }
  }
}

/// What one turn of the event loop hands over, told apart from the next.
final class Round {
  let stages: StageHistograms?
  private let loop: any EventLoop
  private let body: @Sendable () -> Void
  private var isOpen = false

  init(_ loop: any EventLoop, stages: StageHistograms?, body: @escaping @Sendable () -> Void) {
    self.loop = loop
    self.stages = stages
    self.body = body
  }

  /// Called with each request: the loop runs what is due after all sockets that are ready have been read.
  func handed() {
    guard !isOpen else { return }
    isOpen = true
    loop.assumeIsolated().execute { [self] in
      isOpen = false
      body()
    }
  }
}
