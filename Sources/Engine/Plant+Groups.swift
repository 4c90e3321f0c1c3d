import Domain
import Policy
import Statistics

extension Plant {
  /// Lagging first, then by evidence.
  func groupStatuses(_ line: LineState) -> [GroupStatus] {
    let levels = alarmLevels
    let sets = line.monitor.sets
    let lagging = line.monitor.lagging(levels)
    let ranking = Ranking(sets, definition: line.definition)
    let certain = certainlyLagging(sets)
    let now = wallClock()
    let adopted = Set(line.watchedSlices)
    let statuses = sets.map { set in
      let explained = lagging.first { $0.slice == set.slice }.flatMap { explaining($0, among: lagging) }
      return status(
        of: set.slice, set.evidence, kind: line.kind(of: set.slice, adopted: adopted), line: line, levels: levels,
        now: now, ranking: ranking, isCertain: certain.contains(set.slice),
        explainedBy: explained.map { line.definition.text($0) })
    }
    return statuses.sorted { ($0.evidence ?? -1, $1.slice) > ($1.evidence ?? -1, $0.slice) }
  }

  private func status(
    of slice: PartSlice, _ evidence: GroupEvidence, kind: GroupStatus.Kind, line: LineState, levels: AlarmLevels,
    now: Timestamp, ranking: Ranking, isCertain: Bool, explainedBy: String?
  ) -> GroupStatus {
    let signs = line.signs(of: slice)
    let assessment = assess(evidence, levels: levels, signs: signs)
    let window = evidence.window
    let total = window.correct + window.wrong
    return GroupStatus(
      slice: slice, kind: kind, name: line.definition.text(slice), state: evidence.state,
      since: evidence.since, version: evidence.version ?? line.onlyVersion, correct: window.correct,
      wrong: window.wrong,
      interval: total > 0 ? betaMixtureInterval(correct: window.correct, wrong: window.wrong) : nil,
      matured: evidence.matured, labelled: evidence.labelled, bounds: evidence.bounds,
      shrunk: ranking.shrunk[slice]?.estimate, trailsRest: ranking.trailsRest(slice), target: evidence.target,
      evidence: assessment.evidence, isCertain: isCertain, explainedBy: explainedBy, days: evidence.days,
      channels: evidence.channels.map { channel in
        GroupStatus.Channel(
          name: channel.channel, sampling: channel.sampling,
          maturityHours: line.monitor.maturityHours(channel.channel, line.settings) ?? MaturityRule.hoursUntold,
          labelled: channel.labels, matured: channel.matured, voidSince: channel.voidSince)
      }, signs: signs, estimate: line.estimate(of: slice), marks: line.marks(of: slice, now: now),
      why: assessment.sentence)
  }

  /// The sets that lag now, with at most one in ten wrong on average.
  private func certainlyLagging(_ sets: [(slice: PartSlice, evidence: GroupEvidence)]) -> Set<PartSlice> {
    let known = sets.compactMap { set in set.evidence.logEValue.map { (set.slice, $0) } }
    let flags = eBenjaminiHochberg(logEValues: known.map(\.1), rate: 0.1)
    return Set(zip(known, flags).filter(\.1).map(\.0.0))
  }
}

/// How the groups of a line stand to each other.
private struct Ranking {
  private(set) var shrunk: [PartSlice: ShrunkAccuracy] = [:]
  private var counts: [PartSlice: (correct: Int, total: Int)] = [:]
  private var all: (correct: Int, total: Int) = (0, 0)

  /// Below the others by less is what one of many groups always is.
  private static let margin = 0.03
  private static let certainty = 0.9

  init(_ sets: [(slice: PartSlice, evidence: GroupEvidence)], definition: LineDefinition) {
    let groups = sets.filter { definition.group(of: $0.slice) != nil }
    for set in groups {
      let window = set.evidence.window
      counts[set.slice] = (window.correct, window.correct + window.wrong)
      all.correct += window.correct
      all.total += window.correct + window.wrong
    }
    let known = groups.map(\.slice).filter { counts[$0]?.total ?? 0 > 0 }
    for (slice, value) in zip(known, shrunkAccuracies(known.map { counts[$0] ?? (0, 0) })) { shrunk[slice] = value }
  }

  /// L3 of `monitoring.md` 6.4.
  func trailsRest(_ slice: PartSlice) -> Bool {
    guard let own = counts[slice], let value = shrunk[slice], all.total > own.total else { return false }
    let rest = Double(all.correct - own.correct) / Double(all.total - own.total)
    return value.probabilityBelow(max(rest - Self.margin, 0)) > Self.certainty
  }
}

extension GroupEvidence {
  /// Whatever the parts without an outcome were (Manski's bounds); nil where they cannot be told to be of this set.
  var bounds: Interval? {
    guard seesUnlabelled, matured > 0, labelled > 0 else { return nil }
    // Channels may have come less far than the count of all parts.
    let parts = max(matured, correct + wrong)
    return Interval(lower: Double(correct) / Double(parts), upper: Double(parts - wrong) / Double(parts))
  }
}

extension LineState {
  func kind(of slice: PartSlice, adopted: Set<PartSlice>) -> GroupStatus.Kind {
    if definition.group(of: slice) != nil { return .group }
    return adopted.contains(slice) ? .slice : .node
  }

  /// Early signs are told of cells and of the line as a whole.
  func signs(of slice: PartSlice) -> [EarlySign] {
    guard slice.depth == 0 || slice.cell != nil else { return [] }
    return early?.signs(of: slice.cell, definition: definition) ?? []
  }

  func estimate(of slice: PartSlice) -> EarlyEstimate? {
    guard slice.outcome == nil, slice.depth == 0 || slice.cell != nil else { return nil }
    return early?.estimate(of: slice.cell)
  }

  /// Rows whose outcomes say how often answers are right: not those of a channel that chooses its parts, where another
  /// one does not.
  func telling(_ rows: [MaturedPrediction]) -> [MaturedPrediction] {
    let chosen = monitor.channels.keys.filter { monitor.sampling($0, settings) == .chosen }
    guard !chosen.isEmpty, chosen.count < monitor.channels.count else { return rows }
    return rows.filter { row in row.channel.map { !chosen.contains($0) } ?? true }
  }

  /// The student of all parts, where there is one.
  var onlyVersion: ModelVersion? { students.count == 1 ? registered.champion : nil }

  /// What of the operators' words still holds, by the machine's clock.
  func marks(of slice: PartSlice, now: Timestamp) -> GroupStatus.Marks {
    var marks = self.marks[slice] ?? GroupStatus.Marks()
    if let silenced = marks.silenced, silenced.until <= now { marks.silenced = nil }
    return marks
  }
}
