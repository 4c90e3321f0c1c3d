import Domain
import Wire

extension StatusReply: TerminalText {
  public func text(_ style: TextStyle) -> String {
    var lines = wrapped(headline, width: style.width).map { style.paint($0, .strong) }
    lines.append("")
    if self.lines.isEmpty {
      let words = ["line", "add", "NAME", "--data", "FILE.csv", "--label", "COLUMN", "--groups", "COLUMN,..."]
      lines += ["There are no lines yet. Make one from a file of labelled parts:", "  " + style.commands.text(words)]
    } else {
      lines += lineTable.lines(style)
    }
    lines.append("")
    for sentence in outOfService ?? [] {
      lines += wrapped(sentence, width: style.width, indent: 2).map { style.paint($0, .bad) }
    }
    for line in self.lines {
      for remark in line.remarks ?? [] {
        lines += wrapped("\(line.line): \(remark)", width: style.width, indent: 2).map { style.paint($0, .warning) }
      }
      for sentence in line.hopeless ?? [] {
        lines += wrapped("\(line.line): \(sentence)", width: style.width, indent: 2).map { style.paint($0, .bad) }
      }
      if let advice = line.advice {
        lines += wrapped("\(line.line): \(advice.sentence)", width: style.width, indent: 2)
      }
      for trial in line.trials ?? [] { lines += TrialText(trial, line: line.line).lines(style) }
      guard let activity = line.activity else { continue }
      lines += wrapped("\(line.line): \(activity)", width: style.width, indent: 2)
    }
    lines += wrapped(job.map(jobSentence) ?? "job: no retraining runs now", width: style.width, indent: 2)
    lines += ledgerLines(style)
    lines += wrapped("daemon: kaizend \(version), up since \(timeText(startedAt))", width: style.width, indent: 2)
    return lines.joined(separator: "\n")
  }

  private var lineTable: Table {
    var table = Table(columns: [
      .init(title: "line", flexible: true), .init(title: "student"), .init(title: "groups", alignment: .right),
      .init(title: "lagging", alignment: .right), .init(title: "watch", alignment: .right),
      .init(title: "worst group [95 % interval] n", flexible: true),
    ])
    for line in lines {
      let student = line.scoped.isEmpty ? "v\(line.champion)" : "v\(line.champion) +\(line.scoped.count)"
      table.rows.append([
        .init(line.line), .init(student), "\(line.groups)", .init("\(line.lagging)", line.lagging > 0 ? .bad : .plain),
        .init("\(line.watch)", line.watch > 0 ? .warning : .plain),
        line.worst.map { .init(worstText($0), Tone.of(state: $0.state)) } ?? .init(notEnoughLabels, .faint),
      ])
    }
    return table
  }

  private func jobSentence(_ job: RunRow) -> String {
    var text = "job: run \(job.run) of \(job.line) is \(job.state)"
    var details: [String] = []
    if let progress = job.progress { details.append(percent(progress)) }
    if let step = job.step { details.append(step) }
    if let seconds = job.secondsLeft { details.append("about \(durationText(seconds: seconds)) left") }
    if !details.isEmpty { text += " (\(details.joined(separator: ", ")))" }
    if !job.cells.isEmpty { text += " for \(job.cells.joined(separator: "; "))" }
    return text + ", since \(timeText(job.startedAt)), by \(job.by)"
  }

  private func ledgerLines(_ style: TextStyle) -> [String] {
    var text =
      "ledger: \(countText(ledger.predictions, "prediction")), \(countText(ledger.outcomes, "outcome")), "
      + bytesText(ledger.bytes)
    if let durability = ledger.durability, durability != "commit" { text += ", \(durability)" }
    if let dropped = ledger.dropped, !dropped.isNothing {
      text +=
        "; taken away: \(countText(dropped.predictions, "prediction")), features of \(countText(dropped.features, "part"))"
    }
    if ledger.unrecordedPredictions > 0 {
      text += ", \(countText(ledger.unrecordedPredictions, "answer")) not recorded"
    }
    if !ledger.writable { text += "; NOT WRITABLE" }
    if let problem = ledger.problem { text += ": \(problem)" }
    let tone: Tone = ledger.writable && ledger.problem == nil ? .plain : .bad
    let remarks = (ledger.remarks ?? []).flatMap { wrapped($0, width: style.width, indent: 4) }
    return wrapped(text, width: style.width, indent: 2).map { style.paint($0, tone) }
      + remarks.map { style.paint($0, .warning) }
  }
}

/// `product=A7,camera=2 88.1 % [83.2, 91.9] n=212`.
func worstText(_ group: GroupRow) -> String {
  guard group.accuracy != nil else { return "\(group.group) \(notEnoughLabels)" }
  return "\(group.group) \(accuracyText(group.accuracy, lower: group.lower, upper: group.upper)) n=\(group.n)"
}

/// One line of the plant on its own: `kaizenctl status LINE`.
public struct LineStatusText: TerminalText {
  private let line: LineStatus
  public init(_ line: LineStatus) { self.line = line }

  public func text(_ style: TextStyle) -> String {
    var table = Table(columns: [.init(title: line.line), .init(title: "", flexible: true)])
    table.rows = [
      ["student", .init("v\(line.champion)\(scopedText)")],
      ["mode", .init("\(line.mode), times \(line.time == "event" ? "as the events say" : "by this machine's clock")")],
      [
        "groups", .init("\(line.groups), of these \(line.lagging) lagging and \(line.watch) on watch", groupTone),
      ],
      ["worst group", line.worst.map { .init(worstText($0), Tone.of(state: $0.state)) } ?? .init(notEnoughLabels)],
      ["parts", .init(countText(line.predictions))],
      ["labelled", .init(line.labelCoverage.map { "\(percent($0)) of the matured parts" } ?? "none matured yet")],
      ["last part", .init(line.lastPredictionAt.map(timeText) ?? "none yet")],
    ]
    if let advice = line.advice {
      table.rows.append(["advice", .init(advice.sentence + advice.reasons)])
    }
    if let activity = line.activity { table.rows.append(["now", .init(activity)]) }
    for remark in line.remarks ?? [] { table.rows.append(["unknown", .init(remark, .warning)]) }
    for sentence in line.hopeless ?? [] { table.rows.append(["not helped", .init(sentence, .bad)]) }
    let trials = (line.trials ?? []).flatMap { TrialText($0, line: line.line).lines(style, withTradeOff: true) }
    let rules = line.adviceRules.flatMap { wrapped($0, width: style.width, indent: 2) }
    return
      (table.lines(style) + (trials.isEmpty ? [] : [""] + trials) + (rules.isEmpty ? [] : [""] + rules) + [
        "", "Next: \(next(style.commands))",
      ]).joined(separator: "\n")
  }

  private func next(_ commands: CommandText) -> String {
    let waiting = line.trials?.first { $0.stage == "approval" }
    return waiting.map { commands.text("explain", "\($0.run)") } ?? commands.text("groups", line.line)
  }

  private var scopedText: String {
    guard !line.scoped.isEmpty else { return "" }
    return "; some cells by \(line.scoped.map { "v\($0)" }.joined(separator: ", "))"
  }

  private var groupTone: Tone { line.lagging > 0 ? .bad : line.watch > 0 ? .warning : .plain }
}

extension AdviceStatus {
  /// `3.1 % of the last 1,000 parts to manual check`.
  var sentence: String { "\(percent(manualCheckShare)) of the last \(countText(parts, "part")) to manual check" }

  /// ` (low confidence 2.0 %, new group 0.9 %)`, the reasons there were.
  var reasons: String {
    let shares: [(Advice, Double)] = [
      (.lowConfidence, lowConfidenceShare), (.unseenGroup, unseenGroupShare), (.outOfRange, outOfRangeShare),
      (.notANumber, notANumberShare), (.weakGroup, weakGroupShare ?? 0),
    ]
    let told = shares.filter { $0.1 > 0 }.map { "\($0.reasonText) \(percent($1))" }
    return told.isEmpty ? "" : " (\(told.joined(separator: ", ")))"
  }
}
