import TOMLKit

/// One file's keys and values, flattened to dotted names, in the order of their lines.
struct Document {
  struct Entry {
    let name: String
    let value: SettingValue
    let line: Int?
  }

  let file: String
  let entries: [Entry]

  /// Reads TOML text; the parser stops at the first thing it cannot read, so that is the one problem thrown.
  init(file: String, text: String) throws(SettingsProblem) {
    self.file = file
    if text.utf8.contains(0) {
      throw SettingsProblem(file: file, rule: "contains a zero byte; it must be plain text in UTF-8")
    }
    let table: TOMLTable
    do {
      table = try TOMLTable(string: text)
    } catch let error as TOMLParseError {
      let reason = SettingValue.safe(error.description)
      throw SettingsProblem(file: file, line: error.source.begin.line, rule: "not valid TOML: \(reason)")
    } catch {
      throw SettingsProblem(file: file, rule: "not valid TOML: \(error)")
    }
    let lines = keyLines(text)
    var found: [Entry] = []
    Self.flatten(table, prefix: "", lines: lines, into: &found)
    entries = found.sorted { ($0.line ?? .max, $0.name) < ($1.line ?? .max, $1.name) }
  }

  /// The parser bounds the depth of nesting, so recursion is safe.
  private static func flatten(_ table: TOMLTable, prefix: String, lines: [String: Int], into found: inout [Entry]) {
    for key in table.keys {
      let name = prefix + key
      guard let node = table[key] else {
        found.append(Entry(name: name, value: .other("a name with a zero byte"), line: lines[prefix]))
        continue
      }
      if let inner = node.table, !inner.isEmpty {
        flatten(inner, prefix: name + ".", lines: lines, into: &found)
        continue
      }
      let line = lines[name] ?? lines[String(prefix.dropLast())]
      found.append(Entry(name: name, value: value(of: node), line: line))
    }
  }

  private static func value(of node: any TOMLValueConvertible) -> SettingValue {
    switch node.type {
    case .string: node.string.map(SettingValue.string) ?? .other("text")
    case .int: node.int.map(SettingValue.int) ?? .other("an integer")
    case .double: node.double.map(SettingValue.double) ?? .other("a number")
    case .bool: node.bool.map(SettingValue.bool) ?? .other("a truth value")
    case .table: .other(Self.emptySection)
    case .array: .other("an array")
    case .date, .time, .dateTime: .other("a date or time")
    }
  }

  static let emptySection = "an empty section"
}

extension SettingsProblem: Error {}
