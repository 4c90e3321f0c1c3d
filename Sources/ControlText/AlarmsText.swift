import Wire

extension AlarmsReply: TerminalText {
  public func text(_ style: TextStyle) -> String {
    guard !alarms.isEmpty else { return "No alarm: nothing lags, is on watch, or has outcomes that count no more." }
    var lines: [String] = []
    for alarm in alarms {
      let group = alarm.group
      if !lines.isEmpty { lines.append("") }
      lines += wrapped("\(alarm.line) \(group.group)", width: style.width)
        .map { style.paint($0, Tone.of(state: group.state)) }
      let head =
        "\(group.state.uppercased())\(group.since.map { " since \(timeText($0))" } ?? ""), "
        + "\(figures(group)), evidence \(evidenceText(group.evidence))"
      var sentences = [head]
      if let inner = group.explainedBy { sentences.append("its lagging is that of \(inner)") }
      if group.isVoid { sentences.append(group.why) }
      sentences += markSentences(group)
      lines += sentences.flatMap { sentence in
        wrapped(sentence, width: style.width - 4, indent: 2).map { "    " + $0 }
      }
    }
    if let open = alarms.first(where: { $0.group.acknowledged == nil && $0.group.silencedUntil == nil }) {
      lines += ["", whyHint(open.line, open.group.group, style)]
    }
    return lines.joined(separator: "\n")
  }

  private func figures(_ group: GroupRow) -> String {
    guard group.accuracy != nil else { return notEnoughLabels }
    return "\(accuracyText(group.accuracy, lower: group.lower, upper: group.upper)) n=\(countText(group.n))"
  }
}

extension MarkReply: TerminalText {
  public func text(_ style: TextStyle) -> String { sentenceText(sentence, style) }
}

extension AliasReply: TerminalText {
  public func text(_ style: TextStyle) -> String { sentenceText(sentence, style) }
}

/// A reply of one sentence, as a person reads sentences.
private func sentenceText(_ sentence: String, _ style: TextStyle) -> String {
  // A group's name is written as it is.
  let isName = sentence.prefix { $0 != " " }.contains("=")
  let text = isName ? sentence : sentence.prefix(1).uppercased() + sentence.dropFirst()
  return wrapped(ended(text), width: style.width).joined(separator: "\n")
}

extension AliasesReply: TerminalText {
  public func text(_ style: TextStyle) -> String {
    guard !aliases.isEmpty else {
      return wrapped("No value of \(line) stands for another.", width: style.width).joined(separator: "\n")
    }
    var table = Table(columns: [
      .init(title: "comes as", flexible: true), .init(title: "stands for", flexible: true), .init(title: "since"),
      .init(title: "by"), .init(title: "why", flexible: true),
    ])
    for alias in aliases {
      table.rows.append([
        .init("\(alias.attribute)=\(alias.value)"), .init("\(alias.attribute)=\(alias.standsFor)"),
        .init(String(timeText(alias.at).prefix { $0 != "T" })), .init(alias.by), .init(alias.reason),
      ])
    }
    return table.lines(style).joined(separator: "\n")
  }
}
