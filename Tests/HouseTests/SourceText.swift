/// One Swift file as the checks see it.
struct SourceFile {
  /// From the root of the repository.
  let path: String
  let text: String
  /// The text without comments and without what stands in string literals.
  let code: String

  init(path: String, text: String) {
    self.path = path
    self.text = text
    code = CodeScanner.code(in: text)
  }

  var lineCount: Int { text.split(separator: "\n", omittingEmptySubsequences: false).count }

  /// The modules it imports: `import X`, `import struct X.Y`, with or without attributes and access levels.
  var imports: [String] {
    let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
    let access: Set<Substring> = ["public", "package", "internal", "fileprivate", "private"]
    return code.split(separator: "\n").compactMap { line in
      var words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })[...]
      while let first = words.first, first.hasPrefix("@") || access.contains(first) { words = words.dropFirst() }
      guard words.first == "import" else { return nil }
      words = words.dropFirst()
      if let kind = words.first, kinds.contains(kind) { words = words.dropFirst() }
      return words.first.map { String($0.prefix { $0 != "." && $0 != ";" }) }
    }
  }

  /// The words of the code: identifiers, keywords and attributes without their `@`.
  var words: Set<Substring> {
    Set(code.split { !($0.isLetter || $0.isNumber || $0 == "_") })
  }
}

/// Swift source without comments and without what stands in string literals, byte by byte: in characters it takes
/// seconds for the whole house.
struct CodeScanner {
  private let bytes: [UInt8]
  private var index = 0
  private var kept: [UInt8] = []

  /// The text of `source` that is code; a literal leaves its quotes behind.
  static func code(in source: String) -> String {
    var scanner = CodeScanner(bytes: Array(source.utf8))
    scanner.scan()
    return String(decoding: scanner.kept, as: UTF8.self)
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private func stands(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard index + count <= bytes.count else { return false }
    return text.withUTF8Buffer { buffer in bytes[index..<index + count].elementsEqual(buffer) }
  }

  private mutating func scan() {
    while index < bytes.count {
      if stands("//") {
        while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { index += 1 }
      } else if stands("/*") {
        skipBlockComment()
      } else if stands("\"") {
        skipLiteral()
        kept += Array("\"\"".utf8)
      } else {
        kept.append(bytes[index])
        index += 1
      }
    }
  }

  private mutating func skipBlockComment() {
    var depth = 0
    while index < bytes.count {
      if stands("/*") {
        depth += 1
        index += 2
      } else if stands("*/") {
        depth -= 1
        index += 2
        if depth == 0 { return }
      } else {
        index += 1
      }
    }
  }

  /// Skips a literal of one or of several lines, interpolations with literals of their own included.
  private mutating func skipLiteral() {
    let isLong = stands("\"\"\"")
    index += isLong ? 3 : 1
    while index < bytes.count {
      if stands("\\(") {
        index += 2
        skipInterpolation()
      } else if stands("\\") {
        index += 2
      } else if isLong ? stands("\"\"\"") : stands("\"") {
        index += isLong ? 3 : 1
        return
      } else {
        index += 1
      }
    }
  }

  private mutating func skipInterpolation() {
    var depth = 1
    while index < bytes.count, depth > 0 {
      switch bytes[index] {
      case UInt8(ascii: "("): depth += 1
      case UInt8(ascii: ")"): depth -= 1
      case UInt8(ascii: "\""):
        skipLiteral()
        continue
      default: break
      }
      index += 1
    }
  }
}
