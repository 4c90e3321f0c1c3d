/// Percent-encoding of paths and queries (RFC 3986 section 2.1). A `+` stays a plus.
public enum PercentCoding {
  enum Place { case path, query }

  /// Encodes everything but unreserved characters, so that the result fits a path segment or a query value.
  public static func encode(_ text: String) -> String {
    var result: [UInt8] = []
    for byte in text.utf8 {
      if isUnreserved(byte) {
        result.append(byte)
      } else {
        result.append(UInt8(ascii: "%"))
        result.append(hexDigits[Int(byte >> 4)])
        result.append(hexDigits[Int(byte & 15)])
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// Reads `encode` back.
  public static func decode(_ text: String) throws(WireFault) -> String { try decode(text[...], within: .query) }

  /// An encoded slash in a path would move the borders of its segments after they were checked, so it is refused.
  static func decode(_ text: Substring, within place: Place) throws(WireFault) -> String {
    var result: [UInt8] = []
    let bytes = Array(text.utf8)
    result.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      var byte = bytes[index]
      index += 1
      if byte == UInt8(ascii: "%") {
        guard index + 1 < bytes.count, let high = hexValue(bytes[index]), let low = hexValue(bytes[index + 1]) else {
          throw .badTarget("a % in the path or query is not followed by two hexadecimal digits")
        }
        byte = high << 4 | low
        index += 2
        if place == .path, byte == UInt8(ascii: "/") {
          throw .badTarget("the path holds an encoded slash")
        }
      }
      guard byte > 0x1F, byte != 0x7F else { throw .badTarget("the path or query holds a control character") }
      result.append(byte)
    }
    guard let decoded = String(validating: result, as: UTF8.self) else {
      throw .badTarget("the path or query is not UTF-8")
    }
    return decoded
  }

  private static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
      UInt8(ascii: "~"):
      true
    default: false
    }
  }

  static func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  private static let hexDigits = Array("0123456789ABCDEF".utf8)
}
