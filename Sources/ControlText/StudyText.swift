import Domain

/// A study as a terminal shows it: the methods, their differences from the baseline, the groups, and what it all supports.
public struct StudyText: TerminalText {
  private let report: StudyReport
  private let page: String?

  /// - Parameter page: the file of the page, where one was written.
  public init(_ report: StudyReport, page: String? = nil) {
    self.report = report
    self.page = page
  }

  public func text(_ style: TextStyle) -> String {
    var lines = wrapped(head, width: style.width).map { style.paint($0, .strong) }
    lines += [""] + methodTable.lines(style)
    if !report.differences.isEmpty { lines += [""] + differenceTable.lines(style) }
    lines += [""] + groupTable.lines(style) + [""]
    for sentence in report.sentences { lines += wrapped(sentence, width: style.width, indent: 2) }
    if let choice = report.chosen.value {
      lines += [""] + wrapped("chosen: \(choice.sentence)", width: style.width, indent: 2)
      for sentence in Self.kept(choice) {
        lines += wrapped(sentence, width: style.width - 2, indent: 2).map { "  " + $0 }
      }
    }
    lines.append("")
    if let teacher = report.teacher {
      lines += wrapped("teacher: \(teacher.name), \(teacher.sentence)", width: style.width, indent: 2)
    }
    lines += wrapped(
      "student: \(report.student.description); \(countText(report.student.parameters, "parameter"))",
      width: style.width, indent: 2)
    for remark in report.remarks { lines += wrapped("note: \(remark)", width: style.width, indent: 2) }
    lines += wrapped("took: \(durationText(seconds: report.seconds))", width: style.width)
    if let page { lines += wrapped("page: \(page)", width: style.width, indent: 2) }
    return lines.joined(separator: "\n")
  }

  private var head: String {
    let folds = [
      (report.groups.reduce(0) { $0 + $1.train }, "train"), (report.groups.reduce(0) { $0 + $1.select }, "choose"),
      (report.groups.reduce(0) { $0 + $1.test }, "judge"),
    ]
    let rows = folds.map { "\(countText($0.0)) \($0.1)" }.joined(separator: ", ")
    return "study of \(report.file): \(countText(report.results.count, "method")), "
      + "\(countText(report.seeds.count, "seed")); of the parts \(rows)"
  }

  private var methodTable: Table {
    var table = Table(columns: [
      .init(title: "% right"), .init(title: "worst group", alignment: .right),
      .init(title: "all parts", alignment: .right),
      .init(title: "worst group is", flexible: true), .init(title: "n", alignment: .right),
      .init(title: "time", alignment: .right),
    ])
    for result in report.results {
      table.rows.append([
        .init(result.method.rawValue), .init(Self.text(result.worstGroupAccuracy)),
        .init(Self.text(result.meanAccuracy)),
        .init(result.worstGroup ?? "no group is ranked"), .init(result.worstGroupN.map { countText($0) } ?? "-"),
        .init(Self.time(result.seconds)),
      ])
    }
    return table
  }

  private var differenceTable: Table {
    let baseline = report.differences.first?.baseline.rawValue ?? ""
    var table = Table(columns: [
      .init(title: "points against \(baseline)"), .init(title: "worst group", alignment: .right),
      .init(title: "better"),
      .init(title: "all parts", alignment: .right), .init(title: "better"), .init(title: ""),
    ])
    for difference in report.differences {
      table.rows.append([
        .init(difference.method.rawValue), .init(Self.text(difference.worstGroupAccuracy)),
        .init(Self.signs(difference.worstGroupAccuracy)), .init(Self.text(difference.meanAccuracy)),
        .init(Self.signs(difference.meanAccuracy)), Self.cell(difference.verdict),
      ])
    }
    return table
  }

  /// `balanced: seeds 1, 2, 5`, one line an arm; why stands in the JSON and on the page.
  private static func kept(_ choice: StudyChoice) -> [String] {
    let arms = choice.perSeed.map(\.arm)
    return arms.indices.filter { arms.firstIndex(of: arms[$0]) == $0 }.map { first in
      let seeds = choice.perSeed.filter { $0.arm == arms[first] }
      let numbers = seeds.map { String($0.seed) }.joined(separator: ", ")
      return "\(arms[first]): seed\(seeds.count == 1 ? "" : "s") \(numbers)"
        + (seeds[0].isIncumbent ? ", no better challenger" : "")
    }
  }

  private static func cell(_ verdict: StudyVerdict?) -> Table.Cell {
    switch verdict {
    case .better: .init("better", .good)
    case .worse: .init("worse", .bad)
    case .leansBetter: .init("leans better", .faint)
    case .leansWorse: .init("leans worse", .faint)
    case .open: .init("not told apart", .faint)
    case nil: .init("")
    }
  }

  /// The baseline and the method that says most beside it; all methods are in the JSON and on the page.
  private var groupTable: Table {
    let baseline = report.differences.first?.baseline ?? report.results.first?.method
    let before = report.results.first { $0.method == baseline }
    let others = report.results.filter { $0.method != baseline }
    let best = others.max { ($0.worstGroupAccuracy?.mean ?? 0) < ($1.worstGroupAccuracy?.mean ?? 0) }
    let after = others.first { $0.method == .portfolio && $0.groups != before?.groups } ?? best
    let shown = [before, after].compactMap(\.self)
    var table = Table(
      columns: [
        .init(title: "group", flexible: true), .init(title: "train", alignment: .right),
        .init(title: "test", alignment: .right),
      ] + shown.enumerated().map { .init(title: "\($1.method.rawValue)\($0 == shown.count - 1 ? " [95 %]" : "")") })
    for (index, group) in report.groups.enumerated() {
      let tone = group.isRanked ? Tone.plain : .faint
      let accuracies = shown.enumerated().map { place, result -> Table.Cell in
        let figures = result.groups[index]
        let isLast = place == shown.count - 1
        guard let mean = figures.accuracy?.mean else { return .init("no test parts", .faint) }
        return .init(
          accuracyText(mean, lower: isLast ? figures.lower : nil, upper: isLast ? figures.upper : nil),
          result.worstGroup == group.name ? .strong : tone)
      }
      table.rows.append(
        [.init(group.name, tone), .init(countText(group.train), tone), .init(countText(group.test), tone)] + accuracies)
    }
    return table
  }

  /// `78.5 ±3.1`, without a spread for one seed.
  private static func text(_ measure: StudyMeasure?) -> String {
    guard let measure else { return "-" }
    return decimal(measure.mean * 100, places: 1) + (measure.sd.map { " ±\(decimal($0 * 100, places: 1))" } ?? "")
  }

  /// `+12.3 ±1.4`.
  private static func text(_ difference: PairedMeasure?) -> String {
    guard let difference else { return "-" }
    let mean = decimal(difference.mean * 100, places: 1)
    let signed = mean == "-0.0" ? "0.0" : mean.hasPrefix("-") || mean == "0.0" ? mean : "+" + mean
    return signed + (difference.sd.map { " ±\(decimal($0 * 100, places: 1))" } ?? "")
  }

  /// `5/5`; ties are neither.
  private static func signs(_ difference: PairedMeasure?) -> String {
    difference.map { "\($0.better)/\($0.pairs)" } ?? "-"
  }

  private static func time(_ seconds: Double) -> String {
    seconds < 10 ? "\(decimal(seconds, places: 1)) s" : durationText(seconds: seconds)
  }
}
