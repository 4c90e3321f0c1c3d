import NIOCore
import NIOHTTP1
import NIOPosix
import Wire

/// A connection to kaizend, kept open between requests. Requests sent at the same time wait for each other.
public final class HTTPUnixClient: Sendable {
  private let channel: any Channel

  /// Shared by all clients of the process and never shut down: it costs one thread, which waits.
  private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  /// Time for an answer where the caller says nothing: longer than the server's own default deadline.
  public static let answerTimeout: Duration = .seconds(30)
  /// How much later than the server's this side's clock ends, so that its 504 arrives.
  private static let grace: Duration = .milliseconds(500)

  private init(_ channel: any Channel) { self.channel = channel }

  /// - Throws: `ClientFailure` saying what to do: start the daemon, join a group.
  public static func connect(path: String) async throws(ClientFailure) -> HTTPUnixClient {
    let bootstrap = ClientBootstrap(group: group).channelInitializer { channel in
      channel.eventLoop.makeCompletedFuture {
        try channel.pipeline.syncOperations.addHTTPClientHandlers()
        try channel.pipeline.syncOperations.addHandler(ClientConnection())
      }
    }
    do {
      return HTTPUnixClient(try await bootstrap.connect(unixDomainSocketPath: path).get())
    } catch let error as IOError {
      throw ClientFailure.connecting(error.errnoCode, path: path)
    } catch {
      throw ClientFailure.cannotConnect(path: path, reason: "\(error)")
    }
  }

  /// False once either side has closed: connect again.
  public var isOpen: Bool { channel.isActive }

  /// Sends one request and waits for its answer, whatever its status.
  ///
  /// - Parameters:
  ///   - path: the request target, percent-encoded where needed (`PercentCoding.encode`).
  ///   - deadline: sent along as `Kaizen-Deadline-Ms`; nil leaves the server's default.
  /// - Throws: `ClientFailure` when no answer came; the connection is closed then.
  public func send(
    method: WireMethod, path: String, headers: WireHeaders = WireHeaders(), body: [UInt8] = [],
    deadline: Duration? = nil
  ) async throws(ClientFailure) -> WireResponse {
    let promise = channel.eventLoop.makePromise(of: WireResponse.self)
    var fields = HTTPHeaders([("Host", "localhost")])
    if !body.isEmpty || method == .post {
      fields.add(name: "Content-Length", value: String(body.count))
      if headers["Content-Type"] == nil { fields.add(name: "Content-Type", value: WireResponse.json) }
    }
    for (name, value) in zip(headers.names, headers.values) { fields.add(name: name, value: value) }
    if let deadline {
      fields.add(name: SocketLimits.deadlineHeader, value: String(max(1, deadline.milliseconds)))
    }
    let exchange = ClientExchange(
      head: HTTPRequestHead(version: .http1_1, method: HTTPMethod(rawValue: method.text), uri: path, headers: fields),
      body: body, timeout: deadline.map { $0 + Self.grace } ?? Self.answerTimeout, promise: promise)
    channel.writeAndFlush(exchange).cascadeFailure(to: promise)
    do {
      return try await promise.futureResult.get()
    } catch let failure as ClientFailure {
      throw failure
    } catch let error as HTTPParserError {
      throw .badAnswer("\(error)")
    } catch {
      throw .connectionLost
    }
  }

  public func close() async {
    try? await channel.close().get()
  }
}

extension HTTPUnixClient {
  /// Sends a call as `InferenceCall.outgoing` or `OperatorCall.outgoing()` spells it.
  public func send(_ request: OutgoingRequest, deadline: Duration? = nil) async throws(ClientFailure) -> WireResponse {
    try await send(method: request.method, path: request.path, body: request.body, deadline: deadline)
  }
}
