import Domain
import Statistics

struct EnglishWords: PilotWords {
  let code = "en"

  // MARK: - Numbers

  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
  ]

  func date(_ date: PlainDate) -> String { "\(date.day) \(Self.months[date.month - 1]) \(date.year)" }
  func axisDate(_ date: PlainDate) -> String { "\(date.day) \(Self.months[date.month - 1].prefix(3))" }
  func share(_ value: Double) -> String { percent(value) + " %" }
  func bounds(_ interval: Interval) -> String { "[\(percent(interval.lower)), \(percent(interval.upper))]" }

  func rate(_ rate: Rate) -> String {
    guard let share = rate.share, let interval = rate.interval else { return "not known (n = 0)" }
    return "\(self.share(share)) \(bounds(interval)) (n = \(count(rate.total)))"
  }

  func difference(_ difference: Difference) -> String {
    "\(points(difference.value)) points [\(points(difference.lower)), \(points(difference.upper))]"
  }

  func seconds(_ seconds: Double) -> String { duration(seconds) }
  func hours(_ hours: Double) -> String {
    let (number, unit) = hours >= 48 ? (hours / 24, " days") : (hours, " hours")
    return decimal(number, places: number == number.rounded() ? 0 : 1) + unit
  }

  func listed(_ names: [String]) -> String {
    guard names.count > 1, let last = names.last else { return names.first ?? "" }
    return names.dropLast().joined(separator: "; ") + " and " + last
  }

  private func some(_ names: [String], of all: Int) -> String {
    all > names.count ? names.joined(separator: "; ") + " and \(count(all - names.count)) more" : listed(names)
  }

  private func plural(_ number: Int, _ one: String, _ many: String? = nil) -> String {
    "\(count(number)) \(number == 1 ? one : many ?? one + "s")"
  }

  // MARK: - Head

  func title(line: String) -> String { "Pilot report: line \(line)" }

  func lead(from: PlainDate?, to: PlainDate?, made: PlainDate, mode: String) -> String {
    let span = if let from, let to { "\(date(from)) to \(date(to)); as" } else { "As" }
    let how =
      switch mode {
      case "observe": "The line only watches: nothing is retrained by itself."
      case "propose": "The line proposes: a person decides what is put into service."
      case "auto": "The line retrains by itself; its gate decides what is put into service."
      default: "Mode of the line: \(mode)."
      }
    return "\(span) of \(date(made)). \(how)"
  }

  let summaryTitle = "Summary"
  let accuracyTitle = "Accuracy over time"
  let jobsTitle = "What was retrained, and what it gave"
  let keptTitle = "What was left as it was, and why"
  let teacherTitle = "What the teacher was worth"
  let peopleTitle = "What people decided"
  let limitsTitle = "What this report cannot say"

  // MARK: - Summary

  let nothingCounted =
    "No part has been counted yet: parts count once they are old enough for their outcome to have come."

  func partsSentence(from: PlainDate, to: PlainDate, parts: Int, groups: Int, labelled: Int) -> String {
    let share = parts > 0 ? " (\(self.share(Double(labelled) / Double(parts))))" : ""
    return
      "From \(date(from)) to \(date(to)) the line answered \(plural(parts, "part")) of \(plural(groups, "group")); "
      + "the outcome of \(count(labelled)) of them\(share) is known."
  }

  func accuracySentence(_ rate: Rate, target: Double?) -> String {
    let aim = target.map { "; the target for every group is \(share($0))" } ?? ""
    return "Over all groups and the whole time, \(self.rate(rate)) of the answers were right\(aim)."
  }

  let noAccuracySentence = "Too few outcomes are known to say how often answers were right: insufficient evidence."

  func laggedSentence(_ groups: [String], all: Int) -> String {
    "\(all == 1 ? "One group" : "\(count(all)) groups") fell behind: \(some(groups, of: all))."
  }

  let nothingLaggedSentence = "No group fell behind."

  func jobsSentence(_ counts: JobCounts) -> String {
    let ends = [
      (counts.promoted, "put a better student into service"), (counts.rolledBack, "did so and were rolled back"),
      (counts.kept, "ended without a change"), (counts.rejected, "were rejected by a person"),
      (counts.failed, "failed or were broken off and changed nothing"), (counts.open, "are still open"),
    ]
    let told = ends.filter { $0.0 > 0 }.map { "\(count($0.0)) \($0.1)" }
    return "\(plural(counts.all, "retraining")): \(told.joined(separator: ", "))."
  }

  let noJobsSentence = "Nothing was retrained."

  func effectSentence(_ effect: Effect) -> String {
    let change = "\(effect.group), since student v\(effect.version) (run \(effect.job)): "
    let figures = "\(rate(effect.before)) before, \(rate(effect.after)) after"
    let gate = effect.gate.map { gate in
      " On the same \(plural(gate.total, "later part")), which the gate had kept apart, the student before gave "
        + "\(share(Double(gate.before) / Double(gate.total))) and the new one "
        + "\(share(Double(gate.after) / Double(gate.total)))."
    }
    let finding =
      switch effect.verdict {
      case .better: figures + "; better by \(effect.difference.map(difference) ?? "an unknown amount")."
      case .worse: figures + "; worse by \(effect.difference.map(difference) ?? "an unknown amount")."
      case .open: figures + "; the two cannot be told apart."
      case .insufficient:
        "insufficient evidence (\(count(effect.before.total)) judged parts before, \(count(effect.after.total)) after; "
          + "\(Rate.tellingMin) are needed on both sides)."
      }
    return change + finding + (gate ?? "")
  }

  func costSentence(rows: Int, seconds: Double, processorSeconds: Double?) -> String {
    let processor = processorSeconds.map { ", \(duration($0)) of processor time" } ?? ""
    return "The retrainings read \(plural(rows, "labelled part")) and took \(duration(seconds))\(processor)."
  }

  func laggingNowSentence(_ groups: [String], all: Int) -> String {
    "Lagging now: \(some(groups, of: all))."
  }

  let nothingLagsNowSentence = "No group lags now."

  func thinSentence(groups: Int, of all: Int) -> String {
    "For \(groups) of \(plural(all, "group")) there is insufficient evidence: fewer than \(Rate.tellingMin) judged parts."
  }

  // MARK: - Accuracy

  let allParts = "All parts"
  func plotDescription(_ name: String) -> String { "Accuracy over time: \(name)" }

  func plotCaption(binDays: Int) -> String {
    let period = binDays == 1 ? "one day" : binDays == 7 ? "one week" : "\(binDays) days"
    return "Share of right answers in percent. A dot is \(period), small where it has fewer than \(Rate.tellingMin) "
      + "judged parts; the pale bar is its 95 % interval (Clopper-Pearson), which reaches below the plot where there are "
      + "few. v1, v2, ...: the student that answered. Below the axis:"
  }

  func legend(_ shape: TimeMark.Shape) -> String {
    switch shape {
    case .alarm: "a group fell behind"
    case .up: "a new student was put into service"
    case .down: "a student was rolled back"
    case .cross: "a retraining changed nothing"
    case .square: "a retraining is open, or its student on trial"
    }
  }

  func targetLabel(_ target: Double) -> String { "target \(share(target))" }
  let noLabels = "no outcomes are known"
  func plotHeading(_ name: String, _ rate: Rate) -> String { "\(name): \(self.rate(rate))" }
  func plotsLeftOut(_ number: Int) -> String {
    "\(plural(number, "further group")), of which less is to be told, \(number == 1 ? "is" : "are") in the table only."
  }
  let groupTableNote =
    "Groups that something was raised or done for first, then the lowest accuracy. In brackets the 95 % interval."
  let groupColumn = "Group"
  let partsColumn = "Parts"
  let labelledColumn = "Outcome known"
  let accuracyColumn = "Right, whole time"
  func recentColumn(days: Int) -> String { "Right, last \(days) days" }
  let targetColumn = "Target"
  let stateColumn = "Now"

  func groupState(_ state: String?) -> String {
    switch state {
    case nil: "not watched"
    case "unknown": "not known yet"
    case "ok": "fine"
    case "watch": "on watch"
    case "lagging": "lagging"
    case .some(let other): other
    }
  }

  func otherGroups(_ number: Int) -> String { plural(number, "smaller group") }
  let withoutOutcomeRow = "Parts without an outcome"
  let insufficient = "insufficient evidence"

  // MARK: - Retrainings

  let noJobsYet = "Nothing has been trained yet."
  func olderJobs(_ number: Int) -> String { "\(plural(number, "older run")) \(number == 1 ? "is" : "are") not listed." }
  let jobColumn = "Run"
  let endColumn = "Ended"
  let fateColumn = "End"
  let rowsColumn = "Labelled parts read"
  let minutesColumn = "Minutes"
  let startedByColumn = "Started by"

  func jobState(_ job: PilotJob) -> String {
    switch job.state {
    case "training": "training"
    case "evaluating": "being judged"
    case "awaiting": "waits for approval"
    case "shadow": "runs beside the serving student"
    case "canary": "serves a share of the parts"
    case "watch": "in service, on watch"
    case "promoted": "in service"
    case "kept": job.kind == "import" ? "registered" : "nothing better found"
    case "rejected": "rejected"
    case "rolled_back": "rolled back"
    case "failed": "failed"
    case "interrupted": "broken off"
    default: job.state
    }
  }

  func jobKind(_ job: PilotJob) -> String {
    switch job.kind {
    case "first": "first student of the line"
    case "import": "student from a file"
    default: job.kind
    }
  }

  let effectsHeading = "In service: before and after each change"
  let effectsCaption =
    "Share of right answers in percent. Before (ring): from the suspected change until the new student came; after (dot, "
    + "with its 95 % interval): by the new student, until now. These are different parts; what both students made of the "
    + "same parts stands with each run."
  let beforeColumn = "Before"
  let afterColumn = "After"
  let differenceColumn = "Difference"
  let verdictColumn = "Finding"

  func verdict(_ verdict: Effect.Verdict) -> String {
    switch verdict {
    case .better: "better"
    case .worse: "worse"
    case .open: "not told apart"
    case .insufficient: insufficient
    }
  }

  func jobHeading(_ job: PilotJob) -> String { "Run \(job.number): \(listed(job.groups)) (\(jobState(job)))" }

  func jobStory(_ job: PilotJob) -> [String] {
    let starter = job.isAutomatic ? "the daemon itself\(job.isWhole ? "" : ", because a group fell behind")" : job.login
    var story = [
      "Started by \(starter)"
        + ", on \(date(PlainDate(job.startedAt))); parts since \(date(PlainDate(job.since))) were used."
    ]
    if let rows = job.rows {
      story.append(
        "It read \(plural(rows.total, "labelled part")): \(count(rows.train)) to train, \(count(rows.select)) to choose "
          + "the way of training, and the latest \(count(rows.gate)), which only the gate saw.")
    }
    if let unlabelled = job.unlabelledRows, unlabelled > 0 {
      story.append("It also learned the teacher's answers for \(plural(unlabelled, "part")) without an outcome.")
    }
    if let seconds = job.seconds {
      let processor = job.processorSeconds.map { " (\(duration($0)) of processor time)" } ?? ""
      let pause = job.pausedSeconds.map {
        $0 >= 1 ? "; \(duration($0)) of it it stood still so that answers came in time" : ""
      }
      story.append("It took \(duration(seconds))\(processor)\(pause ?? "").")
    }
    switch job.fate {
    case .promoted:
      let version = job.version.map { "Student v\($0)" } ?? "Its student"
      let place =
        job.isWhole
        ? "every part of the line on \(date(PlainDate(job.end)))."
        : "\(listed(job.cells)) on \(date(PlainDate(job.end))); all other parts kept the student they had."
      story.append("\(version) was put into service for \(place)")
    case .rolledBack: story.append("Its student was taken back, and the one before serves again.")
    case .kept: story.append("The serving student stayed, which is a normal end; why stands below.")
    case .rejected: story.append("A person rejected its student; the serving student stayed.")
    case .failed, .interrupted: story.append("It came to no student; the serving student was not touched.")
    case .onTrial, .running, .other: break
    }
    return story
  }

  func decision(_ event: PilotEvent) -> String? {
    let when = "on \(date(PlainDate(event.time)))"
    switch event.event {
    case "promotion_approved": return "\(event.login) approved its student \(when)."
    case "promotion_rejected": return "\(event.login) rejected its student \(when)."
    case "model_rolled_back": return "\(event.login) took its student back \(when)."
    default: return nil
    }
  }

  let recordedHeading = "As it was recorded"
  let armsHeading = "Ways of training that were tried"
  let armColumn = "Way of training"
  let armScoreColumn = "Worst group, select rows"
  let armStepsColumn = "Steps"
  let armSecondsColumn = "Time"
  let armResultColumn = "Result"

  func armName(_ name: String) -> String {
    switch name {
    case "own head": "own last layer"
    case "global with replay": "all groups, with replay"
    default: name
    }
  }

  let armKept = "kept"
  let armNotKept = "not kept"
  let armSkipped = "not run"
  let gateHeading = "The gate: both students on the same later parts"
  let gateCaption = "Parts that neither student was trained or chosen on. In brackets the 95 % interval."
  let newlyRightColumn = "Newly right"
  let newlyWrongColumn = "Newly wrong"
  let weightsHeading = "Weights of the groups while it trained"
  let weightsCaption =
    "1 is an equal share; groups that were still answered wrongly got more. The four largest at the end have colours."
  let stepsWord = "steps"
  let jobsWithoutDetail = "Other runs ended without a student or are older; 'kaizenctl explain RUN' tells them in full."

  // MARK: - Left as it was

  let waitingNow = "What the line waits for now:"
  let nothingKept = "No retraining ended without a change, and none is waited for."
  let reasonColumn = "Why"

  func keptNote(_ job: PilotJob) -> String {
    switch job.fate {
    case .kept: "the serving student stayed"
    case .rejected: "a person decided against it"
    case .failed: "the training failed"
    case .interrupted: "the training was broken off"
    default: job.state
    }
  }

  func hopeless(_ group: String, on date: PlainDate) -> String {
    "\(self.date(date)): several retrainings found nothing better for \(group). It is not tried again until it has many "
      + "more labelled parts or a person asks; its parts should be checked by hand."
  }

  func proposed(_ group: String, on date: PlainDate) -> String {
    "\(self.date(date)): a retraining for \(group) was proposed; in this mode a person starts it."
  }

  // MARK: - Teacher

  let noTeacher = "No teacher has been examined."
  let teacherNote =
    "Before each training the teacher is asked about labelled parts it was not fitted to; where it is no better than the "
    + "labels alone, nothing is learned from it. Calibration is the mean distance between how sure it is and how often it "
    + "is right."
  let teacherVerdictColumn = "Finding"
  let teacherAccuracyColumn = "Right"
  let teacherWorstColumn = "Its lowest group"
  let teacherCalibrationColumn = "Calibration"
  let teacherAgainstColumn = "Against the serving student"

  func teacherVerdict(_ verdict: TeacherVerdict) -> String {
    switch verdict {
    case .trusted: "trusted"
    case .weaker: "weaker than the labels alone"
    case .absent: "not asked, or no answers"
    }
  }

  func teacherAgainst(wins: Int, losses: Int, total: Int) -> String {
    "alone right \(count(wins)), alone wrong \(count(losses)) of \(count(total))"
  }

  // MARK: - People

  let nobodyDecided = "Nobody had to decide anything, and nobody did."
  let whenColumn = "When"
  let whoColumn = "Who"
  let whatColumn = "What"

  func event(_ event: String) -> String {
    switch event {
    case "line_added": "line added"
    case "group_retired": "group taken out of monitoring"
    case "group_restored": "group monitored again"
    case "alarm_acknowledged": "alarm acknowledged"
    case "alarm_reopened": "alarm opened again"
    case "alarm_silenced": "alarm silenced"
    case "alarm_unsilenced": "alarm heard again"
    case "retrain_started": "retraining started"
    case "promotion_approved": "student approved"
    case "promotion_rejected": "student rejected"
    case "trial_ended": "trial ended"
    case "model_imported": "student imported"
    case "model_activated": "student put into service by hand"
    case "model_promoted": "student put into service"
    case "model_rolled_back": "student rolled back"
    case "settings_changed": "settings changed"
    case "state_restored": "backup restored"
    default: event.split(separator: "_").joined(separator: " ")
    }
  }

  func eventsLeftOut(_ number: Int) -> String {
    "\(plural(number, "earlier entry", "earlier entries")) in 'kaizenctl audit show'."
  }

  // MARK: - Limits

  func unlabelledLimit(share: Double, parts: Int) -> String {
    "The outcome of \(plural(parts, "part")) (\(self.share(share))) is not known; how they were answered is not in any "
      + "figure here."
  }

  func youngLimit(parts: Int, labelled: Int, hours: Double?) -> String {
    let age = hours.map { " (\(self.hours($0)))" } ?? ""
    return
      "\(plural(parts, "part")) \(parts == 1 ? "is" : "are") too young to count\(age); wrong answers often come back "
      + "sooner than right ones."
  }

  func droppedLimit(parts: Int) -> String {
    "\(plural(parts, "older part")) \(parts == 1 ? "is" : "are") no longer kept and not counted here."
  }

  func waitingLimit(parts: Int) -> String {
    "\(plural(parts, "outcome")) belong\(parts == 1 ? "s" : "") to parts that were never asked about."
  }

  func silentLimit(channel: String, outcomes: Int) -> String {
    "Channel \"\(channel)\" (\(plural(outcomes, "outcome"))) chooses the parts it looks at; accuracies leave it out."
  }

  func conflictLimit(channel: String, conflicts: Int, outcomes: Int) -> String {
    "Channel \"\(channel)\" contradicts another in \(count(conflicts)) of \(plural(outcomes, "outcome")): outcomes "
      + "themselves may be wrong."
  }

  func thinLimit(groups: [String], all: Int, minimum: Int) -> String {
    "Fewer than \(minimum) judged parts, so nothing is said of: \(some(groups, of: all))."
  }

  func otherGroupsLimit(groups: Int, parts: Int) -> String {
    "\(plural(groups, "small group")) (\(plural(parts, "part"))) \(groups == 1 ? "is" : "are") counted together."
  }

  let effectLimit =
    "Before and after are different parts, and before is the time of the failure: it might have passed by itself. The "
    + "gate's comparison on the same parts is free of that, for the time of those parts."
  let intervalLimit =
    "Intervals are 95 % each; of twenty, one misses on average. They hold chance, not a channel that chooses its parts."
  let ownTimeLimit =
    "Parts of this line carry their own time. Alarms and decisions are recorded by the machine's clock and do not stand on "
    + "the time axes."
  let dayLimit = "Days are those of UTC."
  let recordedLimit: String? = nil
}
