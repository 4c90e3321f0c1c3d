import Domain

public struct LinesReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var lines: [LineRow]
  public init(lines: [LineRow]) { self.lines = lines }
}

public struct LineRow: Codable, Sendable, Equatable {
  public var line: String
  public var attributes: [String]
  public var outcomeInGroups: Bool
  /// `vector`, `window` or `image`.
  public var input: String
  /// The dimensions of one part: [12], [2, 1024] (channels, length), [28, 28, 1] (height, width, channels).
  public var shape: [Int]
  /// Names of a vector's values; empty for windows and images.
  public var features: [String]
  public var classes: [String]
  public var mode: String
  public var time: String
  public var targetAccuracy: Double?
  /// Hours until a part counts; absent while that is learned.
  public var maturityHours: Double?
  public var champion: Int
  /// The champion's layers and cost; nil where it is not loaded.
  public var student: StudentFigures?
  public var addedAt: String

  public init(
    line: String, attributes: [String], outcomeInGroups: Bool, input: InputShape, features: [String],
    classes: [String], mode: String, time: String, targetAccuracy: Double?, maturityHours: Double?, champion: Int,
    student: StudentFigures? = nil, addedAt: String
  ) {
    self.line = line
    self.attributes = attributes
    self.outcomeInGroups = outcomeInGroups
    self.input = input.kind
    shape = input.sizes
    self.features = features
    self.classes = classes
    self.mode = mode
    self.time = time
    self.targetAccuracy = targetAccuracy
    self.maturityHours = maturityHours
    self.champion = champion
    self.student = student
    self.addedAt = addedAt
  }
}

extension LineRow {
  /// What one part of the line is; nil from a daemon that speaks of kinds this version does not know.
  public var inputShape: InputShape? { InputShape(kind: input, sizes: shape) }
}

/// `POST /v1/lines`: a line, its first student and how that student came to be.
public struct AddLineRequest: Codable, Sendable, Equatable {
  public var definition: LineDefinition
  public var settings: LineSettings
  /// The student's bytes in base64.
  public var student: String
  public var teacher: TeacherUpload
  public var report: TrainingReport
  /// The file's name, rows and columns, for the audit.
  public var source: String

  public init(
    definition: LineDefinition, settings: LineSettings, student: String, teacher: TeacherUpload,
    report: TrainingReport, source: String
  ) {
    self.definition = definition
    self.settings = settings
    self.student = student
    self.teacher = teacher
    self.report = report
    self.source = source
  }
}

/// A teacher on its way into the state directory; bytes in base64.
public enum TeacherUpload: Codable, Sendable, Equatable {
  case trained(String)
  case onnx(String)
  case columns(prefix: String)
}

public struct AddLineReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var line: String
  public var version: Int
  public var run: Int
  public var sentence: String
  /// When and why parts of the line go to manual check.
  public var advice: [String]

  public init(line: String, version: Int, run: Int, sentence: String, advice: [String] = []) {
    self.line = line
    self.version = version
    self.run = run
    self.sentence = sentence
    self.advice = advice
  }
}

/// What `kaizenctl line check --json` prints.
public struct LineCheckReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  /// The file's name.
  public var data: String
  public var check: LineCheck

  public init(data: String, check: LineCheck) {
    self.data = data
    self.check = check
  }
}
