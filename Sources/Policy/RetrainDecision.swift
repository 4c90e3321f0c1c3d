import Domain

/// A lagging group as the decision sees it.
public struct LaggingGroup: Sendable, Equatable {
  public let group: GroupKey
  /// Its text, for reasons.
  public let name: String
  public let evidence: Double
  public let suspectedChange: Timestamp
  public let sentence: String
  /// Labelled, matured rows of its cell since the suspected change, by true class; every class the line has seen in
  /// this cell has an entry.
  public let labelledRows: [Int: Int]
  /// Of these, rows newer than those the last job for the cell could see; nil where there was none.
  public let rowsSinceLastJob: Int?
  /// The student that serves its cell.
  public let servedBy: ModelVersion

  public init(
    group: GroupKey, name: String, evidence: Double, suspectedChange: Timestamp, sentence: String,
    labelledRows: [Int: Int], rowsSinceLastJob: Int? = nil, servedBy: ModelVersion
  ) {
    self.group = group
    self.name = name
    self.evidence = evidence
    self.suspectedChange = suspectedChange
    self.sentence = sentence
    self.labelledRows = labelledRows
    self.rowsSinceLastJob = rowsSinceLastJob
    self.servedBy = servedBy
  }
}

/// What to train on, if it is done now.
public struct JobPlan: Sendable, Equatable {
  public let scope: RetrainScope
  /// The cells of `groups`; a whole job is for all others as well.
  public let cells: [Cell]
  /// Empty for a whole job that no lagging group causes.
  public let groups: [LaggingGroup]
  /// Rows before this day came from before the change.
  public let since: Timestamp
  public let reasons: [String]

  public init(
    scope: RetrainScope = .scoped, cells: [Cell], groups: [LaggingGroup], since: Timestamp, reasons: [String]
  ) {
    self.scope = scope
    self.cells = cells
    self.groups = groups
    self.since = since
    self.reasons = reasons
  }

  /// Labelled rows of its cells, those of a cell with several groups once.
  public var labelledRows: Int {
    cells.reduce(0) { sum, cell in
      sum + (groups.first { $0.group.cell == cell }?.labelledRows.values.reduce(0, +) ?? 0)
    }
  }
}

public enum RetrainDecision: Sendable, Equatable {
  /// Nothing calls for it.
  case nothing
  /// The line's mode only reports.
  case observe(reasons: [String])
  /// In mode `propose` too: there a person decides what becomes of the challenger.
  case start(JobPlan)
  /// Something calls for it, but not yet, and why.
  case wait(reasons: [String])
}

/// Rows of each class a job needs where groups hold the outcome: 40 % of them meet the gate, and below 20 neither a
/// gain nor a loss can be told.
public let outcomeRowsMinimum = 50
/// Labelled rows that must have come since the last job for a cell: on the same rows it would find the same.
public let newRowsMinimum = 30
/// Jobs for one cell within `attemptWindowHours`; a fourth on nearly the same rows would fish for a lucky gate.
public let attemptsMaximum = 3
public let attemptWindowHours = 14.0 * 24

/// Decides about the groups that lag on one line now, and about its champion's age where none does.
///
/// Groups are taken together only where one student serves them, because a job clones that student; the student with
/// the strongest evidence comes first, the others get their turn after it. Where the line would get more live students
/// than it may have, one is trained for the whole line instead, for all groups that are ready.
public func decideRetraining(
  lagging: [LaggingGroup], settings: LineSettings, history: [PastJob], now: Timestamp, standing: LineStanding
) -> RetrainDecision {
  let old = lagging.isEmpty ? ageReason(settings: settings, history: history, now: now, standing: standing) : nil
  guard !lagging.isEmpty || old != nil else { return .nothing }
  let causes = old.map { [$0] } ?? lagging.map { "\($0.name) lags: \($0.sentence)" }
  if settings.mode == .observe { return .observe(reasons: causes) }
  if let reason = pause(settings: settings, standing: standing) { return .wait(reasons: [reason]) }
  if let old {
    let age = now.advanced(hours: -24 * standing.championAgeDays)
    return start(JobPlan(scope: .whole, cells: [], groups: [], since: age, reasons: [old]), standing)
  }
  var waiting: [String] = []
  var ready: [LaggingGroup] = []
  for candidate in lagging {
    if let reason = obstacle(candidate, settings: settings, history: history, now: now, standing: standing) {
      waiting.append("\(candidate.name) waits: \(reason)")
    } else {
      ready.append(candidate)
    }
  }
  guard let worst = ready.max(by: { $0.evidence < $1.evidence }) else {
    // Groups that nothing helps must not keep all others with an old student for ever.
    let isHopeless = lagging.allSatisfy { hopelessness(cell: $0.group.cell, history: history) != nil }
    guard isHopeless, let old = ageReason(settings: settings, history: history, now: now, standing: standing) else {
      return .wait(reasons: waiting)
    }
    let age = now.advanced(hours: -24 * standing.championAgeDays)
    return start(JobPlan(scope: .whole, cells: [], groups: [], since: age, reasons: [old]), standing)
  }
  let scoped = jobPlan(for: ready.filter { $0.servedBy == worst.servedBy })
  guard standing.liveStudents(with: scoped.cells, servedBy: worst.servedBy) > standing.maximumLiveStudents else {
    return .start(scoped)
  }
  let whole = jobPlan(for: ready, scope: .whole)
  let why =
    "the line has \(counted(standing.liveStudents, "student")) in service and at most "
    + "\(standing.maximumLiveStudents): one for the whole line is trained to take their place"
  return start(
    JobPlan(
      scope: .whole, cells: whole.cells, groups: whole.groups, since: whole.since, reasons: whole.reasons + [why]),
    standing)
}

/// A student for the whole line is compared with what serves now: nothing may be about to change that.
private func start(_ plan: JobPlan, _ standing: LineStanding) -> RetrainDecision {
  if let run = standing.awaiting.values.min() {
    return .wait(
      reasons: [
        "a student for the whole line is trained when somebody has decided about run \(run) "
          + "('kaizenctl approve \(run)' or 'kaizenctl reject \(run) --reason TEXT')"
      ])
  }
  return .start(plan)
}

/// Why the line starts no job at all now.
private func pause(settings: LineSettings, standing: LineStanding) -> String? {
  if let run = standing.isOnTrial {
    return "run \(run) is on trial for the whole line; the next job starts when that is decided"
  }
  if standing.isQuiet {
    return "no job starts in the quiet hours" + (settings.quietHours.map { " (\($0))" } ?? "")
  }
  return nil
}

/// Why a champion is to be trained anew though no group lags; nil when it is not.
private func ageReason(
  settings: LineSettings, history: [PastJob], now: Timestamp, standing: LineStanding
) -> String? {
  let limit = Double(settings.retrainAfterDays)
  guard settings.retrainAfterDays > 0, standing.championAgeDays >= limit else { return nil }
  // One that was no better than an old champion is not tried again every hour.
  let wasTried = history.contains {
    $0.scope == .whole && $0.reachedVerdict && $0.endedAt <= now && now.hours(since: $0.endedAt) < 24 * limit
  }
  if wasTried { return nil }
  return "the champion is \(decimal(standing.championAgeDays.rounded(.down), places: 0)) days old and is trained anew "
    + "after \(settings.retrainAfterDays), though no group lags"
}

/// The job for these groups; one student serves them all where it is scoped.
/// - Precondition: `groups` is not empty.
public func jobPlan(for groups: [LaggingGroup], scope: RetrainScope = .scoped) -> JobPlan {
  precondition(!groups.isEmpty, "a job needs a group")
  let cells = Set(groups.map(\.group.cell)).sorted()
  let since = groups.map(\.suspectedChange).min() ?? groups[0].suspectedChange
  return JobPlan(
    scope: scope, cells: cells, groups: groups, since: since, reasons: groups.map { "\($0.name): \($0.sentence)" })
}

/// Why a group cannot be retrained from the rows there are; nil when it can.
public func missingRows(_ group: LaggingGroup, settings: LineSettings) -> String? {
  let rows = group.labelledRows.values.reduce(0, +)
  let day = dateText(group.suspectedChange.day)
  if rows < settings.jobRowsMinimum {
    return "\(rows) of \(settings.jobRowsMinimum) labelled parts since \(day) have matured"
  }
  if group.group.outcome != nil, let rarest = group.labelledRows.values.min(), rarest < outcomeRowsMinimum {
    return "\(rarest) of \(outcomeRowsMinimum) parts of its rarest outcome since \(day) have matured"
  }
  if group.labelledRows.values.filter({ $0 > 0 }).count < 2 {
    return "all labelled parts since \(day) have the same outcome, so there is nothing to learn apart"
  }
  return nil
}

private func obstacle(
  _ group: LaggingGroup, settings: LineSettings, history: [PastJob], now: Timestamp, standing: LineStanding
) -> String? {
  if let run = standing.awaiting[group.group.cell] {
    return "run \(run) has a challenger for it that waits for 'kaizenctl approve \(run)'"
  }
  // Jobs "of the future" ended under a wrong clock and hold nobody up.
  let own = history.filter { $0.reachedVerdict && $0.cells.contains(group.group.cell) && $0.endedAt <= now }
  if let last = own.map(\.endedAt).max(), now.hours(since: last) < settings.coolDownHours {
    let left = settings.coolDownHours - now.hours(since: last)
    return "its last job ended less than \(decimal(settings.coolDownHours, places: 0)) h ago "
      + "(\(decimal(left, places: 0)) h left)"
  }
  let fresh = group.rowsSinceLastJob
  let recent = own.filter { now.hours(since: $0.endedAt) < attemptWindowHours }
  if recent.count >= attemptsMaximum, fresh ?? 0 < settings.gateRowsMinimum {
    return "\(recent.count) jobs for it ended in the last 14 days; the next needs \(settings.gateRowsMinimum) new "
      + "labelled parts before these are over, and \(fresh ?? 0) have come"
  }
  if let fresh, fresh < newRowsMinimum {
    return "\(fresh) of \(newRowsMinimum) labelled parts have come since its last job"
  }
  return missingRows(group, settings: settings) ?? hopeless(group, settings: settings, history: own)
}

/// What a hopeless group still lacks; nil when it may be tried again, or is none.
private func hopeless(_ group: LaggingGroup, settings: LineSettings, history: [PastJob]) -> String? {
  guard let last = lastOfHopeless(cell: group.group.cell, history: history),
    let sentence = hopelessness(cell: group.group.cell, history: history)
  else { return nil }
  let had = last.rowsPerCell ?? settings.jobRowsMinimum
  let rows = group.labelledRows.values.reduce(0, +)
  // As many new ones are twice as many, also where the group has changed since and its count began anew.
  if rows >= 2 * had || group.rowsSinceLastJob ?? 0 >= had { return nil }
  return "\(sentence): \(rows) of \(2 * had) are there"
}
