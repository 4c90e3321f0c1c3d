import Domain
import Statistics

/// What is asked about a challenger that passed its gate, at every look.
public struct TrialQuestion: Sendable {
  public let stage: TrialStage
  public let scope: RetrainScope
  /// Every group of the cells it serves or would serve, those as well of which nothing could be compared so far.
  public let pairs: [GroupKey: PairedEvidence]
  /// The groups it was trained for; none for a job by age.
  public let lagging: Set<GroupKey>
  /// In the line's time.
  public let hoursInStage: Double
  /// Shifts that have run since the stage began; nil where no attribute tells shifts.
  public let shiftsSeen: Int?
  public let live: LiveFindings
  public let settings: LineSettings
  public let name: @Sendable (GroupKey) -> String
  public let className: @Sendable (Int) -> String

  public init(
    stage: TrialStage, scope: RetrainScope, pairs: [GroupKey: PairedEvidence], lagging: Set<GroupKey>,
    hoursInStage: Double, shiftsSeen: Int?, live: LiveFindings, settings: LineSettings,
    name: @escaping @Sendable (GroupKey) -> String, className: @escaping @Sendable (Int) -> String = { "class \($0)" }
  ) {
    self.stage = stage
    self.scope = scope
    self.pairs = pairs
    self.lagging = lagging
    self.hoursInStage = hoursInStage
    self.shiftsSeen = shiftsSeen
    self.live = live
    self.settings = settings
    self.name = name
    self.className = className
  }

  /// All parts compared, or those of some groups.
  func pooled(_ groups: Set<GroupKey>? = nil) -> PairedTally {
    pairs.reduce(PairedTally()) { groups?.contains($1.key) ?? true ? $0 + $1.value.tally : $0 }
  }
}

public enum TrialDecision: Sendable, Equatable {
  /// What it waits for and how far it has come.
  case wait(String)
  /// To the next stage of `TrialStage.next`; after the watch the trial is over and the student stays.
  case advance([String])
  /// The challenger goes; where it already serves parts, what served them before serves them again.
  case end([String])
}

/// e-value on the lagging groups at which a challenger leaves the shadow.
public let shadowEvidence = 20.0
public let shadowHoursMinimum = 24.0
/// One shift's parts are not another's; after two days there is no other.
public let shadowShiftsMinimum = 2
public let shadowShiftHoursMaximum = 48.0
/// After that a challenger that has shown nothing goes, and a person who has not answered will not.
public let trialHoursMaximum = 14.0 * 24
public let canaryHours = 48.0
public let watchHours = 14.0 * 24
/// Days that pass on average, at the least, until the first of all groups of a trial shows harm by chance.
public let harmAlarmDays = 90.0

/// Decides how a trial goes on: `monitoring.md` 7.
public func decideTrial(_ question: TrialQuestion) -> TrialDecision {
  if question.stage == .approval { return approval(question) }
  let objections =
    liveObjections(question.live, settings: question.settings, className: question.className) + harm(question)
  guard objections.isEmpty else { return .end(objections) }
  switch question.stage {
  case .approval: return approval(question)
  case .shadow: return shadow(question)
  case .canary(let percent): return canary(question, percent: percent)
  case .watch: return watch(question)
  }
}

private func approval(_ question: TrialQuestion) -> TrialDecision {
  guard question.hoursInStage >= trialHoursMaximum else {
    return .wait(
      "a person has to say yes or no within 14 days, of which \(days(question.hoursInStage)) have passed")
  }
  return .end(["nobody decided within 14 days"])
}

/// One sentence for each group that the challenger harms.
private func harm(_ question: TrialQuestion) -> [String] {
  let level = alarmLevel(detectors: question.pairs.count, days: harmAlarmDays)
  let rival = question.stage == .watch ? "what served before" : "the serving student"
  return question.pairs.filter { $0.value.harm.logEvidence >= level }.keys.sorted().compactMap { group in
    guard let pair = question.pairs[group] else { return nil }
    return "\(question.name(group)): it is worse than \(rival), \(pair.tally.text); evidence "
      + "\(evidenceText(pair.harm.logEvidence)) against a level of \(evidenceText(level)), which chance reaches less "
      + "often than once in 90 days over \(counted(question.pairs.count, "group"))"
  }
}

/// Better on the groups that lag, where any do, and no worse on all others; nobody's parts depend on it so far.
private func shadow(_ question: TrialQuestion) -> TrialDecision {
  var seen: [String] = []
  var missing: [String] = []
  if !question.lagging.isEmpty {
    let tally = question.pooled(question.lagging)
    let evidence = logSuperiorityEvidence(wins: tally.wins, losses: tally.losses)
    seen.append(
      "on the groups that lag, \(tally.text): evidence \(evidenceText(evidence)) of the "
        + "\(decimal(shadowEvidence, places: 0)) it needs")
    if evidence < logarithm(shadowEvidence) { missing.append("it has not shown yet that it is better") }
  }
  let others = Set(question.pairs.keys).subtracting(question.lagging)
  if !others.isEmpty || question.lagging.isEmpty {
    let tally = question.pooled(others)
    let lower = nonInferiorityLower(wins: tally.wins, losses: tally.losses, total: tally.total)
    let rows = question.settings.gateRowsMinimum
    seen.append(
      "on all \(question.lagging.isEmpty ? "" : "other ")groups, \(tally.text): it may lose up to "
        + "\(percent(-min(lower, 0)))")
    if tally.total < rows {
      missing.append("\(tally.total) of the \(rows) parts that these need have been compared")
    } else if lower <= -pooledLossAllowed {
      missing.append("more parts have to show that it loses less than \(percent(pooledLossAllowed)) there")
    }
  }
  if let time = missingTime(question) { missing.append(time) }
  if missing.isEmpty { return .advance(seen + [noHarm(question)]) }
  guard question.hoursInStage < trialHoursMaximum else {
    return .end(["14 days in the shadow were not enough"] + missing + seen)
  }
  return .wait((seen + missing).joined(separator: "; "))
}

/// nil when it has been compared for long enough.
private func missingTime(_ question: TrialQuestion) -> String? {
  if question.hoursInStage < shadowHoursMinimum {
    return "\(decimal(question.hoursInStage.rounded(.down), places: 0)) of at least 24 h have passed"
  }
  if let shifts = question.shiftsSeen, shifts < shadowShiftsMinimum,
    question.hoursInStage < shadowShiftHoursMaximum
  {
    return "\(shifts) of at least \(shadowShiftsMinimum) shifts have run"
  }
  return nil
}

private func canary(_ question: TrialQuestion, percent: Int) -> TrialDecision {
  let live = question.live
  guard live.answers > 0 else {
    return .wait("it answers \(percent) % of the parts, and none of these has come yet")
  }
  let seen = "it answered \(counted(live.answers, "part")) (\(percent) %), \(question.pooled().text)"
  guard question.hoursInStage >= canaryHours else {
    return .wait("\(seen); \(hours(canaryHours - question.hoursInStage)) h are left of this step")
  }
  return .advance([seen, noHarm(question)])
}

private func watch(_ question: TrialQuestion) -> TrialDecision {
  let all = question.pooled()
  var remarks: [String] = []
  for group in question.live.laggingAgain.sorted() {
    let tally = question.pairs[group]?.tally ?? PairedTally()
    let again = "\(question.name(group)) lags again"
    if tally.total == 0 {
      remarks.append("\(again), and no part of it could be compared")
    } else if tally.losses < tally.wins {
      remarks.append("\(again), but what served before would be worse there: \(tally.text); it stays")
    } else if all.losses < all.wins {
      remarks.append(
        "\(again), and what served before was no worse there: \(tally.text); it stays, for over all its groups "
          + "\(all.text)")
    } else {
      return .end(["\(again), and what served before was no worse: \(tally.text)"])
    }
  }
  guard question.hoursInStage >= watchHours else {
    let left = "\(days(watchHours - question.hoursInStage)) days of the watch are left"
    return .wait((remarks + [all.text, left]).joined(separator: "; "))
  }
  return .advance(remarks + ["14 days of watch are over: \(all.text)", noHarm(question)])
}

private func noHarm(_ question: TrialQuestion) -> String {
  question.pairs.count == 1
    ? "its group shows no harm" : "none of \(counted(question.pairs.count, "group")) shows harm"
}

private func days(_ hours: Double) -> String { decimal(hours / 24, places: 1) }

private func hours(_ hours: Double) -> String { decimal(hours.rounded(.up), places: 0) }
