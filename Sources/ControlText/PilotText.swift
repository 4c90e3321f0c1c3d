/// The summary of a report at a terminal, a paragraph each, and where the page is.
public struct PilotText: TerminalText {
  private let sentences: [String]
  private let page: String?

  public init(_ sentences: [String], page: String?) {
    self.sentences = sentences
    self.page = page
  }

  public func text(_ style: TextStyle) -> String {
    let paragraphs = sentences.map { sentence in
      let isWide = sentence.unicodeScalars.contains { $0.value >= 0x3040 && $0.value <= 0x30FF }
      return (isWide ? wrappedWide(sentence, width: style.width) : wrapped(sentence, width: style.width))
        .joined(separator: "\n")
    }
    return (paragraphs + (page.map { ["page: \($0)"] } ?? [])).joined(separator: "\n")
  }
}

/// Japanese text has no spaces: its lines end after a comma or a full stop, so that names and numbers stay whole. A
/// clause longer than a line stands alone.
private func wrappedWide(_ text: String, width: Int) -> [String] {
  var lines: [String] = []
  var (line, used) = ("", 0)
  for clause in clauses(of: printable(text)) {
    let columns = clause.unicodeScalars.reduce(0) { $0 + ($1.value >= 0x2E80 ? 2 : 1) }
    if !line.isEmpty, used + columns > width {
      lines.append(line)
      (line, used) = ("", 0)
    }
    line += clause
    used += columns
  }
  return lines + [line]
}

private func clauses(of text: String) -> [String] {
  var clauses: [String] = []
  var clause = ""
  for letter in text {
    clause.append(letter)
    if "、。：".contains(letter) {
      clauses.append(clause)
      clause = ""
    }
  }
  return clause.isEmpty ? clauses : clauses + [clause]
}
