/// What the daemon asks of one training process: written as `spec.json` into the run's folder.
///
/// The process answers with `report.json` (a `TrainingReport`) and, where an arm was chosen, `student.bin` beside it,
/// writing each under a temporary name first, so that a file that is there is whole.
public struct RetrainSpec: Sendable, Equatable, Codable {
  public let run: Int
  public let scope: RetrainScope
  public let definition: LineDefinition
  public let settings: LineSettings
  /// The cells to be served better; of other cells at most `replayCells` are read. A whole job: every cell of the line.
  public let cells: [Cell]
  /// The groups whose evidence started this; where groups hold no outcome, cells.
  public let laggingGroups: [GroupKey]
  /// Labelled rows with `since <= time <= until` are used.
  public let since: Timestamp
  public let until: Timestamp
  public let teacher: TeacherSource
  public let seed: UInt64
  /// The student that the new one starts from: what serves the cells of a scoped job, the champion of a whole one.
  public let incumbent: ModelVersion
  /// Its trained range; nil where it is not known.
  public let incumbentRange: TrainedRange?
  /// Other students the job needs, each in a file of the folder.
  public let students: [SpecStudent]
  /// Cells served well, whose rows keep a student for the whole line from forgetting them.
  public let replayCells: [Cell]
  public let limits: JobLimits

  /// The ways of training that are tried, simplest first; reports name them so.
  public static let previousArm = "the student before"
  public static let headArm = "own head"
  public static let labelsArm = "labels-only clone"
  public static let distilledArm = "GroupDistil clone"
  public static let globalArm = "global with replay"
  public static let teacherArm = "the teacher itself"
  /// Of a whole job: one student distilled from all that serve.
  public static let consolidatedArm = "consolidated"

  public static let specFile = "spec.json"
  public static let reportFile = "report.json"
  public static let studentFile = "student.bin"
  /// The incumbent, put into the folder by the daemon.
  public static let incumbentFile = "incumbent.bin"

  public init(
    run: Int, scope: RetrainScope = .scoped, definition: LineDefinition, settings: LineSettings, cells: [Cell],
    laggingGroups: [GroupKey], since: Timestamp, until: Timestamp, teacher: TeacherSource, seed: UInt64,
    incumbent: ModelVersion, incumbentRange: TrainedRange? = nil, students: [SpecStudent] = [],
    replayCells: [Cell] = [], limits: JobLimits = JobLimits()
  ) {
    self.run = run
    self.scope = scope
    self.definition = definition
    self.settings = settings
    self.cells = cells
    self.laggingGroups = laggingGroups
    self.since = since
    self.until = until
    self.teacher = teacher
    self.seed = seed
    self.incumbent = incumbent
    self.incumbentRange = incumbentRange
    self.students = students
    self.replayCells = replayCells
    self.limits = limits
  }
}

/// Whom a retraining is for.
public enum RetrainScope: String, Sendable, Codable, CaseIterable {
  /// The lagging groups: all others keep their students.
  case scoped
  /// Every part of the line: one student in the place of all that serve.
  case whole
}

/// A student that a job is given beside the incumbent.
public struct SpecStudent: Sendable, Equatable, Codable {
  public let version: ModelVersion
  public let cells: [Cell]
  public let role: Role

  public enum Role: String, Sendable, Codable {
    /// It serves these cells now.
    case serving
    /// It served these cells before the student that does.
    case previous
  }

  public init(version: ModelVersion, cells: [Cell], role: Role) {
    self.version = version
    self.cells = cells
    self.role = role
  }

  public var fileName: String { "student-\(version).bin" }
}

/// What a training process may take.
public struct JobLimits: Sendable, Equatable, Codable {
  public let memoryBytes: Int
  /// Of one way of training (`learning.md` 9.3).
  public let armSeconds: Double
  /// Of one answer of a student: a slower one cannot serve.
  public let latencyMs: Double

  public init(
    memoryBytes: Int = TrainingSettings.usualMemoryBytes, armSeconds: Double = 120,
    latencyMs: Double = LineSettings.usualLatencyMsMax
  ) {
    self.memoryBytes = memoryBytes
    self.armSeconds = armSeconds
    self.latencyMs = latencyMs
  }
}

/// Where teacher logits for new rows can come from.
public enum TeacherSource: Sendable, Equatable, Codable {
  /// Trained here; parameters in `teachers/FILE` below the state directory.
  case trained(file: String)
  /// The plant's own model; `teachers/FILE` below the state directory.
  case onnx(file: String)
  /// Logits came as columns of the first data file: none for new rows.
  case columns(prefix: String)
}

/// One line of progress, as JSON on the training process's standard output.
public struct TrainingProgress: Sendable, Equatable, Codable {
  /// "reading", "teacher", "labels", "groupdistil", "evaluating", "paused", ...
  public let stage: String
  /// 0...1 of the whole job.
  public let fraction: Double
  public let secondsLeft: Double?

  public init(stage: String, fraction: Double, secondsLeft: Double?) {
    self.stage = stage
    self.fraction = fraction
    self.secondsLeft = secondsLeft
  }
}
