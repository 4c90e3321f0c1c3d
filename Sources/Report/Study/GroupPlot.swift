import Domain

/// One row a group, the baseline's worst on top: the baseline, and the method that says most beside it.
struct GroupPlot {
  private let groups: [StudyGroup]
  private let before: StudyResult
  private let after: StudyResult
  private let hidden: Int
  private let short: ShortNames

  private static let width = 800.0
  private static let rowHeight = 30.0
  private static let top = 12.0
  private static let valueRoom = 178.0
  /// More rows are not read; the table below has them all.
  private static let rowsMaximum = 24

  /// Nil where there are no two methods to show, or no ranked group.
  init?(_ report: StudyReport) {
    guard let baseline = report.differences.first?.baseline,
      let before = report.results.first(where: { $0.method == baseline })
    else { return nil }
    let others = report.results.filter { $0.method != baseline }
    let best = others.max { ($0.worstGroupAccuracy?.mean ?? 0) < ($1.worstGroupAccuracy?.mean ?? 0) }
    // A recipe that kept the baseline itself has nothing to show beside it.
    let recipe = others.first { $0.method == .portfolio && $0.groups != before.groups }
    guard let after = recipe ?? best else { return nil }
    self.before = before
    self.after = after
    short = ShortNames(report.groups.map(\.name))
    let ranked = report.groups.filter(\.isRanked).sorted {
      (Self.mean(before, $0.name) ?? 2, $0.name) < (Self.mean(before, $1.name) ?? 2, $1.name)
    }
    guard !ranked.isEmpty else { return nil }
    groups = Array(ranked.prefix(Self.rowsMaximum))
    hidden = ranked.count - groups.count
  }

  var caption: String {
    "From \(before.method.rawValue) (ring) to \(after.method.rawValue) (dot), accuracy per group in percent, means over"
      + " the seeds; n is the number of test parts. The pale bar is the 95 % interval of the dot on other parts of the"
      + " group: more seeds do not narrow it."
      + (short.heading.map { " Groups are \($0)." } ?? "")
      + (hidden > 0 ? " \(hidden) groups that did better are in the table only." : "")
  }

  var drawing: Drawing {
    let bottom = Self.top + Double(groups.count) * Self.rowHeight
    var drawing = Drawing(
      width: Self.width, height: bottom + 26,
      description: "Accuracy per group, \(before.method.rawValue) and \(after.method.rawValue)")
    let names = groups.map { "\(short($0.name)), n=\(count($0.test))" }
    let labelRoom = min(300, (names.map { Drawing.room(for: $0) }.max() ?? 0) + 12)
    let values = groups.flatMap { group in
      [Self.mean(before, group.name), Self.mean(after, group.name), result(group)?.lower, result(group)?.upper]
        .compactMap(\.self)
    }
    let scale = Scale.shares(values, places: labelRoom...(Self.width - Self.valueRoom))
    for tick in scale.ticks {
      drawing.line((scale(tick), Self.top - 6), (scale(tick), bottom), "grid")
      drawing.text(decimal(tick * 100, places: 0), at: (scale(tick), bottom + 14), .middle, "soft")
    }
    for (index, group) in groups.enumerated() {
      let y = Self.top + (Double(index) + 0.5) * Self.rowHeight
      let tail = ", n=\(count(group.test))"
      drawing.text(Drawing.fitted(short(group.name), to: labelRoom - 12 - Drawing.room(for: tail)) + tail, at: (0, y))
      draw(group, y: y, in: &drawing, scale: scale)
    }
    return drawing
  }

  private func draw(_ group: StudyGroup, y: Double, in drawing: inout Drawing, scale: Scale) {
    guard let old = Self.mean(before, group.name), let new = Self.mean(after, group.name) else { return }
    let style = new >= old ? "first" : "second"
    if let lower = result(group)?.lower, let upper = result(group)?.upper {
      drawing.line((scale(lower), y), (scale(upper), y), "interval \(style)")
    }
    drawing.line((scale(old), y), (scale(new), y), "bar \(style)")
    drawing.circle((scale(old), y), radius: 4.5, "ring plain")
    drawing.circle((scale(new), y), radius: 5, "dot \(style)")
    drawing.text("\(percent(old)) → \(percent(new))", at: (Self.width - 54, y), .end)
    drawing.text(points(new - old), at: (Self.width, y), .end, "strong")
  }

  private func result(_ group: StudyGroup) -> StudyGroupResult? { after.groups.first { $0.group == group.name } }

  private static func mean(_ result: StudyResult, _ group: String) -> Double? {
    result.groups.first { $0.group == group }?.accuracy?.mean
  }
}

/// Every group under every method, the difference from the baseline as the ground of its cell.
struct GroupTable {
  let report: StudyReport

  /// The difference at which the ground is strongest.
  static let strongestPoints = 20

  init(_ report: StudyReport) { self.report = report }

  var table: PageTable {
    let hasTeacher = report.groups.contains { $0.teacherAccuracy != nil }
    let short = ShortNames(report.groups.map(\.name))
    var table = PageTable(
      [.init(short.heading ?? "Group", aside: "train / select / test")]
        + (hasTeacher ? [.init("teacher (select)", isNumber: true)] : [])
        + report.results.map { .init($0.method.rawValue, isNumber: true) }, isDense: true)
    let baseline = report.differences.first?.baseline
    let before = report.results.first { $0.method == baseline }
    for (index, group) in report.groups.enumerated() {
      let old = before?.groups[index].accuracy?.mean
      let teacher: [PageTable.Cell] =
        hasTeacher ? [.init(group.teacherAccuracy.map { percent($0) } ?? "–", tone: .soft)] : []
      table.rows.append(
        [
          .init(
            short(group.name),
            aside: "\(count(group.train)) / \(count(group.select)) / \(count(group.test))"
              + (group.isRanked ? "" : ", not ranked"), tone: group.isRanked ? .plain : .soft)
        ] + teacher + report.results.map { cell($0, index, old: old, group, isBaseline: $0.method == baseline) })
    }
    return table
  }

  private func cell(_ result: StudyResult, _ index: Int, old: Double?, _ group: StudyGroup, isBaseline: Bool)
    -> PageTable.Cell
  {
    guard let mean = result.groups[index].accuracy?.mean else { return .init("–", tone: .soft) }
    let isWorst = result.worstGroup == group.name
    let wash = old.map { (mean - $0) * 100 / Double(Self.strongestPoints) }
    return .init(
      percent(mean), tone: isWorst ? .strong : group.isRanked ? .plain : .soft,
      wash: isBaseline || !group.isRanked ? nil : wash)
  }
}
