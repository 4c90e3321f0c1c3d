import NeuralNet

/// Trains `initial` on `rows`, keeps the checkpoint `select` likes best, and tells why every group weighed what it did.
///
/// Pure and synchronous: the same arguments on the same instruction set give the same bits. Warm start or not is the
/// caller's: `initial` is where the run begins, and is itself never a candidate.
/// - Parameters:
///   - rows: the training fold; needs teacher logits unless `parameters.alpha` is 0.
///   - select: rows of another fold with the same group numbering; choose checkpoints, never gradients.
///   - weighing: rows of a third fold whose losses move the weights; needed by `GroupWeighting.heldOut` alone.
///   - unlabelled: rows for the teacher alone to speak about; take `parameters.unlabelledShare` of the objective.
///   - progress: called at every evaluation.
///   - pulse: asked after every step; may wait, and `.stop` ends the run with the best checkpoint so far.
/// - Throws: `DistilError`; nothing is left behind.
public func train(
  initial: Student, rows: TrainingRows, select: TrainingRows, weighing: TrainingRows? = nil,
  unlabelled: UnlabelledRows? = nil, parameters: DistilParameters, seed: UInt64,
  on instructionSet: InstructionSet = .best,
  progress: (TrainingStep) -> Continuation, pulse: () -> Continuation = { .more }
) throws(DistilError) -> TrainedStudent {
  try parameters.validate()
  try check(initial: initial, rows: rows, select: select, unlabelled: unlabelled, parameters: parameters)
  try check(weighing: weighing, rows: rows, parameters: parameters)
  var run = DistilRun(
    student: initial, rows: rows, unlabelled: unlabelled, weighing: weighing, parameters: parameters, seed: seed,
    on: instructionSet)
  var recorder = RunRecorder(rows: rows, slots: run.slots, parameters: parameters)
  var best: Checkpoint?
  var evaluationsWithoutGain = 0
  var end = TrainingEnd.allSteps
  for step in 1...parameters.stepCount {
    run.step(step)
    recorder.add(run.weights)
    if run.skippedSteps > DistilParameters.maximumSkippedSteps {
      throw .diverged(skippedSteps: run.skippedSteps, step: step)
    }
    recorder.stepsRun = step
    let isOver = pulse() == .stop
    guard step % parameters.evaluationInterval == 0 || step == parameters.stepCount else {
      guard isOver else { continue }
      end = .stopped
      break
    }
    let tallies = tally(run.student, rows: select, on: instructionSet)
    let score = parameters.checkpoint == .average ? overallAccuracy(tallies) : selectScore(tallies)
    recorder.record(step: step, weights: run.weights, tallies: tallies)
    let isGain = best.map { score > $0.score } ?? true
    evaluationsWithoutGain = isGain && run.student.isFinite ? 0 : evaluationsWithoutGain + 1
    // Of equals the latest: where the select rows are all right early, they cannot tell a finished student from a
    // hasty one, and the rate has come down since.
    if run.student.isFinite, best.map({ score >= $0.score }) ?? true {
      best = Checkpoint(student: run.student, score: score, step: step, tallies: tallies)
    }
    let told = TrainingStep(
      step: step, stepCount: parameters.stepCount, score: score, bestScore: best?.score ?? score)
    if progress(told) == .stop || isOver {
      end = .stopped
      break
    }
    if evaluationsWithoutGain >= parameters.patience, step >= parameters.minimumStepCount {
      end = .noGain
      break
    }
  }
  guard let best else {
    if end == .stopped { throw .stoppedEarly(step: recorder.stepsRun) }
    throw .diverged(skippedSteps: run.skippedSteps, step: recorder.stepsRun)
  }
  return TrainedStudent(
    student: best.student, score: selectScore(best.tallies), steps: best.step, stepsRun: recorder.stepsRun, end: end,
    skippedSteps: run.skippedSteps, selectTallies: best.tallies, trace: recorder.trace, reasons: recorder.reasons(),
    instructionSet: instructionSet)
}

private struct Checkpoint {
  let student: Student
  let score: Double
  let step: Int
  let tallies: [GroupTally]
}

private func check(
  initial: Student, rows: TrainingRows, select: TrainingRows, unlabelled: UnlabelledRows?,
  parameters: DistilParameters
) throws(DistilError) {
  guard rows.count > 0, select.count > 0 else {
    throw .invalidRows("there are \(rows.count) training rows and \(select.count) select rows")
  }
  guard rows.softGroups.count < rows.count else { throw .invalidRows("no row's group is known for sure") }
  guard parameters.alpha == 0 || rows.teacherLogits != nil else { throw .noTeacherLogits }
  for (name, fold) in [("training", rows), ("select", select)] {
    guard fold.featureCount == initial.shape.inputCount, fold.classCount == initial.shape.classCount else {
      throw .invalidRows(
        "\(name) rows have \(fold.featureCount) features and \(fold.classCount) classes, the student "
          + "\(initial.shape.inputCount) and \(initial.shape.classCount)")
    }
  }
  guard rows.groupCount == select.groupCount else {
    throw .invalidRows("\(rows.groupCount) training groups, but \(select.groupCount) select groups")
  }
  guard let unlabelled else { return }
  guard unlabelled.featureCount == rows.featureCount, unlabelled.classCount == rows.classCount else {
    throw .invalidRows("unlabelled rows have other features or classes than labelled ones")
  }
}

private func check(weighing: TrainingRows?, rows: TrainingRows, parameters: DistilParameters) throws(DistilError) {
  guard case .heldOut = parameters.weighting else { return }
  guard let weighing, weighing.count > 0 else {
    throw .invalidRows("weights driven by held-out losses need rows that are neither trained on nor selected by")
  }
  guard weighing.featureCount == rows.featureCount, weighing.classCount == rows.classCount,
    weighing.groupCount == rows.groupCount
  else { throw .invalidRows("the rows that move the weights have other features, classes or groups") }
}
