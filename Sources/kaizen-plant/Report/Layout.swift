/// Every terminal and log viewer shows this many columns without wrapping.
let pageWidth = 80

/// Breaks a sentence at spaces into lines of at most `pageWidth` columns; a longer word stands alone.
/// - Parameters:
///   - from: the column the first line begins at; `text` itself may begin with blanks, which stay.
///   - indent: blanks before every line after the first.
func wrapped(_ text: String, from: Int = 0, indent: Int) -> String {
  var result = ""
  var column = from
  for (index, word) in text.split(separator: " ", omittingEmptySubsequences: false).enumerated() {
    if index > 0, column + 1 + word.count > pageWidth {
      result += "\n" + String(repeating: " ", count: indent) + word
      column = indent + word.count
    } else {
      result += (index > 0 ? " " : "") + word
      column += (index > 0 ? 1 : 0) + word.count
    }
  }
  return result
}

/// An RFC 3339 time without its fraction of a second, which no person reads.
func wholeSeconds(_ time: String) -> String {
  time.firstIndex(of: ".").map { time[..<$0] + "Z" } ?? time
}

/// Text in columns: the first one left-aligned and broken after commas where the page is too narrow, the others
/// right-aligned.
enum Columns {
  private static let gap = 2

  static func text(_ rows: [[String]]) -> String {
    let columnCount = rows.map(\.count).max() ?? 0
    var widths = (0..<columnCount).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    guard let first = widths.first else { return "" }
    let excess = widths.reduce(0, +) + gap * (columnCount - 1) - pageWidth
    let heads = rows.map { excess > 0 ? pieces($0.first ?? "", width: max(1, first - excess)) : [$0.first ?? ""] }
    widths[0] = heads.flatMap { $0.map(\.count) }.max() ?? 0
    return zip(rows, heads).map { row, head in
      let cells = ([head.first ?? ""] + row.dropFirst()).enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + space : space + cell
      }
      let line = cells.joined(separator: String(repeating: " ", count: gap)).trimmingSuffix()
      return ([line] + head.dropFirst()).joined(separator: "\n")
    }
    .joined(separator: "\n")
  }

  /// A group's name cut after commas, where commas allow it; every piece after the first is indented by one.
  private static func pieces(_ name: String, width: Int) -> [String] {
    var pieces: [String] = []
    var piece = ""
    for (index, part) in name.split(separator: ",").enumerated() {
      let next = (index > 0 ? "," : "") + part
      // The comma stays at the end of the line above.
      if index > 0, piece.count + next.count + 1 > width {
        pieces.append(piece + ",")
        piece = " " + part
      } else {
        piece += next
      }
    }
    return pieces + [piece]
  }
}

extension String {
  /// Without the blanks at its end.
  fileprivate func trimmingSuffix() -> String {
    var view = self[...]
    while view.last == " " { view.removeLast() }
    return String(view)
  }
}
