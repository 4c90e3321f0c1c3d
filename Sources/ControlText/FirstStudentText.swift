import Domain
import Wire

/// A new line's first student: its accuracy per group on held-out parts, the teacher's beside it, and how it was made.
public struct FirstStudentText: TerminalText {
  private let reply: AddLineReply
  private let definition: LineDefinition
  private let report: TrainingReport

  public init(_ reply: AddLineReply, definition: LineDefinition, report: TrainingReport) {
    self.reply = reply
    self.definition = definition
    self.report = report
  }

  public func text(_ style: TextStyle) -> String {
    let names = GroupNames(definition)
    let line = definition.id.text
    var lines = wrapped(reply.sentence, width: style.width).map { style.paint($0, .strong) }
    lines += wrapped("student v\(reply.version), \(report.method)", width: style.width) + [""]
    lines += scoreTable(names).lines(style)
    lines.append("")
    lines += wrapped("teacher: \(report.teacher.sentence)", width: style.width, indent: 2)
    lines += wrapped(chosenSentence, width: style.width, indent: 2)
    lines += reply.advice.flatMap { wrapped("advice: \($0)", width: style.width, indent: 2) }
    lines += ReportText(report, names: names).lines(style)
    let attribute = definition.schema.attributes.first ?? "attribute"
    let part = definition.featureNames.first.map { ["\($0)=..."] } ?? ["--json-inputs", "part.json"]
    lines += [
      "", "Next:", "  " + style.commands.text("explain", "\(reply.run)"), "  " + style.commands.text("status", line),
      "  " + style.commands.text(["predict", line, "--attribute", "\(attribute)=..."] + part),
    ]
    return lines.joined(separator: "\n")
  }

  private func scoreTable(_ names: GroupNames) -> Table {
    var table = Table(columns: [
      .init(title: "group", flexible: true), .init(title: "n", alignment: .right), .init(title: "student [95 %]"),
      .init(title: "teacher [95 %]"),
    ])
    let teacher = Dictionary(report.teacher.scores.map { ($0.group, $0) }, uniquingKeysWith: { first, _ in first })
    for score in report.heldOutScores {
      table.rows.append([
        .init(names.text(score.group)), .init(countText(score.total)), .init(Self.text(score)),
        .init(teacher[score.group].map(Self.text) ?? "no teacher", .faint),
      ])
    }
    return table
  }

  private static func text(_ score: GroupScore) -> String {
    accuracyText(score.accuracy, lower: score.lower, upper: score.upper)
  }

  private var chosenSentence: String {
    guard let name = report.chosenArm, let chosen = report.arms.first(where: { $0.name == name }) else {
      return "chosen arm: none, because no arm could be trained"
    }
    let others = report.arms.filter { $0.name != name && $0.skipped == nil }
    guard let score = chosen.selectScore, !others.isEmpty else {
      return "chosen arm: \(name), because no other arm was run"
    }
    let rivals = others.compactMap { arm in arm.selectScore.map { "\(arm.name) \(decimal(min($0, 1), places: 3))" } }
    let figures = "(score \(decimal(min(score, 1), places: 3)) against \(rivals.joined(separator: ", ")))"
    return others.allSatisfy { $0.selectScore ?? 0 <= score }
      ? "chosen arm: \(name), because its worst group did best on the select parts \(figures)"
      : "chosen arm: \(name), although another did better on the select parts \(figures); the note below says why"
  }
}

extension TrainingReport {
  /// How the kept student was made. GroupDistil is called a reconstruction wherever a person reads of it, because only the
  /// abstract of its paper could be read.
  var method: String {
    if chosenArm?.hasPrefix(Self.labelsArm) == true { return "trained on labels alone, without the teacher" }
    if chosenArm?.hasPrefix(Self.balancedArm) == true {
      return "distilled from the teacher, every group drawn equally often"
    }
    switch chosenArm {
    case RetrainSpec.previousArm: return "the student that served before"
    case RetrainSpec.headArm: return "the serving student with its last layer fitted again"
    case RetrainSpec.globalArm: return "trained with parts of other groups too"
    case RetrainSpec.teacherArm: return "the teacher itself"
    case RetrainSpec.consolidatedArm: return "distilled from all students that serve"
    default: return "distilled with GroupDistil (our reconstruction of arXiv 2311.00476)"
    }
  }

  /// The names of arms that learn nothing from the teacher start so.
  private static let labelsArm = "labels"
  private static let balancedArm = "distilled, balanced"
}
