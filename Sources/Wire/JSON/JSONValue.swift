/// Any JSON value (RFC 8259). Of a member named twice the last one holds.
public enum JSONValue: Sendable, Equatable {
  case null
  case flag(Bool)
  /// A number written without fraction and exponent that fits 64 bits.
  case integer(Int64)
  case number(Double)
  case text(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// - Throws: `WireFault.malformedJSON` with the byte offset of the first thing that is wrong.
  public init(parsing bytes: [UInt8]) throws(WireFault) {
    var reader = JSONReader(bytes)
    self = try reader.value()
    try reader.finish()
  }

  /// A member of an object; nil for other values and absent members.
  public subscript(key: String) -> JSONValue? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  public var text: String? { if case .text(let value) = self { value } else { nil } }
  public var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
  public var flag: Bool? { if case .flag(let value) = self { value } else { nil } }
  public var elements: [JSONValue]? { if case .array(let values) = self { values } else { nil } }

  public var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// One JSON text, members in the order of their names.
  public var bytes: [UInt8] {
    var writer = JSONWriter()
    write(to: &writer)
    return writer.bytes
  }

  public func write(to writer: inout JSONWriter) {
    switch self {
    case .null: writer.null()
    case .flag(let value): writer.flag(value)
    case .integer(let value): writer.integer(value)
    case .number(let value): writer.number(value)
    case .text(let value): writer.text(value)
    case .array(let values):
      writer.array { writer in
        for value in values { value.write(to: &writer) }
      }
    case .object(let members):
      writer.object { writer in
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
          writer.key(named: name)
          value.write(to: &writer)
        }
      }
    }
  }
}

extension JSONReader {
  /// Reads the next value whole.
  public mutating func value() throws(WireFault) -> JSONValue {
    switch try peek() {
    case UInt8(ascii: "{"):
      var members: [String: JSONValue] = [:]
      try object { (reader, key) throws(WireFault) in members[key] = try reader.value() }
      return .object(members)
    case UInt8(ascii: "["):
      var values: [JSONValue] = []
      try array { (reader, _) throws(WireFault) in values.append(try reader.value()) }
      return .array(values)
    case UInt8(ascii: "\""): return .text(try text())
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .flag(try flag())
    case UInt8(ascii: "n"):
      try literal("null")
      return .null
    default:
      let scanned = try scanNumber()
      if let integer = scanned.integer { return .integer(integer) }
      let value = double(scanned)
      guard value.isFinite else { throw .malformedJSON(offset: scanned.range.lowerBound, reason: "number too large") }
      return .number(value)
    }
  }
}
