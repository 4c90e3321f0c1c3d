/// One file's keys and values, flattened to dotted names, with their lines.
struct Document {
  struct Entry: Equatable {
    let name: String
    let value: SettingValue
    let line: Int
  }

  let file: String
  private(set) var entries: [Entry] = []
  /// What is not TOML; reading went on at the next line.
  private(set) var problems: [SettingsProblem] = []

  /// What stands under a name already.
  private enum Kind { case value, header, section, closed }

  private var kinds: [[String]: Kind] = [:]
  /// The section keys belong to; nil below a header that could not be read, whose keys would get a wrong name.
  private var section: [String]? = []

  /// After so many problems the rest of the file is likely to be of another kind altogether.
  private static let problemsMax = 20

  init(file: String, text: String) {
    self.file = file
    var scanner = TomlScanner(text)
    scanner.skipLines()
    while !scanner.isAtEnd {
      do {
        try readStatement(&scanner)
      } catch {
        problems.append(SettingsProblem(file: file, line: error.line, rule: "not valid TOML: \(error.reason)"))
        scanner.skipToLineEnd()
        if problems.count == Self.problemsMax { return }
      }
      scanner.skipLines()
    }
    noteEmptySections()
    entries.sort { $0.line < $1.line }
  }

  private mutating func readStatement(_ scanner: inout TomlScanner) throws(TomlError) {
    if scanner.take("[") {
      section = nil
      if scanner.take("[") { throw scanner.fault("no setting is an array of tables, [[...]]") }
      let path = try scanner.key()
      guard scanner.take("]") else { throw scanner.fault("a section's name must end with ']'") }
      try open(path, scanner)
      section = path
      try scanner.endLine()
    } else if let section {
      try readPair(&scanner, under: section, depth: 0)
      try scanner.endLine()
    } else {
      scanner.skipToLineEnd()
    }
  }

  private mutating func readPair(
    _ scanner: inout TomlScanner, under prefix: [String], depth: Int
  ) throws(TomlError) {
    let key = try scanner.key()
    let path = prefix + key
    guard scanner.take("=") else { throw scanner.fault("'=' must follow the key \(SettingValue.safe(name(key)))") }
    scanner.skipBlanks()
    for length in prefix.count + 1..<max(path.count, prefix.count + 1) {
      let part = Array(path.prefix(length))
      if kinds[part] == .value || kinds[part] == .closed { throw taken(part, scanner) }
      if kinds[part] == nil { kinds[part] = .section }
    }
    if kinds[path] != nil { throw taken(path, scanner) }
    if scanner.take("{") {
      kinds[path] = .section
      try readInlineTable(&scanner, path, depth: depth + 1)
      kinds[path] = .closed
      return
    }
    let line = scanner.line
    let value = try scanner.value()
    kinds[path] = .value
    entries.append(Entry(name: name(path), value: value, line: line))
  }

  private mutating func readInlineTable(
    _ scanner: inout TomlScanner, _ path: [String], depth: Int
  ) throws(TomlError) {
    // Deeper than any setting by far; the reader calls itself.
    if depth > 8 { throw scanner.fault("tables may not be nested deeper than 8 times") }
    scanner.skipBlanks()
    if scanner.take("}") {
      entries.append(Entry(name: name(path), value: .other(Self.emptySection), line: scanner.line))
      return
    }
    while true {
      try readPair(&scanner, under: path, depth: depth)
      scanner.skipBlanks()
      if scanner.take("}") { return }
      guard scanner.take(",") else { throw scanner.fault("a table in braces must go on with ',' or end with '}'") }
    }
  }

  private mutating func open(_ path: [String], _ scanner: TomlScanner) throws(TomlError) {
    for length in 1..<path.count {
      let part = Array(path.prefix(length))
      if kinds[part] == .value || kinds[part] == .closed { throw taken(part, scanner) }
    }
    if let kind = kinds[path], kind != .section { throw taken(path, scanner) }
    kinds[path] = .header
    headers.append((path, scanner.line))
  }

  private var headers: [(path: [String], line: Int)] = []

  /// A section without keys says nothing, but its name may be a mistake.
  private mutating func noteEmptySections() {
    let parents = Set(kinds.keys.map { Array($0.dropLast()) })
    for header in headers where !parents.contains(header.path) {
      entries.append(Entry(name: name(header.path), value: .other(Self.emptySection), line: header.line))
    }
  }

  private func taken(_ path: [String], _ scanner: TomlScanner) -> TomlError {
    scanner.fault("\(SettingValue.safe(name(path))) stands in this file twice")
  }

  private func name(_ path: [String]) -> String { path.joined(separator: ".") }

  static let emptySection = "an empty section"
}
