import NIOCore
import NIOHTTP1
import Synchronization
import Wire

/// Tells handlers' late replies that their connection is gone, so that they touch no event loop.
final class ConnectionLife: Sendable {
  private let isOver = Atomic(false)
  var hasEnded: Bool { isOver.load(ordering: .acquiring) }
  func end() { isOver.store(true, ordering: .releasing) }
}

/// Sent through the pipeline of every connection when the server shuts down.
enum ServerEvent: Sendable { case drain }

/// One connection: assembles requests, hands them over, sends answers in order, and keeps the limits.
final class ServerConnection: ChannelDuplexHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundIn = Never
  typealias OutboundOut = ByteBuffer

  private enum Incoming {
    case idle
    case reading(RequestAssembly)
    /// Nothing after this is read as a request: one was refused, or the connection closes after its answers.
    case discarding
  }

  private let handler: HTTPUnixServer.Handler
  private let round: Round
  private let peer: Peer
  private let limits: SocketLimits
  /// Set for a connection past the limit: what every request on it is answered.
  private let refusal: WireFault?
  private let life = ConnectionLife()

  private var context: ChannelHandlerContext?
  /// This connection for replies from other threads; broken up when it ends.
  private var bound: NIOLoopBound<ServerConnection>?
  private var incoming = Incoming.idle
  private var answers = AnswerQueue()
  /// Bytes read since the HTTP decoder last gave something.
  private var unparsedBytes = 0
  private var targets = TargetMemory()
  private var requestStarted: NIODeadline?
  private var lastActivity = NIODeadline.now()
  private var wakeAt: NIODeadline?
  private var wake: Scheduled<Void>?
  private var owesContinue = false
  private var isReadHeld = false
  private var isReadingBatch = false
  private var isPumping = false
  private var needsFlush = false
  /// Answers written since the last flush whose times are kept, and when each was handed over.
  private var unflushed: [(times: StageTimes, since: NIODeadline)] = []
  private var closeBy: NIODeadline?
  /// The server ends: the next request is the last.
  private var isDraining = false

  init(
    handler: @escaping HTTPUnixServer.Handler, round: Round, peer: Peer, limits: SocketLimits, refusal: WireFault?
  ) {
    self.handler = handler
    self.round = round
    self.peer = peer
    self.limits = limits
    self.refusal = refusal
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    if refusal != nil { requestStarted = lastActivity }
    planWake()
  }

  func handlerRemoved(context: ChannelHandlerContext) { finish() }

  func channelInactive(context: ChannelHandlerContext) {
    finish()
    context.fireChannelInactive()
  }

  private func finish() {
    life.end()
    wake?.cancel()
    wake = nil
    context = nil
    bound = nil
  }

  // MARK: Reading

  /// Called by the `ByteMeter` in front of the HTTP decoder.
  func bytesArrived(_ count: Int) {
    unparsedBytes += count
    lastActivity = .now()
    if case .discarding = incoming { return }
    if requestStarted == nil { requestStarted = lastActivity }
  }

  /// Called when the decoder has taken those bytes.
  func bytesTaken() {
    guard unparsedBytes > limits.headerBytesMax else { return }
    unparsedBytes = 0
    refuse(.headersTooLarge(limit: limits.headerBytesMax))
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    isReadingBatch = true
    unparsedBytes = 0
    switch (unwrapInboundIn(data), incoming) {
    case (.head(let head), .idle): begin(head)
    case (.body(let part), .reading(var assembly)):
      // The stored copy must go, or appending would copy the whole body each time.
      incoming = .idle
      do throws(WireFault) {
        try assembly.append(part)
        incoming = .reading(assembly)
      } catch {
        refuse(error, head: assembly.head)
      }
    case (.end, .reading(let assembly)): end(assembly)
    default: break
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    isReadingBatch = false
    pump()
    planWake()
    context.fireChannelReadComplete()
  }

  private func begin(_ head: HTTPRequestHead) {
    if let refusal { return refuse(refusal, head: head) }
    // A request may begin in the bytes that ended the one before.
    if requestStarted == nil { requestStarted = .now() }
    do throws(WireFault) {
      let assembly = try RequestAssembly(head, limits: limits)
      if assembly.expectsContinue { owesContinue = true }
      incoming = .reading(assembly)
    } catch {
      refuse(error, head: head)
    }
  }

  private func end(_ assembly: RequestAssembly) {
    let readTime = requestStarted.map { NIODeadline.now() - $0 } ?? .zero
    incoming = .idle
    requestStarted = nil
    owesContinue = false
    var slot = Self.slot(assembly.head, deadline: assembly.deadline)
    slot.closes = slot.closes || isDraining
    if slot.closes { incoming = .discarding }
    do throws(WireFault) {
      let request = try assembly.request(readNanoseconds: readTime.nanoseconds, targets: &targets)
      // Nothing goes before it, as with every client that waits for its answers: no need to queue.
      if answers.isEmpty, let context, closeBy == nil {
        return hand(request, id: answers.appendRunning(slot), on: context.eventLoop)
      }
      slot.state = .waiting(request)
    } catch {
      slot.state = .answered(error.response)
    }
    answers.append(slot)
    pump()
  }

  /// Answers a request that was not read to its end; the connection closes after that.
  private func refuse(_ fault: WireFault, head: HTTPRequestHead? = nil) {
    if case .discarding = incoming { return }
    incoming = .discarding
    requestStarted = nil
    owesContinue = false
    var slot = Self.slot(head, deadline: limits.deadline)
    slot.closes = true
    slot.state = .answered(fault.response)
    answers.append(slot)
    pump()
  }

  private static func slot(_ head: HTTPRequestHead?, deadline: Duration) -> AnswerQueue.Slot {
    AnswerQueue.Slot(
      state: .running, isHead: head?.method == .HEAD, closes: head.map { !staysOpen(after: $0) } ?? true,
      isOld: head?.version == .http1_0, deadline: .now() + .nanoseconds(deadline.nanoseconds),
      deadlineMilliseconds: deadline.milliseconds)
  }

  /// The decoder stops at a request to change the protocol, which we answer as if it had not been asked for.
  private static func staysOpen(after head: HTTPRequestHead) -> Bool {
    head.isKeepAlive && head.method != .CONNECT && !head.headers.contains(name: "Upgrade")
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if error is HTTPParserError {
      refuse(.malformedHTTP("\(error)"))
      planWake()
    } else {
      context.close(promise: nil)
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case ServerEvent.drain: drain(context)
    case ChannelEvent.inputClosed:
      if closeBy != nil { context.close(promise: nil) } else { closeWhenAnswered() }
    default: context.fireUserInboundEventTriggered(event)
    }
  }

  /// A connection that was just taken, or is between two requests, may have one on its way: it is answered if it comes
  /// within a moment, because its sender cannot know that nobody would read it.
  private func drain(_ context: ChannelHandlerContext) {
    guard answers.isEmpty, closeBy == nil else { return closeWhenAnswered() }
    isDraining = true
    context.eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(limits.drainGrace.nanoseconds)) {
      self.closeWhenAnswered()
    }
  }

  private func closeWhenAnswered() {
    if answers.isEmpty, closeBy == nil {
      guard let context else { return }
      incoming = .discarding
      let channel = context.channel
      afterWrites(context) { channel.close(promise: nil) }
    } else {
      answers.closeAfterLast()
      incoming = .discarding
    }
  }

  // MARK: Back-pressure

  /// Holds the read while this connection has enough to do or does not take its answers.
  func read(context: ChannelHandlerContext) {
    if mayRead(context) { context.read() } else { isReadHeld = true }
  }

  private func mayRead(_ context: ChannelHandlerContext) -> Bool {
    closeBy != nil || (answers.count < limits.inFlightMax && context.channel.isWritable)
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    lastActivity = .now()
    pump()
    context.fireChannelWritabilityChanged()
  }

  // MARK: Answering

  /// Sends what is due and starts what may start, until neither goes on.
  private func pump() {
    guard !isPumping, let context else { return }
    isPumping = true
    // Sending goes before starting: answers given at once must not pile up behind requests that wait.
    while self.context != nil, context.channel.isWritable {
      if let (slot, response) = answers.takeAnswered() {
        send(response, slot, context)
      } else if answers.startedCount < limits.inFlightMax, let (id, request) = answers.start() {
        hand(request, id: id, on: context.eventLoop)
      } else {
        break
      }
    }
    isPumping = false
    guard self.context != nil else { return }
    if owesContinue, answers.isEmpty {
      owesContinue = false
      context.write(wrapOutboundOut(ByteBuffer(string: AnswerBytes.continue)), promise: nil)
      needsFlush = true
    }
    if needsFlush, !isReadingBatch {
      needsFlush = false
      context.flush()
      noteTimes()
    }
    if isReadHeld, mayRead(context) {
      isReadHeld = false
      context.read()
    }
  }

  private func send(_ response: WireResponse, _ slot: AnswerQueue.Slot, _ context: ChannelHandlerContext) {
    guard closeBy == nil else { return }
    lastActivity = .now()
    if round.stages != nil, let times = response.times { unflushed.append((times, lastActivity)) }
    let buffer = AnswerBytes.buffer(response, slot: slot, allocator: context.channel.allocator)
    context.write(wrapOutboundOut(buffer), promise: nil)
    needsFlush = true
    guard slot.closes else { return }
    needsFlush = false
    incoming = .discarding
    let connection = NIOLoopBound(self, eventLoop: context.eventLoop)
    afterWrites(context) { connection.value.linger() }
  }

  private func noteTimes() {
    guard let stages = round.stages, !unflushed.isEmpty else { return }
    let now = NIODeadline.now()
    for (times, since) in unflushed { stages.record(times, sending: (now - since).nanoseconds) }
    unflushed.removeAll(keepingCapacity: true)
  }

  /// Closing both sides with bytes unread would reset the connection, perhaps before the answer was seen.
  private func linger() {
    guard let context, closeBy == nil else { return }
    closeBy = .now() + .nanoseconds(limits.lingerTimeout.nanoseconds)
    context.close(mode: .output, promise: nil)
    planWake()
  }

  /// Runs `body` once everything written has left: a channel that closes drops what its peer has not taken yet.
  private func afterWrites(_ context: ChannelHandlerContext, _ body: @escaping @Sendable () -> Void) {
    let gone = context.eventLoop.makePromise(of: Void.self)
    gone.futureResult.whenComplete { _ in body() }
    context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: gone)
  }

  private func hand(_ request: WireRequest, id: UInt64, on loop: any EventLoop) {
    let connection = bound ?? NIOLoopBound(self, eventLoop: loop)
    bound = connection
    let life = self.life
    round.handed()
    handler(request, peer) { response in
      guard !life.hasEnded else { return }
      if loop.inEventLoop {
        connection.value.answered(id, response)
      } else {
        loop.execute { connection.value.answered(id, response) }
      }
    }
  }

  private func answered(_ id: UInt64, _ response: WireResponse) {
    guard answers.answer(id, response) else { return }
    pump()
  }

  // MARK: Time

  /// One timer a connection, set anew only when something is due before it goes off.
  private func planWake() {
    guard let context else { return }
    let due = nextDue(context)
    if let wakeAt, wakeAt <= due, wake != nil { return }
    wake?.cancel()
    wakeAt = due
    wake = context.eventLoop.assumeIsolated().scheduleTask(deadline: due) { self.woken() }
  }

  private func nextDue(_ context: ChannelHandlerContext) -> NIODeadline {
    if let closeBy { return closeBy }
    var due = lastActivity + .nanoseconds(limits.idleTimeout.nanoseconds)
    if let started = requestStarted { due = min(due, started + .nanoseconds(limits.requestTimeout.nanoseconds)) }
    if let deadline = answers.nextDeadline { due = min(due, deadline) }
    return due
  }

  private func woken() {
    wake = nil
    guard let context else { return }
    let now = NIODeadline.now()
    if let closeBy, closeBy <= now { return context.close(promise: nil) }
    answers.expire(at: now)
    if let started = requestStarted, started + .nanoseconds(limits.requestTimeout.nanoseconds) <= now {
      refuse(refusal ?? .requestTimeout(seconds: limits.requestTimeout.milliseconds / 1000))
    }
    pump()
    guard self.context != nil else { return }
    let isStuck = answers.isEmpty || !context.channel.isWritable
    if isStuck, lastActivity + .nanoseconds(limits.idleTimeout.nanoseconds) <= now {
      return context.close(promise: nil)
    }
    if !answers.isEmpty, context.channel.isWritable { lastActivity = now }
    planWake()
  }
}

/// Stands in front of the HTTP decoder and counts what goes in, because the decoder has no bound on a whole header.
final class ByteMeter: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let connection: ServerConnection
  init(_ connection: ServerConnection) { self.connection = connection }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    connection.bytesArrived(unwrapInboundIn(data).readableBytes)
    context.fireChannelRead(data)
    connection.bytesTaken()
  }
}
