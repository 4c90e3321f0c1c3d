import Domain

/// What was retrained, what it gave, and every retraining in full.
extension PilotPage {
  var jobs: [Markup] {
    guard !report.jobs.isEmpty else { return [.paragraph(words.noJobsYet)] }
    var content: [Markup] = []
    if report.olderJobs > 0 { content.append(.element("p", ["class": "note"], words.olderJobs(report.olderJobs))) }
    content.append(jobTable)
    if !findings.effects.isEmpty { content += effects }
    let told = findings.retrainings.filter { !$0.arms.isEmpty || $0.fate == .promoted }
    for job in told.suffix(Self.detailedJobsMax) { content += details(job) }
    if findings.retrainings.count > min(told.count, Self.detailedJobsMax) {
      content.append(.element("p", ["class": "note"], words.jobsWithoutDetail))
    }
    return content
  }

  private var jobTable: Markup {
    var table = PageTable([
      .init(words.jobColumn), .init(words.groupColumn), .init(words.endColumn), .init(words.fateColumn),
      .init(words.startedByColumn), .init(words.rowsColumn, isNumber: true), .init(words.minutesColumn, isNumber: true),
    ])
    for job in report.jobs {
      let groups = job.isRetraining ? named(job.groups) : words.jobKind(job)
      table.rows.append([
        .init("#\(job.number)", tone: .strong), .init(groups),
        .init(words.date(PlainDate(job.end))), .init(words.jobState(job), aside: job.version.map { "v\($0)" }),
        .init(job.login), .init(job.rows.map { count($0.total) } ?? "–"),
        .init(
          job.seconds.map { decimal($0 / 60, places: 1) } ?? "–",
          aside: job.processorSeconds.map { "CPU \(decimal($0 / 60, places: 1))" }),
      ])
    }
    return table.markup
  }

  private func named(_ groups: [String]) -> String {
    guard groups.count > Self.namedMax else { return words.listed(groups) }
    return words.listed(Array(groups.prefix(Self.namedMax))) + " … (\(count(groups.count)))"
  }

  private var effects: [Markup] {
    let plot = ChangePlot(
      findings.effects.filter { $0.verdict != .insufficient }.map {
        ChangePlot.Row(label: "#\($0.job) \($0.group)", before: $0.before, after: $0.after)
      }, description: words.effectsHeading)
    var table = PageTable([
      .init(words.jobColumn), .init(words.groupColumn), .init(words.beforeColumn, isNumber: true),
      .init(words.afterColumn, isNumber: true), .init(words.differenceColumn, isNumber: true),
      .init(words.verdictColumn),
    ])
    for effect in findings.effects {
      let isKnown = effect.verdict != .insufficient
      table.rows.append([
        .init("#\(effect.job)", aside: "v\(effect.version)"), .init(effect.group), cell(effect.before),
        cell(effect.after), .init(isKnown ? effect.difference.map(words.difference) ?? "–" : "–"),
        .init(words.verdict(effect.verdict), tone: effect.verdict == .open || !isKnown ? .soft : .strong),
      ])
    }
    var content: [Markup] = [.element("h3", [:], words.effectsHeading)]
    if let plot {
      content.append(.figure(plot.drawing.markup, caption: words.effectsCaption))
    } else {
      content.append(.element("p", ["class": "note"], words.effectsCaption))
    }
    return content + [table.markup]
  }

  // MARK: - One retraining

  private func details(_ job: PilotJob) -> [Markup] {
    var content: [Markup] = [.element("h3", [:], Markup.breakable(words.jobHeading(job)))]
    let events = findings.story(of: job)
    content += (words.jobStory(job) + events.filter(\.isByPerson).compactMap(words.decision)).map { .paragraph($0) }
    content += recorded(
      job.causes + job.verdict + job.remarks + events.map { "\($0.time.wholeSeconds): \($0.sentence)" })
    if !job.pairs.isEmpty { content += gate(job) }
    if !job.arms.isEmpty { content += arms(job) }
    // The one weight of one group is always its equal share.
    if let weights = job.weights, weights.groups.count > 1 { content += course(weights) }
    return content
  }

  /// Sentences as the daemon recorded them; what was recorded at several places is told once.
  func recorded(_ all: [String]) -> [Markup] {
    var seen: Set<String> = []
    let sentences = all.filter { seen.insert($0).inserted }
    guard !sentences.isEmpty else { return [] }
    let list = Markup.element("ul", ["lang": "en", "class": "recorded"], sentences.map { .element("li", [:], $0) })
    return [.element("h4", [:], words.recordedHeading), list]
  }

  private func gate(_ job: PilotJob) -> [Markup] {
    var table = PageTable([
      .init(words.groupColumn), .init(words.beforeColumn, isNumber: true), .init(words.afterColumn, isNumber: true),
      .init(words.newlyRightColumn, isNumber: true), .init(words.newlyWrongColumn, isNumber: true),
    ])
    for pair in job.pairs {
      table.rows.append([
        .init(pair.group), cell(Rate(right: pair.before, total: pair.total)),
        cell(Rate(right: pair.after, total: pair.total)), .init(count(pair.wins)), .init(count(pair.losses)),
      ])
    }
    return [.element("h4", [:], words.gateHeading), .element("p", ["class": "note"], words.gateCaption), table.markup]
  }

  private func arms(_ job: PilotJob) -> [Markup] {
    var table = PageTable([
      .init(words.armColumn), .init(words.armScoreColumn, isNumber: true),
      .init(words.armStepsColumn, isNumber: true), .init(words.armSecondsColumn, isNumber: true),
      .init(words.armResultColumn),
    ])
    for arm in job.arms {
      let wasRun = arm.skipped == nil
      table.rows.append([
        .init(words.armName(arm.name), tone: arm.isKept ? .strong : wasRun ? .plain : .soft),
        .init(arm.score.map { words.share(min($0, 1)) } ?? "–"), .init(wasRun ? count(arm.steps) : "–"),
        .init(wasRun ? words.seconds(arm.seconds) : "–"),
        .init(arm.isKept ? words.armKept : wasRun ? words.armNotKept : words.armSkipped, aside: arm.skipped),
      ])
    }
    return [.element("h4", [:], words.armsHeading), table.markup]
  }

  private func course(_ weights: PilotJob.Weights) -> [Markup] {
    let plot = WeightPlot(
      steps: weights.steps,
      groups: weights.groups.map { StudyWeights.Course(group: $0.group, weights: $0.weights, reason: nil) },
      description: words.weightsHeading, stepsWord: words.stepsWord, short: ShortNames(weights.groups.map(\.group)))
    return [
      .element("h4", [:], words.weightsHeading), .figure(plot.drawing.markup, caption: words.weightsCaption),
    ]
  }
}
