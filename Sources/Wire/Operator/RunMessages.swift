import Domain

/// `POST /v1/lines/LINE/retrain`. No groups: those lagging now.
public struct RetrainRequest: Codable, Sendable, Equatable {
  public var groups: [String]
  public var dryRun: Bool
  /// `whole`: one student for all parts, taught by those that serve now; absent as `scoped`.
  public var scope: RetrainScope?

  public init(groups: [String], dryRun: Bool, scope: RetrainScope? = nil) {
    self.groups = groups
    self.dryRun = dryRun
    self.scope = scope
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
  /// What the line's last retraining of this scope took; nil before the first.
  public var estimatedMinutes: Double?
  /// What that rests on, in a sentence.
  public var estimateBasis: String?
  public var sentences: [String]
  /// scoped or whole.
  public var scope: String?
  /// How likely the gate would find a gain with the rows there are, and with more.
  public var power: [String]?
  /// What keeps the daemon from starting this job by itself now: cool-down, quiet hours, attempts, mode.
  public var obstacles: [String]?

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
  /// training, evaluating, awaiting (approval), shadow, canary, promoted, kept, rejected, rolled_back, failed or
  /// interrupted.
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
  /// While training: what the job does now, and how long it thinks it takes.
  public var step: String?
  public var secondsLeft: Double?
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
  /// Challengers of this run, or for these parts, that are on trial or under watch; absent when there is none.
  public var trials: [TrialRow]?

  public init(subject: String, sentences: [String], run: RunRow?, report: TrainingReport?, audit: [AuditRow]) {
    self.subject = subject
    self.sentences = sentences
    self.run = run
    self.report = report
    self.audit = audit
  }
}
