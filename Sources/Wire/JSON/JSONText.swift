/// A member's name where it stands in the text: comparing its bytes costs less than making a String of them.
struct JSONName {
  fileprivate let place: Range<Int>
  /// What it says where that is not what stands there: of names with escapes.
  fileprivate let unescaped: String?
}

extension JSONReader {
  /// Reads a string.
  public mutating func text() throws(WireFault) -> String {
    let name = try name()
    return text(of: name)
  }

  /// Reads a string and leaves it where it is.
  mutating func name() throws(WireFault) -> JSONName {
    try take("\"")
    let start = index
    let (next, bits) = plainText(from: start)
    index = next
    guard next < end else { throw fault("a string is not closed") }
    if bytes[next] == UInt8(ascii: "\\") {
      return JSONName(place: start..<next, unescaped: try escapedText(from: start))
    }
    try refuseControl(bytes[next])
    // ASCII needs no other check.
    if bits >= 0x80 || next - start > JSONLimits.textBytesMax { _ = try validated(bytes[start..<next], at: start) }
    index = next + 1
    return JSONName(place: start..<next, unescaped: nil)
  }

  /// Where characters end that stand for themselves, and all their bits.
  private func plainText(from start: Int) -> (end: Int, bits: UInt8) {
    let bytes = bytes.span
    var next = start
    var bits: UInt8 = 0
    while next < end {
      let byte = bytes[next]
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 { break }
      bits |= byte
      next += 1
    }
    return (next, bits)
  }

  func text(of name: JSONName) -> String {
    if let unescaped = name.unescaped { return unescaped }
    return bytes.withUnsafeBufferPointer {
      String(decoding: UnsafeBufferPointer(rebasing: $0[name.place]), as: UTF8.self)
    }
  }

  @inline(__always)
  func says(_ name: JSONName, _ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard name.unescaped == nil else { return name.unescaped == word.description }
    guard name.place.count == count else { return false }
    let bytes = bytes.span
    let start = word.utf8Start
    for offset in 0..<count where bytes[name.place.lowerBound + offset] != start[offset] { return false }
    return true
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
