import Domain
import NeuralNet

/// Who answers for the rows of a job besides their labels.
public enum JobTeacher: Sendable {
  /// Logits for every labelled row `[rows.count, classCount]`, and for every unlabelled row where there are any.
  case answers(name: String, labelled: [Float], unlabelled: [Float]?)
  /// To be trained on the train fold.
  case train(TeacherParameters)
  /// Nobody, because of this.
  case absent(String)
}

/// Everything a line's first student is made from.
public struct LearningJob: Sendable {
  /// All labelled rows; teacher logits in them are not looked at.
  public var rows: TrainingRows
  public var folds: FoldPlan
  /// Keys of the rows' group numbers, and their names for people.
  public var groups: [GroupKey]
  public var groupNames: [String]
  public var parts: [String]?
  /// Inputs `[count, featureCount]` and groups of rows without a label.
  public var unlabelledInputs: [Float]
  public var unlabelledGroups: [Int]
  public var teacher: JobTeacher
  public var shape: StudentShape
  public var seed: UInt64
  /// Anything found while reading that a person should know.
  public var remarks: [String]

  public init(
    rows: TrainingRows, folds: FoldPlan, groups: [GroupKey], groupNames: [String], parts: [String]? = nil,
    unlabelledInputs: [Float] = [], unlabelledGroups: [Int] = [], teacher: JobTeacher, shape: StudentShape,
    seed: UInt64,
    remarks: [String] = []
  ) {
    self.rows = rows
    self.folds = folds
    self.groups = groups
    self.groupNames = groupNames
    self.parts = parts
    self.unlabelledInputs = unlabelledInputs
    self.unlabelledGroups = unlabelledGroups
    self.teacher = teacher
    self.shape = shape
    self.seed = seed
    self.remarks = remarks
  }

  /// With fewer unlabelled rows the teacher has little to add (`learning.md` 9.1).
  public static let unlabelledRowsMinimum = 200
  /// Networks a teacher's out-of-fold answers come from.
  public static let teacherFoldCount = 3
}

/// What a job made.
public struct LearnedLine: Sendable {
  /// Nil when no arm could be trained.
  public let student: Student?
  /// The teacher, where it was trained here.
  public let teacher: Student?
  public let report: TrainingReport
}
