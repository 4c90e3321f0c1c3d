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
    let head = "run \(run)  \(line)  \(kind)  \(stateText)\(progress)  \(timeText(startedAt))  by \(by)"
    var lines = columnsOrWrapped(head, style).map { style.paint($0, Tone.of(state: state)) }
    if let version { lines += detail("student v\(version)\(chosenArm.map { " by the arm \($0)" } ?? "")", style) }
    if !cells.isEmpty { lines += detail("for \(cells.joined(separator: "; "))", style) }
    lines += detail(sentence, style)
    if state == "awaiting" {
      lines.append("    " + style.commands.text("approve", "\(run)"))
      lines.append("    " + style.commands.text("reject", "\(run)", "--reason", "TEXT"))
    }
    return lines.joined(separator: "\n")
  }

  /// The state as people say it.
  var stateText: String {
    switch state {
    case "awaiting": "waits for approval"
    case "rolled_back": "rolled back"
    default: state
    }
  }

  /// Whether its job is over; what it made may still be on trial.
  public var hasEndedTraining: Bool { state != "training" && state != "evaluating" }
}
