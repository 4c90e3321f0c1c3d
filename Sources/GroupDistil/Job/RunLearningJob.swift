import Domain
import NeuralNet

extension LearningJob {
  /// Trains every arm, examines the teacher between the first and the others, chooses on the select fold, and scores
  /// the chosen student on the held-out fold.
  ///
  /// - Parameters:
  ///   - now: seconds on a clock that only runs forward; for progress and the report alone.
  ///   - progress: may answer `.stop`, which ends the job with `DistilError.stoppedEarly`.
  /// - Throws: `DistilError` for rows nothing can be learned from, and when stopped.
  public func run(
    now: @escaping () -> Double, progress: @escaping (TrainingProgress) -> Continuation
  ) throws(DistilError) -> LearnedLine {
    let arms = [Arm.plain(.fresh)] + Arm.fresh(.fresh)
    var desk = ProgressDesk(meter: ProgressMeter(stageCosts(arms), now: now()), now: now, tell: progress)
    let began = now()
    let train = try rows.subset(folds.rows(of: .train)).withPlausibleGroups(groups)
    let select = rows.subset(folds.rows(of: .select))
    let heldOut = rows.subset(folds.rows(of: .heldOut))
    guard train.count > 0, select.count > 0, heldOut.count > 0 else {
      throw .invalidRows(
        "\(train.count) are to train on, \(select.count) to select by and \(heldOut.count) held out; none may be 0"
      )
    }
    let answers = try teacherAnswers(train: train, select: select, heldOut: heldOut, desk: &desk)
    let initial = Student(shape: shape, standardizer: Standardizer(fitting: train), seed: seed)
    let taught = try train.with(teacherLogits: answers.train)
    let extra = try unlabelled(answers)
    var runs: [ArmRun] = []
    var examination = Examination(answers: answers, select: select)
    for (index, arm) in arms.enumerated() {
      let armBegan = now()
      let end: ArmEnd
      if arm.isDistilled, let reason = examination.reasonNotToUse {
        end = .skipped(reason)
      } else {
        end = try fit(arm, initial, taught, select, arm.isDistilled ? extra : nil, index: index, desk: &desk)
      }
      runs.append(ArmRun(name: arm.name, end: end, seconds: now() - armBegan))
      if arm.isRival { examination.compare(with: end.student?.selectTallies, groupNames: groupNames) }
    }
    try desk.advance(stage: arms.count + 1, done: 0)
    let choice = chosen(runs, select)
    let report = TrainingReport(
      folds: foldCounts(train, select, heldOut), teacher: examination.report(groups: groups),
      arms: runs.map { $0.report(groups: groups, names: groupNames) }, chosenArm: choice?.name,
      heldOutScores: choice.map { groupScores(tally($0.student, rows: heldOut), groups: groups) } ?? [],
      pairs: [], seed: seed,
      instructionSet: InstructionSet.best.name, seconds: now() - began,
      remarks: remarks + [choice?.sentence ?? "no arm could be trained: \(reasons(runs))"] + (extra.map(remark) ?? []),
      advice: choice.map {
        AdviceBounds(
          confidence: ConfidenceLadder($0.student, heldOut: heldOut),
          range: TrainedRange(train: train, heldOut: heldOut))
      })
    try desk.advance(stage: arms.count + 1, done: 1)
    return LearnedLine(student: choice?.student, teacher: answers.fittedTeacher, report: report)
  }

  private struct Choice {
    let name: String
    let student: Student
    let sentence: String
  }

  /// The best arm where it beats plain training.
  private func chosen(_ runs: [ArmRun], _ select: TrainingRows) -> Choice? {
    guard let plain = runs.first?.end.student else { return best(runs) }
    let arms = runs.dropFirst().compactMap { run in
      run.end.student.map {
        Candidate(name: run.name, student: $0.student, isRight: rightRows($0.student, rows: select))
      }
    }
    let portfolio = Portfolio.choose(
      plain: Candidate(name: runs[0].name, student: plain.student, isRight: rightRows(plain.student, rows: select)),
      arms: arms, select: select, groupNames: groupNames, seed: seed)
    return Choice(
      name: portfolio.kept.map { arms[$0].name } ?? runs[0].name, student: portfolio.student,
      sentence: portfolio.sentence)
  }

  /// Where plain training gave nothing there is nothing to beat.
  private func best(_ runs: [ArmRun]) -> Choice? {
    guard let choice = ArmChoice(names: runs.map(\.name), scores: runs.map { $0.end.student?.score }, tie: 0),
      let kept = runs[choice.index].end.student
    else { return nil }
    return Choice(name: runs[choice.index].name, student: kept.student, sentence: choice.sentence)
  }

  /// Scoring and writing against training.
  private static var evaluationShare: Double { 0.02 }

  /// Stage 0 is the teacher, then one for each arm, then the evaluation.
  private func stageCosts(_ arms: [Arm]) -> [(stage: String, cost: Double)] {
    func cost(_ layers: [StudentLayer], _ parameters: DistilParameters) -> Double {
      let shape = try? StudentShape(input: rows.input, hiddenLayers: layers, classCount: rows.classCount)
      return Double(shape?.multiplyAddCount ?? 0) * Double(parameters.batchSize) * Double(parameters.stepCount)
    }
    var teacherCost = 0.0
    if case .train(let parameters) = teacher {
      teacherCost =
        cost(parameters.layers(for: rows.input), parameters.training)
        * Double(parameters.networkCount(foldCount: Self.teacherFoldCount))
    }
    let armCosts = arms.map { arm in
      (stage: arm.isDistilled ? "groupdistil" : "labels", cost: cost(shape.hiddenLayers, arm.parameters))
    }
    let learning = [(stage: "teacher", cost: teacherCost)] + armCosts
    let evaluation = Self.evaluationShare * learning.reduce(0) { $0 + $1.cost }
    return learning + [(stage: "evaluating", cost: evaluation)]
  }

  /// An arm that diverges is an arm that lost, not the end of the job.
  private func fit(
    _ arm: Arm, _ initial: Student, _ rows: TrainingRows, _ select: TrainingRows, _ extra: UnlabelledRows?, index: Int,
    desk: inout ProgressDesk
  ) throws(DistilError) -> ArmEnd {
    var isStopped = false
    do throws(DistilError) {
      let folds = SelectFolds(select, parameters: arm.parameters, seed: seed)
      let trained = try GroupDistil.train(
        initial: initial, rows: rows, select: folds.select, weighing: folds.weighing, unlabelled: extra,
        parameters: arm.parameters, seed: seed &+ UInt64(index) &+ 1
      ) { step in
        let answer = desk.tell(stage: index + 1, done: Double(step.step) / Double(step.stepCount))
        isStopped = answer == .stop
        return answer
      }
      guard !isStopped else { throw DistilError.stoppedEarly(step: trained.stepsRun) }
      return .trained(trained)
    } catch .diverged(let skipped, let step) {
      return .skipped(DistilError.diverged(skippedSteps: skipped, step: step).description)
    }
  }

  private func foldCounts(_ train: TrainingRows, _ select: TrainingRows, _ heldOut: TrainingRows) -> [FoldCounts] {
    groups.indices.map { group in
      FoldCounts(
        group: groups[group], train: train.groupSizes[group], select: select.groupSizes[group],
        heldOut: heldOut.groupSizes[group])
    }
  }

  private func unlabelled(_ answers: TeacherAnswers) throws(DistilError) -> UnlabelledRows? {
    guard unlabelledGroups.count >= Self.unlabelledRowsMinimum, let logits = answers.unlabelled else { return nil }
    return try UnlabelledRows(
      inputs: unlabelledInputs, featureCount: rows.featureCount, teacherLogits: logits, classCount: rows.classCount,
      groups: unlabelledGroups)
  }

  private func remark(_ unlabelled: UnlabelledRows) -> [String] {
    ["the teacher's answers to \(unlabelled.count) unlabelled rows took part in the distilled arms"]
  }

  private func reasons(_ runs: [ArmRun]) -> String {
    runs.map { run in
      if case .skipped(let reason) = run.end { "\(run.name): \(reason)" } else { run.name }
    }.joined(separator: "; ")
  }
}

/// Tells progress as the stages of a job go by.
struct ProgressDesk {
  private var meter: ProgressMeter
  private let now: () -> Double
  private let report: (TrainingProgress) -> Continuation
  private var lastAnswer = Continuation.more

  init(meter: ProgressMeter, now: @escaping () -> Double, tell: @escaping (TrainingProgress) -> Continuation) {
    self.meter = meter
    self.now = now
    report = tell
  }

  mutating func tell(stage: Int, done: Double) -> Continuation {
    if let progress = meter.progress(stage: stage, done: done, now: now()) { lastAnswer = report(progress) }
    return lastAnswer
  }

  mutating func advance(stage: Int, done: Double) throws(DistilError) {
    if tell(stage: stage, done: done) == .stop { throw .stoppedEarly(step: 0) }
  }
}
