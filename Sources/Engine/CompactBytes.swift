/// Memory of the daemon that is written every hour, as bytes: fixed words little-endian, counts in seven bits a byte
/// (the low ones first), texts as UTF-8 with their length before them.
public struct ByteWriter: Sendable {
  public private(set) var bytes: [UInt8] = []

  public init(reserving count: Int = 0) { bytes.reserveCapacity(count) }

  public mutating func write(_ value: UInt8) { bytes.append(value) }

  public mutating func write(_ value: UInt16) { writeWord(UInt64(value), byteCount: 2) }
  public mutating func write(_ value: UInt32) { writeWord(UInt64(value), byteCount: 4) }
  public mutating func write(_ value: UInt64) { writeWord(value, byteCount: 8) }
  public mutating func write(_ value: Float) { write(value.bitPattern) }
  public mutating func write(_ value: Double) { write(value.bitPattern) }
  public mutating func write(_ value: Bool) { write(UInt8(value ? 1 : 0)) }

  /// 1 byte up to 127, 10 at most.
  public mutating func write(count value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// - Precondition: `count` is not negative.
  public mutating func write(count: Int) {
    precondition(count >= 0, "a count is not negative")
    write(count: UInt64(count))
  }

  /// Small numbers of either sign take few bytes.
  public mutating func write(signed value: Int64) {
    write(count: UInt64(bitPattern: (value << 1) ^ (value >> 63)))
  }

  public mutating func write(_ text: String) { write(Array(text.utf8)) }

  /// With their count before them.
  public mutating func write(_ block: [UInt8]) {
    write(count: block.count)
    bytes += block
  }

  /// One byte, and the value where there is one.
  public mutating func write<Value>(optional value: Value?, _ write: (inout ByteWriter, Value) -> Void) {
    self.write(value != nil)
    if let value { write(&self, value) }
  }

  /// Their count, then one after the other.
  public mutating func write<Values: Collection>(
    each values: Values, _ write: (inout ByteWriter, Values.Element) -> Void
  ) {
    self.write(count: values.count)
    for value in values { write(&self, value) }
  }

  private mutating func writeWord(_ value: UInt64, byteCount: Int) {
    for index in 0..<byteCount { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index))) }
  }
}

/// Why bytes are not what a `ByteWriter` wrote.
public struct CompactBytesError: Error, Equatable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }

  public static let truncated = CompactBytesError("the bytes end too early: they were cut")
}

/// Reads what a `ByteWriter` wrote, in the same order; allocates nothing by a count it has not checked.
public struct ByteReader: Sendable {
  private let bytes: [UInt8]
  private var position = 0

  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Bytes that are left.
  public var rest: Int { bytes.count - position }

  public mutating func byte() throws(CompactBytesError) -> UInt8 { UInt8(try word(byteCount: 1)) }
  public mutating func uint16() throws(CompactBytesError) -> UInt16 { UInt16(try word(byteCount: 2)) }
  public mutating func uint32() throws(CompactBytesError) -> UInt32 { UInt32(try word(byteCount: 4)) }
  public mutating func uint64() throws(CompactBytesError) -> UInt64 { try word(byteCount: 8) }
  /// Any bit pattern, also what is no number.
  public mutating func float() throws(CompactBytesError) -> Float { Float(bitPattern: try uint32()) }
  public mutating func double() throws(CompactBytesError) -> Double { Double(bitPattern: try uint64()) }

  public mutating func bool() throws(CompactBytesError) -> Bool {
    switch try byte() {
    case 0: false
    case 1: true
    case let other: throw CompactBytesError("\(other) is neither yes nor no")
    }
  }

  public mutating func unsigned() throws(CompactBytesError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let next = try byte()
      guard shift < 63 || (shift == 63 && next <= 1) else { throw CompactBytesError("a count is too large") }
      value |= UInt64(next & 0x7F) << shift
      if next < 0x80 { return value }
      shift += 7
    }
  }

  /// - Throws: also for a count above `maximum`.
  public mutating func count(maximum: Int = .max) throws(CompactBytesError) -> Int {
    let value = try unsigned()
    guard value <= UInt64(maximum) else {
      throw CompactBytesError("a count is \(value), at most \(maximum) is possible")
    }
    return Int(value)
  }

  public mutating func signed() throws(CompactBytesError) -> Int64 {
    let value = try unsigned()
    return Int64(bitPattern: (value >> 1) ^ (0 &- (value & 1)))
  }

  public mutating func block(maximum: Int = .max) throws(CompactBytesError) -> [UInt8] {
    let count = try count(maximum: maximum)
    guard count <= rest else { throw .truncated }
    defer { position += count }
    return Array(bytes[position..<(position + count)])
  }

  /// - Parameter maximum: bytes it may have.
  public mutating func text(maximum: Int = .max) throws(CompactBytesError) -> String {
    guard let text = String(validating: try block(maximum: maximum), as: UTF8.self) else {
      throw CompactBytesError("a text is not UTF-8")
    }
    return text
  }

  public mutating func optional<Value>(
    _ read: (inout ByteReader) throws(CompactBytesError) -> Value
  ) throws(CompactBytesError) -> Value? {
    try bool() ? try read(&self) : nil
  }

  /// Values that take a byte or more each.
  public mutating func array<Value>(
    maximum: Int, _ read: (inout ByteReader) throws(CompactBytesError) -> Value
  ) throws(CompactBytesError) -> [Value] {
    let count = try count(maximum: maximum)
    guard count <= rest else { throw .truncated }
    var values: [Value] = []
    values.reserveCapacity(count)
    for _ in 0..<count { values.append(try read(&self)) }
    return values
  }

  /// - Throws: where bytes are left over.
  public func finish() throws(CompactBytesError) {
    guard rest == 0 else { throw CompactBytesError("\(rest) bytes too many") }
  }

  private mutating func word(byteCount: Int) throws(CompactBytesError) -> UInt64 {
    guard byteCount <= rest else { throw .truncated }
    var value: UInt64 = 0
    for index in 0..<byteCount { value |= UInt64(bytes[position + index]) << UInt64(8 * index) }
    position += byteCount
    return value
  }
}
