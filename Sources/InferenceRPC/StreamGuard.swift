import GRPCCore
import NIOCore
import NIOHPACK
import NIOHTTP2
import Wire

/// Stands before gRPC on every call's stream and keeps the rules that gRPC has no word for: who calls, how large a
/// message may be, how long it may take to come, and how long the client may wait.
///
/// Why here: gRPC resets the stream of a message that is too large, which tells its client nothing, and its own
/// deadline ends no handler. On the event loop a deadline costs an entry in its list of timers and no thread.
final class StreamGuard: ChannelDuplexHandler {
  typealias InboundIn = HTTP2Frame.FramePayload
  typealias InboundOut = HTTP2Frame.FramePayload
  typealias OutboundIn = HTTP2Frame.FramePayload
  typealias OutboundOut = HTTP2Frame.FramePayload

  private enum State {
    case opening
    case receiving
    case answering
    case answered
  }

  /// The header with the caller's uid, which only this handler can set: what a client sends under the name is dropped.
  static let uidName = "kaizen-peer-uid"
  /// A gRPC message's flag and length.
  private static let prefixBytes = 5

  private let caller: Caller
  private let limits: RPCLimits
  private var state = State.opening
  private var hasClientEnded = false
  private var hasAnswerStarted = false
  private var prefixCount = 0
  private var messageBytes = 0
  /// When the client's own deadline passes.
  private var clientDeadline: NIODeadline?
  private var deadlineMilliseconds = 0
  private var timer: Scheduled<Void>?

  init(caller: Caller, limits: RPCLimits) {
    self.caller = caller
    self.limits = limits
  }

  func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

  func channelInactive(context: ChannelHandlerContext) {
    timer?.cancel()
    state = .answered
    context.fireChannelInactive()
  }

  // MARK: Reading

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard state != .answered else { return }
    switch unwrapInboundIn(data) {
    case .headers(var frame) where state == .opening:
      if let refusal = caller.refusal { return finish(refusal, context) }
      state = .receiving
      open(&frame.headers, context)
      context.fireChannelRead(wrapInboundOut(.headers(frame)))
      if frame.endStream { clientEnded(context) }
    case .data(let frame):
      if case .byteBuffer(let bytes) = frame.data, isTooLarge(bytes) {
        return finish(.bodyTooLarge(limit: limits.messageBytesMax), context)
      }
      hasClientEnded = frame.endStream
      context.fireChannelRead(data)
      if frame.endStream { clientEnded(context) }
    case .headers(let frame):
      hasClientEnded = frame.endStream
      context.fireChannelRead(data)
      if frame.endStream { clientEnded(context) }
    default: context.fireChannelRead(data)
    }
  }

  private func open(_ headers: inout HPACKHeaders, _ context: ChannelHandlerContext) {
    headers.replaceOrAdd(name: Self.uidName, value: String(caller.uid))
    var wait = limits.requestTimeout.nanoseconds
    let limit = headers.first(name: CallTimeout.headerName)
    // Taken out, for grpc-swift would start a task for it whose end means nothing here, and 2.4 traps on a negative one.
    headers.remove(name: CallTimeout.headerName)
    if let limit, let asked = CallTimeout.nanoseconds(limit) {
      let granted = min(asked, limits.deadlineMax.nanoseconds)
      clientDeadline = .now() + .nanoseconds(granted)
      deadlineMilliseconds = Int(granted / 1_000_000)
      wait = min(wait, granted)
    }
    let deadline = clientDeadline.map { CallDeadline.at($0) } ?? .after(limits.deadline)
    headers.replaceOrAdd(name: CallDeadline.headerName, value: deadline.text)
    wake(at: .now() + .nanoseconds(wait), context)
  }

  /// The whole request is here: from now on it is up to us.
  private func clientEnded(_ context: ChannelHandlerContext) {
    hasClientEnded = true
    guard state == .receiving else { return }
    state = .answering
    if clientDeadline == nil { deadlineMilliseconds = Int(limits.deadline.nanoseconds / 1_000_000) }
    wake(at: clientDeadline ?? .now() + .nanoseconds(limits.deadline.nanoseconds), context)
  }

  /// Reads the length that goes before a message; what comes after the first is refused by gRPC.
  private func isTooLarge(_ bytes: ByteBuffer) -> Bool {
    for byte in bytes.readableBytesView.prefix(Self.prefixBytes - prefixCount) {
      if prefixCount > 0 { messageBytes = messageBytes << 8 | Int(byte) }
      prefixCount += 1
    }
    return prefixCount == Self.prefixBytes && messageBytes > limits.messageBytesMax
  }

  // MARK: Time

  private func wake(at deadline: NIODeadline, _ context: ChannelHandlerContext) {
    timer?.cancel()
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    timer = context.eventLoop.scheduleTask(deadline: deadline) {
      let (handler, context) = bound.value
      handler.timeIsUp(context)
    }
  }

  private func timeIsUp(_ context: ChannelHandlerContext) {
    if clientDeadline == nil, state == .receiving {
      finish(.requestTimeout(seconds: Int(limits.requestTimeout.components.seconds)), context)
    } else {
      finish(.deadlinePassed(milliseconds: deadlineMilliseconds), context)
    }
  }

  // MARK: Answering

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    guard state != .answered else {
      promise?.fail(ChannelError.ioOnClosedChannel)
      return
    }
    if case .headers(let frame) = unwrapOutboundIn(data) {
      hasAnswerStarted = true
      if frame.endStream {
        state = .answered
        timer?.cancel()
      }
    }
    context.write(data, promise: promise)
  }

  /// gRPC closes a stream without a status when it cannot read the message on it: say it in its place.
  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    if state == .receiving {
      finish(.badMessage("the message cannot be unpacked, or holds more than \(limits.messageBytesMax) bytes"), context)
    }
    context.close(mode: mode, promise: promise)
  }

  /// Ends the call with a status; what comes or goes afterwards is dropped.
  private func finish(_ fault: WireFault, _ context: ChannelHandlerContext) {
    guard state != .answered else { return }
    state = .answered
    timer?.cancel()
    var headers = HPACKHeaders()
    if !hasAnswerStarted {
      headers.add(name: ":status", value: "200")
      headers.add(name: "content-type", value: "application/grpc")
    }
    headers.add(name: "grpc-status", value: String(fault.code.rawValue))
    headers.add(name: "grpc-message", value: Self.encoded(fault.sentence))
    if let milliseconds = fault.pushbackMilliseconds {
      headers.add(name: WireFault.pushbackName, value: String(milliseconds))
    }
    let trailers = HTTP2Frame.FramePayload.headers(.init(headers: headers, endStream: true))
    context.writeAndFlush(wrapOutboundOut(trailers), promise: nil)
    if !hasClientEnded {
      // RFC 9113 section 8.1: the rest of the request is not wanted, and the answer stands.
      context.writeAndFlush(wrapOutboundOut(.rstStream(.noError)), promise: nil)
    }
  }

  /// Percent-encoding of a status message (gRPC over HTTP2, "Responses").
  static func encoded(_ sentence: String) -> String {
    var result = ""
    for byte in sentence.utf8 {
      if (0x20...0x7E).contains(byte), byte != UInt8(ascii: "%") {
        result.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        let digits = String(byte, radix: 16, uppercase: true)
        result += "%" + (digits.utf8.count == 1 ? "0" : "") + digits
      }
    }
    return result
  }
}
