import Domain
import Policy

/// The story of a run in sentences that each stand on their own.
///
/// - Parameter settings: the line's now, which the advice of its student follows.
public func explain(_ run: RunRecord, definition: LineDefinition, settings: LineSettings) -> [String] {
  var story: [String] = []
  switch run.kind {
  case .first:
    story.append("Run \(run.number) made the first student of line \(run.line), started by \(run.by.login).")
  case .imported:
    story.append(
      "Run \(run.number) registered a student of line \(run.line) from a file, by \(run.by.login) (uid \(run.by.uid)).")
  case .retrain:
    story.append(
      "Run \(run.number) retrained \(run.groups.joined(separator: " and ")) of line \(run.line), "
        + (run.by.login == "kaizend"
          ? "started by the daemon itself" : "started by \(run.by.login) (uid \(run.by.uid))")
        + " at \(run.startedAt.wholeSeconds) of the line's time.")
  }
  story += run.causes.map { "Why: \($0)." }
  if let report = run.report { story += explain(report, run: run, definition: definition) }
  story += run.verdict.map { "Gate: \($0)." }
  if run.report?.chosenArm != nil {
    story += adviceReasons(run.report?.advice, definition: definition, settings: settings).map {
      "Advice: \($0)."
    }
  }
  switch run.state {
  case .training, .evaluating:
    story.append("It has not ended yet.")
  case .awaiting:
    story.append(
      "A person has to say yes: 'kaizenctl approve \(run.number)' puts the challenger into service, 'kaizenctl reject "
        + "\(run.number) --reason ...' ends the run.")
  case .shadow:
    story.append("The challenger is compared with the serving students on live parts, and answers none of them yet.")
  case .canary:
    story.append("The challenger answers a share of the parts while it is compared with the serving students.")
  case .promoted:
    if let version = run.promoted, run.kind == .retrain {
      let cells = run.scope == .whole ? "the line" : run.cells.map { definition.text($0) }.joined(separator: " and ")
      story.append(
        "Student \(version) was put into service for \(cells) at \(run.endedAt?.wholeSeconds ?? "its end"); "
          + (run.scope == .whole ? "it serves every part." : "all other parts kept the student they had."))
    }
  case .kept where run.kind == .imported: break
  case .kept:
    story.append("No better challenger was found: the serving student stayed, which is a normal end.")
  case .rejected:
    story.append("A person said no; the serving student was not touched.")
  case .rolledBack:
    story.append("Its student was taken back: what had served before serves again.")
  case .failed:
    story.append("The job failed; the serving student was not touched.")
  case .interrupted:
    story.append("The job was broken off; the serving student was not touched.")
  }
  return story
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
  story.append("Teacher: \(report.teacher.sentence).")
  for arm in report.arms {
    if let skipped = arm.skipped {
      story.append("Arm \(arm.name) was not run: \(skipped).")
    } else if let score = arm.selectScore {
      let kept = arm.name == report.chosenArm ? ", kept" : ""
      story.append(
        "Arm \(arm.name): worst group on the select rows \(percent(min(score, 1))) (shrunk)\(kept), "
          + "\(arm.steps) steps in \(decimal(arm.seconds, places: 1)) s.")
    }
  }
  if let kept = report.arms.first(where: { $0.name == report.chosenArm }) {
    story += kept.reasons.map { "Weight: \($0)." }
  }
  for pair in report.pairs where pair.total > 0 {
    story.append(
      "Later parts of \(definition.text(pair.group)): serving student \(pair.championCorrect), challenger "
        + "\(pair.challengerCorrect) right of \(pair.total).")
  }
  return story + report.remarks.map { "Note: \($0)." }
}
