import Domain

// The operator API: what `control.sock` and `kaizenctl --json` say. Keys are these names in snake_case; every answer
// carries `"schema": 1`. Fractions are 0...1, times RFC 3339 UTC; an absent value means "not known", never 0.

/// The version of every message here; raised when a key changes its meaning or goes away.
public let operatorSchema = 1

public struct StatusReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var version: String
  public var startedAt: String
  /// One sentence: the worst group, or that all is well.
  public var headline: String
  public var lines: [LineStatus]
  public var job: RunRow?
  public var ledger: LedgerStatus

  public init(
    version: String, startedAt: String, headline: String, lines: [LineStatus], job: RunRow?, ledger: LedgerStatus
  ) {
    self.version = version
    self.startedAt = startedAt
    self.headline = headline
    self.lines = lines
    self.job = job
    self.ledger = ledger
  }
}

public struct LedgerStatus: Codable, Sendable, Equatable {
  public var writable: Bool
  public var predictions: Int
  public var outcomes: Int
  public var bytes: Int
  /// Answers given without a row since start, because the disk would not take it.
  public var unrecordedPredictions: Int
  public var problem: String?

  public init(
    writable: Bool, predictions: Int, outcomes: Int, bytes: Int, unrecordedPredictions: Int, problem: String?
  ) {
    self.writable = writable
    self.predictions = predictions
    self.outcomes = outcomes
    self.bytes = bytes
    self.unrecordedPredictions = unrecordedPredictions
    self.problem = problem
  }
}

public struct LineStatus: Codable, Sendable, Equatable {
  public var line: String
  public var mode: String
  public var time: String
  public var champion: Int
  /// Other live students, each serving some cells.
  public var scoped: [Int]
  public var groups: Int
  public var lagging: Int
  public var watch: Int
  public var predictions: Int
  /// Labelled share of the matured predictions.
  public var labelCoverage: Double?
  public var lastPredictionAt: String?
  public var worst: GroupRow?
  /// What the line waits for or does now, when there is something to say.
  public var activity: String?

  public init(
    line: String, mode: String, time: String, champion: Int, scoped: [Int], groups: Int, lagging: Int, watch: Int,
    predictions: Int, labelCoverage: Double?, lastPredictionAt: String?, worst: GroupRow?, activity: String?
  ) {
    self.line = line
    self.mode = mode
    self.time = time
    self.champion = champion
    self.scoped = scoped
    self.groups = groups
    self.lagging = lagging
    self.watch = watch
    self.predictions = predictions
    self.labelCoverage = labelCoverage
    self.lastPredictionAt = lastPredictionAt
    self.worst = worst
    self.activity = activity
  }
}

public struct GroupRow: Codable, Sendable, Equatable {
  public var group: String
  /// unknown, ok, watch or lagging.
  public var state: String
  /// The student that serves it now.
  public var modelVersion: Int
  /// Of the latest labelled, matured parts: at most 1000 and 30 days.
  public var accuracy: Double?
  /// 95 % Beta-mixture interval of that accuracy (`monitoring.md` 6.2).
  public var lower: Double?
  public var upper: Double?
  public var n: Int
  /// Matured parts under this student, labelled or not.
  public var matured: Int
  public var labelled: Int
  public var target: Double?
  /// The largest armed e-SR statistic over its LAGGING threshold: 1 means lagging.
  public var evidence: Double?
  public var why: String

  public init(
    group: String, state: String, modelVersion: Int, accuracy: Double?, lower: Double?, upper: Double?, n: Int,
    matured: Int, labelled: Int, target: Double?, evidence: Double?, why: String
  ) {
    self.group = group
    self.state = state
    self.modelVersion = modelVersion
    self.accuracy = accuracy
    self.lower = lower
    self.upper = upper
    self.n = n
    self.matured = matured
    self.labelled = labelled
    self.target = target
    self.evidence = evidence
    self.why = why
  }
}

public struct GroupsReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var line: String
  public var groups: [GroupRow]

  public init(line: String, groups: [GroupRow]) {
    self.line = line
    self.groups = groups
  }
}

public struct LinesReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var lines: [LineRow]
  public init(lines: [LineRow]) { self.lines = lines }
}

public struct LineRow: Codable, Sendable, Equatable {
  public var line: String
  public var attributes: [String]
  public var outcomeInGroups: Bool
  public var features: [String]
  public var classes: [String]
  public var mode: String
  public var time: String
  public var targetAccuracy: Double?
  public var maturityHours: Double
  public var champion: Int
  public var addedAt: String

  public init(
    line: String, attributes: [String], outcomeInGroups: Bool, features: [String], classes: [String], mode: String,
    time: String, targetAccuracy: Double?, maturityHours: Double, champion: Int, addedAt: String
  ) {
    self.line = line
    self.attributes = attributes
    self.outcomeInGroups = outcomeInGroups
    self.features = features
    self.classes = classes
    self.mode = mode
    self.time = time
    self.targetAccuracy = targetAccuracy
    self.maturityHours = maturityHours
    self.champion = champion
    self.addedAt = addedAt
  }
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

  public init(line: String, version: Int, run: Int, sentence: String) {
    self.line = line
    self.version = version
    self.run = run
    self.sentence = sentence
  }
}

public struct ModelsReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var line: String
  public var models: [ModelRow]

  public init(line: String, models: [ModelRow]) {
    self.line = line
    self.models = models
  }
}

public struct ModelRow: Codable, Sendable, Equatable {
  public var version: Int
  /// champion, scoped or retired.
  public var role: String
  /// Cells it serves by a route of their own.
  public var cells: [String]
  public var createdAt: String
  public var run: Int
  public var arm: String?
  public var parameters: Int
  public var sha256: String
  public var by: String

  public init(
    version: Int, role: String, cells: [String], createdAt: String, run: Int, arm: String?, parameters: Int,
    sha256: String, by: String
  ) {
    self.version = version
    self.role = role
    self.cells = cells
    self.createdAt = createdAt
    self.run = run
    self.arm = arm
    self.parameters = parameters
    self.sha256 = sha256
    self.by = by
  }
}

/// `GET /v1/lines/LINE/models/V/bytes`: the student as it is served.
public struct ModelBytesReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var line: String
  public var version: Int
  public var sha256: String
  /// base64
  public var bytes: String

  public init(line: String, version: Int, sha256: String, bytes: String) {
    self.line = line
    self.version = version
    self.sha256 = sha256
    self.bytes = bytes
  }
}

/// `POST /v1/lines/LINE/retrain`. No groups: those lagging now.
public struct RetrainRequest: Codable, Sendable, Equatable {
  public var groups: [String]
  public var dryRun: Bool

  public init(groups: [String], dryRun: Bool) {
    self.groups = groups
    self.dryRun = dryRun
  }
}

public struct RetrainReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  /// nil for a dry run.
  public var run: Int?
  public var line: String
  public var cells: [String]
  public var since: String
  public var rows: [PlannedRows]
  public var arms: [String]
  /// False: the job would collect until the rows it lacks have come.
  public var ready: Bool
  public var estimatedMinutes: Double?
  public var sentences: [String]

  public init(
    run: Int?, line: String, cells: [String], since: String, rows: [PlannedRows], arms: [String], ready: Bool,
    estimatedMinutes: Double?, sentences: [String]
  ) {
    self.run = run
    self.line = line
    self.cells = cells
    self.since = since
    self.rows = rows
    self.arms = arms
    self.ready = ready
    self.estimatedMinutes = estimatedMinutes
    self.sentences = sentences
  }
}

public struct PlannedRows: Codable, Sendable, Equatable {
  public var group: String
  public var labelled: Int

  public init(group: String, labelled: Int) {
    self.group = group
    self.labelled = labelled
  }
}

/// `POST /v1/lines/LINE/rollback`. No cell: every scoped cell goes back to the champion's predecessor route.
public struct RollbackRequest: Codable, Sendable, Equatable {
  public var cell: String?
  public var reason: String?

  public init(cell: String?, reason: String?) {
    self.cell = cell
    self.reason = reason
  }
}

public struct RollbackReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var line: String
  public var changes: [RouteChange]
  public var sentence: String

  public init(line: String, changes: [RouteChange], sentence: String) {
    self.line = line
    self.changes = changes
    self.sentence = sentence
  }
}

public struct RouteChange: Codable, Sendable, Equatable {
  public var cell: String
  public var from: Int
  public var to: Int

  public init(cell: String, from: Int, to: Int) {
    self.cell = cell
    self.from = from
    self.to = to
  }
}

public struct RunsReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var runs: [RunRow]
  public init(runs: [RunRow]) { self.runs = runs }
}

public struct RunRow: Codable, Sendable, Equatable {
  public var run: Int
  public var line: String
  /// first or retrain.
  public var kind: String
  /// collecting, training, evaluating, promoted, kept, failed or interrupted.
  public var state: String
  public var groups: [String]
  public var cells: [String]
  public var startedAt: String
  public var endedAt: String?
  public var by: String
  public var chosenArm: String?
  public var version: Int?
  /// 0...1 while training.
  public var progress: Double?
  public var sentence: String

  public init(
    run: Int, line: String, kind: String, state: String, groups: [String], cells: [String], startedAt: String,
    endedAt: String?, by: String, chosenArm: String?, version: Int?, progress: Double?, sentence: String
  ) {
    self.run = run
    self.line = line
    self.kind = kind
    self.state = state
    self.groups = groups
    self.cells = cells
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.by = by
    self.chosenArm = chosenArm
    self.version = version
    self.progress = progress
    self.sentence = sentence
  }
}

/// `GET /v1/explain/RUN` or `GET /v1/lines/LINE/explain?group=...`.
public struct ExplainReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var subject: String
  /// The story in order, each sentence standing on its own.
  public var sentences: [String]
  public var run: RunRow?
  public var report: TrainingReport?
  public var audit: [AuditRow]

  public init(subject: String, sentences: [String], run: RunRow?, report: TrainingReport?, audit: [AuditRow]) {
    self.subject = subject
    self.sentences = sentences
    self.run = run
    self.report = report
    self.audit = audit
  }
}

public struct AuditReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var entries: [AuditRow]
  public init(entries: [AuditRow]) { self.entries = entries }
}

public struct AuditRow: Codable, Sendable, Equatable {
  public var seq: Int
  public var time: String
  public var uid: Int
  public var login: String
  public var event: String
  public var line: String?
  public var group: String?
  public var run: Int?
  public var sentence: String
  public var hash: String

  public init(
    seq: Int, time: String, uid: Int, login: String, event: String, line: String?, group: String?, run: Int?,
    sentence: String, hash: String
  ) {
    self.seq = seq
    self.time = time
    self.uid = uid
    self.login = login
    self.event = event
    self.line = line
    self.group = group
    self.run = run
    self.sentence = sentence
    self.hash = hash
  }
}

public struct AuditVerifyReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var intact: Bool
  public var rows: Int
  public var firstBrokenSeq: Int?
  public var sentence: String

  public init(intact: Bool, rows: Int, firstBrokenSeq: Int?, sentence: String) {
    self.intact = intact
    self.rows = rows
    self.firstBrokenSeq = firstBrokenSeq
    self.sentence = sentence
  }
}

/// The body of every answer that is not 2xx, on both sockets.
public struct ErrorReply: Codable, Sendable, Equatable {
  public var error: String
  public init(error: String) { self.error = error }
}
