import Domain
import NeuralNet

/// A teacher's logits per fold; those of select and held-out rows come from a network that was not fitted to them.
struct TeacherAnswers {
  let name: String
  let train: [Float]?
  let select: [Float]?
  let heldOut: [Float]?
  let unlabelled: [Float]?
  /// Where it was trained here.
  let fittedTeacher: Student?
  /// Rows its accuracy is shown on, and its logits for them.
  let examined: (rows: TrainingRows, logits: [Float])?
  let absence: String?
}

extension LearningJob {
  func teacherAnswers(
    train: TrainingRows, select: TrainingRows, heldOut: TrainingRows, desk: inout ProgressDesk
  ) throws(DistilError) -> TeacherAnswers {
    switch teacher {
    case .absent(let reason):
      return TeacherAnswers(
        name: "none", train: nil, select: nil, heldOut: nil, unlabelled: nil, fittedTeacher: nil, examined: nil,
        absence: reason)
    case .answers(let name, let labelled, let unlabelled):
      let whole = try rows.with(teacherLogits: labelled)
      // Of a file of parts the held-out rows are the honest ones.
      let examinedRows = whole.subset(folds.rows(of: .heldOut))
      return TeacherAnswers(
        name: name, train: whole.subset(folds.rows(of: .train)).teacherLogits,
        select: whole.subset(folds.rows(of: .select)).teacherLogits,
        heldOut: whole.subset(folds.rows(of: .heldOut)).teacherLogits, unlabelled: unlabelled, fittedTeacher: nil,
        examined: examinedRows.teacherLogits.map { (examinedRows, $0) }, absence: nil)
    case .train(let parameters):
      return try trained(parameters, train: train, select: select, heldOut: heldOut, desk: &desk)
    }
  }

  private func trained(
    _ parameters: TeacherParameters, train: TrainingRows, select: TrainingRows, heldOut: TrainingRows,
    desk: inout ProgressDesk
  ) throws(DistilError) -> TeacherAnswers {
    let trainRows = folds.rows(of: .train)
    let folds = teacherFolds(
      groups: train.groups, parts: parts.map { parts in trainRows.map { parts[$0] } },
      foldCount: Self.teacherFoldCount)
    let candidates = try trainTeachers(
      rows: train, select: select, folds: folds, foldCount: Self.teacherFoldCount, parameters: parameters, seed: seed
    ) { done in desk.tell(stage: 0, done: done) }
    guard let best = candidates.first else { throw .invalidParameters("no teacher was asked for") }
    let teacher = best.final.student
    let heldOutLogits = teacher.logits(heldOut.inputs, rowCount: heldOut.count)
    return TeacherAnswers(
      name: best.name,
      train: best.trainLogits, select: teacher.logits(select.inputs, rowCount: select.count),
      heldOut: heldOutLogits,
      unlabelled: unlabelledGroups.isEmpty
        ? nil : teacher.logits(unlabelledInputs, rowCount: unlabelledGroups.count),
      fittedTeacher: teacher, examined: (heldOut, heldOutLogits), absence: nil)
  }
}

/// The teacher's examination as it goes on: absent, waiting for the labels-only student, or judged.
struct Examination {
  private enum State {
    case absent(String)
    case waiting(select: [GroupTally])
    case judged(TeacherGate)
  }

  private var state: State
  private let answers: TeacherAnswers

  /// - Parameter counted: which of the groups' counts it is judged by.
  init(answers: TeacherAnswers, select: TrainingRows, counted: ([GroupTally]) -> [GroupTally] = { $0 }) {
    self.answers = answers
    if let logits = answers.select {
      state = .waiting(select: counted(tally(logits: logits, rows: select)))
    } else {
      state = .absent(answers.absence ?? "no teacher answered")
    }
  }

  /// - Parameter labelsOnly: what a student of labels alone has on the same rows; nil where there is none.
  mutating func compare(with labelsOnly: [GroupTally]?, groupNames: [String]) {
    guard case .waiting(let select) = state else { return }
    // Without a labels-only student there is nothing to be weaker than.
    let rival = labelsOnly ?? select.map { GroupTally(correct: 0, total: $0.total) }
    state = .judged(TeacherGate(teacher: select, labelsOnly: rival, groupNames: groupNames))
  }

  /// Nil when arms may be distilled from this teacher; short, because the report holds the figures as the teacher's own.
  var reasonNotToUse: String? {
    switch state {
    case .absent(let reason): "no teacher: \(reason)"
    case .waiting: nil
    case .judged(let gate): gate.reasonNotToUse
    }
  }

  func report(groups: [GroupKey]) -> TeacherExamination {
    let scores = answers.examined.map { groupScores(tally(logits: $0.logits, rows: $0.rows), groups: groups) } ?? []
    let calibration = answers.examined.flatMap {
      GroupDistil.calibration(logits: $0.logits, rows: $0.rows, groups: groups)
    }
    switch state {
    case .absent(let reason):
      return TeacherExamination(name: answers.name, scores: [], verdict: .absent, sentence: reason)
    case .waiting:
      return TeacherExamination(name: answers.name, scores: scores, verdict: .absent, sentence: "it was not examined")
    case .judged(let gate):
      return TeacherExamination(
        name: answers.name, scores: scores, verdict: gate.verdict, sentence: gate.sentence, calibration: calibration)
    }
  }
}
