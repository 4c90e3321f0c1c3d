import Wire

extension RunsReply: TerminalText {
  public func text(_ style: TextStyle) -> String {
    guard !runs.isEmpty else { return "No retraining has been started yet." }
    return runs.map { $0.text(style) }.joined(separator: "\n")
  }
}

extension RunRow: TerminalText {
  public func text(_ style: TextStyle) -> String {
    let progress = self.progress.map { " " + percent($0) } ?? ""
    let head = "run \(run)  \(line)  \(kind)  \(state)\(progress)  \(timeText(startedAt))  by \(by)"
    var lines = columnsOrWrapped(head, style).map { style.paint($0, Tone.of(state: state)) }
    if let version { lines += detail("student v\(version)\(chosenArm.map { " by the arm \($0)" } ?? "")", style) }
    if !cells.isEmpty { lines += detail("for \(cells.joined(separator: "; "))", style) }
    lines += detail(sentence, style)
    return lines.joined(separator: "\n")
  }

  /// Whether nothing more will happen to this run.
  public var isOver: Bool {
    switch state {
    case "promoted", "kept", "failed", "interrupted": true
    default: false
    }
  }
}
