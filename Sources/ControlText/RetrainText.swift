import Domain
import Wire

/// What a retraining will do, or would do in a dry run, and what to type next.
public struct RetrainText: TerminalText {
  private let reply: RetrainReply
  private let groups: [String]

  /// - Parameter groups: as they were asked for; empty for those lagging.
  public init(_ reply: RetrainReply, groups: [String]) {
    self.reply = reply
    self.groups = groups
  }

  public func text(_ style: TextStyle) -> String {
    var lines = headLines(style) + [""]
    if isWhole {
      lines.append("one student for every part of the line, taught by those that serve now")
    } else if !reply.cells.isEmpty {
      lines += wrapped("cells: \(reply.cells.joined(separator: "; "))", width: style.width, indent: 2)
    }
    lines.append("rows since: \(timeText(reply.since))")
    if !reply.arms.isEmpty {
      lines += wrapped("arms: \(reply.arms.joined(separator: ", "))", width: style.width, indent: 2)
    }
    if let minutes = reply.estimatedMinutes {
      let basis = reply.estimateBasis.map { " (\($0))" } ?? ""
      lines += wrapped(
        "expected to take: \(durationText(seconds: minutes * 60))\(basis)", width: style.width, indent: 2)
    }
    if !reply.rows.isEmpty {
      var table = Table(columns: [
        .init(title: "group", flexible: true), .init(title: "labelled rows", alignment: .right),
      ])
      table.rows = reply.rows.map { [.init($0.group), .init(countText($0.labelled))] }
      lines += [""] + table.lines(style)
    }
    if !reply.sentences.isEmpty { lines += [""] + reply.sentences.flatMap { wrapped($0, width: style.width) } }
    lines += section("what the gate would find", reply.power, style)
    lines += section("what keeps the daemon from starting it by itself now", reply.obstacles, style)
    return (lines + ["", "Next: \(next(style.commands))"]).joined(separator: "\n")
  }

  private func section(_ title: String, _ sentences: [String]?, _ style: TextStyle) -> [String] {
    guard let sentences, !sentences.isEmpty else { return [] }
    return ["", style.paint(title, .strong)]
      + sentences.flatMap { wrapped(ended($0), width: style.width - 2, indent: 2).map { "  " + $0 } }
  }

  private func headLines(_ style: TextStyle) -> [String] {
    if let run = reply.run {
      return [
        style.paint("Run \(run) of \(printable(reply.line)) \(reply.ready ? "starts now" : "collects rows").", .strong)
      ]
    }
    let outlook = reply.ready ? "The job could start now." : "The job would be refused now; why stands below."
    return [style.paint("A dry run: nothing was started.", .strong)] + wrapped(outlook, width: style.width)
  }

  private func next(_ commands: CommandText) -> String {
    if let run = reply.run { return commands.text("explain", "\(run)") }
    let words = isWhole ? ["--whole"] : groups.flatMap { ["--group", $0] }
    return commands.text(["retrain", reply.line] + words)
  }

  private var isWhole: Bool { reply.scope == "whole" }
}

/// A retraining from its start to its end; `kaizenctl retrain --wait --json` prints it.
public struct FinishedRetraining: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  /// What the daemon answered at the start.
  public var retrain: RetrainReply
  /// The run as it ended.
  public var run: RunRow

  public init(retrain: RetrainReply, run: RunRow) {
    self.retrain = retrain
    self.run = run
  }
}
