import Domain
import NeuralNet

/// Everything a retraining is made from: a challenger for some cells, or one student for a whole line.
public struct RetrainJob: Sendable {
  public var scope: RetrainScope
  /// Labelled rows of the cells to be served better, oldest first; teacher logits in them are not looked at.
  public var rows: TrainingRows
  public var folds: FoldPlan
  /// Labelled rows of cells that stay as they are, numbered by the same groups. They are learned again beside the
  /// others and decide nothing; nil without any.
  public var replay: TrainingRows?
  /// Keys of the rows' group numbers, and their names for people.
  public var groups: [GroupKey]
  public var groupNames: [String]
  /// Cells of groups that lag: there the teacher may be right where the serving student is not.
  public var laggingCells: Set<Cell>
  public var serving: ServingStudents
  /// What served these cells before; nil where nothing did.
  public var previous: JobStudent?
  /// Inputs `[count, featureCount]` and groups of rows without a label.
  public var unlabelledInputs: [Float]
  public var unlabelledGroups: [Int]
  /// Who answers for `rows` and the unlabelled rows besides labels; never one that is still to be trained.
  public var teacher: JobTeacher
  /// The teacher where it could serve.
  public var ownTeacher: OwnTeacher?
  public var limits: JobLimits
  public var seed: UInt64
  /// Anything found while reading that a person should know.
  public var remarks: [String]
  /// Of the student that is cloned; nil where it is not known.
  public var incumbentRange: TrainedRange?

  public init(
    scope: RetrainScope = .scoped, rows: TrainingRows, folds: FoldPlan, replay: TrainingRows? = nil,
    groups: [GroupKey], groupNames: [String], laggingCells: Set<Cell>? = nil, serving: ServingStudents,
    previous: JobStudent? = nil, unlabelledInputs: [Float] = [], unlabelledGroups: [Int] = [], teacher: JobTeacher,
    ownTeacher: OwnTeacher? = nil, limits: JobLimits = JobLimits(), seed: UInt64, remarks: [String] = [],
    incumbentRange: TrainedRange? = nil
  ) {
    self.scope = scope
    self.rows = rows
    self.folds = folds
    self.replay = replay
    self.groups = groups
    self.groupNames = groupNames
    self.laggingCells = laggingCells ?? Set(groups.map(\.cell))
    self.serving = serving
    self.previous = previous
    self.unlabelledInputs = unlabelledInputs
    self.unlabelledGroups = unlabelledGroups
    self.teacher = teacher
    self.ownTeacher = ownTeacher
    self.limits = limits
    self.seed = seed
    self.remarks = remarks
    self.incumbentRange = incumbentRange
  }
}

/// A student with the number it is registered under.
public struct JobStudent: Sendable {
  public let version: ModelVersion
  public let student: Student

  public init(version: ModelVersion, student: Student) {
    self.version = version
    self.student = student
  }
}

/// A teacher in our own format, which could answer parts itself.
public struct OwnTeacher: Sendable {
  public let student: Student
  /// Milliseconds of one answer, measured on this machine.
  public let answerMs: Double

  public init(student: Student, answerMs: Double) {
    self.student = student
    self.answerMs = answerMs
  }
}

/// Which student answers for which cell now.
public struct ServingStudents: Sendable {
  /// Serves every cell that has none of its own, and is what challengers are cloned from.
  public let incumbent: Student
  private let others: [Student]
  private let ofCell: [Cell: Int]

  /// - Parameter others: students with the cells they serve in the incumbent's place.
  public init(incumbent: Student, others: [(student: Student, cells: [Cell])] = []) {
    self.incumbent = incumbent
    self.others = others.map(\.student)
    var ofCell: [Cell: Int] = [:]
    for (index, other) in others.enumerated() {
      for cell in other.cells { ofCell[cell] = index }
    }
    self.ofCell = ofCell
  }

  /// Logits `[rowCount, classCount]` of the student that serves each row.
  ///
  /// - Parameter cells: of each row of `inputs` `[rowCount, inputCount]`.
  func logits(_ inputs: [Float], cells: [Cell]) -> [Float] {
    let width = incumbent.shape.inputCount
    let classCount = incumbent.shape.classCount
    precondition(inputs.count == cells.count * width, "inputs are [rowCount, inputCount]")
    let byStudent = Dictionary(grouping: cells.indices) { ofCell[cells[$0]] }
    guard byStudent.count > 1 || byStudent[nil] == nil else { return incumbent.logits(inputs, rowCount: cells.count) }
    var result = [Float](repeating: 0, count: cells.count * classCount)
    for (index, rows) in byStudent {
      let student = index.map { others[$0] } ?? incumbent
      let own = rows.flatMap { inputs[($0 * width)..<(($0 + 1) * width)] }
      let logits = student.logits(own, rowCount: rows.count)
      for (position, row) in rows.enumerated() {
        for label in 0..<classCount { result[row * classCount + label] = logits[position * classCount + label] }
      }
    }
    return result
  }
}

/// An arm as it ended: all of it that the rest of the job needs, so that a job can go on where it was broken off.
public struct FinishedArm: Sendable, Equatable {
  public let report: ArmReport
  /// Nil when it was skipped.
  public let student: Student?

  public init(report: ArmReport, student: Student?) {
    self.report = report
    self.student = student
  }
}

/// What a retraining asks of the process it runs in; nothing it answers changes a student.
public struct JobHost {
  /// Seconds on a clock that only runs forward, without those of pauses; for progress and the report alone.
  public var seconds: () -> Double
  /// Seconds of computing in this process: what an arm's limit counts.
  public var cpuSeconds: () -> Double
  /// Asked at every step of training; may wait. `.stop` ends the job.
  public var pulse: () -> Continuation
  public var progress: (TrainingProgress) -> Void
  /// An arm that an earlier attempt at this job finished.
  public var recall: (_ arm: String) -> FinishedArm?
  public var keep: (FinishedArm) -> Void
  /// What the job has cost so far, earlier attempts included; nil where nobody counts.
  public var cost: () -> TrainingCost?

  public init(
    seconds: @escaping () -> Double = { 0 }, cpuSeconds: @escaping () -> Double = { 0 },
    pulse: @escaping () -> Continuation = { .more }, progress: @escaping (TrainingProgress) -> Void = { _ in },
    recall: @escaping (_ arm: String) -> FinishedArm? = { _ in nil }, keep: @escaping (FinishedArm) -> Void = { _ in },
    cost: @escaping () -> TrainingCost? = { nil }
  ) {
    self.seconds = seconds
    self.cpuSeconds = cpuSeconds
    self.pulse = pulse
    self.progress = progress
    self.recall = recall
    self.keep = keep
    self.cost = cost
  }
}
