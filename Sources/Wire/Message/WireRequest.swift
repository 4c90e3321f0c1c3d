/// The request methods the protocols here know; anything else is answered 405.
public enum WireMethod: Sendable, Hashable {
  case get
  /// Answered like `get`, without the body.
  case head
  case post
  case other(String)

  public init(_ text: String) {
    switch text {
    case "GET": self = .get
    case "HEAD": self = .head
    case "POST": self = .post
    default: self = .other(text)
    }
  }

  public var text: String {
    switch self {
    case .get: "GET"
    case .head: "HEAD"
    case .post: "POST"
    case .other(let text): text
    }
  }
}

/// Header fields in the order they came; names are compared without regard to case (RFC 9110 section 5.1).
public struct WireHeaders: Sendable, Equatable {
  /// More fields than any client of these protocols sends; the rest is dropped.
  public static let fieldCountMax = 100

  public private(set) var names: [String] = []
  public private(set) var values: [String] = []

  public init() {}

  /// Room for `count` fields.
  public init(capacity count: Int) {
    names.reserveCapacity(min(count, Self.fieldCountMax))
    values.reserveCapacity(min(count, Self.fieldCountMax))
  }

  public init(_ fields: KeyValuePairs<String, String>) {
    for (name, value) in fields { append(name, value) }
  }

  public mutating func append(_ name: String, _ value: String) {
    guard names.count < Self.fieldCountMax else { return }
    names.append(name)
    values.append(value)
  }

  /// The first field of that name.
  public subscript(name: String) -> String? {
    for index in names.indices where Self.isSame(names[index], name) { return values[index] }
    return nil
  }

  private static func isSame(_ left: String, _ right: String) -> Bool {
    left.utf8.count == right.utf8.count && (left == right || begins(left, with: right))
  }

  /// True where `text` begins with `prefix` but for the case of its letters.
  static func begins(_ text: String, with prefix: String) -> Bool {
    guard text.utf8.count >= prefix.utf8.count else { return false }
    return zip(text.utf8, prefix.utf8).allSatisfy { lowercase($0) == lowercase($1) }
  }

  private static func lowercase(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }
}

/// One request as the sockets hand it to the protocols: no transport type, nothing still encoded.
public struct WireRequest: Sendable, Equatable {
  public let method: WireMethod
  public let target: WireTarget
  public let headers: WireHeaders
  public let body: [UInt8]
  /// Nanoseconds from the request's first byte to its last.
  public var readNanoseconds: Int64 = 0
  /// After this the client is told that there is no answer; nil where nobody is.
  public var deadline: Duration?
  /// What the body may unpack to: as many bytes as its socket takes packed.
  public var bodyBytesMax = WireRequest.bodyBytesMax

  public init(method: WireMethod, target: WireTarget, headers: WireHeaders = WireHeaders(), body: [UInt8] = []) {
    self.method = method
    self.target = target
    self.headers = headers
    self.body = body
  }

  /// - Throws: `WireFault.badTarget`, as `WireTarget` does.
  public init(method: WireMethod, target: String, headers: WireHeaders = WireHeaders(), body: [UInt8] = [])
    throws(WireFault)
  {
    self.init(method: method, target: try WireTarget(target), headers: headers, body: body)
  }

  public var path: String { target.path }
  public var query: [String: String] { target.query }
  public var segments: [String] { target.segments }
}

extension WireRequest {
  /// Refuses every method but `allowed`; HEAD passes where GET does.
  func require(_ allowed: WireMethod) throws(WireFault) {
    guard method == allowed || (method == .head && allowed == .get) else {
      throw .methodNotAllowed(method: method.text, allow: allowed == .get ? "GET, HEAD" : allowed.text)
    }
  }

  /// The body of a message in JSON, inflated.
  ///
  /// A missing type and `application/x-www-form-urlencoded` pass: the latter is what `curl -d` says unless told otherwise.
  func jsonBody() throws(WireFault) -> [UInt8] {
    guard headers[BinaryTensor.lengthHeader] == nil else {
      throw .unsupportedMedia("binary tensors are not accepted here; send JSON without \(BinaryTensor.lengthHeader)")
    }
    try requireType(binary: false)
    return try plainBody()
  }

  /// The body of an infer request, inflated, and how many of its bytes are JSON, where raw tensors follow.
  ///
  /// `application/octet-stream` passes too: Triton's clients say so, or nothing, for either form.
  func inferMessage() throws(WireFault) -> BinaryMessage {
    try requireType(binary: true)
    guard let field = headers[BinaryTensor.lengthHeader] else { return BinaryMessage(body: try plainBody()) }
    guard let length = wholeNumber(field) else {
      throw .badMessage("\(BinaryTensor.lengthHeader) is a whole number of bytes (got \"\(field.prefix(40))\")")
    }
    return BinaryMessage(body: try plainBody(), headerLength: length)
  }

  private func requireType(binary: Bool) throws(WireFault) {
    guard let type = headers["Content-Type"] else { return }
    if Self.isType(type, WireResponse.json) || Self.isType(type, "application/x-www-form-urlencoded") { return }
    if binary, Self.isType(type, BinaryTensor.contentType) { return }
    throw .unsupportedMedia("the body's Content-Type is \(type); send \(WireResponse.json)")
  }

  /// True where nothing but parameters follows the type's name.
  private static func isType(_ field: String, _ name: String) -> Bool {
    if field == name { return true }
    guard WireHeaders.begins(field, with: name) else { return false }
    let next = field.utf8.dropFirst(name.utf8.count).first
    return next == nil || next == UInt8(ascii: ";") || next == UInt8(ascii: " ")
  }
}
