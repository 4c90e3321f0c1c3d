import Domain
import Wire

/// One group, or a wider set of parts, in depth: what it is now, since when, how sure that is, and what to do.
public struct WhyText: TerminalText {
  private let reply: ExplainReply
  private let group: GroupRow
  private let line: LineRow

  /// Nil for a reply that tells nothing of a group now.
  public init?(_ reply: ExplainReply, line: LineRow) {
    guard let group = reply.group else { return nil }
    self.reply = reply
    self.group = group
    self.line = line
  }

  /// Entries and runs told of; all others are in the audit log.
  private static let latestMax = 6

  public func text(_ style: TextStyle) -> String {
    var lines = wrapped(head, width: style.width).map { style.paint($0, Tone.of(state: group.state)) }
    lines.append("")
    for sentence in figures + evidence { lines += wrapped(sentence, width: style.width) }
    if let chart = AccuracyChart(group) { lines += [""] + chart.lines(style) }
    lines += channelLines(style)
    lines += section("before outcomes come (estimates; nothing is decided by them)", early, style)
    lines += section("on trial", trials.map { ended(TrialText($0, line: line.line).sentence) }, style)
    lines += section("what was done", done, style)
    lines += ["", style.paint("what to do next", .strong)]
    for (words, reason) in next { lines += ["  " + style.commands.text(words), "      " + reason] }
    return lines.joined(separator: "\n")
  }

  private func section(_ title: String, _ sentences: [String], _ style: TextStyle) -> [String] {
    guard !sentences.isEmpty else { return [] }
    return ["", style.paint(title, .strong)]
      + sentences.flatMap { sentence in wrapped(sentence, width: style.width - 2, indent: 2).map { "  " + $0 } }
  }

  private var trials: [TrialRow] { reply.trials ?? [] }

  private var head: String {
    var text = "\(line.line) \(group.group) is \(group.state.uppercased())"
    if let since = group.since { text += " since \(timeText(since))" }
    if group.isWiderSet { text += group.kind == "slice" ? " (a slice that was adopted)" : " (a set of groups)" }
    return text
  }

  private var figures: [String] {
    var sentences: [String] = []
    if group.accuracy != nil {
      let accuracy = accuracyText(group.accuracy, lower: group.lower, upper: group.upper)
      sentences.append(
        "\(accuracy) of the newest \(countText(group.n, "labelled part")) were right"
          + (group.lower == nil ? "." : "; its 95 % interval stands in brackets."))
    } else {
      sentences.append("No labelled part has matured yet, so its accuracy is not known.")
    }
    var served = group.modelVersion > 0 ? ["Student v\(group.modelVersion) serves it."] : []
    if let target = group.target { served.append("The target is \(percent(target)).") }
    if !served.isEmpty { sentences.append(served.joined(separator: " ")) }
    if group.matured > 0 {
      let share = Double(group.labelled) / Double(group.matured)
      var text =
        "\(countText(group.labelled)) of \(countText(group.matured, "matured part")) have an outcome "
        + "(\(percent(share)))"
      if let lowest = group.lowest, let highest = group.highest, group.labelled < group.matured {
        text +=
          "; whatever the others were, the accuracy of all lies between \(percent(lowest)) and "
          + percent(highest)
      }
      sentences.append(text + ".")
    }
    if group.trailsRest == true {
      sentences.append("It is very likely more than 3 points below the other groups together (a ranking, no alarm).")
    }
    return sentences
  }

  private var evidence: [String] {
    var sentences = [ended("Why: \(group.why)")]
    if let evidence = group.evidence {
      sentences.append(
        "Evidence \(evidenceText(evidence)): 1 is an alarm. A plant in order shows that once a year, or as often as "
          + "its settings allow.")
    }
    if group.certain == true {
      sentences.append("It is on the list of sets that lag now, of which at most one in ten is wrong on average.")
    }
    if let inner = group.explainedBy {
      sentences.append("Its lagging is that of \(inner): without those parts it would be in order.")
    }
    if let hopeless = group.hopeless { sentences.append(ended("Retraining does not help it: \(hopeless)")) }
    return sentences
  }

  private func channelLines(_ style: TextStyle) -> [String] {
    guard let channels = group.channels, !channels.isEmpty else { return [] }
    var table = Table(columns: [
      .init(title: "outcomes from", flexible: true), .init(title: "labels", alignment: .right),
      .init(title: "share", alignment: .right), .init(title: "counted after", alignment: .right),
      .init(title: "how they are used", flexible: true),
    ])
    for channel in channels {
      let share = channel.matured > 0 ? percent(Double(channel.labelled) / Double(channel.matured)) : "-"
      let void = channel.voidSince.map { "; void since \($0): labels another share than before" } ?? ""
      table.rows.append([
        .init(channel.channel.isEmpty ? "(no name)" : channel.channel), .init(countText(channel.labelled)),
        .init(share), .init(durationText(seconds: channel.maturityHours * 3600)),
        .init(Self.use(channel.sampling) + void, channel.voidSince == nil ? .plain : .warning),
      ])
    }
    return [""] + table.lines(style)
  }

  /// How outcomes of a channel are held against what is expected.
  private static func use(_ sampling: String) -> String {
    switch sampling {
    case "representative": "as they are: any part alike"
    case "assumed": "as they are, taken to be like the others"
    case "weighted": "weighted: each for the parts it stands for"
    case "chosen": "against their own past only: nobody knows how parts are chosen"
    default: sampling
    }
  }

  private var early: [String] {
    var sentences = (group.signs ?? []).map { ended("since \($0.day): \($0.sentence)") }
    if let estimate = group.estimate {
      sentences.append(
        "accuracy now about \(percent(estimate.accuracy)), judged by how sure the student is of "
          + "\(countText(estimate.parts, "newer part")).")
    }
    return sentences
  }

  private var done: [String] {
    var sentences = markSentences(group).map(ended)
    sentences += reply.audit.suffix(Self.latestMax).map { ended("\(timeText($0.time)) by \($0.login): \($0.sentence)") }
    sentences += (reply.runs ?? []).prefix(Self.latestMax).map {
      ended("run \($0.run), started \(timeText($0.startedAt)) by \($0.by): \($0.stateText); \($0.sentence)")
    }
    return sentences
  }

  /// Commands with what each is for, the likeliest first.
  private var next: [(words: [String], reason: String)] {
    let name = group.group
    var next: [(words: [String], reason: String)] = []
    if let inner = group.explainedBy { next.append((["why", line.line, inner], "The set that explains it.")) }
    if group.isVoid {
      next.append((["outcomes", "coverage", line.line], "How many parts each channel labels, and how late."))
    }
    for trial in trials where trial.stage == "approval" {
      next.append(
        (
          ["approve", "\(trial.run)"],
          "Lets the challenger of run \(trial.run) serve; 'kaizenctl reject \(trial.run) --reason TEXT' gives it up."
        ))
    }
    if group.hopeless != nil {
      next.append(
        (["slices", line.line], "What the wrong parts have in common: a lamp, a sensor, a missing feature."))
      next.append(
        (
          ["export", line.line, "--group", name, "--to", "DIR"], "Its parts and labels, to look for labels that differ."
        ))
    }
    if group.state == "lagging", !group.isWiderSet {
      next.append(
        (
          ["retrain", line.line, "--group", name, "--dry-run"],
          group.hopeless == nil
            ? "What a retraining would use; starts nothing." : "What one more try would use; without --dry-run it runs."
        ))
    }
    if group.isAlarm, group.state != "unknown", group.acknowledged == nil {
      next.append((["alarms", "ack", line.line, name, "--reason", "TEXT"], "Tells the others that you see to it."))
    }
    if let run = reply.runs?.first { next.append((["explain", "\(run.run)"], "The latest retraining in full.")) }
    next.append((["audit", "show", "--line", line.line, "--group", name], "Everything that was recorded of it."))
    return next
  }
}
