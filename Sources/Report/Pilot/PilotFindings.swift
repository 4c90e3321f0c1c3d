import Domain
import Statistics

/// So many right of so many, with what chance leaves open.
struct Rate: Equatable {
  var right = 0
  var total = 0

  /// Fewer say too little to be told as a finding.
  static let tellingMin = 30

  var share: Double? { total > 0 ? Double(right) / Double(total) : nil }
  /// Clopper-Pearson, 95 %.
  var interval: Interval? { clopperPearson(correct: right, total: total) }
  var isTelling: Bool { total >= Self.tellingMin }

  mutating func add(_ point: PilotPoint) {
    right += point.right
    total += point.judged
  }

  init(right: Int = 0, total: Int = 0) {
    self.right = right
    self.total = total
  }

  init(_ points: some Sequence<PilotPoint>) {
    for point in points { add(point) }
  }
}

/// The difference of two rates of different parts, with a 95 % interval.
///
/// Newcombe's hybrid of two Wilson intervals (Newcombe 1998, method 10).
struct Difference: Equatable {
  let value: Double
  let lower: Double
  let upper: Double

  init?(from before: Rate, to after: Rate) {
    guard let old = before.share, let new = after.share, let low = wilson(correct: before.right, total: before.total),
      let high = wilson(correct: after.right, total: after.total)
    else { return nil }
    value = new - old
    lower = value - ((new - high.lower) * (new - high.lower) + (low.upper - old) * (low.upper - old)).squareRoot()
    upper = value + ((high.upper - new) * (high.upper - new) + (old - low.lower) * (old - low.lower)).squareRoot()
  }
}

/// What a student that was put into service did to one group, in service: other parts before and after.
struct Effect: Equatable {
  enum Verdict { case better, worse, open, insufficient }

  let job: Int
  let group: String
  let version: Int
  let before: Rate
  let after: Rate
  /// What both students made of the same parts, which the gate alone had seen; nil where it saw none of the group.
  let gate: PilotJob.Pair?
  let difference: Difference?

  var verdict: Verdict {
    guard before.isTelling, after.isTelling, let difference else { return .insufficient }
    return difference.lower > 0 ? .better : difference.upper < 0 ? .worse : .open
  }
}

/// What the figures of a report say, before it is said.
struct PilotFindings {
  let report: PilotReport
  /// Oldest first, without first students and imports.
  let retrainings: [PilotJob]
  let effects: [Effect]
  /// Groups that an alarm was raised for, in the order it was.
  let lagged: [String]

  /// What is "now" in tables.
  static let recentDays: Int64 = 28

  init(_ report: PilotReport) {
    self.report = report
    retrainings = report.jobs.filter(\.isRetraining)
    effects = retrainings.flatMap { Self.effects(of: $0, in: report) }
    var lagged: [String] = []
    let names = Set(report.groups.map(\.name))
    let alarms = report.events.filter { $0.event == "group_lagging" }.compactMap(\.group)
    let trained = retrainings.filter { $0.isAutomatic && !$0.isWhole }.flatMap(\.groups)
    // A wider set that lags is explained by a group in it, which is told.
    for name in alarms + trained + report.groups.filter({ $0.state == "lagging" }).map(\.name)
    where names.contains(name) && !lagged.contains(name) {
      lagged.append(name)
    }
    self.lagged = lagged
  }

  // MARK: - Parts

  var points: [PilotPoint] { report.groups.flatMap(\.points) + report.rest }
  var rate: Rate { Rate(points) }
  var parts: Int { points.reduce(0) { $0 + $1.parts } }
  var labelled: Int { points.reduce(0) { $0 + $1.labelled } }
  var firstDay: Int64? { points.map(\.day).min() }
  /// The last day of the last period, and no later than what was counted.
  var lastDay: Int64? { points.map { min($0.day + Int64(report.periodDays) - 1, report.until.day) }.max() }
  var groupCount: Int { report.groups.count + report.otherGroups }
  var thinGroups: Int { report.groups.count { !Rate($0.points).isTelling } }
  var laggingNow: [String] { report.groups.filter { $0.state == "lagging" }.map(\.name) }

  func recent(_ group: PilotGroup) -> Rate {
    let from = report.until.day - Self.recentDays
    return Rate(group.points.filter { $0.day > from })
  }

  /// Those something was said or done about first, then by how often they were right.
  var worstFirst: [PilotGroup] {
    let told = Dictionary(lagged.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    func key(_ group: PilotGroup) -> (Int, Int, Double, String) {
      let rate = Rate(group.points)
      return (told[group.name] ?? Int.max, rate.isTelling ? 0 : 1, rate.share ?? 2, group.name)
    }
    return report.groups.sorted { key($0) < key($1) }
  }

  // MARK: - Jobs

  /// The day its student answered its last part, for one that was taken back; nil where it answered none.
  func lastDay(of job: PilotJob) -> Double? {
    let days = report.groups.filter { job.cells.contains($0.cell) }.flatMap(\.points)
      .filter { $0.version == job.version && $0.parts > 0 }.map(\.day)
    return days.max().map { Double($0 + Int64(report.periodDays)) }
  }

  /// What became of a job after its gate, and who decided it, as it was recorded.
  func story(of job: PilotJob) -> [PilotEvent] {
    report.events.filter { $0.run == job.number && Self.storyEvents.contains($0.event) }
  }

  private static let storyEvents: Set<String> = [
    "promotion_awaits", "promotion_approved", "promotion_rejected", "trial_advanced", "trial_ended", "retrain_resumed",
    "model_rolled_back",
  ]

  func count(_ fates: PilotJob.Fate...) -> Int { retrainings.count { fates.contains($0.fate) } }

  var seconds: Double { retrainings.reduce(0) { $0 + ($1.seconds ?? 0) } }
  var processorSeconds: Double? {
    let known = retrainings.compactMap(\.processorSeconds)
    return known.isEmpty ? nil : known.reduce(0, +)
  }
  var rowsUsed: Int { retrainings.reduce(0) { $0 + ($1.rows?.total ?? 0) } }

  /// Before: from the suspected change to the promotion, by whatever served; after: by the new student.
  private static func effects(of job: PilotJob, in report: PilotReport) -> [Effect] {
    guard let version = job.version, job.isRetraining else { return [] }
    let period = Int64(report.periodDays)
    return report.groups.filter { job.cells.contains($0.cell) }.map { group in
      let before = group.points.filter {
        $0.version != version && $0.day + period > job.since.day && $0.day <= job.end.day
      }
      let after = group.points.filter { $0.version == version }
      let (old, new) = (Rate(before), Rate(after))
      return Effect(
        job: job.number, group: group.name, version: version, before: old, after: new,
        gate: job.pairs.first { $0.group == group.name && $0.total > 0 }, difference: Difference(from: old, to: new))
    }
  }
}
