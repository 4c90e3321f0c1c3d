import GRPCNIOTransportHTTP2TransportServices
import Glibc
import Logging
import NIOCore
import NIOPosix
import Wire

/// Accepts gRPC's connections from a listening Unix socket, and keeps count of them and who they are.
struct SocketListener: HTTP2ServerTransport.ListenerFactory {
  let descriptor: CInt
  let loops: MultiThreadedEventLoopGroup
  let limits: @Sendable () -> RPCLimits
  let connections: Connections
  let logger: Logger

  var eventLoopGroup: any EventLoopGroup { loops }

  func makeListeningChannel(
    listenerConfigurator: HTTP2ServerTransport.ListenerConfigurator,
    connectionConfigurator: HTTP2ServerTransport.ConnectionConfigurator
  ) async throws -> NIOAsyncChannel<HTTP2ServerTransport.ConnectionConfigurator.ConnectionChannel, Never> {
    try await ServerBootstrap(group: loops)
      .serverChannelOption(.backlog, value: RPCLimits.backlog)
      .serverChannelInitializer { listenerConfigurator.configure(channel: $0) }
      .bind(descriptor) { channel in
        admit(channel).flatMap { connectionConfigurator.configure(channel: channel, tls: .none) }
      }
  }

  /// Fails, with the connection closed, for the ones past every limit.
  private func admit(_ channel: any Channel) -> EventLoopFuture<Void> {
    let limits = limits()
    let count = connections.add(channel)
    channel.closeFuture.whenComplete { _ in connections.remove(channel) }
    guard count <= limits.connectionsMax + limits.refusalsMax, let options = channel as? any SocketOptionProvider else {
      return channel.close().flatMapThrowing { throw ChannelError.ioOnClosedChannel }
    }
    let refusal: WireFault? = count > limits.connectionsMax ? .tooManyConnections(limit: limits.connectionsMax) : nil
    if refusal != nil {
      logger.warning("a connection is refused: all are taken", metadata: ["limit": "\(limits.connectionsMax)"])
      channel.eventLoop.scheduleTask(in: .nanoseconds(limits.refusalTimeout.nanoseconds)) {
        channel.close(promise: nil)
      }
    }
    let credentials: EventLoopFuture<KernelCredentials> = options.unsafeGetSocketOption(
      level: .init(rawValue: SOL_SOCKET), name: .init(rawValue: SO_PEERCRED))
    return credentials.map { credentials in
      connections.identify(channel, Caller(uid: credentials.uid, refusal: refusal))
    }
  }
}
