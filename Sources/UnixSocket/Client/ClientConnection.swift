import NIOCore
import NIOHTTP1
import Wire

/// One request on its way out, and whom to tell.
struct ClientExchange: Sendable {
  let head: HTTPRequestHead
  let body: [UInt8]
  let timeout: Duration
  let promise: EventLoopPromise<WireResponse>
}

/// Sends one request after the other, each when the one before is answered.
final class ClientConnection: ChannelDuplexHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundIn = ClientExchange
  typealias OutboundOut = HTTPClientRequestPart

  /// Answers of the operator API carry a student of some megabytes at most.
  private static let bodyBytesMax = 256 << 20

  private struct Current {
    let exchange: ClientExchange
    let timer: Scheduled<Void>
    var head: HTTPResponseHead?
    var body: [UInt8] = []
  }

  private var current: Current?
  private var waiting = CircularBuffer<ClientExchange>()
  private var context: ChannelHandlerContext?

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }
  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    waiting.append(unwrapOutboundIn(data))
    promise?.succeed()
    sendNext(context)
  }

  private func sendNext(_ context: ChannelHandlerContext) {
    guard current == nil, let exchange = waiting.popFirst() else { return }
    guard context.channel.isActive else { return exchange.promise.fail(ClientFailure.connectionLost) }
    let timeout = exchange.timeout
    let timer = context.eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(timeout.nanoseconds)) {
      self.fail(ClientFailure.timedOut(milliseconds: timeout.milliseconds))
    }
    current = Current(exchange: exchange, timer: timer)
    context.write(wrapOutboundOut(.head(exchange.head)), promise: nil)
    if !exchange.body.isEmpty {
      context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: exchange.body)))), promise: nil)
    }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): if head.status.code >= 200 { current?.head = head }
    case .body(let part):
      guard let count = current?.body.count, count + part.readableBytes <= Self.bodyBytesMax else {
        return fail(ClientFailure.badAnswer("the answer is larger than \(Self.bodyBytesMax) bytes"))
      }
      current?.body.append(contentsOf: part.readableBytesView)
    case .end:
      guard let done = current, let head = done.head else { return }
      current = nil
      done.timer.cancel()
      done.exchange.promise.succeed(Self.response(head, done.body))
      if head.isKeepAlive { sendNext(context) } else { context.close(promise: nil) }
    }
  }

  private static func response(_ head: HTTPResponseHead, _ body: [UInt8]) -> WireResponse {
    var headers = WireHeaders()
    var type = ""
    for (name, value) in head.headers {
      if name.lowercased() == "content-type" { type = value } else { headers.append(name, value) }
    }
    return WireResponse(status: Int(head.status.code), contentType: type, headers: headers, body: body)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { fail(error) }

  func channelInactive(context: ChannelHandlerContext) {
    fail(ClientFailure.connectionLost)
    context.fireChannelInactive()
  }

  /// Nothing that comes later could be matched to its request, so the connection ends.
  private func fail(_ error: any Error) {
    if let failed = current {
      current = nil
      failed.timer.cancel()
      failed.exchange.promise.fail(error)
    }
    while let exchange = waiting.popFirst() { exchange.promise.fail(ClientFailure.connectionLost) }
    context?.close(promise: nil)
  }
}
