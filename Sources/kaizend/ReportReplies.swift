import Domain
import Engine
import Policy
import Store
import Wire

/// A line's months as an operator message.
enum ReportReplies {
  /// Groups told apart; more are no longer read, and the answer stays at a few megabytes.
  static let groupsMax = 200
  /// Cells of a line whose groups hold the true class: each is as many groups as it has classes.
  private static let cellsMin = 20
  /// Steps of a course of weights.
  static let stepsMax = 60

  static func question(_ scope: ReportScope, since: Timestamp?) -> HistoryQuestion {
    let includesOutcome = scope.definition.schema.includesOutcome
    let cells = includesOutcome ? max(groupsMax / scope.definition.classNames.count, cellsMin) : groupsMax
    // By a machine's clock that had lost its time, parts would stand decades before all others.
    let believed = scope.settings.time == .clock ? Timestamp.earliestBelieved : Timestamp(microseconds: .min)
    return HistoryQuestion(
      since: max(since ?? believed, believed), watermark: scope.watermark, silentChannels: scope.silentChannels,
      byOutcome: includesOutcome, cellsMax: cells)
  }

  /// - Parameter runs: newest first.
  static func report(
    _ scope: ReportScope, _ history: LineHistory, runs: [RunRecord], audit: [AuditEntry], since: Timestamp?
  ) -> ReportReply {
    let (definition, line) = (scope.definition, scope.overview.registered)
    let known = Dictionary(
      scope.overview.partition.map { ($0.slice, $0) }, uniquingKeysWith: { first, _ in first })
    let groups = groupRows(history, definition, known)
    let told = runs.prefix(ReportDesk.runsMax)
    let dropped = scope.totals.dropped
    var reply = ReportReply(
      line: definition.id.text, mode: line.settings.mode.rawValue, time: line.settings.time.rawValue,
      attributes: definition.schema.attributes, outcomeInGroups: definition.schema.includesOutcome,
      classes: definition.classNames, champion: line.champion.number, now: scope.now.wholeSeconds,
      until: scope.watermark.wholeSeconds, periodDays: Int(history.periodDays), groups: groups,
      dropped: DroppedRows(predictions: dropped.predictions, outcomes: dropped.outcomes, features: dropped.inputs),
      waiting: scope.coverage.waiting,
      channels: scope.coverage.channels.map {
        ChannelRow(
          channel: $0.told.name, declared: $0.told.isDeclared, samplingProbability: $0.samplingProbability,
          outcomes: $0.told.outcomes, conflicts: $0.told.conflicts)
      }, silentChannels: scope.silentChannels.sorted(),
      runs: told.enumerated().reversed().map { index, run in
        reportRun(run, definition, withReport: index < ReportDesk.reportsMax)
      }, audit: audit.filter { tells($0.event) }.map(OperatorReplies.auditRow))
    reply.targetAccuracy = line.settings.targetAccuracy
    reply.maturityHours = scope.overview.maturityHours
    reply.since = since?.wholeSeconds
    let others = history.rows.filter { $0.cell == nil }
    if !others.isEmpty { reply.others = series(others) }
    reply.otherGroups = history.otherCells
    reply.youngParts = history.young.parts
    reply.youngLabelled = history.young.labelled
    reply.olderRuns = max(0, runs.count - told.count)
    reply.activity = scope.overview.activity
    return reply
  }

  /// What comes with every day's work, or stands with its run already, is left out; anything newer than this list is
  /// told.
  private static func tells(_ event: AuditEvent) -> Bool {
    switch event {
    case .groupSeen, .groupWatch, .retrainWeights: false
    default: true
    }
  }

  // MARK: - Groups

  private static func groupRows(
    _ history: LineHistory, _ definition: LineDefinition, _ known: [PartSlice: GroupStatus]
  ) -> [ReportGroupRow] {
    var rows: [GroupKey: [HistoryRow]] = [:]
    for row in history.rows {
      guard let cell = row.cell else { continue }
      rows[GroupKey(cell: cell, outcome: row.outcome), default: []].append(row)
    }
    return rows.sorted { $0.key < $1.key }.map { group, rows in
      let status = known[PartSlice(group)]
      // A class that the line does not have (any more) has no name, and its row stays countable.
      let isNamed = group.outcome.map(definition.classNames.indices.contains) ?? true
      return ReportGroupRow(
        group: isNamed ? definition.text(group) : definition.text(group.cell), cell: definition.text(group.cell),
        state: status?.state.rawValue, target: status?.target, series: series(rows))
    }
  }

  private static func series(_ rows: [HistoryRow]) -> ReportSeries {
    // Cells that are not told apart, and their classes, meet in one series.
    var sums: [[Int64]: PartCounts] = [:]
    for row in rows { sums[[row.day, Int64(row.version.number)], default: PartCounts()].add(row.counts) }
    var series = ReportSeries()
    for (key, counts) in sums.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      series.days.append(dateText(key[0]))
      series.versions.append(Int(key[1]))
      series.parts.append(counts.parts)
      series.labelled.append(counts.labelled)
      series.judged.append(counts.judged)
      series.right.append(counts.right)
    }
    return series
  }

  // MARK: - Runs

  private static func reportRun(_ run: RunRecord, _ definition: LineDefinition, withReport: Bool) -> ReportRun {
    ReportRun(
      run: OperatorReplies.runRow(run, definition), since: run.since.wholeSeconds, causes: run.causes,
      verdict: run.verdict, scope: run.scope.rawValue, report: withReport ? run.report.map(trimmed) : nil)
  }

  /// Weights are most of a report's bytes: those of arms that were not kept, and steps between others, go.
  static func trimmed(_ report: TrainingReport) -> TrainingReport {
    let arms = report.arms.map { arm in
      ArmReport(
        name: arm.name, skipped: arm.skipped, selectScore: arm.selectScore, selectScores: arm.selectScores,
        steps: arm.steps, seconds: arm.seconds,
        weights: arm.name == report.chosenArm ? thinned(arm.weights) : [],
        reasons: arm.name == report.chosenArm ? arm.reasons : [])
    }
    var shorter = report
    shorter.arms = arms
    return shorter
  }

  /// Every n-th step and the last one.
  private static func thinned(_ weights: [WeightRecord]) -> [WeightRecord] {
    let steps = Set(weights.map(\.step)).sorted()
    guard steps.count > stepsMax, let last = steps.last else { return weights }
    let stride = (steps.count + stepsMax - 1) / stepsMax
    let kept = Set(steps.enumerated().filter { $0.offset.isMultiple(of: stride) }.map(\.element)).union([last])
    return weights.filter { kept.contains($0.step) }
  }
}
