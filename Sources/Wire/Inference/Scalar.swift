/// A parameter of a request or an answer.
public enum Scalar: Sendable, Hashable {
  case text(String)
  case integer(Int64)
  case number(Double)
  case flag(Bool)

  /// As an attribute value: the text itself; a number without fraction as its digits, so that 8412, 8412.0 and "8412"
  /// are one value (a data frame with a missing cell turns integers to floats).
  public var text: String {
    switch self {
    case .text(let value): value
    case .integer(let value): String(value)
    case .number(let value): Int64(exactly: value).map { String($0) } ?? String(value)
    case .flag(let value): String(value)
    }
  }

  func write(to writer: inout JSONWriter) {
    switch self {
    case .text(let value): writer.text(value)
    case .integer(let value): writer.integer(value)
    case .number(let value): writer.number(value)
    case .flag(let value): writer.flag(value)
    }
  }
}

extension JSONReader {
  /// A string, number or boolean; nil for null.
  mutating func scalar(_ name: @autoclosure () -> String) throws(WireFault) -> Scalar? {
    switch try peek() {
    case UInt8(ascii: "\""): return .text(try text())
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      throw .badMessage("\"\(name())\" is a string, a number or a boolean")
    default: break
    }
    switch try value() {
    case .text(let value): return .text(value)
    case .integer(let value): return .integer(value)
    case .number(let value): return .number(value)
    case .flag(let value): return .flag(value)
    case .null, .array, .object: return nil
    }
  }

  /// A number without fraction and exponent that fits 64 bits; nil for any other value, which is passed over.
  mutating func integer() throws(WireFault) -> Int64? {
    let byte = try peek()
    guard byte == UInt8(ascii: "-") || byte &- UInt8(ascii: "0") <= 9 else {
      try skipValue()
      return nil
    }
    return try scanNumber().integer
  }

  /// A string, or nil for null.
  mutating func optionalText(_ name: String) throws(WireFault) -> String? {
    switch try peek() {
    case UInt8(ascii: "\""): return try text()
    case UInt8(ascii: "n"):
      try literal("null")
      return nil
    default: throw .badMessage("\"\(name)\" is a string")
    }
  }

  mutating func requiredText(_ name: String) throws(WireFault) -> String {
    guard let value = try optionalText(name) else { throw .badMessage("\"\(name)\" is a string") }
    return value
  }

  mutating func requireObject(_ name: String) throws(WireFault) {
    guard try peek() == UInt8(ascii: "{") else { throw .badMessage("\(name) is an object") }
  }

  mutating func requireArray(_ name: String) throws(WireFault) {
    guard try peek() == UInt8(ascii: "[") else { throw .badMessage("\"\(name)\" is an array") }
  }
}
