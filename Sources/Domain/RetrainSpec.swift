/// What the daemon asks of one training process: written as `spec.json` into the run's folder.
///
/// The process answers with `report.json` (a `TrainingReport`) and, where an arm was chosen, `student.bin` beside it,
/// writing each under a temporary name first, so that a file that is there is whole.
public struct RetrainSpec: Sendable, Equatable, Codable {
  public let run: Int
  public let definition: LineDefinition
  public let settings: LineSettings
  /// The cells to be served better; rows of other cells are not read.
  public let cells: [Cell]
  /// The groups whose evidence started this; equal to the cells where groups hold no outcome.
  public let laggingGroups: [GroupKey]
  /// Labelled rows with `since <= time <= until` are used.
  public let since: Timestamp
  public let until: Timestamp
  public let teacher: TeacherSource
  public let seed: UInt64
  /// The trained range of the student these cells have now; nil where it is not known.
  public let incumbentRange: TrainedRange?

  /// The ways of training that are tried, simplest first; reports name them so.
  public static let labelsArm = "labels-only clone"
  public static let distilledArm = "GroupDistil clone"

  public static let specFile = "spec.json"
  public static let reportFile = "report.json"
  public static let studentFile = "student.bin"
  /// The serving student of these cells, put into the folder by the daemon.
  public static let incumbentFile = "incumbent.bin"

  public init(
    run: Int, definition: LineDefinition, settings: LineSettings, cells: [Cell], laggingGroups: [GroupKey],
    since: Timestamp, until: Timestamp, teacher: TeacherSource, seed: UInt64, incumbentRange: TrainedRange? = nil
  ) {
    self.run = run
    self.definition = definition
    self.settings = settings
    self.cells = cells
    self.laggingGroups = laggingGroups
    self.since = since
    self.until = until
    self.teacher = teacher
    self.seed = seed
    self.incumbentRange = incumbentRange
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
  /// "reading", "teacher", "labels", "groupdistil", "evaluating", ...
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
