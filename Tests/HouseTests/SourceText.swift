/// One Swift file as the checks see it.
struct SourceFile {
  /// From the root of the repository.
  let path: String
  let text: String

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

  /// The text without comments and without what stands in string literals.
  var code: String {
    var result = ""
    var rest = text[...]
    while let character = rest.first {
      if rest.hasPrefix("//") {
        rest = rest.drop { !$0.isNewline }
      } else if rest.hasPrefix("/*") {
        rest = Self.afterBlockComment(rest)
      } else if rest.hasPrefix("\"\"\"") {
        rest = Self.afterLiteral(rest.dropFirst(3), closing: "\"\"\"")
        result += "\"\""
      } else if character == "\"" {
        rest = Self.afterLiteral(rest.dropFirst(), closing: "\"")
        result += "\"\""
      } else {
        result.append(character)
        rest = rest.dropFirst()
      }
    }
    return result
  }

  /// The words of the code: identifiers, keywords and attributes without their `@`.
  var words: Set<Substring> {
    Set(code.split { !($0.isLetter || $0.isNumber || $0 == "_") })
  }

  private static func afterBlockComment(_ text: Substring) -> Substring {
    var depth = 0
    var rest = text
    while !rest.isEmpty {
      if rest.hasPrefix("/*") {
        depth += 1
        rest = rest.dropFirst(2)
      } else if rest.hasPrefix("*/") {
        depth -= 1
        rest = rest.dropFirst(2)
        if depth == 0 { return rest }
      } else {
        rest = rest.dropFirst()
      }
    }
    return rest
  }

  /// Skips a literal, interpolations with literals of their own included.
  private static func afterLiteral(_ text: Substring, closing: String) -> Substring {
    var rest = text
    while !rest.isEmpty {
      if rest.hasPrefix("\\(") {
        rest = afterInterpolation(rest.dropFirst(2))
      } else if rest.hasPrefix("\\") {
        rest = rest.dropFirst(2)
      } else if rest.hasPrefix(closing) {
        return rest.dropFirst(closing.count)
      } else {
        rest = rest.dropFirst()
      }
    }
    return rest
  }

  private static func afterInterpolation(_ text: Substring) -> Substring {
    var depth = 1
    var rest = text
    while let character = rest.first {
      rest = rest.dropFirst()
      switch character {
      case "(": depth += 1
      case ")":
        depth -= 1
        if depth == 0 { return rest }
      case "\"": rest = afterLiteral(rest, closing: "\"")
      default: continue
      }
    }
    return rest
  }
}
