import Domain
import Engine
import Policy
import Statistics

/// One simulated plant under the daemon's own monitor, and under two rules of thumb for comparison.
struct MonitorPlant: Sendable, Hashable {
  var world = MonitorWorld()
  /// Without one, groups are held to their own beginning alone.
  var target: Double? = MonitorWorld.accuracy
  /// nil: learned.
  var maturityHours: Double?
  /// What the settings say of the channel the outcomes come by; nil where they name none.
  var channel: String?
  var days = 90

  /// What one plant showed.
  struct Result: Sendable, Equatable {
    /// Sets that were declared lagging without a part of a dropped group.
    var accusedSets = 0
    /// Healthy groups among them.
    var accusedGroups = 0
    /// Days from the change to LAGGING, of each dropped group that had not been accused before; nil: not within the run.
    var delays: [Double?] = []
    /// Labels of the group from the change until then.
    var labels: [Int] = []
    /// Healthy groups that a rule of thumb accused, and its delays.
    var thumbs: [Thumb: ThumbResult] = [:]
    /// Groups that were UNKNOWN at some time after the first month.
    var unknownGroups = 0
    /// Outcomes counted, and seconds that counting and judging took.
    var outcomes = 0
    var seconds = 0.0
    /// Sets watched at the end, and bytes of the monitor's memory.
    var sets = 0
    var bytes = 0
    var maturityHours: Double?
  }

  /// What people do without a monitor, looking every hour.
  enum Thumb: String, Sendable, CaseIterable {
    /// The last 200 labels are three points below the target.
    case points
    /// The Wilson 95 % interval of the last 200 labels lies below the target.
    case wilson
  }

  struct ThumbResult: Sendable, Equatable {
    var accusedGroups = 0
    var delays: [Double] = []
  }

  func run(seed: UInt64) throws -> Result {
    let definition = try MonitorWorld.definition(try LineID("line"))
    let declared = channel.flatMap { OutcomeChannel($0) }
    let settings = LineSettings(
      time: .event, targetAccuracy: target, maturityHours: maturityHours, channels: declared.map { [$0] } ?? [])
    let rules = CountingRules(definition: definition, settings: settings)
    var rows = MonitorRows(world, channel: declared?.name ?? "", seed: seed)
    var monitor = LineMonitor()
    var watch = Watch(self)
    for hour in 0..<days * 24 {
      let arrived = rows.advance()
      watch.arrive(arrived.map { rows.rows[$0] }, hour: hour)
      let began = ContinuousClock.now
      let transitions = try look(&monitor, rows, rules)
      watch.result.seconds += (ContinuousClock.now - began) / .seconds(1)
      watch.note(transitions, hour: hour + 1)
    }
    watch.result.outcomes = monitor.labelled
    watch.result.sets = monitor.sets.count
    watch.result.bytes = monitor.byteCount
    watch.result.maturityHours = monitor.maturityHours(settings)
    return watch.finished()
  }

  private func look(_ monitor: inout LineMonitor, _ rows: MonitorRows, _ rules: CountingRules) throws -> [Transition] {
    let source = LineMonitor.Source(
      channelNames: { rows.hasSpoken ? [rows.channel] : [] },
      delays: { [rows.channel: [rows.delays]] },
      matured: { after, watermark, _ in rows.matured(after: after, watermark: watermark) })
    try monitor.look(at: rows.now, rules: rules, source: source) { _ in ModelVersion(1) }
    return monitor.judge(levels: monitor.armed.levels(falseAlarmsPerYear: 1), at: rows.now)
  }
}

/// What was seen so far.
private struct Watch {
  let plant: MonitorPlant
  var result = MonitorPlant.Result()
  private var accused: Set<PartSlice> = []
  private var found: [Int: Double] = [:]
  private var labelsSince: [Int] = MonitorWorld.cells.map { _ in 0 }
  private var labelsWhenFound: [Int: Int] = [:]
  private var unknown: Set<Int> = []
  private var lasts: [LastLabels] = MonitorWorld.cells.map { _ in LastLabels() }
  private var thumbed: [MonitorPlant.Thumb: Set<Int>] = [:]

  init(_ plant: MonitorPlant) { self.plant = plant }

  private func daysSinceChange(_ hour: Int) -> Double { Double(hour) / 24 - Double(MonitorWorld.changeDay) }

  mutating func arrive(_ rows: [MonitorRows.Row], hour: Int) {
    for row in rows {
      let group = Int(row.group)
      lasts[group].add(row.isRight)
      if row.hour >= Float(MonitorWorld.changeDay * 24) { labelsSince[group] += 1 }
    }
    for group in Set(rows.map { Int($0.group) }) {
      for thumb in MonitorPlant.Thumb.allCases where thumbed[thumb, default: []].contains(group) == false {
        guard lasts[group].accuses(by: thumb, target: MonitorWorld.accuracy) else { continue }
        thumbed[thumb, default: []].insert(group)
        let days = daysSinceChange(hour + 1)
        if plant.world.isDropped(group), days > 0 {
          result.thumbs[thumb, default: MonitorPlant.ThumbResult()].delays.append(days)
        } else if !plant.world.isDropped(group) {
          result.thumbs[thumb, default: MonitorPlant.ThumbResult()].accusedGroups += 1
        }
      }
    }
  }

  mutating func note(_ transitions: [Transition], hour: Int) {
    for transition in transitions {
      let members = MonitorWorld.cells.indices.filter { transition.slice.covers(MonitorWorld.cells[$0]) }
      let group = transition.slice.cell.flatMap { MonitorWorld.cells.firstIndex(of: $0) }
      switch transition.assessment.state {
      case .lagging:
        let days = daysSinceChange(hour)
        let hasDropped = members.contains(where: plant.world.isDropped) && days > 0
        if !hasDropped { accused.insert(transition.slice) }
        if let group, hasDropped, !accused.contains(transition.slice), found[group] == nil {
          found[group] = days
          labelsWhenFound[group] = labelsSince[group]
        }
      case .unknown:
        if let group, daysSinceChange(hour) > 0 { unknown.insert(group) }
      case .ok, .watch: break
      }
    }
  }

  func finished() -> MonitorPlant.Result {
    var result = result
    result.accusedSets = accused.count
    result.accusedGroups = accused.count { $0.cell != nil }
    result.unknownGroups = unknown.count
    for group in MonitorWorld.cells.indices where plant.world.isDropped(group) {
      guard !accused.contains(PartSlice(values: MonitorWorld.cells[group].values)) else { continue }
      result.delays.append(found[group])
      if let labels = labelsWhenFound[group] { result.labels.append(labels) }
    }
    return result
  }
}

/// The last 200 labels of a group.
private struct LastLabels {
  private static let count = 200
  private var ring: [Bool] = []
  private var next = 0
  private var right = 0

  mutating func add(_ isRight: Bool) {
    if ring.count < Self.count {
      ring.append(isRight)
    } else {
      if ring[next] { right -= 1 }
      ring[next] = isRight
      next = (next + 1) % Self.count
    }
    if isRight { right += 1 }
  }

  func accuses(by thumb: MonitorPlant.Thumb, target: Double) -> Bool {
    guard ring.count == Self.count else { return false }
    switch thumb {
    case .points: return Double(right) / Double(Self.count) < target - 0.03
    case .wilson: return (Statistics.wilson(correct: right, total: Self.count)?.upper ?? 1) < target
    }
  }
}
