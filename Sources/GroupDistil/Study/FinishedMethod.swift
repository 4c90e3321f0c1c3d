import Domain
import NeuralNet

/// What is kept of a method that has been run.
struct FinishedMethod: Sendable {
  var student: Student
  /// Per select row.
  var isRight: [Bool]
  var testTallies: [GroupTally]
  var selectTallies: [GroupTally]
  var seconds: Double
  var steps: Int
  var arm: String?
  var choice: String?
  var trace: [GroupWeightRecord]
  var reasons: [String]

  init(_ trained: TrainedStudent, data: StudyData, seconds: Double) {
    student = trained.student
    isRight = rightRows(trained.student, rows: data.select)
    testTallies = tally(trained.student, rows: data.test)
    selectTallies = tally(isRight, rows: data.select)
    self.seconds = seconds
    steps = trained.steps
    trace = trained.trace
    reasons = trained.reasons
  }

  /// The same training with another head.
  func with(_ finish: FinishedStudent, data: StudyData, seconds: Double, choice: String) -> FinishedMethod {
    var result = self
    result.student = finish.student
    result.isRight = finish.isRight
    result.testTallies = tally(finish.student, rows: data.test)
    result.selectTallies = finish.tallies
    result.seconds = seconds
    result.choice = choice
    return result
  }

  func run(_ method: StudyMethod, seed: UInt64) -> StudyRun {
    StudyRun(
      method: method, seed: seed, testTallies: testTallies, selectTallies: selectTallies, seconds: seconds,
      steps: steps, arm: arm, choice: choice, trace: trace, reasons: reasons)
  }
}

/// One training of a study.
struct StudyFit {
  let data: StudyData
  let initial: Student
  let train: TrainingRows
  let unlabelled: UnlabelledRows?
  let parameters: DistilParameters
  let seed: UInt64

  /// - Throws: `DistilError.stoppedEarly` when `progress` says stop.
  func train(progress: (Double) -> Continuation) throws(DistilError) -> TrainedStudent {
    let folds = SelectFolds(data.select, parameters: parameters, seed: seed)
    var isStopped = false
    let trained = try GroupDistil.train(
      initial: initial, rows: train, select: folds.select, weighing: folds.weighing,
      unlabelled: parameters.alpha > 0 ? unlabelled : nil, parameters: parameters,
      // All methods see the same batches where they draw alike: differences between them are not the draw's.
      seed: seed &+ 1
    ) { step in
      let answer = progress(Double(step.step) / Double(step.stepCount))
      isStopped = answer == .stop
      return answer
    }
    guard !isStopped else { throw .stoppedEarly(step: trained.stepsRun) }
    return trained
  }
}

/// The select rows, half of them set aside to move the weights where the parameters say that held-out losses do.
struct SelectFolds {
  let select: TrainingRows
  let weighing: TrainingRows?

  init(_ rows: TrainingRows, parameters: DistilParameters, seed: UInt64) {
    guard case .heldOut = parameters.weighting else {
      select = rows
      weighing = nil
      return
    }
    let parts = dealt(rows, into: 2, seed: seed)
    select = rows.subset(parts[0])
    weighing = rows.subset(parts[1])
  }
}
