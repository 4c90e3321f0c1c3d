import NIOCore
import NIOHTTP1
import Wire

/// One request while its parts arrive.
struct RequestAssembly {
  let head: HTTPRequestHead
  let deadline: Duration
  private var body: [UInt8] = []
  private let limits: SocketLimits

  /// Reserved at most before bytes have come: a declared length costs its sender nothing.
  private static let reservedBytesMax = 64 << 10

  /// - Throws: `bodyTooLarge` or `headersTooLarge` past the limits, `badMessage` for a bad deadline.
  init(_ head: HTTPRequestHead, limits: SocketLimits) throws(WireFault) {
    self.head = head
    self.limits = limits
    deadline = try Self.deadline(head.headers, limits)
    let size = head.headers.reduce(head.uri.utf8.count) { $0 + $1.name.utf8.count + $1.value.utf8.count }
    guard size <= limits.headerBytesMax else { throw .headersTooLarge(limit: limits.headerBytesMax) }
    if let text = head.headers.first(name: "Content-Length") {
      guard let length = Int(text), length <= limits.bodyBytesMax else {
        throw .bodyTooLarge(limit: limits.bodyBytesMax)
      }
      body.reserveCapacity(min(length, Self.reservedBytesMax))
    }
  }

  mutating func append(_ part: ByteBuffer) throws(WireFault) {
    guard body.count + part.readableBytes <= limits.bodyBytesMax else {
      throw .bodyTooLarge(limit: limits.bodyBytesMax)
    }
    body.append(contentsOf: part.readableBytesView)
  }

  /// - Parameter targets: remembers what the connection asked for last.
  func request(readNanoseconds: Int64, targets: inout TargetMemory) throws(WireFault) -> WireRequest {
    var headers = WireHeaders(capacity: head.headers.count)
    for (name, value) in head.headers { headers.append(name, value) }
    var request = WireRequest(
      method: Self.method(head.method), target: try targets.target(head.uri), headers: headers, body: body)
    request.readNanoseconds = readNanoseconds
    request.deadline = deadline
    request.bodyBytesMax = limits.bodyBytesMax
    return request
  }

  private static func method(_ method: HTTPMethod) -> WireMethod {
    switch method {
    case .GET: .get
    case .POST: .post
    case .HEAD: .head
    default: WireMethod(method.rawValue)
    }
  }

  var expectsContinue: Bool {
    head.headers.first(name: "Expect").map { $0.lowercased() == "100-continue" } ?? false
  }

  private static func deadline(_ headers: HTTPHeaders, _ limits: SocketLimits) throws(WireFault) -> Duration {
    guard let text = headers.first(name: SocketLimits.deadlineHeader) else { return limits.deadline }
    guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let milliseconds = Int(text), milliseconds >= 1 else {
      throw .badMessage("\(SocketLimits.deadlineHeader) is a whole number of milliseconds from 1 on (got \"\(text)\")")
    }
    return .milliseconds(min(milliseconds, limits.deadlineMax.milliseconds))
  }
}

/// The last target of a connection, decoded: gateways ask for the same one all day.
struct TargetMemory {
  private var last: (text: String, target: WireTarget)?

  mutating func target(_ text: String) throws(WireFault) -> WireTarget {
    if let last, last.text == text { return last.target }
    let target = try WireTarget(text)
    last = (text, target)
    return target
  }
}
