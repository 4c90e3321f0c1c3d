import Wire

extension CoverageReply: TerminalText {
  public func text(_ style: TextStyle) -> String {
    let share = total.coverage.map(percent) ?? "-"
    let title =
      "\(line): \(countText(total.outcomes)) of \(countText(total.predictions, "part")) have an outcome (\(share))"
    var lines = wrapped(title, width: style.width).map { style.paint($0, .strong) }
    lines += table.lines(style)
    if !channels.isEmpty { lines += [""] + channelTable.lines(style) }
    lines.append("")
    if waiting > 0 {
      lines += wrapped(
        "\(countText(waiting, "more outcome")) \(waiting == 1 ? "waits" : "wait") for a part.", width: style.width)
    }
    lines += wrapped(sentence + ".", width: style.width)
    return lines.joined(separator: "\n")
  }

  /// Delays as shares of the outcomes that have come; without one a dash, for 0 would be a lie.
  private var table: Table {
    var table = Table(
      columns: [
        Table.Column(title: "group", flexible: true), Table.Column(title: "parts", alignment: .right),
        Table.Column(title: "outcomes", alignment: .right), Table.Column(title: "share", alignment: .right),
      ] + total.within.map { Table.Column(title: "<" + Self.hoursText($0.hours), alignment: .right) })
    for row in groups + (groups.count == 1 ? [] : [total]) {
      table.rows.append(
        [
          Table.Cell(row.group ?? "all"), Table.Cell(countText(row.predictions)), Table.Cell(countText(row.outcomes)),
          Table.Cell(row.coverage.map(percent) ?? "-"),
        ] + row.within.map { Table.Cell(Self.shareText($0.share)) })
    }
    return table
  }

  private var channelTable: Table {
    var table = Table(columns: [
      Table.Column(title: "channel", flexible: true), Table.Column(title: "samples", alignment: .right),
      Table.Column(title: "parts", alignment: .right), Table.Column(title: "disagrees", alignment: .right),
    ])
    let hasRanks = channels.contains(where: \.declared)
    for row in channels {
      let name = row.channel.isEmpty ? "(none named)" : row.channel
      table.rows.append([
        Table.Cell(row.declared || !hasRanks ? name : name + ", not in the settings"),
        Table.Cell(row.samplingProbability.map(percent) ?? "-"), Table.Cell(countText(row.outcomes)),
        Table.Cell(countText(row.conflicts)),
      ])
    }
    return table
  }

  private static func shareText(_ share: Double?) -> String { share.map { decimal($0 * 100, places: 0) + "%" } ?? "-" }

  private static func hoursText(_ hours: Double) -> String {
    hours < 24 ? "\(decimal(hours, places: 0))h" : "\(decimal(hours / 24, places: 0))d"
  }
}
