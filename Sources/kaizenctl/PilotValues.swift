import Domain
import Report
import Wire

/// The daemon's figures as values of the page.
extension PilotReport {
  /// nil where the columns of a series are not of one length, or a time is none.
  init?(_ reply: ReportReply) {
    guard let now = Timestamp(reply.now), let until = Timestamp(reply.until) else { return nil }
    let series = reply.groups.map(\.series) + [reply.others].compactMap(\.self)
    guard series.allSatisfy(\.isWhole), reply.periodDays > 0 else { return nil }
    // Parts without the outcome that would make them a group's stand with their cell.
    let isRest: (ReportGroupRow) -> Bool = { reply.outcomeInGroups && $0.group == $0.cell }
    let groups = reply.groups.filter { !isRest($0) }
    self.init(
      line: reply.line, hasOwnTime: reply.time == TimeSource.event.rawValue, mode: reply.mode, now: now, until: until,
      target: reply.targetAccuracy, maturityHours: reply.maturityHours, periodDays: reply.periodDays,
      outcomeInGroups: reply.outcomeInGroups,
      groups: groups.map {
        PilotGroup(
          name: $0.group, cell: $0.cell, state: $0.state, target: $0.target, points: PilotPoint.points($0.series))
      })
    rest =
      reply.groups.filter(isRest).flatMap { PilotPoint.points($0.series) }
      + (reply.others.map(PilotPoint.points) ?? [])
    otherGroups = reply.otherGroups
    youngParts = reply.youngParts
    youngLabelled = reply.youngLabelled
    droppedParts = reply.dropped.predictions
    waiting = reply.waiting
    channels = reply.channels.map {
      PilotChannel(
        name: $0.channel, outcomes: $0.outcomes, conflicts: $0.conflicts,
        isSilent: reply.silentChannels.contains($0.channel))
    }
    // What was asked for, on both clocks; a line with its own time has no axis for what its machine recorded.
    let since = reply.since.flatMap { Timestamp($0) } ?? Timestamp(microseconds: .min)
    let names = GroupNames(reply)
    jobs = reply.runs.compactMap { PilotJob($0, names) }.filter { $0.end >= since || !$0.isRetraining }
    olderJobs = reply.olderRuns
    let isOnAxis = reply.time != TimeSource.event.rawValue
    events = reply.audit.compactMap { row in
      guard let time = Timestamp(row.time), !isOnAxis || time >= since else { return nil }
      return PilotEvent(
        time: time, event: row.event, group: row.group, run: row.run, login: row.login, sentence: row.sentence)
    }
    activity = reply.activity
  }
}

extension PilotPoint {
  /// Days that are none are left out.
  static func points(_ series: ReportSeries) -> [PilotPoint] {
    series.days.indices.compactMap { index in
      guard let day = Timestamp(series.days[index])?.day else { return nil }
      return PilotPoint(
        day: day, version: series.versions[index], parts: series.parts[index], labelled: series.labelled[index],
        judged: series.judged[index], right: series.right[index])
    }
  }
}

/// How the line writes its groups.
private struct GroupNames {
  private let schema: GroupSchema?
  private let attributes: [String]
  private let classes: [String]

  init(_ reply: ReportReply) {
    attributes = reply.attributes
    classes = reply.classes
    schema = try? GroupSchema(attributes: reply.attributes, includesOutcome: reply.outcomeInGroups)
  }

  func callAsFunction(_ group: GroupKey) -> String {
    guard let schema, group.cell.values.count == attributes.count,
      group.outcome.map(classes.indices.contains) ?? true
    else { return group.cell.values.joined(separator: ",") }
    return schema.text(group, classNames: classes)
  }
}

extension PilotJob {
  /// nil for a run whose times are none.
  fileprivate init?(_ row: ReportRun, _ names: GroupNames) {
    let run = row.run
    guard let since = Timestamp(row.since), let start = Timestamp(run.startedAt) else { return nil }
    self.init(
      number: run.run, kind: run.kind, state: run.state, groups: run.groups, cells: run.cells, since: since,
      startedAt: start, endedAt: run.endedAt.flatMap { Timestamp($0) }, login: run.by, version: run.version,
      causes: row.causes, verdict: row.verdict)
    isWhole = row.scope == RetrainScope.whole.rawValue
    guard let report = row.report else { return }
    rows = report.folds.reduce(Rows(train: 0, select: 0, gate: 0)) {
      Rows(train: $0.train + $1.train, select: $0.select + $1.select, gate: $0.gate + $1.heldOut)
    }
    arms = report.arms.map {
      Arm(
        name: $0.name, skipped: $0.skipped, score: $0.selectScore, steps: $0.steps, seconds: $0.seconds,
        isKept: $0.name == report.chosenArm)
    }
    pairs = report.pairs.filter { $0.total > 0 }.map { Pair($0, names) }
    teacher = Teacher(report, names)
    weights = report.arms.first { $0.name == report.chosenArm }.flatMap { Weights($0.weights, names) }
    seconds = report.seconds
    processorSeconds = report.cost?.cpuSeconds
    pausedSeconds = report.cost?.pausedSeconds
    unlabelledRows = report.unlabelledRows
    remarks = report.remarks
  }
}

extension PilotJob.Pair {
  fileprivate init(_ counts: PairedCounts, _ names: GroupNames) {
    self.init(
      group: names(counts.group), total: counts.total, before: counts.championCorrect,
      after: counts.challengerCorrect, wins: counts.wins, losses: counts.losses)
  }
}

extension PilotJob.Teacher {
  fileprivate init(_ report: TrainingReport, _ names: GroupNames) {
    let scores = report.teacher.scores.filter { $0.total > 0 }
    let worst = scores.min { ($0.accuracy ?? 1) < ($1.accuracy ?? 1) }
    self.init(
      name: report.teacher.name, verdict: report.teacher.verdict, sentence: report.teacher.sentence,
      correct: scores.reduce(0) { $0 + $1.correct }, total: scores.reduce(0) { $0 + $1.total },
      worst: worst.map { (names($0.group), $0.correct, $0.total) },
      calibrationError: report.teacher.calibration?.expectedError,
      gatePairs: (report.teacherPairs ?? []).filter { $0.total > 0 }.map { PilotJob.Pair($0, names) })
  }
}

extension PilotJob.Weights {
  /// nil where no weights were recorded, or not every group at every step.
  fileprivate init?(_ records: [WeightRecord], _ names: GroupNames) {
    let steps = Set(records.map(\.step)).sorted()
    guard !steps.isEmpty else { return nil }
    let courses = Dictionary(grouping: records, by: \.group).sorted { $0.key < $1.key }
      .filter { $0.value.count == steps.count }
    self.init(
      steps: steps,
      groups: courses.map { group, records in
        (names(group), records.sorted { $0.step < $1.step }.map(\.weight))
      })
  }
}
