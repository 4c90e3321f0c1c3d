/// Bounds of any JSON text that is read here.
public enum JSONLimits {
  /// Deeper nesting is in no message of ours, and the reader recurses once a level.
  public static let depthMax = 32
  /// Elements and members of all arrays and objects of one text: bounds the memory of values, about 50 bytes each.
  public static let elementCountMax = 1_000_000
  /// Bytes of one string: names, ids and sentences are far shorter.
  public static let textBytesMax = 65_536
  /// Characters of one number: more than any float or integer needs to be exact.
  public static let numberBytesMax = 400
}

/// Reads JSON (RFC 8259) from bytes in one pass, without building values its caller does not ask for.
///
/// Every method reads one thing at the cursor and throws `WireFault.malformedJSON` with the byte offset when something
/// else stands there. Bytes that are not UTF-8 inside strings are refused.
public struct JSONReader: Sendable {
  let bytes: [UInt8]
  public internal(set) var index = 0
  private var depth = 0
  private var elementCount = 0

  /// Of the bytes only those before this are JSON.
  let end: Int

  public init(_ bytes: [UInt8]) { self.init(bytes, end: bytes.count) }

  init(_ bytes: [UInt8], end: Int) {
    self.bytes = bytes
    self.end = end
  }

  func fault(_ reason: String) -> WireFault { .malformedJSON(offset: index, reason: reason) }

  mutating func skipSpace() {
    // Most often nothing is skipped.
    guard index < end, bytes[index] <= 0x20 else { return }
    while index < end {
      switch bytes[index] {
      case 0x20, 0x0A, 0x0D, 0x09: index += 1
      default: return
      }
    }
  }

  /// The first byte of what comes next, which stays unread.
  @inline(__always)
  public mutating func peek() throws(WireFault) -> UInt8 {
    if index < end, bytes[index] > 0x20 { return bytes[index] }
    skipSpace()
    guard index < end else { throw fault("it ends too early") }
    return bytes[index]
  }

  @inline(__always)
  mutating func take(_ character: Unicode.Scalar) throws(WireFault) {
    guard try peek() == UInt8(ascii: character) else { throw missing(character) }
    index += 1
  }

  /// Apart from the readers, which are copied to many places.
  @inline(never)
  private func missing(_ character: Unicode.Scalar) -> WireFault { fault("'\(character)' expected") }

  /// Reads the rest of the text, which may hold space alone.
  public mutating func finish() throws(WireFault) {
    skipSpace()
    guard index == end else { throw fault("something follows the message") }
  }

  /// Reads an object; `member` must read exactly the member's value.
  public mutating func object(_ member: (inout JSONReader, String) throws(WireFault) -> Void) throws(WireFault) {
    try members { (reader, name) throws(WireFault) in
      try member(&reader, reader.text(of: name))
    }
  }

  /// Reads an object without making strings of its members' names.
  mutating func members(_ member: (inout JSONReader, JSONName) throws(WireFault) -> Void) throws(WireFault) {
    try open("{")
    if try peek() == UInt8(ascii: "}") {
      close()
      return
    }
    while true {
      guard try peek() == UInt8(ascii: "\"") else { throw fault("a member's name in quotes expected") }
      let name = try name()
      try take(":")
      try count()
      try member(&self, name)
      if try endsList(with: "}") { return }
    }
  }

  /// Reads an array; `element` must read exactly the element, whose index it gets.
  public mutating func array(_ element: (inout JSONReader, Int) throws(WireFault) -> Void) throws(WireFault) {
    try open("[")
    if try peek() == UInt8(ascii: "]") {
      close()
      return
    }
    var position = 0
    while true {
      try count()
      try element(&self, position)
      position += 1
      if try endsList(with: "]") { return }
    }
  }

  public mutating func flag() throws(WireFault) -> Bool {
    guard try peek() == UInt8(ascii: "t") else {
      try literal("false")
      return false
    }
    try literal("true")
    return true
  }

  mutating func literal(_ word: StaticString) throws(WireFault) {
    skipSpace()
    let matches = word.withUTF8Buffer { expected in
      end - index >= expected.count && expected.indices.allSatisfy { bytes[index + $0] == expected[$0] }
    }
    guard matches else { throw fault("a value expected") }
    index += word.utf8CodeUnitCount
  }

  /// Checks and passes over a value of any kind.
  public mutating func skipValue() throws(WireFault) {
    switch try peek() {
    case UInt8(ascii: "{"): try object { (reader, _) throws(WireFault) in try reader.skipValue() }
    case UInt8(ascii: "["): try array { (reader, _) throws(WireFault) in try reader.skipValue() }
    case UInt8(ascii: "\""): _ = try text()
    case UInt8(ascii: "t"), UInt8(ascii: "f"): _ = try flag()
    case UInt8(ascii: "n"): try literal("null")
    default: _ = try scanNumber()
    }
  }

  private mutating func open(_ bracket: Unicode.Scalar) throws(WireFault) {
    try take(bracket)
    depth += 1
    guard depth <= JSONLimits.depthMax else { throw fault("nested deeper than \(JSONLimits.depthMax) levels") }
  }

  private mutating func close() {
    index += 1
    depth -= 1
  }

  private mutating func count() throws(WireFault) {
    elementCount += 1
    guard elementCount <= JSONLimits.elementCountMax else {
      throw fault("more than \(JSONLimits.elementCountMax) elements")
    }
  }

  private mutating func endsList(with bracket: Unicode.Scalar) throws(WireFault) -> Bool {
    let byte = try peek()
    if byte == UInt8(ascii: bracket) {
      close()
      return true
    }
    guard byte == UInt8(ascii: ",") else { throw fault("',' or '\(bracket)' expected") }
    index += 1
    return false
  }
}
