import Domain
import Policy

/// The story of a run in sentences that each stand on their own, from why it was started to what became of its student.
///
/// - Parameters:
///   - audit: what was recorded of the run, the oldest first: who approved, what a trial showed, what was taken back.
///   - settings: the line's now, which the advice of its student follows.
public func explain(
  _ run: RunRecord, audit: [AuditEntry] = [], definition: LineDefinition, settings: LineSettings
) -> [String] {
  var story = [opening(run)]
  story += run.causes.map { "Why: \($0)." }
  if let report = run.report { story += explain(report, run: run, definition: definition) }
  let advice =
    run.report?.chosenArm == nil
    ? [] : adviceReasons(run.report?.advice, definition: definition, settings: settings)
  let findings = gateFindings(run, audit: audit, advice: advice)
  story += findings.map { "Gate: \($0)." } + advice.map { "Advice: \($0)." }
  return story + trialStory(run, audit: audit, findings: findings, definition: definition)
}

/// What the gate found: the verdict's sentences without those that a trial has added since, and each once.
private func gateFindings(_ run: RunRecord, audit: [AuditEntry], advice: [String]) -> [String] {
  let first = audit.first { $0.event.isOfTrial }
  var seen = Set(advice)
  return run.verdict.filter { sentence in
    seen.insert(sentence).inserted && (first?.sentence.contains(sentence) ?? true)
  }
}

extension AuditEvent {
  /// A challenger came a stage further; the entry of the first stage tells the gate's findings.
  fileprivate var isOfTrial: Bool { [.promotionAwaits, .trialAdvanced, .modelPromoted].contains(self) }
}

private func opening(_ run: RunRecord) -> String {
  switch run.kind {
  case .first: return "Run \(run.number) made the first student of line \(run.line), started by \(run.by.login)."
  case .imported:
    return
      "Run \(run.number) registered a student of line \(run.line) from a file, by \(run.by.login) (uid \(run.by.uid))."
  case .retrain:
    let what =
      run.scope == .whole
      ? "trained one student for every part of line \(run.line)"
      : "retrained \(run.groups.joined(separator: " and ")) of line \(run.line)"
    let who =
      run.by.login == "kaizend" ? "started by the daemon itself" : "started by \(run.by.login) (uid \(run.by.uid))"
    return "Run \(run.number) \(what), \(who) at \(run.startedAt.wholeSeconds) of the line's time."
  }
}

/// What became of the run after its gate: what was recorded, in its order, and how it stands now.
private func trialStory(
  _ run: RunRecord, audit: [AuditEntry], findings: [String], definition: LineDefinition
) -> [String] {
  guard run.kind == .retrain else { return [] }
  var story: [String] = []
  let first = audit.first { $0.event.isOfTrial }?.sequence
  var isServing = false
  var previous: AuditEvent?
  for entry in audit {
    defer { previous = entry.event }
    switch entry.event {
    // Told by the record, in better order.
    case .retrainStarted, .retrainWeights, .retrainEnded, .retrainProposed: continue
    case .modelPromoted:
      isServing = true
      // An approval has just told its own.
      if entry.sequence != first, previous != .promotionApproved {
        story.append(recorded(entry, reasonsOnly: true))
      }
      story.append(intoService(run, definition))
    default:
      story.append(recorded(entry, without: entry.sequence == first ? findings.first : nil))
    }
  }
  if !isServing, run.state == .promoted { story.append(intoService(run, definition)) }
  if let standing = standing(run) { story.append(standing) }
  return story
}

/// - Parameters:
///   - findings: where what the gate found begins, which has been told.
///   - reasonsOnly: only what stands behind the first colon.
private func recorded(_ entry: AuditEntry, without findings: String? = nil, reasonsOnly: Bool = false) -> String {
  let who = entry.actor.login == "kaizend" ? "" : " by \(entry.actor.login) (uid \(entry.actor.uid))"
  var told = Substring(entry.sentence)
  if let findings, let start = told.firstRange(of: ": \(findings)") { told = told[..<start.lowerBound] }
  if reasonsOnly, let colon = told.firstRange(of: ": ") { told = told[colon.upperBound...] }
  return "Recorded \(entry.time.wholeSeconds)\(who): \(told)."
}

private func intoService(_ run: RunRecord, _ definition: LineDefinition) -> String {
  let version = run.promoted.map { "Student \($0)" } ?? "Its student"
  let time = run.endedAt?.wholeSeconds ?? "its end"
  if run.scope == .whole { return "\(version) was put into service for every part at \(time)." }
  let cells = run.cells.map { definition.text($0) }.joined(separator: " and ")
  return "\(version) was put into service for \(cells) at \(time); all other parts kept the student they had."
}

/// How the run stands now; nil where the story has said it.
private func standing(_ run: RunRecord) -> String? {
  switch run.state {
  case .training, .evaluating: "It has not ended yet."
  case .promoted: nil
  case .awaiting:
    "Its student waits for approval and serves nobody: 'kaizenctl approve \(run.number)' lets it go on, "
      + "'kaizenctl reject \(run.number) --reason TEXT' gives it up."
  case .shadow: "Its student is in shadow: its answers are compared with those given, and nobody gets them."
  case .canary: "Its student answers a share of the parts, chosen by their ids, and is compared on them."
  case .kept: "The serving student stayed, which is a normal end; the sentences above say why."
  case .rejected: "Nobody approved it, or a person rejected it; the serving student stayed."
  case .rolledBack: "Its student was taken back; what served before serves again."
  case .failed: "The job failed; the serving student was not touched."
  case .interrupted: "The job was broken off; the serving student was not touched."
  }
}

private func explain(_ report: TrainingReport, run: RunRecord, definition: LineDefinition) -> [String] {
  var story: [String] = []
  let rows = report.folds.reduce(into: (0, 0, 0)) {
    $0.0 += $1.train
    $0.1 += $1.select
    $0.2 += $1.heldOut
  }
  story.append(
    "Rows: \(rows.0) to train, \(rows.1) to choose, \(rows.2) that came \(run.kind == .first ? "to neither" : "later") "
      + "to judge.")
  if let extra = report.unlabelledRows, extra > 0 {
    story.append("Arms that learn from the teacher also saw \(extra) parts without a label.")
  }
  story.append("Teacher: \(report.teacher.sentence).")
  for arm in report.arms {
    if let skipped = arm.skipped {
      story.append("Arm \(arm.name) was not run: \(skipped).")
    } else if let score = arm.selectScore {
      let kept = arm.name == report.chosenArm ? ", chosen" : ""
      let work = arm.steps > 0 ? "\(arm.steps) steps in \(decimal(arm.seconds, places: 1)) s" : "no training steps"
      story.append(
        "Arm \(arm.name): worst group on the select rows \(percent(min(score, 1))) (shrunk)\(kept), \(work).")
    }
  }
  if let kept = report.arms.first(where: { $0.name == report.chosenArm }) {
    story += kept.reasons.map { "How: \($0)." }
  }
  for pair in report.pairs where pair.total > 0 {
    story.append(
      "Later parts of \(definition.text(pair.group)): serving student \(pair.championCorrect), challenger "
        + "\(pair.challengerCorrect) right of \(pair.total); \(pair.wins) newly right, \(pair.losses) newly wrong.")
  }
  for pair in report.teacherPairs ?? [] where pair.total > 0 {
    story.append(
      "The teacher itself on later parts of \(definition.text(pair.group)): \(pair.challengerCorrect) right of "
        + "\(pair.total), the serving student \(pair.championCorrect).")
  }
  if let resumed = report.resumedArms, !resumed.isEmpty {
    story.append("The job was broken off in between; \(resumed.joined(separator: " and ")) had been finished before.")
  }
  if let cost = report.cost { story.append(told(cost)) }
  return story + report.remarks.map { "Note: \($0)." }
}

private func told(_ cost: TrainingCost) -> String {
  let pause =
    cost.pausedSeconds > 0
    ? "; it stood still for \(decimal(cost.pausedSeconds, places: 0)) s so that answers came in time" : ""
  return "It took \(decimal(cost.cpuSeconds, places: 0)) s of processor time and at most "
    + "\(decimal(Double(cost.peakBytes) / 1e6, places: 0)) MB of memory\(pause)."
}

/// What a challenger would change, in both directions: one sentence a cell, its outcomes told apart where groups hold
/// them, the largest loss first. Empty where it was compared on no part.
public func tradeOff(_ report: TrainingReport, definition: LineDefinition) -> [String] {
  let byCell = Dictionary(grouping: report.pairs.filter { $0.total > 0 }, by: \.group.cell)
  let cells = byCell.sorted { (lost($1.value), $0.key) < (lost($0.value), $1.key) }
  var told = cells.prefix(tradeOffCellsMax).map { cell, pairs in
    let parts = pairs.sorted { $0.group < $1.group }.map { pair in
      let kind =
        pair.group.outcome.map { label in
          definition.classNames.indices.contains(label) ? "truly \(definition.classNames[label])" : "class \(label)"
        } ?? "later parts"
      return "of \(pair.total) \(kind) \(pair.wins) newly right and \(pair.losses) newly wrong"
    }
    let sum = pairs.count > 1 ? "; together \(change(pairs))" : ""
    return "\(definition.text(cell)): \(parts.joined(separator: ", "))\(sum)"
  }
  let rest = cells.dropFirst(tradeOffCellsMax).flatMap(\.value)
  if !rest.isEmpty { told.append("\(cells.count - tradeOffCellsMax) further cells together: \(change(rest))") }
  return told
}

/// Cells that a person compares before approving; a student for a whole line has hundreds.
private let tradeOffCellsMax = 12

private func lost(_ pairs: [PairedCounts]) -> Int { pairs.reduce(0) { $0 + $1.losses - $1.wins } }

private func change(_ pairs: [PairedCounts]) -> String {
  let sum = pairs.reduce(into: (total: 0, wins: 0, losses: 0)) {
    $0.total += $1.total
    $0.wins += $1.wins
    $0.losses += $1.losses
  }
  return "\(sum.wins) newly right and \(sum.losses) newly wrong of \(sum.total)"
}
