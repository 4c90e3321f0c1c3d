/// Why a text is not TOML, and the line where that shows.
struct TomlError: Error, Equatable {
  let line: Int
  let reason: String
}

/// Reads keys and values of TOML 1.0.0 from bytes, keeping count of lines. Source: toml.io/en/v1.0.0.
///
/// Every read either moves forward or throws, so that any bytes end.
struct TomlScanner {
  private let bytes: [UInt8]
  private var position = 0
  private(set) var line = 1

  /// Nesting of arrays and inline tables: no setting nests at all, and the reader calls itself.
  private static let depthMax = 32

  /// Parts of a dotted name: settings have three.
  private static let partsMax = 16

  init(_ text: String) {
    bytes = Array(text.utf8)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  var isAtEnd: Bool { position == bytes.count }
  /// The next byte; zero, which no text contains, at the end.
  var next: UInt8 { position < bytes.count ? bytes[position] : 0 }

  func fault(_ reason: String) -> TomlError { TomlError(line: line, reason: reason) }

  /// Takes the ASCII text `expected` if it comes next.
  mutating func take(_ expected: StaticString) -> Bool {
    let count = expected.utf8CodeUnitCount
    guard position + count <= bytes.count else { return false }
    let matches = expected.withUTF8Buffer { $0.elementsEqual(bytes[position..<position + count]) }
    if matches { position += count }
    return matches
  }

  mutating func skipBlanks() {
    while next == UInt8(ascii: " ") || next == UInt8(ascii: "\t") { position += 1 }
  }

  /// Skips blanks, comments and line ends.
  mutating func skipLines() {
    while true {
      skipBlanks()
      if next == UInt8(ascii: "#") { skipToLineEnd() }
      if !takeNewline() { return }
    }
  }

  mutating func skipToLineEnd() {
    while !isAtEnd, next != UInt8(ascii: "\n") { position += 1 }
  }

  /// Takes the rest of a line that holds nothing more than a comment.
  mutating func endLine() throws(TomlError) {
    skipBlanks()
    if next == UInt8(ascii: "#") { skipToLineEnd() }
    if isAtEnd || takeNewline() { return }
    throw fault("nothing more may stand on the line after the value or header")
  }

  private mutating func takeNewline() -> Bool {
    guard take("\n") || take("\r\n") else { return false }
    line += 1
    return true
  }

  /// A dotted key, with the blanks around it; parts that need quotes keep them, so that dots stay unambiguous.
  mutating func key() throws(TomlError) -> [String] {
    var parts: [String] = []
    repeat {
      skipBlanks()
      parts.append(try keyPart())
      skipBlanks()
      if parts.count > Self.partsMax { throw fault("a name may not have more than \(Self.partsMax) parts") }
    } while take(".")
    return parts
  }

  private mutating func keyPart() throws(TomlError) -> String {
    let start = position
    while Self.isBare(next) { position += 1 }
    if position > start { return String(decoding: bytes[start..<position], as: UTF8.self) }
    guard next == UInt8(ascii: "\"") || next == UInt8(ascii: "'") else { throw fault("a key must come here") }
    let text = try quoted(mayBeLong: false)
    return !text.isEmpty && text.utf8.allSatisfy(Self.isBare) ? text : "\"\(text)\""
  }

  /// The value that comes next; `depth` counts the arrays and tables around it.
  mutating func value(depth: Int = 0) throws(TomlError) -> SettingValue {
    if depth > Self.depthMax { throw fault("values may not be nested deeper than \(Self.depthMax) times") }
    switch next {
    case UInt8(ascii: "\""), UInt8(ascii: "'"): return .string(try quoted(mayBeLong: true))
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "{"): throw fault("a table may not stand inside an array")
    default: return try bareValue()
    }
  }

  private mutating func array(depth: Int) throws(TomlError) -> SettingValue {
    position += 1
    let start = line
    var texts: [String]? = []
    while true {
      skipLines()
      if isAtEnd { break }
      if take("]") { return Self.array(of: texts) }
      if case .string(let text) = try value(depth: depth + 1) { texts?.append(text) } else { texts = nil }
      skipLines()
      if take(",") { continue }
      if take("]") { return Self.array(of: texts) }
      if isAtEnd { break }
      throw fault("an array must go on with ',' or end with ']'")
    }
    throw TomlError(line: start, reason: "the array is not closed by ']'")
  }

  /// - Parameter texts: nil for an array of anything else.
  private static func array(of texts: [String]?) -> SettingValue { texts.map { .texts($0) } ?? .other("an array") }

  private mutating func bareValue() throws(TomlError) -> SettingValue {
    let start = position
    while Self.isBare(next) || next == UInt8(ascii: "+") || next == UInt8(ascii: ".") || next == UInt8(ascii: ":") {
      position += 1
    }
    let word = String(decoding: bytes[start..<position], as: UTF8.self)
    if word.isEmpty { throw fault("a value must come here") }
    guard let value = tomlScalar(word) else {
      throw fault("\"\(SettingValue.safe(word))\" is no value; text stands in quotes")
    }
    if value == .other(tomlDate), next == UInt8(ascii: " "), position + 1 < bytes.count,
      Self.isDigit(bytes[position + 1])
    {
      // The time of day may follow the date after a blank.
      position += 1
      _ = try bareValue()
    }
    return value
  }

  private mutating func quoted(mayBeLong: Bool) throws(TomlError) -> String {
    let quote = next
    let start = line
    let isLong = mayBeLong && (take("\"\"\"") || take("'''"))
    if !isLong { position += 1 }
    if isLong { _ = takeNewline() }
    var content: [UInt8] = []
    while !isAtEnd {
      if next == quote, !isLong || closesLong(quote) {
        position += isLong ? 3 : 1
        // Up to two quotes may stand just before the closing three.
        while isLong, next == quote {
          content.append(quote)
          position += 1
        }
        return String(decoding: content, as: UTF8.self)
      }
      if next == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
        try escape(into: &content, isLong: isLong)
      } else if isLong, takeNewline() {
        content.append(UInt8(ascii: "\n"))
      } else if next == UInt8(ascii: "\n") {
        break
      } else if next < 0x20 && next != UInt8(ascii: "\t") || next == 0x7F {
        throw fault("text may not contain control characters; write them as \\u00XX in double quotes")
      } else {
        content.append(next)
        position += 1
      }
    }
    throw TomlError(line: start, reason: "the text is not closed by its quote")
  }

  private func closesLong(_ quote: UInt8) -> Bool {
    position + 3 <= bytes.count && bytes[position..<position + 3].allSatisfy { $0 == quote }
  }

  private mutating func escape(into content: inout [UInt8], isLong: Bool) throws(TomlError) {
    position += 1
    let letter = next
    position = min(position + 1, bytes.count)
    switch letter {
    case UInt8(ascii: "b"): content.append(0x08)
    case UInt8(ascii: "t"): content.append(0x09)
    case UInt8(ascii: "n"): content.append(0x0A)
    case UInt8(ascii: "f"): content.append(0x0C)
    case UInt8(ascii: "r"): content.append(0x0D)
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): content.append(letter)
    case UInt8(ascii: "u"): try unicode(digits: 4, into: &content)
    case UInt8(ascii: "U"): try unicode(digits: 8, into: &content)
    default:
      // A backslash at the end of a line of long text joins it with the next.
      position -= letter == 0 ? 0 : 1
      skipBlanks()
      guard isLong, takeNewline() else { throw fault("a backslash in text needs one of b t n f r \" \\ u U after it") }
      repeat { skipBlanks() } while takeNewline()
    }
  }

  private mutating func unicode(digits: Int, into content: inout [UInt8]) throws(TomlError) {
    let end = min(position + digits, bytes.count)
    let text = String(decoding: bytes[position..<end], as: UTF8.self)
    guard text.utf8.count == digits, text.utf8.allSatisfy(Self.isHexDigit), let code = UInt32(text, radix: 16),
      let scalar = Unicode.Scalar(code)
    else { throw fault("\\u needs 4 and \\U 8 hexadecimal digits of a character") }
    position = end
    content.append(contentsOf: String(scalar).utf8)
  }

  static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

  static func isHexDigit(_ byte: UInt8) -> Bool {
    isDigit(byte) || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "f"))
  }

  private static func isBare(_ byte: UInt8) -> Bool {
    let isLetter = byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
    return isLetter || isDigit(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
  }
}
