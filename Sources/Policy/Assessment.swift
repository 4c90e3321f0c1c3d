import Domain
import Statistics

/// What the evidence of one group says, with its reason.
public struct Assessment: Sendable, Equatable {
  public let state: GroupState
  /// The strongest armed statistic over its LAGGING level; nil when no detector is armed.
  public let evidence: Double?
  /// First day after the suspected change; nil while nothing points to one.
  public let suspectedChangeDay: Int64?
  /// What the strongest statistic holds the group to; nil when no detector is armed.
  public let nullAccuracy: Double?
  public let sentence: String
}

/// Labels below which a group's state is `unknown`: an interval from fewer says nothing a person could use.
public let labelsMinimum = 30

/// Judges one group. Pure: the state it had before is part of `evidence`. LAGGING is left only when the statistic has
/// fallen below WATCH again, and WATCH when it has fallen well below that, so that the state does not flicker.
///
/// - Parameters:
///   - signs: hints from before outcomes come; they can put a group on WATCH and no more.
///   - isOpen: it cannot be told yet whether other parts are labelled than before: WATCH at most.
public func assess(
  _ evidence: GroupEvidence, levels: AlarmLevels, signs: [EarlySign] = [], isOpen: Bool = false
) -> Assessment {
  let strongest = leading(evidence.armedDetectors, levels: levels)
  let state = state(evidence, strongest, levels: levels, signs: signs, isOpen: isOpen)
  let window = evidence.window
  return Assessment(
    state: state, evidence: strongest.map { exponential(levels.excess($0)) },
    suspectedChangeDay: strongest?.suspectedChangeDay, nullAccuracy: strongest?.nullAccuracy,
    sentence: sentence(
      evidence, state, strongest, levels: levels, signs: signs, seen: describeWindow(window.correct, window.wrong)))
}

/// As `assess`, without its reasons: what is asked of every group every hour.
public func judge(
  _ evidence: GroupEvidence, levels: AlarmLevels, signs: [EarlySign] = [], isOpen: Bool = false
) -> GroupState {
  state(evidence, leading(evidence.armedDetectors, levels: levels), levels: levels, signs: signs, isOpen: isOpen)
}

private func state(
  _ evidence: GroupEvidence, _ strongest: ArmedDetector?, levels: AlarmLevels, signs: [EarlySign], isOpen: Bool
) -> GroupState {
  let excess = strongest.map { levels.excess($0) } ?? -.infinity
  let watchExcess = strongest.map { levels.watchExcess($0) } ?? -.infinity
  if (excess >= 0 && !isOpen) || (evidence.state == .lagging && watchExcess >= 0) { return .lagging }
  if watchExcess >= 0 || (evidence.state == .watch && watchExcess >= -AlarmLevels.watchMargin) || !signs.isEmpty {
    return .watch
  }
  guard strongest != nil, evidence.channels.reduce(0, { $0 + $1.recentLabels }) >= labelsMinimum, !isVoid(evidence)
  else {
    return .unknown
  }
  return .ok
}

/// Nobody whose parts are chosen as before says anything of the group.
private func isVoid(_ evidence: GroupEvidence) -> Bool {
  let void = evidence.channels.filter { $0.voidSince != nil }
  let holding = evidence.channels.filter { $0.voidSince == nil && $0.recentLabels >= labelsMinimum }
  return !void.isEmpty && holding.isEmpty
}

/// The detector that speaks for the group: the target's once it alarms, because that is the number the operator gave,
/// else the strongest.
private func leading(_ armed: [ArmedDetector], levels: AlarmLevels) -> ArmedDetector? {
  armed.filter { $0.null != .ownBaseline && levels.excess($0) >= 0 }.max { levels.excess($0) < levels.excess($1) }
    ?? armed.max { levels.excess($0) < levels.excess($1) }
}

private func sentence(
  _ evidence: GroupEvidence, _ state: GroupState, _ strongest: ArmedDetector?, levels: AlarmLevels,
  signs: [EarlySign], seen: String
) -> String {
  var parts: [String] = []
  if let strongest, state == .lagging || (state == .watch && levels.watchExcess(strongest) >= -AlarmLevels.watchMargin)
  {
    parts.append(drop(strongest, levels: levels))
  } else if let strongest, state == .ok {
    parts.append("no evidence of a drop below \(describe(strongest))")
  }
  parts += signs.map(\.sentence)
  parts += evidence.channels.compactMap { channel in
    channel.voidSince.map {
      "the share of parts that \(name(channel.channel)) labels is not what it was since \(dateText($0)), so what it "
        + "says is void until that share has settled (\(channel.labelled.hits + channel.labelled.misses) of "
        + "\(Baseline.stages[0]) parts)"
    }
  }
  parts += evidence.channels.compactMap { channel in
    guard channel.voidSince == nil, let day = channel.anewSince else { return nil }
    return
      "held to a new beginning by \(name(channel.channel)), which labels another share of parts since \(dateText(day))"
  }
  if state != .ok, evidence.channels.contains(where: { $0.sampling == .assumed && $0.labels * 20 < $0.matured * 19 }) {
    parts.append("labelled parts are taken to be like the others, for no channel is declared")
  }
  if parts.isEmpty {
    parts.insert(
      strongest == nil
        ? "no detector is armed: no target holds here and "
          + "\(evidence.channels.map { $0.baseline.hits + $0.baseline.misses }.max() ?? 0) of \(Baseline.stages[0]) labels "
          + "(on \(Baseline.daysMinimum) days) for its own baseline have come"
        : "too few labels yet", at: 0)
  }
  return parts.joined(separator: "; ") + "; " + seen
}

private func describe(_ detector: ArmedDetector) -> String {
  let null =
    switch detector.null {
    case .target: "the target of \(percent(detector.nullAccuracy))"
    case .targetAtBest:
      "the target of \(percent(detector.nullAccuracy)), even if all parts without an outcome were right"
    case .ownBaseline: "its own earlier level (at least \(percent(detector.nullAccuracy)))"
    }
  return detector.channel.isEmpty ? null : null + " by channel \(detector.channel)"
}

private func drop(_ detector: ArmedDetector, levels: AlarmLevels) -> String {
  let ratio = exponential(levels.excess(detector))
  var text = "accuracy is below \(describe(detector)): the evidence is \(factor(ratio)) the alarm level "
  text += "(\(rate(levels.falseAlarmsPerYear)) for all \(levels.detectors) detectors of the machine)"
  if let day = detector.suspectedChangeDay {
    text += ", from \(detector.labelsSinceChange) labels since \(dateText(day))"
    if !detector.isSaturated { text += ", best explained by \(percent(detector.leadingAccuracy))" }
  }
  return text
}

/// `one false alarm a year`, `2.5 false alarms a year`.
private func rate(_ perYear: Double) -> String {
  perYear == 1
    ? "one false alarm a year"
    : "\(perYear == perYear.rounded() ? "\(Int(perYear))" : "\(perYear)") false alarms a year"
}

private func name(_ channel: String) -> String { channel.isEmpty ? "the channel without a name" : "channel \(channel)" }

private func describeWindow(_ correct: Int, _ wrong: Int) -> String {
  let total = correct + wrong
  guard total > 0 else { return "no labelled parts yet" }
  let interval = betaMixtureInterval(correct: correct, wrong: wrong)
  return "\(percent(Double(correct) / Double(total))) "
    + "[\(percent(interval.lower)), \(percent(interval.upper))] of the last \(total) labelled parts"
}
