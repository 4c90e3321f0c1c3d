import Wire

extension GroupsReply: TerminalText {
  public func text(_ style: TextStyle) -> String { GroupsText(self, all: false).text(style) }
}

/// The groups of a line, and the wider sets of which there is something to say.
public struct GroupsText: TerminalText {
  private let reply: GroupsReply
  private let all: Bool

  /// - Parameter all: also the wider sets that are in order.
  public init(_ reply: GroupsReply, all: Bool) {
    self.reply = reply
    self.all = all
  }

  public func text(_ style: TextStyle) -> String {
    let sorted = reply.groups.sorted { ($0.rank, $0.group) < ($1.rank, $1.group) }
    let groups = sorted.filter { !$0.isWiderSet }
    let sets = sorted.filter { $0.isWiderSet && (all || $0.isNews) }
    guard !groups.isEmpty || !sets.isEmpty else {
      return wrapped("\(reply.line) has no groups yet: no part has matured.", width: style.width)
        .joined(separator: "\n")
    }
    let sparkline = Sparkline((groups + sets).map { $0.days ?? [] })
    var lines: [String] = []
    if !groups.isEmpty { lines += table(groups, title: reply.line, sparkline, style).lines(style) }
    if !sets.isEmpty {
      if !lines.isEmpty { lines.append("") }
      lines += table(sets, title: "Sets of groups", sparkline, style).lines(style)
    }
    if let sparkline { lines += [""] + wrapped(sparkline.legend(style), width: style.width) }
    let news = (groups + sets).filter(\.isNews)
    if !news.isEmpty { lines.append("") }
    for group in news { lines += Self.notes(group, style) }
    if let worst = news.first { lines += ["", whyHint(reply.line, worst.group, style)] }
    return lines.joined(separator: "\n")
  }

  private func table(_ rows: [GroupRow], title: String, _ sparkline: Sparkline?, _ style: TextStyle) -> Table {
    var columns: [Table.Column] = [
      .init(title: title, flexible: true), .init(title: "state"), .init(title: "accuracy [95 %]"),
      .init(title: "n", alignment: .right), .init(title: "evidence", alignment: .right),
    ]
    if sparkline != nil { columns.append(.init(title: "days")) }
    var table = Table(columns: columns)
    for group in rows {
      let tone = Tone.of(state: group.state)
      let accuracy = accuracyText(group.accuracy, lower: group.lower, upper: group.upper)
      var cells: [Table.Cell] = [
        .init(group.group), .init(group.state, tone), .init(accuracy, group.accuracy == nil ? .faint : .plain),
        .init(countText(group.n)), .init(evidenceText(group.evidence)),
      ]
      if let sparkline { cells.append(.init(sparkline.text(group.days ?? [], style), tone)) }
      table.rows.append(cells)
    }
    return table
  }

  /// Why a group is worth a look, and what was said of it.
  private static func notes(_ group: GroupRow, _ style: TextStyle) -> [String] {
    var sentences: [String] = []
    if let inner = group.explainedBy {
      sentences.append("\(group.group): its lagging is that of \(inner).")
    } else if group.isAlarm {
      sentences.append(ended("\(group.group): \(group.why)"))
    }
    if let hopeless = group.hopeless {
      sentences.append(ended("\(group.group): retraining does not help it: \(hopeless)"))
    }
    for sign in group.signs ?? [] {
      sentences.append(ended("\(group.group): early sign since \(sign.day): \(sign.sentence)"))
    }
    sentences += markSentences(group).map { ended("\(group.group): \($0)") }
    return sentences.flatMap { wrapped($0, width: style.width, indent: 2) }
  }
}

/// The command that tells more of a group; with GROUP in its place where it is too long for a line.
func whyHint(_ line: String, _ group: String, _ style: TextStyle) -> String {
  let hint = "Next: " + style.commands.text("why", line, group)
  return hint.count <= style.width ? hint : "Next: " + style.commands.text("why", line, "GROUP")
}

/// The sentence with its full stop, and one alone.
func ended(_ sentence: String) -> String { sentence.hasSuffix(".") ? sentence : sentence + "." }

/// What operators said of a group, in sentences.
func markSentences(_ group: GroupRow) -> [String] {
  var sentences: [String] = []
  if let mark = group.acknowledged {
    sentences.append("acknowledged by \(mark.by) at \(timeText(mark.at)): \(mark.reason)")
  }
  if let until = group.silencedUntil {
    let who = group.silenced.map { " by \($0.by): \($0.reason)" } ?? ""
    sentences.append("silenced until \(timeText(until))\(who)")
  }
  return sentences
}

/// `1.20`, `0.004`, `>1000`, `-` where nothing can be said yet.
func evidenceText(_ evidence: Double?) -> String {
  guard let evidence else { return "-" }
  if evidence >= 1000 { return ">1000" }
  if evidence > 0, evidence < 0.001 { return "<0.001" }
  return decimal(evidence, places: evidence < 0.1 ? 3 : 2)
}

extension GroupRow {
  /// A node above the groups or a slice beside them.
  var isWiderSet: Bool { kind == "node" || kind == "slice" }

  /// Whether a person should read more of it than its figures.
  var isNews: Bool { isAlarm || !(signs ?? []).isEmpty || acknowledged != nil || silencedUntil != nil }
}
