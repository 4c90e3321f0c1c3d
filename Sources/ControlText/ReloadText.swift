import Wire

/// What a reload changed, what waits for a restart, and what is wrong all the same.
extension ReloadReply: TerminalText {
  public func text(_ style: TextStyle) -> String {
    var lines = wrapped(sentence, width: style.width).map { style.paint($0, .strong) }
    for change in changes { lines += wrapped("changed: \(change.text)", width: style.width, indent: 2) }
    if !self.lines.isEmpty {
      lines += wrapped("lines with new settings: \(self.lines.joined(separator: ", "))", width: style.width, indent: 2)
    }
    if !reopened.isEmpty {
      lines += wrapped("in service again: \(reopened.joined(separator: ", "))", width: style.width, indent: 2)
    }
    for change in needsRestart {
      lines += wrapped("needs a restart: \(change.text)", width: style.width, indent: 2).map {
        style.paint($0, .warning)
      }
    }
    for problem in problems {
      lines += wrapped(problem, width: style.width, indent: 2).map { style.paint($0, .bad) }
    }
    return lines.joined(separator: "\n")
  }
}
