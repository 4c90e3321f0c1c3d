/// Lines of the keys of a TOML text that has already been parsed, by dotted name; for messages only.
///
/// The parser keeps no positions, so this reads headers and the keys before `=`, and skips what stands inside
/// multi-line strings. Keys of inline tables are found on the line of the table.
func keyLines(_ text: String) -> [String: Int] {
  var lines: [String: Int] = [:]
  var section: [String] = []
  var openQuote: String?
  for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
    let number = index + 1
    if let quote = openQuote {
      if occurrences(of: quote, in: line) % 2 == 1 { openQuote = nil }
      continue
    }
    for quote in ["\"\"\"", "'''"] where occurrences(of: quote, in: line) % 2 == 1 { openQuote = quote }
    var rest = line.drop { $0 == " " || $0 == "\t" }
    if rest.first == "[" {
      rest = rest.drop { $0 == "[" }
      guard let (name, after) = dottedName(rest), after.first == "]" else { continue }
      section = name
      note(section, number, &lines)
    } else if let (name, after) = dottedName(rest), after.first == "=" {
      note(section + name, number, &lines)
    }
  }
  return lines
}

/// A dotted name and all that contain it, each at the first line that mentions it.
private func note(_ name: [String], _ line: Int, _ lines: inout [String: Int]) {
  for length in 1...max(name.count, 1) {
    let prefix = name.prefix(length).joined(separator: ".")
    if lines[prefix] == nil { lines[prefix] = line }
  }
}

/// The dotted key a text starts with, and what follows it after blanks; nil where it starts with something else.
private func dottedName(_ text: Substring) -> ([String], Substring)? {
  var parts: [String] = []
  var rest = text
  while true {
    rest = rest.drop { $0 == " " || $0 == "\t" }
    guard let first = rest.first else { return nil }
    if first == "\"" || first == "'" {
      let body = rest.dropFirst()
      guard let end = body.firstIndex(of: first) else { return nil }
      parts.append(String(body[..<end]))
      rest = body[body.index(after: end)...]
    } else {
      let bare = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
      if bare.isEmpty { return nil }
      parts.append(String(bare))
      rest = rest.dropFirst(bare.count)
    }
    rest = rest.drop { $0 == " " || $0 == "\t" }
    if rest.first != "." { return (parts, rest) }
    rest = rest.dropFirst()
  }
}

private func occurrences(of quote: String, in line: Substring) -> Int {
  var count = 0
  var rest = line
  while !rest.isEmpty {
    if rest.hasPrefix(quote) {
      count += 1
      rest = rest.dropFirst(3)
    } else {
      rest = rest.dropFirst()
    }
  }
  return count
}
