import Domain

/// The pilot report of a line, which a manager reads to the end of the summary and an engineer to the limits.
public struct PilotPage: Sendable {
  let report: PilotReport
  let findings: PilotFindings
  let words: any PilotWords
  let language: PilotLanguage

  /// Plots on the page: more are no longer compared; the table has every group.
  static let plotsMax = 12
  /// Retrainings told in full.
  static let detailedJobsMax = 12
  /// Groups named in a sentence.
  static let namedMax = 5

  public init(_ report: PilotReport, language: PilotLanguage) {
    self.report = report
    self.language = language
    findings = PilotFindings(report)
    words = language.words
  }

  public var html: String {
    var page = Page(title: words.title(line: report.line), lead: lead, language: words.code)
    let sentences = summary
    page.add(
      words.summaryTitle,
      [.element("p", ["class": "claim"], sentences.first ?? "")]
        + (sentences.count > 1 ? [.list(Array(sentences.dropFirst()))] : []))
    page.add(words.accuracyTitle, accuracy)
    page.add(words.jobsTitle, jobs)
    page.add(words.keptTitle, kept)
    page.add(words.teacherTitle, teacher)
    page.add(words.peopleTitle, people)
    page.add(words.limitsTitle, [.list(limits)])
    return page.html
  }

  private var lead: String {
    words.lead(
      from: findings.firstDay.map { PlainDate(day: $0) }, to: findings.lastDay.map { PlainDate(day: $0) },
      made: PlainDate(report.now), mode: report.mode)
  }

  // MARK: - Summary

  /// The summary, a sentence each.
  public var summary: [String] {
    guard let first = findings.firstDay, let last = findings.lastDay else { return [words.nothingCounted] }
    let rate = findings.rate
    var sentences = [
      words.partsSentence(
        from: PlainDate(day: first), to: PlainDate(day: last), parts: findings.parts, groups: findings.groupCount,
        labelled: findings.labelled),
      rate.isTelling ? words.accuracySentence(rate, target: report.target) : words.noAccuracySentence,
      findings.lagged.isEmpty
        ? words.nothingLaggedSentence
        : words.laggedSentence(Array(findings.lagged.prefix(Self.namedMax)), all: findings.lagged.count),
      findings.retrainings.isEmpty ? words.noJobsSentence : words.jobsSentence(jobCounts),
    ]
    sentences += findings.effects.prefix(Self.namedMax).map(words.effectSentence)
    if !findings.retrainings.isEmpty {
      sentences.append(
        words.costSentence(
          rows: findings.rowsUsed, seconds: findings.seconds, processorSeconds: findings.processorSeconds))
    }
    let now = findings.laggingNow
    sentences.append(
      now.isEmpty
        ? words.nothingLagsNowSentence : words.laggingNowSentence(Array(now.prefix(Self.namedMax)), all: now.count))
    if findings.thinGroups > 0 {
      sentences.append(words.thinSentence(groups: findings.thinGroups, of: report.groups.count))
    }
    return sentences
  }

  private var jobCounts: JobCounts {
    JobCounts(
      all: findings.retrainings.count, promoted: findings.count(.promoted), rolledBack: findings.count(.rolledBack),
      rejected: findings.count(.rejected), kept: findings.count(.kept),
      failed: findings.count(.failed, .interrupted, .other), open: findings.count(.running, .onTrial))
  }

  // MARK: - Accuracy

  private var accuracy: [Markup] {
    guard let first = findings.firstDay, let last = findings.lastDay else { return [.paragraph(words.nothingCounted)] }
    // To the end of the last day.
    let days = Double(first)...Double(max(last + 1, first + 1))
    let worst = findings.worstFirst
    let bin = AccuracyPlot.binDays(span: days.upperBound - days.lowerBound, periodDays: report.periodDays)
    var content: [Markup] = [.element("p", ["class": "note"], words.plotCaption(binDays: bin)), legend]
    content.append(
      plot(
        words.allParts, findings.points, target: nil, days: days, marks: marks(cell: nil, group: nil), byStudent: false)
    )
    for group in worst.prefix(Self.plotsMax) {
      content.append(
        plot(
          group.name, group.points, target: group.target ?? report.target, days: days,
          marks: marks(cell: group.cell, group: group.name)))
    }
    if worst.count > Self.plotsMax {
      content.append(.element("p", ["class": "note"], words.plotsLeftOut(worst.count - Self.plotsMax)))
    }
    return content + [.element("p", ["class": "note"], words.groupTableNote), groupTable(worst)]
  }

  private func plot(
    _ name: String, _ points: [PilotPoint], target: Double?, days: ClosedRange<Double>, marks: [TimeMark],
    byStudent: Bool = true
  ) -> Markup {
    let plot = AccuracyPlot(
      points, periodDays: report.periodDays, days: days, target: target, marks: marks,
      byStudent: byStudent, description: words.plotDescription(name), words: words)
    return .element(
      "figure", [:],
      [
        .element("figcaption", [:], [.element("strong", [:], Markup.breakable(words.plotHeading(name, Rate(points))))]),
        plot.drawing.markup,
      ])
  }

  /// The marks that occur, with what they mean.
  private var legend: Markup {
    var shapes: [TimeMark.Shape] = []
    for mark in marks(cell: nil, group: nil) where !shapes.contains(mark.shape) { shapes.append(mark.shape) }
    return .element(
      "p", ["class": "note legend"],
      shapes.flatMap { shape -> [Markup] in
        var drawing = Drawing(width: 14, height: 14, description: words.legend(shape))
        drawing.mark(shape, (7, 7))
        return [.element("span", [:], [drawing.markup, Markup(" " + words.legend(shape))]), Markup("  ")]
      })
  }

  /// What was done for a cell and raised for a group; nil: for any.
  func marks(cell: String?, group: String?) -> [TimeMark] {
    var marks: [TimeMark] = []
    // First students and imports are made by the machine's clock.
    for job in findings.retrainings where cell.map(job.cells.contains) ?? true {
      let shape: TimeMark.Shape
      switch job.fate {
      case .promoted: shape = .up
      case .rolledBack:
        // It served from its end on; without the machine's clock, until it answered no more.
        shape = .up
        if report.hasOwnTime, let last = findings.lastDay(of: job) {
          marks.append(TimeMark(day: last, shape: .down, label: "#\(job.number)"))
        }
      case .onTrial, .running: shape = .square
      case .kept, .rejected, .failed, .interrupted, .other: shape = .cross
      }
      marks.append(TimeMark(day: Self.day(job.end), shape: shape, label: "#\(job.number)"))
    }
    guard !report.hasOwnTime else { return marks }
    let names = group.map { [$0] } ?? findings.lagged
    for event in report.events {
      switch event.event {
      case "group_lagging" where event.group.map(names.contains) ?? false:
        marks.append(TimeMark(day: Self.day(event.time), shape: .alarm, label: ""))
      case "model_rolled_back" where cell == nil || event.group == nil || event.group?.contains(cell ?? "") == true:
        marks.append(TimeMark(day: Self.day(event.time), shape: .down, label: event.run.map { "#\($0)" } ?? ""))
      default: break
      }
    }
    return marks
  }

  private static func day(_ time: Timestamp) -> Double {
    Double(time.microseconds) / Double(Timestamp.microsecondsPerDay)
  }

  private func groupTable(_ groups: [PilotGroup]) -> Markup {
    let days = Int(PilotFindings.recentDays)
    var table = PageTable([
      .init(words.groupColumn), .init(words.stateColumn), .init(words.partsColumn, isNumber: true),
      .init(words.labelledColumn, isNumber: true), .init(words.accuracyColumn, isNumber: true),
      .init(words.recentColumn(days: days), isNumber: true), .init(words.targetColumn, isNumber: true),
    ])
    for group in groups {
      table.rows.append(
        row(
          group.name, group.points, state: words.groupState(group.state), recent: findings.recent(group),
          target: group.target ?? report.target))
    }
    if !report.rest.isEmpty {
      let name = report.otherGroups > 0 ? words.otherGroups(report.otherGroups) : words.withoutOutcomeRow
      table.rows.append(row(name, report.rest, state: "", recent: Rate(), target: nil))
    }
    table.rows.append(row(words.allParts, findings.points, state: "", recent: Rate(), target: nil))
    return table.markup
  }

  private func row(_ name: String, _ points: [PilotPoint], state: String, recent: Rate, target: Double?)
    -> [PageTable.Cell]
  {
    let parts = points.reduce(0) { $0 + $1.parts }
    let labelled = points.reduce(0) { $0 + $1.labelled }
    return [
      .init(name), .init(state), .init(count(parts)), .init(count(labelled), aside: share(labelled, of: parts)),
      cell(Rate(points)), cell(recent), .init(target.map(words.share) ?? "–", tone: target == nil ? .soft : .plain),
    ]
  }

  private func share(_ some: Int, of all: Int) -> String? {
    all > 0 ? words.share(Double(some) / Double(all)) : nil
  }

  /// A rate as tables show it: without a share where it would say too little.
  func cell(_ rate: Rate) -> PageTable.Cell {
    guard let share = rate.share, let interval = rate.interval else { return .init("–", tone: .soft) }
    let size = "n = \(count(rate.total))"
    guard rate.isTelling else { return .init(words.insufficient, aside: size, tone: .soft) }
    return .init("\(words.share(share))", aside: "\(words.bounds(interval)), \(size)")
  }
}
