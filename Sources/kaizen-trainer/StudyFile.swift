import DataFiles
import Domain
import GroupDistil
import NeuralNet

/// A file of parts as the rows, the teacher and the recipe of a study.
struct StudyFile {
  let data: StudyData
  let teacher: StudyTeacher
  let recipe: StudyRecipe
  let remarks: [String]

  /// What `--teacher` says for a teacher trained here in one way alone.
  static let plainKeyword = "erm"
  static let robustKeyword = "dro"

  /// - Throws: `Failure` as for a line's first student.
  static func read(_ options: DistillOptions, steps: Int?) throws(Failure) -> StudyFile {
    var lineOptions = options
    if [plainKeyword, robustKeyword].contains(options.teacher) { lineOptions.teacher = DistillTeacher.trainKeyword }
    let line = try FirstLine.read(lineOptions)
    var recipe = StudyRecipe(shape: line.shape, steps: steps)
    switch options.teacher {
    case plainKeyword: recipe.teacher = .plain
    case robustKeyword: recipe.teacher = .robust
    default: break
    }
    return StudyFile(line.job, recipe: recipe, hasSplits: line.table.splits != nil)
  }

  private init(_ job: LearningJob, recipe: StudyRecipe, hasSplits: Bool) {
    func rows(_ fold: Fold) -> TrainingRows { job.rows.subset(job.folds.rows(of: fold)) }
    data = StudyData(
      train: rows(.train), select: rows(.select), test: rows(.heldOut), unlabelledInputs: job.unlabelledInputs,
      unlabelledGroups: job.unlabelledGroups, groups: job.groups, groupNames: job.groupNames)
    self.recipe = recipe
    switch job.teacher {
    case .train: teacher = .train
    case .absent(let reason): teacher = .absent(reason)
    case .answers(let name, let labelled, let unlabelled):
      func logits(_ fold: Fold) -> [Float] {
        gather(labelled, job.folds.rows(of: fold), width: job.rows.classCount)
      }
      teacher = .answers(name: name, train: logits(.train), select: logits(.select), unlabelled: unlabelled)
    }
    remarks = Self.remarks(job, hasSplits: hasSplits)
  }

  private static func remarks(_ job: LearningJob, hasSplits: Bool) -> [String] {
    var remarks = job.remarks
    if !hasSplits {
      remarks.append(
        "the file has no split column, so that of every group and class the first 70 % of the rows train, the next 15 %"
          + " choose and the last 15 % judge, in the file's order"
          + (job.parts == nil ? "" : "; all rows of a part stay together"))
    }
    if !job.unlabelledGroups.isEmpty, job.unlabelledGroups.count < LearningJob.unlabelledRowsMinimum {
      remarks.append("\(job.unlabelledGroups.count) rows without a label are too few to learn from and were left out")
    }
    return remarks
  }

  /// Rows without a label that distilled methods learn from.
  var unlabelledRows: Int {
    if case .absent = teacher { return 0 }
    let count = data.unlabelledGroups.count
    return count >= LearningJob.unlabelledRowsMinimum ? count : 0
  }

  /// The groups as a report names them.
  func groups(teacher: TeacherExamination?) -> [StudyGroup] {
    let scores = Dictionary(
      (teacher?.scores ?? []).map { ($0.group, $0.accuracy) }, uniquingKeysWith: { first, _ in first })
    return data.groups.indices.map { group in
      StudyGroup(
        name: data.groupNames[group], train: data.train.groupSizes[group], select: data.select.groupSizes[group],
        test: data.test.groupSizes[group], teacherAccuracy: scores[data.groups[group]] ?? nil)
    }
  }

  /// `vector 72, hidden layers 32, 3 classes`.
  var studentText: String {
    let shape = recipe.shape
    let hidden = shape.hiddenLayers.map(\.description).joined(separator: ",")
    return
      "\(shape.input), \(hidden.isEmpty ? "no hidden layer" : "hidden layers \(hidden)"), \(shape.classCount) classes"
  }
}

extension StudyFile {
  /// Of the teacher that is trained here; nil where it fits no row, which the training says in a sentence.
  var teacherShape: StudentShape? {
    try? StudentShape(
      input: recipe.shape.input, hiddenLayers: recipe.teacher.layers(for: recipe.shape.input),
      classCount: recipe.shape.classCount)
  }
}

extension TeacherParameters {
  /// The robust teacher alone.
  fileprivate static var robust: TeacherParameters {
    var parameters = TeacherParameters()
    parameters.plainTraining = nil
    return parameters
  }

  /// The plain teacher alone.
  fileprivate static var plain: TeacherParameters {
    var parameters = TeacherParameters()
    if let plain = parameters.plainTraining { parameters.training = plain }
    parameters.plainTraining = nil
    return parameters
  }
}
