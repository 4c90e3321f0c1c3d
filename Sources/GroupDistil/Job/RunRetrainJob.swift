import Domain
import NeuralNet

extension RetrainJob {
  /// Tries every arm, examines the teacher between those that need none and the others, chooses on the select fold, and
  /// counts the chosen student against those that serve, on rows later than all it was made from.
  ///
  /// Arms that `host` recalls are not made again; the same job gives the same student, in one go or in several.
  /// - Throws: `DistilError` for rows nothing can be learned from, and when stopped.
  public func run(_ host: JobHost) throws(DistilError) -> LearnedLine {
    let began = host.seconds()
    var run = try RetrainRun(self, host: host)
    for arm in RetrainArm.all(scope) { try run.attempt(arm) }
    return try run.report(began: began)
  }
}

/// A retraining as it goes on.
private struct RetrainRun {
  private let job: RetrainJob
  private let host: JobHost
  private let train: TrainingRows
  private let select: TrainingRows
  private let heldOut: TrainingRows
  private let answers: TeacherAnswers
  /// Whether each group's select rows say anything about the teacher: it teaches in lagging cells alone.
  private let isExamined: [Bool]
  private let targets: SoftTargets
  private let arms: [RetrainArm]
  private var examination: Examination
  private var desk: ProgressDesk
  private var finished: [FinishedArm] = []
  private var resumed: [String] = []
  /// Most that took part in any arm.
  private var unlabelledCount = 0

  init(_ job: RetrainJob, host: JobHost) throws(DistilError) {
    self.job = job
    self.host = host
    train = try job.rows.subset(job.folds.rows(of: .train)).withPlausibleGroups(job.groups)
    select = job.rows.subset(job.folds.rows(of: .select))
    heldOut = job.rows.subset(job.folds.rows(of: .heldOut))
    guard train.count > 0, select.count > 0, heldOut.count > 0 else {
      throw .invalidRows(
        "\(train.count) are to train on, \(select.count) to select by and \(heldOut.count) for the gate; none may be 0")
    }
    answers = try job.answers()
    let examined = job.groups.map { job.laggingCells.contains($0.cell) }
    isExamined = examined
    examination = Examination(answers: answers, select: select) { $0.only(examined) }
    targets = SoftTargets(groups: job.groups, laggingCells: job.laggingCells, serving: job.serving)
    arms = RetrainArm.all(job.scope)
    desk = ProgressDesk(
      meter: ProgressMeter(job.stageCosts(arms), now: host.seconds()), now: host.seconds,
      tell: { progress in
        host.progress(progress)
        return .more
      })
  }

  mutating func attempt(_ arm: RetrainArm) throws(DistilError) {
    guard host.pulse() == .more else { throw .stoppedEarly(step: 0) }
    _ = desk.tell(stage: finished.count, done: 0)
    let result: FinishedArm
    if let earlier = host.recall(arm.name) {
      result = earlier
      resumed.append(arm.name)
    } else {
      let began = host.seconds()
      result = try outcome(arm).finished(arm, seconds: host.seconds() - began, job)
      host.keep(result)
    }
    if result.student != nil, let alpha = arm.parameters?.alpha, alpha > 0 {
      unlabelledCount = max(unlabelledCount, targets.unlabelledRows(job, teacher: unlabelledAnswers).count)
    }
    if arm.isRival {
      let tallies = result.student.map { tally($0, rows: select).only(isExamined) }
      examination.compare(with: tallies, groupNames: job.groupNames)
    }
    finished.append(result)
  }

  // MARK: - Arms

  /// How an arm came out, before it is written down.
  private enum Outcome {
    case skipped(String)
    case trained(TrainedStudent, remark: String?)
    /// With why it looks as it does.
    case taken(Student, [GroupTally], String)

    func finished(_ arm: RetrainArm, seconds: Double, _ job: RetrainJob) -> FinishedArm {
      switch self {
      case .skipped(let reason):
        return FinishedArm(
          report: ArmReport(
            name: arm.name, skipped: reason, selectScore: nil, selectScores: [], steps: 0, seconds: seconds,
            weights: [], reasons: []), student: nil)
      case .trained(let trained, let remark):
        let reasons = zip(job.groupNames, trained.reasons).map { "\($0): \($1)" } + (remark.map { [$0] } ?? [])
        return FinishedArm(
          report: ArmReport(
            name: arm.name, skipped: nil, selectScore: trained.score,
            selectScores: job.scores(trained.selectTallies), steps: trained.steps, seconds: seconds,
            weights: trained.trace.map { $0.record(groups: job.groups) }, reasons: reasons), student: trained.student)
      case .taken(let student, let tallies, let reason):
        return FinishedArm(
          report: ArmReport(
            name: arm.name, skipped: nil, selectScore: selectScore(tallies), selectScores: job.scores(tallies),
            steps: 0, seconds: seconds, weights: [], reasons: [reason]), student: student)
      }
    }
  }

  private mutating func outcome(_ arm: RetrainArm) throws(DistilError) -> Outcome {
    switch arm {
    case .previous:
      guard let previous = job.previous else { return .skipped("no other student served these cells before") }
      return take(previous.student, "student \(previous.version) as it was; nothing was trained")
    case .teacher: return ownTeacher()
    case .head: return try head()
    case .labels, .wholeLabels: return try fit(arm, train, nil)
    case .distilled:
      if let reason = examination.reasonNotToUse { return .skipped(reason) }
      return try fit(arm, try train.with(teacherLogits: answers.train), try unlabelled())
    case .global:
      guard let replay = job.replay, replay.count > 0 else {
        return .skipped("no labelled rows of other cells are kept that it could learn again")
      }
      let all = try train.appending(replay)
      let padding = Array(repeating: Float(0), count: replay.count * replay.classCount)
      return try taught(arm, all, answers: answers.train.map { $0 + padding })
    case .consolidated: return try taught(arm, train, answers: answers.train)
    }
  }

  /// An arm that the serving students teach too, whatever the teacher is worth.
  private mutating func taught(_ arm: RetrainArm, _ rows: TrainingRows, answers: [Float]?) throws(DistilError)
    -> Outcome
  {
    let isTrusted = examination.reasonNotToUse == nil
    let logits = targets.logits(rows, teacher: isTrusted ? answers : nil)
    return try fit(arm, try rows.with(teacherLogits: logits), try unlabelled())
  }

  /// Nil for a teacher that may not teach.
  private var unlabelledAnswers: [Float]? { examination.reasonNotToUse == nil ? answers.unlabelled : nil }

  private func unlabelled() throws(DistilError) -> UnlabelledRows? {
    try targets.unlabelled(job, teacher: unlabelledAnswers)
  }

  private func take(_ student: Student, _ reason: String) -> Outcome {
    .taken(student, tally(student, rows: select), reason)
  }

  private func ownTeacher() -> Outcome {
    guard let own = job.ownTeacher else {
      return .skipped("the teacher is not a network in our own format that could serve")
    }
    if let reason = examination.reasonNotToUse { return .skipped(reason) }
    guard own.answerMs <= job.limits.latencyMs else {
      return .skipped(
        "one answer of the teacher takes \(milliseconds(own.answerMs)) ms here, and "
          + "\(milliseconds(job.limits.latencyMs)) are allowed (latency_ms_max)")
    }
    return take(own.student, "the line's teacher as it is; one answer takes \(milliseconds(own.answerMs)) ms")
  }

  /// Cells whose rows are all of one class are left out: a head fitted to them would answer nothing else.
  private func head() throws(DistilError) -> Outcome {
    var classes: [Cell: Set<Int>] = [:]
    for row in 0..<train.count { classes[job.groups[train.groups[row]].cell, default: []].insert(train.labels[row]) }
    let rows = train.subset((0..<train.count).filter { (classes[job.groups[train.groups[$0]].cell]?.count ?? 0) > 1 })
    guard rows.count > 0 else {
      return .skipped("the rows to train on hold one class alone; a head fitted to them would answer nothing else")
    }
    // Heads see equally many rows of every group, so tiny ones count together.
    let slots = WeightSlots(groupSizes: rows.groupSizes)
    var parameters = HeadRefitParameters()
    parameters.anchor = HeadRefitParameters.firstAidAnchor
    let limit = ArmLimit(job.limits, host)
    do throws(DistilError) {
      let fitted = try refitHead(
        of: job.serving.incumbent,
        rows: try TrainingRows(
          inputs: rows.inputs, input: rows.input, labels: rows.labels, classCount: rows.classCount,
          groups: rows.groups.map { slots.slotOfGroup[$0] ?? 0 }, groupCount: slots.rowCounts.count),
        parameters: parameters, seed: RetrainArm.head.seed(job.seed), pulse: limit.pulse)
      return take(fitted, "the serving student with its last layer fitted again on \(rows.count) rows")
    } catch .stoppedEarly(let step) where limit.isReached {
      return .skipped(limit.sentence(step: step))
    } catch .diverged(let skipped, let step) {
      return .skipped(DistilError.diverged(skippedSteps: skipped, step: step).description)
    }
  }

  /// An arm that diverges or runs out of time is an arm that lost, not the end of the job.
  private mutating func fit(
    _ arm: RetrainArm, _ rows: TrainingRows, _ extra: UnlabelledRows?
  ) throws(DistilError) -> Outcome {
    guard let parameters = arm.parameters else { preconditionFailure("\(arm.name) is not trained by steps") }
    let limit = ArmLimit(job.limits, host)
    let stage = finished.count
    do throws(DistilError) {
      let trained = try GroupDistil.train(
        initial: job.serving.incumbent, rows: rows, select: select, unlabelled: extra, parameters: parameters,
        seed: arm.seed(job.seed),
        progress: { step in desk.tell(stage: stage, done: Double(step.step) / Double(step.stepCount)) },
        pulse: limit.pulse)
      if trained.end == .stopped, !limit.isReached { throw DistilError.stoppedEarly(step: trained.stepsRun) }
      return .trained(trained, remark: trained.end == .stopped ? limit.sentence(step: trained.stepsRun) : nil)
    } catch .stoppedEarly(let step) where limit.isReached {
      return .skipped(limit.sentence(step: step))
    } catch .diverged(let skipped, let step) {
      return .skipped(DistilError.diverged(skippedSteps: skipped, step: step).description)
    }
  }

  // MARK: - End

  mutating func report(began: Double) throws(DistilError) -> LearnedLine {
    _ = desk.tell(stage: arms.count, done: 0)
    let choice = chosen()
    let student = choice.flatMap { choice in finished.first { $0.report.name == choice.name }?.student }
    let now = judged(job.serving.logits(heldOut.inputs, cells: heldOut.groups.map { job.groups[$0].cell }))
    let after = student.map { judged($0.logits(heldOut.inputs, rowCount: heldOut.count)) }
    let asked = answers.heldOut.map(judged)
    var report = TrainingReport(
      folds: foldCounts, teacher: examination.report(groups: job.groups), arms: finished.map(\.report),
      chosenArm: choice?.name,
      heldOutScores: after.map { job.scores(tally($0.isRight, rows: heldOut)) } ?? [],
      pairs: after.map { pairs(now, $0) } ?? [], seed: job.seed, instructionSet: InstructionSet.best.name,
      seconds: host.seconds() - began, remarks: remarks(choice?.sentence),
      advice: student.map { student in
        AdviceBounds(
          confidence: ConfidenceLadder(student, heldOut: heldOut),
          range: job.incumbentRange.map { TrainedRange(train: train, heldOut: heldOut, widening: $0) })
      })
    report.gateClasses = after?.classCounts
    report.teacherPairs = asked.map { pairs(now, $0) }
    report.unlabelledRows = unlabelledCount
    report.resumedArms = resumed.isEmpty ? nil : resumed
    report.cost = host.cost()
    _ = desk.tell(stage: arms.count, done: 1)
    return LearnedLine(student: student, teacher: nil, report: report)
  }

  private func chosen() -> (name: String, sentence: String)? {
    let preferred = RetrainArm.preferred(job.scope).map(\.name)
    let scores = preferred.map { name in finished.first { $0.report.name == name }?.report.selectScore }
    return ArmChoice(names: preferred, scores: scores, tie: ArmChoice.cloneTie).map {
      (preferred[$0.index], $0.sentence)
    }
  }

  /// Answers to the gate's rows.
  private struct Judged {
    let isRight: [Bool]
    let classCounts: [Int]
  }

  private func judged(_ logits: [Float]) -> Judged {
    var counts = Array(repeating: 0, count: heldOut.classCount)
    let isRight = (0..<heldOut.count).map { row in
      let range = row * heldOut.classCount..<(row + 1) * heldOut.classCount
      let answer = topClass(logits.span.extracting(range)).index
      counts[answer] += 1
      return answer == heldOut.labels[row]
    }
    return Judged(isRight: isRight, classCounts: counts)
  }

  private func pairs(_ before: Judged, _ after: Judged) -> [PairedCounts] {
    pairedCounts(before: before.isRight, after: after.isRight, rows: heldOut, groups: job.groups)
  }

  /// Groups of rows to learn again have no part in the folds.
  private var foldCounts: [FoldCounts] {
    job.groups.indices.filter { job.rows.groupSizes[$0] > 0 }.map { group in
      FoldCounts(
        group: job.groups[group], train: train.groupSizes[group], select: select.groupSizes[group],
        heldOut: heldOut.groupSizes[group])
    }
  }

  private func remarks(_ choice: String?) -> [String] {
    var remarks = job.remarks
    if let replay = job.replay, replay.count > 0 {
      let cells = Set(replay.groups.map { job.groups[$0].cell }).count
      remarks.append("\(replay.count) labelled rows of \(cells) other cells were learned again beside the job's own")
    }
    let skipped = finished.compactMap { arm in arm.report.skipped.map { "\(arm.report.name): \($0)" } }
    remarks.append(choice ?? "no arm could be trained: \(skipped.joined(separator: "; "))")
    if unlabelledCount > 0 {
      remarks.append("answers to \(unlabelledCount) unlabelled rows took part in the distilled arms")
    }
    return remarks
  }
}

/// The time of one arm, asked for at every step.
private final class ArmLimit {
  private let seconds: Double
  private let host: JobHost
  private let began: Double
  private(set) var isReached = false

  init(_ limits: JobLimits, _ host: JobHost) {
    seconds = limits.armSeconds
    self.host = host
    began = host.cpuSeconds()
  }

  func pulse() -> Continuation {
    guard host.pulse() == .more else { return .stop }
    isReached = host.cpuSeconds() - began > seconds
    return isReached ? .stop : .more
  }

  func sentence(step: Int) -> String {
    "its time, \(Int(seconds)) seconds of computing, was over at step \(step); the best of the steps before counts"
  }
}

extension RetrainJob {
  fileprivate func scores(_ tallies: [GroupTally]) -> [GroupScore] {
    groupScores(tallies, groups: groups).filter { $0.total > 0 }
  }

  fileprivate func answers() throws(DistilError) -> TeacherAnswers {
    func absent(_ reason: String) -> TeacherAnswers {
      TeacherAnswers(
        name: "none", train: nil, select: nil, heldOut: nil, unlabelled: nil, fittedTeacher: nil, examined: nil,
        absence: reason)
    }
    switch teacher {
    case .absent(let reason): return absent(reason)
    case .train: return absent("it would have to be trained first")
    case .answers(let name, let labelled, let unlabelled):
      let whole = try rows.with(teacherLogits: labelled)
      // The gate's rows stay unseen: what is decided here must not rest on them.
      let examined = whole.subset(folds.folds.indices.filter { [.train, .select].contains(folds.folds[$0]) })
      return TeacherAnswers(
        name: name, train: whole.subset(folds.rows(of: .train)).teacherLogits,
        select: whole.subset(folds.rows(of: .select)).teacherLogits,
        heldOut: whole.subset(folds.rows(of: .heldOut)).teacherLogits, unlabelled: unlabelled, fittedTeacher: nil,
        examined: examined.teacherLogits.map { (examined, $0) }, absence: nil)
    }
  }

  /// One stage for each arm, then the evaluation.
  fileprivate func stageCosts(_ arms: [RetrainArm]) -> [(stage: String, cost: Double)] {
    let pass = Double(serving.incumbent.shape.multiplyAddCount)
    let rowCount = Double(rows.count)
    let costs = arms.map { arm -> (stage: String, cost: Double) in
      guard let parameters = arm.parameters else { return (arm.stage, pass * rowCount) }
      return (arm.stage, 3 * pass * Double(parameters.batchSize) * Double(parameters.stepCount))
    }
    return costs + [(stage: "evaluating", cost: 2 * pass * rowCount)]
  }
}

extension [GroupTally] {
  /// Those of the groups that count, zeros for the others.
  fileprivate func only(_ counts: [Bool]) -> [GroupTally] {
    zip(self, counts).map { $1 ? $0 : GroupTally(correct: 0, total: 0) }
  }
}

/// `12.3`, without Foundation.
private func milliseconds(_ value: Double) -> String {
  let tenths = Int((min(max(value, 0), 1e9) * 10).rounded())
  return "\(tenths / 10).\(tenths % 10)"
}
