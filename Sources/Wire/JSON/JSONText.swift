extension JSONReader {
  /// Reads a string.
  public mutating func text() throws(WireFault) -> String {
    try take("\"")
    let start = index
    while index < end {
      let byte = bytes[index]
      if byte == UInt8(ascii: "\"") {
        let text = try validated(bytes[start..<index], at: start)
        index += 1
        return text
      }
      if byte == UInt8(ascii: "\\") { return try escapedText(from: start) }
      try refuseControl(byte)
      index += 1
    }
    throw fault("a string is not closed")
  }

  /// The slow way, for strings with escapes.
  private mutating func escapedText(from start: Int) throws(WireFault) -> String {
    var result = Array(bytes[start..<index])
    while index < end {
      let byte = bytes[index]
      index += 1
      if byte == UInt8(ascii: "\"") { return try validated(result[...], at: start) }
      if byte == UInt8(ascii: "\\") {
        try appendEscape(to: &result)
      } else {
        index -= 1
        try refuseControl(byte)
        index += 1
        result.append(byte)
      }
    }
    throw fault("a string is not closed")
  }

  private mutating func appendEscape(to result: inout [UInt8]) throws(WireFault) {
    guard index < end else { throw fault("a string is not closed") }
    let byte = bytes[index]
    index += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(byte)
    case UInt8(ascii: "b"): result.append(0x08)
    case UInt8(ascii: "f"): result.append(0x0C)
    case UInt8(ascii: "n"): result.append(0x0A)
    case UInt8(ascii: "r"): result.append(0x0D)
    case UInt8(ascii: "t"): result.append(0x09)
    case UInt8(ascii: "u"):
      let scalar = try escapedScalar()
      result.append(contentsOf: String(Character(scalar)).utf8)
    default:
      index -= 1
      throw fault("unknown escape")
    }
  }

  /// One code point of `\uXXXX`, or of two of them that form a surrogate pair.
  private mutating func escapedScalar() throws(WireFault) -> Unicode.Scalar {
    let first = try hexUnit()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard (0xD800..<0xDC00).contains(first), index + 1 < end, bytes[index] == UInt8(ascii: "\\"),
      bytes[index + 1] == UInt8(ascii: "u")
    else { throw fault("half a surrogate pair") }
    index += 2
    let second = try hexUnit()
    guard (0xDC00..<0xE000).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00))
    else { throw fault("half a surrogate pair") }
    return scalar
  }

  private mutating func hexUnit() throws(WireFault) -> UInt16 {
    guard end - index >= 4 else { throw fault("four hexadecimal digits expected") }
    var unit: UInt16 = 0
    for offset in 0..<4 {
      guard let digit = PercentCoding.hexValue(bytes[index + offset]) else {
        throw fault("four hexadecimal digits expected")
      }
      unit = unit << 4 | UInt16(digit)
    }
    index += 4
    return unit
  }

  private func refuseControl(_ byte: UInt8) throws(WireFault) {
    guard byte >= 0x20 else { throw fault("a control character stands in a string; write it as an escape") }
  }

  private func validated(_ content: ArraySlice<UInt8>, at start: Int) throws(WireFault) -> String {
    guard content.count <= JSONLimits.textBytesMax else {
      throw .malformedJSON(offset: start, reason: "a string is longer than \(JSONLimits.textBytesMax) bytes")
    }
    guard let text = String(validating: content, as: UTF8.self) else {
      throw .malformedJSON(offset: start, reason: "a string is not UTF-8")
    }
    return text
  }
}
