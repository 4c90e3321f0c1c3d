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

extension RetrainReply: TerminalText {
  public func text(_ style: TextStyle) -> String {
    var lines: [String] = []
    if let run {
      lines.append(style.paint("Run \(run) of \(printable(line)) \(ready ? "starts now" : "collects rows").", .strong))
    } else {
      lines.append(style.paint("A dry run: nothing was started.", .strong))
      lines += wrapped(
        ready ? "The job could start now." : "The job would first collect the rows it lacks.", width: style.width)
    }
    lines.append("")
    if !cells.isEmpty { lines += wrapped("cells: \(cells.joined(separator: "; "))", width: style.width, indent: 2) }
    lines.append("rows since: \(timeText(since))")
    if !arms.isEmpty { lines += wrapped("arms: \(arms.joined(separator: ", "))", width: style.width, indent: 2) }
    if let minutes = estimatedMinutes { lines.append("expected to take: \(durationText(seconds: minutes * 60))") }
    if !rows.isEmpty {
      var table = Table(columns: [
        .init(title: "group", flexible: true), .init(title: "labelled rows", alignment: .right),
      ])
      table.rows = rows.map { [.init($0.group), .init(countText($0.labelled))] }
      lines += [""] + table.lines(style)
    }
    if !sentences.isEmpty { lines += [""] + sentences.flatMap { wrapped($0, width: style.width) } }
    lines.append("")
    if let run {
      lines.append("Next: kaizenctl explain \(run)")
    } else {
      lines.append("Next: kaizenctl retrain \(printable(line))")
    }
    return lines.joined(separator: "\n")
  }
}
