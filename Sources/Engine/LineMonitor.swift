import Domain
import Policy
import Statistics

/// The monitor's memory of one line: a value that survives restarts as stored bytes.
struct LineMonitor: Codable, Sendable, Equatable {
  /// The last row of the ledger that has been counted.
  private(set) var cursor: Int64 = 0
  private(set) var groups: [GroupKey: GroupEvidence] = [:]
  /// Cells that were announced, or known from training.
  private(set) var seenCells: Set<Cell> = []
  /// The line's time at the last look: outcomes may be later than any prediction.
  private(set) var lookedAt: Timestamp?
  private(set) var matured = 0
  private(set) var labelled = 0
  /// Rows of groups past `maximumGroups`.
  private(set) var unmonitored = 0

  /// Groups watched per line: each costs alarm level for all others, and more come only from a gateway that sends
  /// something like a serial number as an attribute.
  static let maximumGroups = 500
  /// Cells told apart per line; further ones are stored under `overflowCell`.
  static let maximumCells = 1000

  mutating func look(at time: Timestamp) { lookedAt = time }

  mutating func see(_ cell: Cell) { seenCells.insert(cell) }

  var isFull: Bool { seenCells.count >= Self.maximumCells }

  /// Where the parts of cells past the bound are counted.
  static func overflowCell(_ schema: GroupSchema) -> Cell {
    Cell(schema.attributes.map { _ in "(other)" })
  }

  /// Counts matured rows, oldest first. Rows of a student that no longer serves its cell move the cursor only: their
  /// evidence went with that student.
  mutating func absorb(
    _ rows: [MaturedPrediction], definition: LineDefinition, settings: LineSettings,
    serving: (Cell) -> ModelVersion
  ) {
    guard let last = rows.last else { return }
    cursor = last.row
    let effect = designEffect
    var tallies: [Tally.Key: Tally] = [:]
    var order: [Tally.Key] = []
    for row in rows {
      matured += 1
      if row.label != nil { labelled += 1 }
      guard row.version == serving(row.cell) else { continue }
      let keys = groupKeys(of: row, definition)
      for group in keys {
        let key = Tally.Key(group: group, day: row.time.day)
        if tallies[key] == nil { order.append(key) }
        tallies[key, default: Tally(version: row.version)].add(row)
      }
    }
    for key in order {
      guard let tally = tallies[key] else { continue }
      count(tally, key: key, settings: settings, effect: effect)
    }
  }

  /// A part without an outcome belongs to no group where groups hold the outcome.
  private func groupKeys(of row: MaturedPrediction, _ definition: LineDefinition) -> [GroupKey] {
    guard definition.schema.includesOutcome else { return [GroupKey(cell: row.cell)] }
    guard let label = row.label else { return [] }
    return [GroupKey(cell: row.cell, outcome: label)]
  }

  private mutating func count(_ tally: Tally, key: Tally.Key, settings: LineSettings, effect: DesignEffect) {
    if groups[key.group] == nil, groups.count >= Self.maximumGroups {
      unmonitored += tally.correct + tally.wrong + tally.unlabelled
      return
    }
    var evidence =
      groups[key.group] ?? GroupEvidence(version: tally.version, targetAccuracy: settings.targetAccuracy)
    if evidence.version != tally.version {
      evidence = GroupEvidence(version: tally.version, targetAccuracy: settings.targetAccuracy)
    }
    evidence.absorb(
      day: key.day, correct: tally.correct, wrong: tally.wrong, unlabelled: tally.unlabelled,
      designEffect: effect.inflation(labelsPerActiveDay: labelsPerDay(evidence, with: tally, on: key.day)))
    groups[key.group] = evidence
  }

  /// Forgets what is known of the groups of these cells, because another student serves them now.
  mutating func reset(cells: Set<Cell>, version: (Cell) -> ModelVersion, targetAccuracy: Double?) {
    for group in groups.keys where cells.contains(group.cell) {
      groups[group] = GroupEvidence(version: version(group.cell), targetAccuracy: targetAccuracy)
    }
  }

  /// Forgets evidence about students that do not serve its cell: a promotion whose new evidence a power cut took away.
  mutating func dropEvidence(ofOthersThan version: (Cell) -> ModelVersion, targetAccuracy: Double?) {
    let stale = groups.filter { $0.value.version != version($0.key.cell) }.map(\.key.cell)
    reset(cells: Set(stale), version: version, targetAccuracy: targetAccuracy)
  }

  mutating func setTarget(_ target: Double?) {
    for group in groups.keys { groups[group]?.setTarget(target) }
  }

  /// Judges every group and moves its state; returns those whose state changed, with the new assessment.
  mutating func judge(falseAlarmDays: Double) -> [Transition] {
    let levels = alarmLevels(falseAlarmDays: falseAlarmDays)
    var transitions: [Transition] = []
    for (group, evidence) in groups.sorted(by: { $0.key < $1.key }) {
      let assessment = assess(evidence, levels: levels)
      guard assessment.state != evidence.state else { continue }
      transitions.append(Transition(group: group, from: evidence.state, assessment: assessment))
      groups[group]?.enter(assessment.state)
    }
    return transitions
  }

  func alarmLevels(falseAlarmDays: Double) -> AlarmLevels {
    let armed = groups.values.reduce(0) { $0 + $1.armedDetectors.count }
    return AlarmLevels(armedDetectors: armed, falseAlarmDays: falseAlarmDays)
  }

  /// How far a day's outcomes hang together on this line, pooled over the groups that are quiet: a real drop is not
  /// day-to-day noise and must not dampen its own evidence (`monitoring.md` 6.3b).
  private var designEffect: DesignEffect {
    let quiet = groups.values.filter { $0.state == .ok || $0.state == .unknown }
    return DesignEffect(
      estimatedFrom: quiet.enumerated().flatMap { index, evidence in
        evidence.days.map { DayCount(group: index, day: $0.day, correct: $0.correct, total: $0.total) }
      })
  }

  /// The mean of the days so far, or this day where it is busier: a new student's first day has no mean yet.
  private func labelsPerDay(_ evidence: GroupEvidence, with tally: Tally, on day: Int64) -> Double {
    let mean =
      evidence.days.isEmpty ? 0 : Double(evidence.days.reduce(0) { $0 + $1.total }) / Double(evidence.days.count)
    let today = (evidence.days.last { $0.day == day }?.total ?? 0) + tally.correct + tally.wrong
    return max(mean, Double(today))
  }
}

struct Transition: Sendable, Equatable {
  let group: GroupKey
  let from: GroupState
  let assessment: Assessment
}

/// One group's matured rows of one day.
private struct Tally {
  struct Key: Hashable {
    let group: GroupKey
    let day: Int64
  }

  let version: ModelVersion
  var correct = 0
  var wrong = 0
  var unlabelled = 0

  init(version: ModelVersion) { self.version = version }

  mutating func add(_ row: MaturedPrediction) {
    guard let label = row.label else {
      unlabelled += 1
      return
    }
    if label == row.predictedClass { correct += 1 } else { wrong += 1 }
  }
}
