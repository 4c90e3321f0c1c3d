/// What a daemon made of one plant, day by day, as `kaizen-plant loop` prints it: enough to serve the same parts again by
/// other policies, and to ask what each student that served was truly worth.
public struct PlantRecord: Codable, Sendable, Equatable {
  public var schema = 1
  /// Name of the scenario, or of the replayed file.
  public var plant: String
  public var seed: Int
  /// In the line's order.
  public var classNames: [String]
  public var attributes: [String]
  public var cells: [RecordedCell]
  /// The student that served at the start.
  public var frozenVersion: Int
  public var answers: [AnswerCount]
  public var students: [RecordedStudent]
  /// The line's teacher in base64, in the form of a student; nil where it is none that was trained here.
  public var teacher: String?
  /// Retrainings that began before the last part, the first one first.
  public var runs: [RecordedRun]
  /// What the daemon wrote into its audit trail, but for retrainings' progress.
  public var remarks: [RecordedRemark]
  /// Outcomes that the daemon took in while parts were streamed and after.
  public var outcomes: Int
  /// Processor seconds of all processes that the daemon started while parts were streamed.
  public var trainerSeconds: Double
  /// Wall-clock seconds of the stream.
  public var seconds: Double

  public init(
    plant: String, seed: Int, classNames: [String], attributes: [String], cells: [RecordedCell], frozenVersion: Int,
    answers: [AnswerCount], students: [RecordedStudent], teacher: String?, runs: [RecordedRun],
    remarks: [RecordedRemark], outcomes: Int, trainerSeconds: Double, seconds: Double
  ) {
    self.plant = plant
    self.seed = seed
    self.classNames = classNames
    self.attributes = attributes
    self.cells = cells
    self.frozenVersion = frozenVersion
    self.answers = answers
    self.students = students
    self.teacher = teacher
    self.runs = runs
    self.remarks = remarks
    self.outcomes = outcomes
    self.trainerSeconds = trainerSeconds
    self.seconds = seconds
  }
}

public struct RecordedCell: Codable, Sendable, Equatable {
  public var values: [String]
  /// As the daemon writes it.
  public var name: String

  public init(values: [String], name: String) {
    self.values = values
    self.name = name
  }
}

/// The parts of one cell and true class that one student answered on one day.
public struct AnswerCount: Codable, Sendable, Equatable {
  /// 0 is the day of the first part.
  public var day: Int
  /// Index into the record's cells.
  public var cell: Int
  /// Index into the record's class names.
  public var label: Int
  public var version: Int
  public var parts: Int
  /// Right by the truth, whatever outcomes said.
  public var right: Int
  /// Right by the student that served at the start.
  public var frozenRight: Int
  /// Answers that differ from that student's.
  public var changed: Int

  public init(
    day: Int, cell: Int, label: Int, version: Int, parts: Int, right: Int, frozenRight: Int, changed: Int
  ) {
    self.day = day
    self.cell = cell
    self.label = label
    self.version = version
    self.parts = parts
    self.right = right
    self.frozenRight = frozenRight
    self.changed = changed
  }
}

public struct RecordedStudent: Codable, Sendable, Equatable {
  public var version: Int
  public var run: Int
  public var arm: String?
  /// base64
  public var bytes: String

  public init(version: Int, run: Int, arm: String?, bytes: String) {
    self.version = version
    self.run = run
    self.arm = arm
    self.bytes = bytes
  }
}

public struct RecordedRun: Codable, Sendable, Equatable {
  public var run: Int
  /// How it stands when the stream is over.
  public var state: String
  /// Names of the cells it was for.
  public var cells: [String]
  /// Days since the start of day 0, of the line's time.
  public var started: Double
  public var version: Int?
  public var arm: String?
  /// Labelled rows it read, for whatever fold; nil where it left no report.
  public var labels: Int?
  public var sentence: String

  public init(
    run: Int, state: String, cells: [String], started: Double, version: Int?, arm: String?, labels: Int?,
    sentence: String
  ) {
    self.run = run
    self.state = state
    self.cells = cells
    self.started = started
    self.version = version
    self.arm = arm
    self.labels = labels
    self.sentence = sentence
  }
}

public struct RecordedRemark: Codable, Sendable, Equatable {
  public var event: String
  public var group: String?
  public var run: Int?
  /// Days since the start of day 0.
  public var day: Double
  public var sentence: String

  public init(event: String, group: String?, run: Int?, day: Double, sentence: String) {
    self.event = event
    self.group = group
    self.run = run
    self.day = day
    self.sentence = sentence
  }
}
