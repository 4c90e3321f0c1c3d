import Wire

extension AuditReply: TerminalText {
  public func text(_ style: TextStyle) -> String {
    guard !entries.isEmpty else { return "No audit entries match." }
    return entries.map { $0.text(style) }.joined(separator: "\n")
  }
}

extension AuditRow: TerminalText {
  public func text(_ style: TextStyle) -> String {
    let subject = [line, group, run.map { "run \($0)" }].compactMap { $0 }.joined(separator: " ")
    let head = "\(seq)  \(timeText(time))  \(event)  \(login) (uid \(uid))"
    var lines = columnsOrWrapped(head, style).map { style.paint($0, .strong) }
    if !subject.isEmpty { lines += detail(subject, style).map { style.paint($0, .faint) } }
    return (lines + detail(sentence, style)).joined(separator: "\n")
  }
}

extension AuditVerifyReply: TerminalText {
  public func text(_ style: TextStyle) -> String {
    var text = sentence
    if let firstBrokenSeq { text += " The first broken entry is \(firstBrokenSeq)." }
    return wrapped(text, width: style.width).map { style.paint($0, intact ? .good : .bad) }.joined(separator: "\n")
  }
}

extension AuditExportReply: TerminalText {
  public func text(_ style: TextStyle) -> String {
    "\(printable(file)): \(countText(rows, "entry", "entries")), SHA-256 \(sha256)"
  }
}
