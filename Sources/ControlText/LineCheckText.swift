import Domain
import Wire

extension LineCheckReply: TerminalText {
  public func text(_ style: TextStyle) -> String {
    let name = data.split(separator: "/").last.map { String($0) } ?? data
    let unlabelled = check.unlabelledRows == 0 ? "" : ", \(countText(check.unlabelledRows, "row")) without a label"
    var lines = wrapped(
      "\(name): \(countText(check.labelledRows, "labelled row"))\(unlabelled), "
        + "\(check.classes.count) classes, \(countText(check.groups.count, "group"))", width: style.width
    ).map { style.paint($0, .strong) }
    let input = check.inputShape.map { "\($0), \(countText($0.count, "number")) a part" } ?? check.input
    for (title, text) in [
      ("a part is", input), ("student", check.student.sentence), ("latency", check.latency.sentence),
      ("teacher", check.teacher), ("training", training),
    ] {
      lines += wrapped("\(title): \(text)", width: style.width, indent: 2)
    }
    lines += [""] + Self.table("group", check.groups).lines(style)
    lines += [""] + Self.table("class", check.classes).lines(style)
    if !check.warnings.isEmpty {
      lines += ["", "Look at this before you rely on it:"]
      lines += numbered(check.warnings, width: style.width).map { style.paint($0, .warning) }
    }
    return lines.joined(separator: "\n")
  }

  private var training: String {
    guard let seconds = check.trainingSeconds else { return "begins now" }
    return "about \(durationText(seconds: seconds)) here, by its first seconds"
  }

  private static func table(_ title: String, _ rows: [NamedFolds]) -> Table {
    var table = Table(columns: [
      .init(title: title, flexible: true), .init(title: "train", alignment: .right),
      .init(title: "select", alignment: .right), .init(title: "held out", alignment: .right),
    ])
    table.rows = rows.map { row in
      [.init(row.name)]
        + [row.train, row.select, row.heldOut].map { Table.Cell(countText($0), $0 == 0 ? .warning : .plain) }
    }
    return table
  }
}

extension StudentFigures {
  /// `conv16k3,max2 (1,248 parameters, 0.41 megaflops a part)`.
  var sentence: String {
    let made = layers.isEmpty ? "no hidden layer" : layers
    return "\(made) (\(countText(parameters, "parameter")), \(scaled(megaflops)) megaflops a part)"
  }
}

extension LatencyFigures {
  var sentence: String {
    "median \(scaled(medianMicroseconds)) us, 99 % within \(scaled(p99Microseconds)) us: \(countText(passes)) parts one"
      + " by one, here and now, the forward pass alone. \(scaled(predictedMicroseconds)) us was to be expected at"
      + " \(scaled(referenceGigaflopsPerSecond)) gigaflops a second, which a usual student for such parts reaches here"
  }
}

/// Three digits that count: `0.0123`, `1.23`, `12.3`, `1,234`.
private func scaled(_ value: Double) -> String {
  guard value.isFinite, value > 0 else { return "0" }
  if value >= 100 { return countText(Int(min(value, 1e15).rounded())) }
  return decimal(value, places: value >= 10 ? 1 : value >= 1 ? 2 : value >= 0.1 ? 3 : 4)
}
