import Wire

extension BackupRow: TerminalText {
  public func text(_ style: TextStyle) -> String {
    let head =
      "Backup \(stamp): \(bytesText(bytes)), \(countText(predictions, "part")), \(countText(outcomes, "outcome"))."
    var lines = wrapped(head, width: style.width).map { style.paint($0, .good) }
    // A path is for copying: never wrapped.
    lines.append("  \(printable(path))")
    return lines.joined(separator: "\n")
  }
}

extension BackupsReply: TerminalText {
  public func text(_ style: TextStyle) -> String {
    guard !backups.isEmpty else { return "No backups are kept here." }
    var table = Table(columns: [
      Table.Column(title: "backup"), Table.Column(title: "size", alignment: .right),
      Table.Column(title: "parts", alignment: .right), Table.Column(title: "outcomes", alignment: .right),
      Table.Column(title: "kaizend"),
    ])
    for backup in backups {
      table.rows.append([
        Table.Cell(backup.stamp), Table.Cell(bytesText(backup.bytes)), Table.Cell(countText(backup.predictions)),
        Table.Cell(countText(backup.outcomes)), Table.Cell(backup.kaizend),
      ])
    }
    let folder = backups[0].path.split(separator: "/").dropLast().map { "/" + $0 }.joined()
    return (table.lines(style) + ["They lie in \(printable(folder))."]).joined(separator: "\n")
  }
}

extension RemoveBackupReply: TerminalText {
  public func text(_ style: TextStyle) -> String {
    printable(sentence.prefix(1).uppercased() + sentence.dropFirst() + ".")
  }
}

extension RestoreReply: TerminalText {
  public func text(_ style: TextStyle) -> String {
    (wrapped(sentence + ".", width: style.width).map { style.paint($0, .good) }
      + ["Next: start kaizend; kaizenctl status tells how things stand."]).joined(separator: "\n")
  }
}

extension DoctorReply: TerminalText {
  public func text(_ style: TextStyle) -> String {
    var lines: [String] = []
    for check in checks {
      let tone: Tone = check.state == "ok" ? .good : check.state == "warning" ? .warning : .bad
      let state = check.state + String(repeating: " ", count: max(0, 7 - check.state.count))
      let text = wrapped("\(check.subject): \(check.sentence)", width: style.width - 9)
      for (index, line) in text.enumerated() {
        lines.append(index == 0 ? "\(style.paint(state, tone))  \(line)" : "         \(line)")
      }
      if let next = check.next {
        for line in wrapped("do: \(next)", width: style.width - 9) {
          lines.append("         " + style.paint(line, .strong))
        }
      }
    }
    let counts = ["ok", "warning", "broken"].map { state in checks.count { $0.state == state } }
    lines.append("\(counts[0]) ok, \(countText(counts[1], "warning")), \(counts[2]) broken")
    return lines.joined(separator: "\n")
  }
}
