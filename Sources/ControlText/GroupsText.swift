import Wire

extension GroupsReply: TerminalText {
  public func text(_ style: TextStyle) -> String {
    guard !groups.isEmpty else {
      return wrapped("\(line) has no groups yet: no part has matured.", width: style.width)
        .joined(separator: "\n")
    }
    var table = Table(columns: [
      .init(title: line, flexible: true), .init(title: "state"), .init(title: "accuracy [95 %]"),
      .init(title: "n", alignment: .right), .init(title: "student", alignment: .right),
      .init(title: "matured", alignment: .right),
    ])
    let sorted = groups.sorted { (Self.rank($0), $0.lower ?? 1, $0.group) < (Self.rank($1), $1.lower ?? 1, $1.group) }
    for group in sorted {
      let tone = Tone.of(state: group.state)
      let accuracy = accuracyText(group.accuracy, lower: group.lower, upper: group.upper)
      table.rows.append([
        .init(group.group), .init(group.state, tone),
        .init(accuracy, group.accuracy == nil ? .faint : .plain),
        .init(countText(group.n)), .init("v\(group.modelVersion)"), .init(countText(group.matured)),
      ])
    }
    var lines = table.lines(style)
    let alarming = sorted.filter { $0.state == "lagging" || $0.state == "watch" }
    if !alarming.isEmpty {
      lines.append("")
      for group in alarming { lines += wrapped("\(group.group): \(group.why)", width: style.width, indent: 2) }
    }
    return lines.joined(separator: "\n")
  }

  private static func rank(_ group: GroupRow) -> Int {
    switch group.state {
    case "lagging": 0
    case "watch": 1
    case "ok": 2
    default: 3
    }
  }
}
