import Domain
import Statistics

/// What the evidence of one group says, with its reason.
public struct Assessment: Sendable, Equatable {
  public let state: GroupState
  /// The strongest armed statistic over its LAGGING level; nil when no detector is armed.
  public let evidence: Double?
  /// First day after the suspected change; nil while nothing points to one.
  public let suspectedChangeDay: Int64?
  public let sentence: String
}

/// Alarm levels of a line: they count every armed detector, so that the rate of false alarms belongs to the whole line
/// and not to each group (`monitoring.md` 6.3: expected days to the first false alarm >= level / detectors).
public struct AlarmLevels: Sendable, Equatable {
  public let watch: Double
  public let lagging: Double
  public let detectors: Int
  public let falseAlarmDays: Double

  /// WATCH at a twelfth of the LAGGING rate: monthly where LAGGING is yearly.
  static let watchShare = 30.0 / 365.0

  public init(armedDetectors: Int, falseAlarmDays: Double) {
    detectors = max(armedDetectors, 1)
    self.falseAlarmDays = falseAlarmDays
    watch = alarmLevel(detectors: detectors, days: max(falseAlarmDays * Self.watchShare, 1))
    lagging = alarmLevel(detectors: detectors, days: falseAlarmDays)
  }
}

/// Labels below which a group's state is `unknown`: an interval from fewer says nothing a person could use.
public let labelsMinimum = 30

/// Judges one group. Pure: the state it had before is part of `evidence`, and LAGGING is left only when the statistic
/// has fallen below WATCH again, so that the state does not flicker around a level.
public func assess(_ evidence: GroupEvidence, levels: AlarmLevels) -> Assessment {
  let strongest = leading(evidence.armedDetectors, levels: levels)
  let window = evidence.window
  let seen = describeWindow(window.correct, window.wrong)
  guard let strongest else {
    return Assessment(
      state: .unknown, evidence: nil, suspectedChangeDay: nil,
      sentence: "no detector is armed: no target is set and \(evidence.labelled) of \(Baseline.stages[0]) labels "
        + "for its own baseline have come; \(seen)")
  }
  let log = strongest.detector.logEvidence
  let ratio = exponential(log - levels.lagging)
  let state: GroupState
  if log >= levels.lagging || (evidence.state == .lagging && log >= levels.watch) {
    state = .lagging
  } else if log >= levels.watch {
    state = .watch
  } else if evidence.labelled < labelsMinimum {
    state = .unknown
  } else {
    state = .ok
  }
  let changeDay = strongest.detector.suspectedChangeDay
  return Assessment(
    state: state, evidence: ratio, suspectedChangeDay: changeDay,
    sentence: describe(state, strongest, ratio: ratio, levels: levels, seen: seen))
}

/// The detector that speaks for the group: the target's once it alarms, because that is the number the operator gave,
/// else the strongest.
private func leading(_ armed: [ArmedDetector], levels: AlarmLevels) -> ArmedDetector? {
  armed.first { $0.null == .target && $0.detector.logEvidence >= levels.lagging }
    ?? armed.max { $0.detector.logEvidence < $1.detector.logEvidence }
}

private func describe(
  _ state: GroupState, _ strongest: ArmedDetector, ratio: Double, levels: AlarmLevels, seen: String
) -> String {
  let null =
    switch strongest.null {
    case .target: "the target of \(percent(strongest.detector.nullAccuracy))"
    case .ownBaseline: "its own earlier level (at least \(percent(strongest.detector.nullAccuracy)))"
    }
  switch state {
  case .unknown:
    return "too few labels yet; \(seen)"
  case .ok:
    return "no evidence of a drop below \(null); \(seen)"
  case .watch, .lagging:
    var text = "accuracy is below \(null): the evidence is \(factor(ratio)) the alarm level "
    text += "(one false alarm in \(Int(levels.falseAlarmDays)) days for all \(levels.detectors) detectors of the line)"
    if let day = strongest.detector.suspectedChangeDay {
      text += ", from \(strongest.detector.labelsSinceChange) labels since \(dateText(day))"
      if !strongest.detector.isSaturated {
        text += ", best explained by \(percent(strongest.detector.leadingAccuracy))"
      }
    }
    return text + "; \(seen)"
  }
}

private func describeWindow(_ correct: Int, _ wrong: Int) -> String {
  let total = correct + wrong
  guard total > 0 else { return "no labelled parts yet" }
  let interval = betaMixtureInterval(correct: correct, wrong: wrong)
  return "\(percent(Double(correct) / Double(total))) "
    + "[\(percent(interval.lower)), \(percent(interval.upper))] of the last \(total) labelled parts"
}
