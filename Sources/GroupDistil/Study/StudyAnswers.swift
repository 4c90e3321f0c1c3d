import Domain
import NeuralNet

/// The logits of a study's teachers, best first.
struct StudyAnswers {
  struct Teacher {
    let name: String
    let train: [Float]
    let select: [Float]
    let unlabelled: [Float]?

    func unlabelled(_ data: StudyData) throws(DistilError) -> UnlabelledRows? {
      guard data.unlabelledGroups.count >= LearningJob.unlabelledRowsMinimum, let unlabelled else { return nil }
      return try UnlabelledRows(
        inputs: data.unlabelledInputs, featureCount: data.train.featureCount, teacherLogits: unlabelled,
        classCount: data.train.classCount, groups: data.unlabelledGroups)
    }

    func scores(_ data: StudyData) -> [GroupScore] {
      groupScores(tally(logits: select, rows: data.select), groups: data.groups)
    }
  }

  let teachers: [Teacher]
  let absence: String
  var used: Teacher? { teachers.first }

  init(
    data: StudyData, rows: TrainingRows, recipe: StudyRecipe, teacher: StudyTeacher, seed: UInt64,
    progress: (Double) -> Continuation
  ) throws(DistilError) {
    switch teacher {
    case .absent(let reason):
      teachers = []
      absence = reason
    case .answers(let name, let train, let select, let unlabelled):
      guard select.count == data.select.count * data.select.classCount else {
        throw .invalidRows("the teacher's logits do not fit the select rows")
      }
      teachers = [Teacher(name: name, train: train, select: select, unlabelled: unlabelled)]
      absence = ""
    case .train:
      let foldCount = LearningJob.teacherFoldCount
      teachers = try trainTeachers(
        rows: rows, select: data.select,
        folds: teacherFolds(groups: rows.groups, parts: nil, foldCount: foldCount), foldCount: foldCount,
        parameters: recipe.teacher, seed: seed, progress: progress
      ).map { candidate in
        let student = candidate.final.student
        return Teacher(
          name: candidate.name, train: candidate.trainLogits,
          select: student.logits(data.select.inputs, rowCount: data.select.count),
          unlabelled: data.unlabelledGroups.isEmpty
            ? nil : student.logits(data.unlabelledInputs, rowCount: data.unlabelledGroups.count))
      }
      absence = ""
    }
  }

  func examination(against labelsOnly: TrainedStudent, data: StudyData) -> TeacherExamination {
    guard let used else {
      return TeacherExamination(name: "none", scores: [], verdict: .absent, sentence: absence)
    }
    let gate = TeacherGate(
      teacher: tally(logits: used.select, rows: data.select), labelsOnly: labelsOnly.selectTallies,
      groupNames: data.groupNames)
    return TeacherExamination(
      name: used.name, scores: used.scores(data), verdict: gate.verdict, sentence: gate.sentence,
      calibration: calibration(logits: used.select, rows: data.select, groups: data.groups))
  }

  func others(_ data: StudyData) -> [TeacherExamination] {
    teachers.dropFirst().map { teacher in
      TeacherExamination(
        name: teacher.name, scores: teacher.scores(data), verdict: .weaker,
        sentence: "not used: its worst group on the select rows is worse than the other teacher's",
        calibration: calibration(logits: teacher.select, rows: data.select, groups: data.groups))
    }
  }
}
