import Domain
import Wire

/// The story of a run or of a group: numbered sentences, then the weights the groups were trained with.
public struct ExplainText: TerminalText {
  private let reply: ExplainReply
  private let names: GroupNames
  private let asked: (line: String, group: String)?

  /// - Parameters:
  ///   - line: for the names of its groups; nil where it is not known.
  ///   - asked: the group the story is about; nil for the story of a run.
  public init(_ reply: ExplainReply, line: LineRow?, asked: (line: String, group: String)? = nil) {
    self.reply = reply
    self.asked = asked
    names = GroupNames(line)
  }

  public func text(_ style: TextStyle) -> String {
    var lines = wrapped(reply.subject, width: style.width).map { style.paint($0, .strong) }
    lines.append("")
    lines += numbered(reply.sentences, width: style.width)
    if let report = reply.report {
      if report.chosenArm != nil {
        lines += [""] + wrapped("The challenger was \(report.method).", width: style.width)
      }
      lines += ReportText(report, names: names).lines(style)
    }
    for trial in reply.trials ?? [] where trial.stage == "approval" {
      lines += ["", style.paint("it waits for approval:", .strong)]
      lines += TrialText(trial, line: reply.run?.line ?? "").commands(style.commands).map { "  " + $0 }
    }
    if !reply.audit.isEmpty {
      lines += ["", auditHead(style)]
      for entry in reply.audit {
        lines += columnsOrWrapped("  \(entry.seq)  \(timeText(entry.time))  \(entry.event)  by \(entry.login)", style)
      }
    }
    return lines.joined(separator: "\n")
  }

  /// The entries of a group are not those of its latest run, which the reply may name too.
  private func auditHead(_ style: TextStyle) -> String {
    if let asked {
      let group = reply.audit.lazy.compactMap(\.group).first ?? asked.group
      return "audit entries of the group: "
        + style.commands.text("audit", "show", "--line", asked.line, "--group", group)
    }
    guard let run = reply.run else { return "audit entries: " + style.commands.text("audit", "show") }
    return "audit entries of the run: " + style.commands.text("audit", "show", "--run", "\(run.run)")
  }
}

/// What was tried in a training, the weights of the arm that was kept, and what nobody should overlook.
struct ReportText {
  private let report: TrainingReport
  private let names: GroupNames

  init(_ report: TrainingReport, names: GroupNames) {
    self.report = report
    self.names = names
  }

  func lines(_ style: TextStyle) -> [String] {
    var lines = [""] + armTable.lines(style)
    for arm in report.arms {
      if let skipped = arm.skipped {
        lines += wrapped("\(arm.name) was not run: \(skipped)", width: style.width, indent: 2)
      }
    }
    let weights = weightTable
    if !weights.rows.isEmpty {
      lines += ["", style.paint("group weights of the arm \(printable(report.chosenArm ?? "")), last step", .strong)]
      lines += weights.lines(style)
    }
    if !report.pairs.isEmpty {
      lines += ["", style.paint("the gate's parts, both students", .strong)] + pairTable.lines(style)
    }
    for remark in report.remarks { lines += wrapped("note: \(remark)", width: style.width, indent: 2) }
    return lines
  }

  private var armTable: Table {
    var table = Table(columns: [
      .init(title: "arm", flexible: true), .init(title: "select score", alignment: .right),
      .init(title: "steps", alignment: .right), .init(title: "time", alignment: .right), .init(title: ""),
    ])
    for arm in report.arms {
      let isChosen = arm.name == report.chosenArm
      table.rows.append([
        .init(arm.name, isChosen ? .good : .plain),
        .init(arm.selectScore.map { decimal(min($0, 1), places: 3) } ?? "-"),
        .init(countText(arm.steps)), .init(arm.skipped == nil ? durationText(seconds: arm.seconds) : "-"),
        .init(isChosen ? "chosen" : arm.skipped == nil ? "" : "not run"),
      ])
    }
    return table
  }

  private var weightTable: Table {
    var table = Table(columns: [
      .init(title: "group", flexible: true), .init(title: "rows", alignment: .right),
      .init(title: "weight", alignment: .right), .init(title: "x uniform", alignment: .right),
      .init(title: "relative loss", alignment: .right), .init(title: "bound"), .init(title: "select"),
    ])
    let records = report.arms.first { $0.name == report.chosenArm }?.weights ?? []
    let last = records.map(\.step).max()
    let final = records.filter { $0.step == last }.sorted { ($1.weight, $0.group) < ($0.weight, $1.group) }
    for record in final {
      table.rows.append([
        .init(names.text(record.group)), .init(countText(record.rows)), .init(decimal(record.weight, places: 3)),
        .init(decimal(record.weight * Double(final.count), places: 1)), .init(decimal(record.relativeLoss, places: 2)),
        .init(record.limit.rawValue), "\(record.selectCorrect)/\(record.selectTotal)",
      ])
    }
    return table
  }

  private var pairTable: Table {
    var table = Table(columns: [
      .init(title: "group", flexible: true), .init(title: "n", alignment: .right),
      .init(title: "champion", alignment: .right), .init(title: "challenger", alignment: .right),
      .init(title: "wins", alignment: .right), .init(title: "losses", alignment: .right),
    ])
    for pair in report.pairs {
      table.rows.append([
        .init(names.text(pair.group)), .init(countText(pair.total)), .init(share(pair.championCorrect, pair.total)),
        .init(share(pair.challengerCorrect, pair.total)), .init(countText(pair.wins)), .init(countText(pair.losses)),
      ])
    }
    return table
  }

  private func share(_ correct: Int, _ total: Int) -> String {
    total > 0 ? percent(Double(correct) / Double(total)) : "-"
  }
}
