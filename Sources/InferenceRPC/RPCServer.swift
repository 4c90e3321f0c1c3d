import GRPCCore
import GRPCNIOTransportHTTP2TransportServices
import Logging
import NIOCore
import NIOPosix
import Synchronization
import Wire

/// Who calls, and until when the answer is waited for.
public struct Asker: Sendable, Equatable {
  /// The caller's, as the kernel knows it.
  public let uid: UInt32
  /// An answer after this is no longer sent.
  public let deadline: ContinuousClock.Instant
}

/// The Open Inference Protocol over gRPC on a Unix socket.
public final class RPCServer: Sendable {
  /// Called on the server's own thread, so it must return soon; `reply` may be called from any, exactly once.
  public typealias Handler =
    @Sendable (
      _ call: InferenceCall, _ asker: Asker, _ reply: @escaping @Sendable (Result<InferenceReply, WireFault>) -> Void
    ) -> Void

  private typealias Transport = HTTP2ServerTransport.Custom<SocketListener>

  private enum Life {
    case waiting
    case serving(GRPCServer<Transport>)
    case stopping(GRPCServer<Transport>)
    case over
  }

  private let descriptor: CInt
  private let limits: @Sendable () -> RPCLimits
  private let logger: Logger
  private let handler: Handler
  private let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let connections = Connections()
  private let life = Mutex(Life.waiting)

  /// - Parameters:
  ///   - descriptor: a listening Unix socket, which is this server's from now on. Whoever connects before `run` waits in
  ///     its queue.
  ///   - limits: asked anew for each connection and each call; which of them stay as they are at the start, `RPCLimits`
  ///     says.
  public init(
    descriptor: CInt, limits: @escaping @Sendable () -> RPCLimits = { RPCLimits() },
    logger: Logger = Logger(label: "kaizend.rpc"),
    handler: @escaping Handler
  ) {
    self.descriptor = descriptor
    self.limits = limits
    self.logger = logger
    self.handler = handler
  }

  /// Connections open now, those being refused included.
  public var connectionCount: Int { connections.count }

  /// Serves until `beginShutdown`; once.
  ///
  /// - Throws: when the descriptor cannot be listened on.
  public func run() async throws {
    let result: Result<Void, any Error>
    do { result = .success(try await serve()) } catch { result = .failure(error) }
    try? await loops.shutdownGracefully()
    try result.get()
  }

  /// The library's server lives in here alone: it must be gone before its event loop is.
  private func serve() async throws {
    let listener = SocketListener(
      descriptor: descriptor, loops: loops, limits: limits, connections: connections, logger: logger)
    let server = GRPCServer(
      transport: Transport(listenerFactory: listener, config: config()),
      services: [InferenceService(handler: handler)])
    let isWanted = life.withLock { life in
      guard case .waiting = life else { return false }
      life = .serving(server)
      return true
    }
    guard isWanted else { return }
    do {
      try await withTaskExecutorPreference(LoopExecutor(loops.next())) { try await server.serve() }
      life.withLock { $0 = .over }
    } catch {
      let wasServing = life.withLock { life in
        defer { life = .over }
        guard case .serving = life else { return false }
        return true
      }
      // A server that is asked to stop before it has begun says that it cannot begin.
      if wasServing { throw error }
    }
  }

  /// Stops accepting, and lets `run` return when every call that came has been answered, or `drain` has passed.
  public func beginShutdown(drain: Duration) {
    life.withLock { life in
      let server: GRPCServer<Transport>
      switch life {
      case .waiting, .over:
        life = .over
        return
      case .serving(let running), .stopping(let running): server = running
      }
      life = .stopping(server)
      let connections = connections
      loops.next().scheduleTask(in: .nanoseconds(max(0, drain.nanoseconds))) { connections.closeAll() }
      server.beginGracefulShutdown()
    }
  }

  private func config() -> Transport.Config {
    let atStart = limits()
    let (limits, connections) = (self.limits, self.connections)
    var config = Transport.Config.defaults
    config.compression = HTTP2ServerTransport.Config.Compression(enabledAlgorithms: [.gzip, .deflate])
    config.rpc.maxRequestPayloadSize = atStart.messageBytesMax
    config.http2.maxConcurrentStreams = atStart.callsMax
    config.http2.targetWindowSize = RPCLimits.windowBytes
    config.connection.maxIdleTime = atStart.idleTimeout
    config.connection.maxGraceTime = atStart.requestTimeout
    // Answers go out one by one: a part on a belt waits for one, and holding it for others costs more than a write.
    config.connection.flushCoalescing = nil
    config.connection.keepalive.time = RPCLimits.pingInterval
    config.connection.keepalive.timeout = RPCLimits.pingTimeout
    config.connection.keepalive.clientBehavior.allowWithoutCalls = true
    config.connection.keepalive.clientBehavior.minPingIntervalWithoutCalls = RPCLimits.clientPingInterval
    config.channelDebuggingCallbacks.onAcceptHTTP2Stream = { stream in
      stream.eventLoop.makeCompletedFuture {
        guard let connection = stream.parent, let caller = connections.caller(of: connection) else {
          throw ChannelError.ioOnClosedChannel
        }
        var now = limits()
        // A larger message would pass here and be cut off by the library, which says nothing to its client.
        now.messageBytesMax = min(now.messageBytesMax, atStart.messageBytesMax)
        try stream.pipeline.syncOperations.addHandler(StreamGuard(caller: caller, limits: now), position: .first)
      }
    }
    return config
  }
}
