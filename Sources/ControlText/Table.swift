/// Rows under headings, kept within the style's width by wrapping the flexible columns.
struct Table {
  enum Alignment { case left, right }

  struct Column {
    let title: String
    var alignment = Alignment.left
    /// May be wrapped when the table is too wide.
    var flexible = false
  }

  struct Cell: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    let text: String
    var tone = Tone.plain

    init(_ text: String, _ tone: Tone = .plain) {
      self.text = printable(text)
      self.tone = tone
    }

    init(stringLiteral text: String) { self.init(text) }
  }

  let columns: [Column]
  var rows: [[Cell]] = []

  /// Columns between two columns.
  private static let gap = 2
  /// A flexible column is never narrower, however wide the others are.
  private static let narrowest = 14

  func lines(_ style: TextStyle) -> [String] {
    let widths = self.widths(style.width)
    var lines = [line(columns.map { Cell($0.title, .strong) }, widths, style)]
    for row in rows {
      let cells = zip(row, widths).map { cell, width in
        cell.text.count <= width ? [cell.text] : Self.cut(wrapped(cell.text, width: width, indent: 1), width)
      }
      for index in 0..<(cells.map(\.count).max() ?? 0) {
        let part = zip(row, cells).map { Cell($1.indices.contains(index) ? $1[index] : "", $0.tone) }
        lines.append(line(part, widths, style))
      }
    }
    return lines
  }

  /// Cuts what no space or comma could break: a crooked table is worse than a cut name.
  private static func cut(_ lines: [String], _ width: Int) -> [String] {
    lines.flatMap { line in
      stride(from: 0, to: max(1, line.count), by: width).map { String(line.dropFirst($0).prefix(width)) }
    }
  }

  private func widths(_ limit: Int) -> [Int] {
    var widths = columns.indices.map { index in
      max(columns[index].title.count, rows.map { $0[index].text.count }.max() ?? 0)
    }
    var excess = widths.reduce(0, +) + Self.gap * (columns.count - 1) - limit
    while excess > 0 {
      let candidates = columns.indices.filter { columns[$0].flexible && widths[$0] > Self.narrowest }
      guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { break }
      widths[widest] -= 1
      excess -= 1
    }
    return widths
  }

  private func line(_ cells: [Cell], _ widths: [Int], _ style: TextStyle) -> String {
    var result = ""
    for (index, cell) in cells.enumerated() {
      if index > 0 { result += String(repeating: " ", count: Self.gap) }
      let padding = String(repeating: " ", count: max(0, widths[index] - cell.text.count))
      let painted = cell.text.isEmpty ? "" : style.paint(cell.text, cell.tone)
      switch columns[index].alignment {
      case .left: result += painted + padding
      case .right: result += padding + painted
      }
    }
    while result.last == " " { result.removeLast() }
    return result
  }
}
