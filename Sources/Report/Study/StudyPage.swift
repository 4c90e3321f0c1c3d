import Domain

/// A study as a page that a manager reads to the first figure and a process engineer to the end.
public struct StudyPage: Sendable {
  private let report: StudyReport
  private let short: ShortNames

  public init(_ report: StudyReport) {
    self.report = report
    short = ShortNames(report.groups.map(\.name))
  }

  public var html: String {
    var page = Page(title: "What each way of training gives on \(report.file)", lead: lead)
    page.add("Findings", findings)
    page.add("Worst group and all parts", methods)
    page.add("Group by group", groups)
    if let choice = report.chosen.value { page.add("What the default recipe kept", self.choice(choice)) }
    if !report.weights.isEmpty { page.add("How the groups were weighted", weights) }
    page.add("How it was made", making)
    return page.html
  }

  private var lead: String {
    let train = report.groups.reduce(0) { $0 + $1.train }
    let select = report.groups.reduce(0) { $0 + $1.select }
    let test = report.groups.reduce(0) { $0 + $1.test }
    let ways = "\(report.results.count) \(report.results.count == 1 ? "method" : "methods")"
    let seeds = "\(report.seeds.count) \(report.seeds.count == 1 ? "seed" : "seeds")"
    return "\(ways), \(seeds) each; trained on \(count(train)) parts, chosen by \(count(select)) others and judged by"
      + " \(count(test)) that nothing had seen, in \(report.groups.count) groups."
  }

  private var findings: [Markup] {
    guard let first = report.sentences.first else { return [] }
    let claim = Markup.element("p", ["class": "claim"], first)
    let rest = Array(report.sentences.dropFirst())
    return rest.isEmpty ? [claim] : [claim, .list(rest)]
  }

  private var methods: [Markup] {
    let explained = report.results.map { "\($0.method.rawValue): \($0.method.explanation)" }
    return [
      .figure(
        MethodPlot(report).drawing.markup,
        caption:
          "Accuracy on the test parts in percent. Small rings: the worst group of each seed; the dot with its line:"
          + " their mean ± standard deviation; the upright stroke: mean accuracy over all parts. Blue is better than"
          + " \(baseline) in every seed and without overlap, orange worse, grey not told apart."), methodTable.markup,
      .element("p", ["class": "note"], "What the names mean:"), .list(explained),
    ]
  }

  private var baseline: String { report.differences.first?.baseline.rawValue ?? "the first method" }

  private var methodTable: PageTable {
    var table = PageTable([
      .init("Method"), .init("Worst group", isNumber: true), .init("against \(baseline)", isNumber: true),
      .init("All parts", isNumber: true), .init("against \(baseline)", isNumber: true), .init("Worst on average"),
      .init("One training", isNumber: true),
    ])
    for result in report.results {
      let difference = report.differences.first { $0.method == result.method }
      table.rows.append([
        .init(result.method.rawValue, tone: .strong), Self.measure(result.worstGroupAccuracy),
        Self.paired(difference?.worstGroupAccuracy), Self.measure(result.meanAccuracy),
        Self.paired(difference?.meanAccuracy),
        .init(
          result.worstGroup.map { short($0) } ?? "none is ranked", aside: result.worstGroupN.map { "n = \(count($0))" }),
        .init(duration(result.seconds)),
      ])
    }
    return table
  }

  private static func measure(_ measure: StudyMeasure?) -> PageTable.Cell {
    guard let measure else { return .init("–", tone: .soft) }
    return .init("\(percent(measure.mean)) %", aside: measure.sd.map { "± \(percent($0))" })
  }

  private static func paired(_ difference: PairedMeasure?) -> PageTable.Cell {
    guard let difference else { return .init("–", tone: .soft) }
    guard difference.better + difference.worse > 0 else { return .init("0.0", aside: "the same in every seed") }
    let spread = difference.sd.map { "± \(percent($0)); " } ?? ""
    return .init(points(difference.mean), aside: "\(spread)\(difference.better) of \(difference.pairs) better")
  }

  private var groups: [Markup] {
    var content: [Markup] = []
    if let plot = GroupPlot(report) { content.append(.figure(plot.drawing.markup, caption: plot.caption)) }
    content += [
      .element(
        "p", ["class": "note"],
        "Mean accuracy over the seeds in percent. The ground shows the difference from \(baseline): blue above, orange"
          + " below, strongest at \(GroupTable.strongestPoints) points. Groups with fewer than"
          + " \(StudyGroup.rankedRowsMinimum) test parts are shown and not ranked."),
      GroupTable(report).table.markup,
    ]
    return content
  }

  private func choice(_ choice: StudyChoice) -> [Markup] {
    var table = PageTable([.init("Seed", isNumber: true), .init("Kept"), .init("Why")])
    for kept in choice.perSeed {
      table.rows.append([
        .init(String(kept.seed)),
        .init(kept.arm, aside: kept.isIncumbent ? "no better challenger" : nil, tone: .strong),
        .init(kept.why ?? "–"),
      ])
    }
    return [.paragraph(sentence(choice.sentence)), table.markup]
  }

  private var weights: [Markup] {
    let seed = report.weights.first?.seed ?? 0
    let note = Markup.paragraph(
      "A weight of 1 is an equal share. A method that weighs groups by their losses gives more to those it still gets"
        + " wrong. Shown is seed \(seed); the four groups with the largest weights at the end have colours.")
    return [note]
      + report.weights.flatMap { course -> [Markup] in
        let reasons = course.groups.compactMap { group in group.reason.map { "\(short(group.group)): \($0)" } }
        let drawing = WeightPlot(course, short: short).drawing.markup
        return [.figure(drawing, caption: course.method.rawValue)]
          + (reasons.isEmpty ? [] : [Self.folded("Why, group by group", reasons)])
      }
  }

  private static func folded(_ title: String, _ items: [String]) -> Markup {
    .element("details", [:], [.element("summary", ["class": "note"], title), .list(items)])
  }

  private var making: [Markup] {
    var table = PageTable([.init("What"), .init("How")])
    table.rows = [
      ["Student", .init("\(report.student.description); \(count(report.student.parameters)) parameters")],
      ["Seeds", .init(report.seeds.map { String($0) }.joined(separator: ", "))],
      ["Time", .init("\(duration(report.seconds)) in all")],
      ["Arithmetic", .init("\(report.instructionSet); results are the same to the bit only on the same")],
    ]
    if let teacher = report.teacher {
      table.rows.insert(["Teacher", .init("\(teacher.name): \(teacher.sentence)")], at: 1)
    }
    let remarks = report.remarks.map { sentence($0) }
    return [table.markup] + (remarks.isEmpty ? [] : [.list(remarks)])
  }
}

/// With a capital letter and a full stop.
private func sentence(_ text: String) -> String {
  let start = text.prefix(1).uppercased() + text.dropFirst()
  return start.hasSuffix(".") ? start : start + "."
}
