import Wire

/// A challenger on trial: where it stands, what has been seen of it, and what is to type.
struct TrialText {
  private let trial: TrialRow
  private let line: String

  init(_ trial: TrialRow, line: String) {
    self.trial = trial
    self.line = line
  }

  /// Cells that a sentence names; a student for a whole line has hundreds.
  private static let cellsMax = 3

  /// `run 7: student 4 in shadow since T for product=B2,camera=2; 43 newly right, 12 newly wrong`.
  var sentence: String {
    let student = "run \(trial.run): student \(trial.version)"
    let since = timeText(trial.since)
    let head =
      switch trial.stage {
      case "approval": "\(student) for \(cells) waits for approval since \(since)"
      case "shadow": "\(student) in shadow since \(since) for \(cells)"
      case "canary": "\(student) answers \(trial.percent.map { "\($0) %" } ?? "some") of the parts since \(since)"
      case "watch":
        "\(student) serves \(cells) and is watched since \(since)"
          + (trial.until.map { " until \(timeText($0))" } ?? "")
      default: "\(student) in \(trial.stage) since \(since) for \(cells)"
      }
    return trial.sentence.isEmpty ? head : "\(head); \(trial.sentence)"
  }

  private var cells: String {
    guard !trial.cells.isEmpty else { return "every part" }
    let told = trial.cells.prefix(Self.cellsMax).joined(separator: " and ")
    let rest = trial.cells.count - Self.cellsMax
    return rest > 0 ? "\(told) and \(countText(rest, "more cell"))" : told
  }

  var tone: Tone { trial.stage == "approval" ? .warning : .plain }

  /// The commands that end it; empty where nothing is to be decided.
  func commands(_ commands: CommandText) -> [String] {
    let number = "\(trial.run)"
    switch trial.stage {
    case "approval": return [commands.text("approve", number), commands.text("reject", number, "--reason", "TEXT")]
    default: return []
    }
  }

  /// With its commands and, where asked for, what it would cost.
  func lines(_ style: TextStyle, withTradeOff: Bool = false) -> [String] {
    var lines = wrapped("\(line): \(sentence)", width: style.width, indent: 2).map { style.paint($0, tone) }
    if withTradeOff {
      for sentence in trial.tradeOff ?? [] {
        lines += wrapped(sentence, width: style.width - 4, indent: 2).map { "    " + $0 }
      }
    }
    return lines + commands(style.commands).map { "    " + $0 }
  }
}

extension TrialStepReply: TerminalText {
  public func text(_ style: TextStyle) -> String {
    let next =
      stage == nil ? style.commands.text("explain", "\(run)") : style.commands.text("status", line)
    return (wrapped(ended(sentence), width: style.width) + ["Next: \(next)"]).joined(separator: "\n")
  }
}

extension PromoteReply: TerminalText {
  public func text(_ style: TextStyle) -> String {
    var lines = wrapped(sentence, width: style.width)
    for change in changes { lines += detail("\(change.cell): v\(change.from) -> v\(change.to)", style) }
    return lines.joined(separator: "\n")
  }
}
