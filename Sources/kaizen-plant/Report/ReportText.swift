import Domain
import Wire

/// A report as people read it: lines of at most 80 columns where names allow it, every accuracy with its count.
public enum ReportText {
  public static func text(_ report: PlantReport) -> String {
    let lines = report.lines.map(text).joined(separator: "\n\n")
    return lines + "\n\n" + counts(report)
  }

  /// What was sent beside what the ledger has.
  static func counts(_ report: PlantReport) -> String {
    let statuses = report.outcomeStatuses.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
    let rows = [
      ("Parts streamed", "\(report.parts), in the ledger \(report.ledgerPredictions)"),
      (
        "Outcomes sent",
        "\(report.outcomesSent) (\(statuses.joined(separator: ", "))), in the ledger \(report.ledgerOutcomes); "
          + "never came \(report.outcomesLost)"
      ),
      ("Ledger", report.ledgerAgrees ? "agrees with what was sent" : "DIFFERS from what was sent"),
    ]
    return rows.map { title, text in
      title + String(repeating: " ", count: 20 - title.count) + wrapped(text, from: 20, indent: 20)
    }.joined(separator: "\n")
  }

  static func text(_ line: LineReport) -> String {
    var blocks = ["Line \(line.line)"]
    if let story = line.story { blocks.append(text(story)) }
    blocks.append(table(line.groups, title: "group"))
    blocks.append(table(line.groupsByOutcome, title: "group and true class"))
    blocks.append(verdict(line))
    blocks.append(text(line.advice))
    blocks.append(runs(line))
    return blocks.joined(separator: "\n\n")
  }

  static func text(_ story: FailureStory) -> String {
    let header = ["", "before", "during", "after"]
    let phases = [story.before, story.during, story.after]
    let worst = [story.worstBefore, story.worstDuring, story.worstAfter]
    func served(_ phase: PhaseReport?) -> String { phase.map { "\(percent($0.accuracy)) (n=\($0.n))" } ?? "-" }
    let rows = [
      ["served"] + phases.map(served),
      ["without kaizend"] + phases.map { $0.map { percent($0.frozenAccuracy) } ?? "-" },
      ["worst group"] + worst.map(served),
      ["which is"] + worst.map { $0?.group ?? "-" },
    ]
    let end =
      story.promotedAt.map { "another student serves it since \(wholeSeconds($0))." }
      ?? "no other student was promoted for it."
    return "The failing group \(story.group):\n" + Columns.text([header] + rows) + "\n"
      + wrapped("It failed at \(wholeSeconds(story.failedAt)); \(end)", indent: 2)
  }

  static func table(_ groups: [GroupReport], title: String) -> String {
    let header = [title, "parts", "served", "frozen", "points", "by another"]
    let rows = groups.map { group in
      [
        group.group, "\(group.n)", percent(group.accuracy), percent(group.frozenAccuracy), changeText(group.change),
        group.rerouted == 0 ? "-" : "\(group.rerouted)",
      ]
    }
    return Columns.text([header] + rows)
  }

  /// What came of it, said plainly: also where nothing improved.
  static func verdict(_ line: LineReport) -> String {
    let moved = line.groups.filter { $0.rerouted > 0 }
    var sentences: [String] = []
    if moved.isEmpty {
      sentences.append("No group was given another student: every answer is the frozen student's.")
    } else {
      func names(_ groups: [GroupReport]) -> String {
        groups.map { "\($0.group) (\(points($0.change)))" }.joined(separator: "; ")
      }
      let (gained, lost) = (moved.filter { $0.change > 0 }, moved.filter { $0.change < 0 })
      if !gained.isEmpty { sentences.append("Better than the frozen student: \(names(gained)).") }
      if !lost.isEmpty { sentences.append("Worse than the frozen student: \(names(lost)).") }
      let same = moved.count - gained.count - lost.count
      if same > 0 { sentences.append("Given another student without any change in accuracy: \(same).") }
    }
    if line.story != nil {
      sentences.append("Healthy groups' change: \(points(line.healthyChange)).")
    }
    if line.disagreements > 0 {
      sentences.append(
        "\(line.disagreements) answers of version \(line.frozenVersion) DIFFER from the same student here.")
    }
    return sentences.map { wrapped($0, indent: 2) }.joined(separator: "\n")
  }

  /// How many parts a person was asked to look at, for what, and what that was worth.
  static func text(_ advice: AdviceTally) -> String {
    let total = advice.accepted + advice.diverted
    guard total > 0 else { return "Advice: none, for there was no part." }
    func share(_ count: Int, of total: Int) -> String { percent(Double(count) / Double(total)) }
    let reasons = Advice.allCases.compactMap { reason in
      advice.reasons[reason.reasonNames].map { "\(reason.reasonText) \(share($0, of: total))" }
    }
    var sentence = "Advice: \(share(advice.diverted, of: total)) of the parts to manual check"
    if !reasons.isEmpty { sentence += " (\(reasons.joined(separator: ", ")))" }
    if advice.accepted > 0 {
      sentence += "; wrong were \(share(advice.acceptedWrong, of: advice.accepted)) of the answers to accepted parts"
    }
    if advice.diverted > 0 {
      sentence += " and \(share(advice.divertedWrong, of: advice.diverted)) to the others"
    }
    return wrapped(sentence + ".", indent: 2)
  }

  static func runs(_ line: LineReport) -> String {
    guard !line.runs.isEmpty else { return "Jobs: none." }
    return "Jobs:\n"
      + line.runs.map { run in
        wrapped("  run \(run.run) \(run.state): \(withoutVerdict(run.sentence))", indent: 4)
      }.joined(separator: "\n")
  }

  /// The gate's sentence without the verdict in front, which the run's state says already.
  private static func withoutVerdict(_ sentence: String) -> String {
    let verdict = ["passed: ", "not passed: "].first { sentence.hasPrefix($0) } ?? ""
    return String(sentence.dropFirst(verdict.count))
  }

  /// `95.2 %`.
  public static func percent(_ fraction: Double) -> String { tenths((fraction * 1000).rounded()) + " %" }

  /// `+12.3 points`; `0` only where it is exactly that.
  public static func points(_ fraction: Double) -> String {
    fraction == 0 ? "0" : changeText(fraction) + " points"
  }

  /// The same without its unit, for a column.
  private static func changeText(_ fraction: Double) -> String {
    if fraction == 0 { return "0" }
    let rounded = (fraction * 1000).rounded()
    if rounded == 0 { return fraction > 0 ? "+<0.1" : "-<0.1" }
    return (fraction > 0 ? "+" : "-") + tenths(abs(rounded))
  }

  private static func tenths(_ value: Double) -> String {
    let whole = Int(value)
    return "\(whole / 10).\(whole % 10)"
  }
}
