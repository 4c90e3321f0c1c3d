import Domain

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
  /// False: rows are missing, and the sentences say how many.
  public var ready: Bool
  /// From the time the line's last retraining took; nil before the first.
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
  /// training, evaluating, promoted, kept, failed or interrupted.
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
  /// For a set of parts: what is known of it now; absent before its first matured part.
  public var group: GroupRow?
  /// For a set of parts: the latest retrainings of its parts, newest first.
  public var runs: [RunRow]?

  public init(subject: String, sentences: [String], run: RunRow?, report: TrainingReport?, audit: [AuditRow]) {
    self.subject = subject
    self.sentences = sentences
    self.run = run
    self.report = report
    self.audit = audit
  }
}
