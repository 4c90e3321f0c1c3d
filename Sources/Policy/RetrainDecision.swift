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

/// An earlier job of the line, as far as it bears on a new one.
public struct PastJob: Sendable, Equatable {
  public let cells: [Cell]
  public let endedAt: Timestamp
  /// False for jobs that a stop of the daemon broke off: they say nothing about the group. A job that failed counts,
  /// or one that always fails would be started again at once, for ever.
  public let reachedVerdict: Bool

  public init(cells: [Cell], endedAt: Timestamp, reachedVerdict: Bool) {
    self.cells = cells
    self.endedAt = endedAt
    self.reachedVerdict = reachedVerdict
  }
}

/// What to train on, if it is done now.
public struct JobPlan: Sendable, Equatable {
  public let cells: [Cell]
  public let groups: [LaggingGroup]
  /// Rows before this day came from before the change.
  public let since: Timestamp
  public let reasons: [String]

  public init(cells: [Cell], groups: [LaggingGroup], since: Timestamp, reasons: [String]) {
    self.cells = cells
    self.groups = groups
    self.since = since
    self.reasons = reasons
  }
}

public enum RetrainDecision: Sendable, Equatable {
  /// No group lags.
  case nothing
  /// The line's mode only reports.
  case observe(reasons: [String])
  /// The operator may start this job.
  case propose(JobPlan)
  case start(JobPlan)
  /// Something lags, but not yet, and why.
  case wait(reasons: [String])
}

/// Rows of each class a job needs where groups hold the outcome: 40 % of them meet the gate, and below 20 neither a
/// gain nor a loss can be told.
public let outcomeRowsMinimum = 50
/// Labelled rows that must have come since the last job for a cell: on the same rows it would find the same.
public let newRowsMinimum = 30
/// Jobs for one cell within `attemptWindowHours`; the fourth would fish for a lucky gate on nearly the same rows.
public let attemptsMaximum = 3
public let attemptWindowHours = 14.0 * 24

/// Decides about the groups that lag on one line now.
///
/// Groups are taken together only where one student serves them, because a job clones that student; the student with
/// the strongest evidence comes first, the others get their turn after it.
public func decideRetraining(
  lagging: [LaggingGroup], settings: LineSettings, history: [PastJob], now: Timestamp
) -> RetrainDecision {
  guard !lagging.isEmpty else { return .nothing }
  if settings.mode == .observe {
    return .observe(reasons: lagging.map { "\($0.name) lags: \($0.sentence)" })
  }
  var waiting: [String] = []
  var ready: [LaggingGroup] = []
  for candidate in lagging {
    if let reason = obstacle(candidate, settings: settings, history: history, now: now) {
      waiting.append("\(candidate.name) waits: \(reason)")
    } else {
      ready.append(candidate)
    }
  }
  guard let worst = ready.max(by: { $0.evidence < $1.evidence }) else { return .wait(reasons: waiting) }
  let plan = jobPlan(for: ready.filter { $0.servedBy == worst.servedBy })
  return settings.mode == .auto ? .start(plan) : .propose(plan)
}

/// The job for groups that one student serves.
/// - Precondition: `groups` is not empty.
public func jobPlan(for groups: [LaggingGroup]) -> JobPlan {
  precondition(!groups.isEmpty, "a job needs a group")
  let cells = Set(groups.map(\.group.cell)).sorted()
  let since = groups.map(\.suspectedChange).min() ?? groups[0].suspectedChange
  return JobPlan(
    cells: cells, groups: groups, since: since, reasons: groups.map { "\($0.name): \($0.sentence)" })
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
  _ group: LaggingGroup, settings: LineSettings, history: [PastJob], now: Timestamp
) -> String? {
  // Jobs "of the future" ended under a wrong clock and hold nobody up.
  let own = history.filter { $0.reachedVerdict && $0.cells.contains(group.group.cell) && $0.endedAt <= now }
  if let last = own.map(\.endedAt).max(), now.hours(since: last) < settings.coolDownHours {
    let left = settings.coolDownHours - now.hours(since: last)
    return "its last job ended less than \(decimal(settings.coolDownHours, places: 0)) h ago "
      + "(\(decimal(left, places: 0)) h left)"
  }
  let recent = own.filter { now.hours(since: $0.endedAt) < attemptWindowHours }
  if recent.count >= attemptsMaximum {
    return "\(recent.count) jobs for it ended in the last 14 days; it needs other help than retraining"
  }
  if let fresh = group.rowsSinceLastJob, fresh < newRowsMinimum {
    return "\(fresh) of \(newRowsMinimum) labelled parts have come since its last job"
  }
  return missingRows(group, settings: settings)
}
