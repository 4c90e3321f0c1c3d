import Domain

public struct RegisteredLine: Sendable, Equatable {
  public var definition: LineDefinition
  public var settings: LineSettings
  public var champion: ModelVersion
  /// Cells served by a student of their own.
  public var routes: [Cell: ModelVersion]
  public var teacher: TeacherSource
  public var addedAt: Timestamp

  public init(
    definition: LineDefinition, settings: LineSettings, champion: ModelVersion, routes: [Cell: ModelVersion],
    teacher: TeacherSource, addedAt: Timestamp
  ) {
    self.definition = definition
    self.settings = settings
    self.champion = champion
    self.routes = routes
    self.teacher = teacher
    self.addedAt = addedAt
  }
}

/// What served a line before an operator put another student in the place of all.
public struct Takeover: Sendable, Equatable {
  public let champion: ModelVersion
  public let routes: [Cell: ModelVersion]

  public init(champion: ModelVersion, routes: [Cell: ModelVersion]) {
    self.champion = champion
    self.routes = routes
  }

  func version(serving cell: Cell) -> ModelVersion { routes[cell] ?? champion }
}

public struct ModelRecord: Sendable, Equatable {
  public let line: LineID
  public let version: ModelVersion
  public let run: Int
  public let arm: String?
  /// The student it was cloned from; nil for a first student.
  public let parent: ModelVersion?
  public let parameterCount: Int
  /// Lower-case hex of the bytes.
  public let sha256: String
  public let createdAt: Timestamp
  public let by: Principal

  public init(
    line: LineID, version: ModelVersion, run: Int, arm: String?, parent: ModelVersion?, parameterCount: Int,
    sha256: String, createdAt: Timestamp, by: Principal
  ) {
    self.line = line
    self.version = version
    self.run = run
    self.arm = arm
    self.parent = parent
    self.parameterCount = parameterCount
    self.sha256 = sha256
    self.createdAt = createdAt
    self.by = by
  }
}

/// A run from the evidence that started it to its end.
public struct RunRecord: Sendable, Equatable {
  /// 0 until the registry has numbered it.
  public var number: Int
  public var line: LineID
  public var kind: RunKind
  public var state: RunState
  public var cells: [Cell]
  /// The groups that started it, as text.
  public var groups: [String]
  /// Why it was started, one sentence per group.
  public var causes: [String]
  public var since: Timestamp
  public var startedAt: Timestamp
  public var endedAt: Timestamp?
  public var by: Principal
  public var report: TrainingReport?
  /// What the gate saw and decided, one sentence per finding.
  public var verdict: [String]
  public var promoted: ModelVersion?
  public var scope: RetrainScope
  /// Labelled rows of its cells when it started; nil in runs of older versions.
  public var rows: Int?

  public init(
    number: Int, line: LineID, kind: RunKind, state: RunState, cells: [Cell], groups: [String], causes: [String],
    since: Timestamp, startedAt: Timestamp, endedAt: Timestamp?, by: Principal, report: TrainingReport?,
    verdict: [String], promoted: ModelVersion?, scope: RetrainScope = .scoped, rows: Int? = nil
  ) {
    self.scope = scope
    self.rows = rows
    self.number = number
    self.line = line
    self.kind = kind
    self.state = state
    self.cells = cells
    self.groups = groups
    self.causes = causes
    self.since = since
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.by = by
    self.report = report
    self.verdict = verdict
    self.promoted = promoted
  }
}

/// A retraining as policy looks back on it.
public struct RetrainingRecord: Sendable, Equatable {
  public let number: Int
  public let state: RunState
  public let cells: [Cell]
  public let startedAt: Timestamp
  public let endedAt: Timestamp?
  public let scope: RetrainScope
  /// As in `RunRecord`.
  public let rows: Int?
  public let groups: [String]

  public init(
    number: Int, state: RunState, cells: [Cell], startedAt: Timestamp, endedAt: Timestamp?,
    scope: RetrainScope = .scoped, rows: Int? = nil, groups: [String] = []
  ) {
    self.scope = scope
    self.rows = rows
    self.groups = groups
    self.number = number
    self.state = state
    self.cells = cells
    self.startedAt = startedAt
    self.endedAt = endedAt
  }
}

public enum RunKind: String, Sendable, Codable {
  /// The line's first student, made by `line add`.
  case first
  case retrain
  /// A student that an operator gave in.
  case imported = "import"
}

public enum RunState: String, Sendable, Codable, CaseIterable {
  case training
  case evaluating
  /// Its challenger passed the gate, and a person has to say yes.
  case awaiting
  /// Its challenger is compared on live parts, and answers none.
  case shadow
  /// Its challenger answers a share of the parts.
  case canary
  case promoted
  /// No challenger was better: a normal end.
  case kept
  /// A person said no.
  case rejected
  /// Its student served, and was taken back.
  case rolledBack = "rolled_back"
  case failed
  /// The daemon stopped while it ran.
  case interrupted

  /// No training process is at work for it, nor any to be started.
  public var isTrained: Bool {
    switch self {
    case .training, .evaluating: false
    case .awaiting, .shadow, .canary, .promoted, .kept, .rejected, .rolledBack, .failed, .interrupted: true
    }
  }

  public var isOver: Bool {
    switch self {
    case .training, .evaluating, .awaiting, .shadow, .canary: false
    case .promoted, .kept, .rejected, .rolledBack, .failed, .interrupted: true
    }
  }

  /// Where a challenger is on its way.
  init(_ stage: TrialStage) {
    switch stage {
    case .approval: self = .awaiting
    case .shadow: self = .shadow
    case .canary: self = .canary
    case .watch: self = .promoted
    }
  }
}

/// A challenger that passed its gate, from then until nobody compares it any more.
public struct TrialRecord: Sendable, Equatable {
  public let run: Int
  public let line: LineID
  public let scope: RetrainScope
  public let version: ModelVersion
  /// The groups for whose sake it was made; empty where it is to serve the line in the place of several.
  public let lagging: [GroupKey]
  /// The cells it serves or is to serve; empty: all.
  public let cells: [Cell]
  public var stage: TrialStage
  /// In the line's time.
  public var stageSince: Timestamp
  /// Rows of the ledger after this one tell of it: no job has seen them.
  public let firstRow: Int64
  /// What served when it was made.
  public let before: Takeover

  public init(
    run: Int, line: LineID, scope: RetrainScope, version: ModelVersion, lagging: [GroupKey], cells: [Cell],
    stage: TrialStage, stageSince: Timestamp, firstRow: Int64, before: Takeover
  ) {
    self.run = run
    self.line = line
    self.scope = scope
    self.version = version
    self.lagging = lagging
    self.cells = cells
    self.stage = stage
    self.stageSince = stageSince
    self.firstRow = firstRow
    self.before = before
  }

  public func covers(_ cell: Cell) -> Bool { cells.isEmpty || cells.contains(cell) }

  /// The student whose place it takes, or took, in a cell.
  public func versionBefore(_ cell: Cell) -> ModelVersion { before.version(serving: cell) }
}

/// One link of the audit chain.
public struct AuditEntry: Sendable, Equatable {
  /// 0 until stored.
  public var sequence: Int
  public var time: Timestamp
  public var actor: Principal
  public var event: AuditEvent
  public var line: LineID?
  public var group: String?
  public var run: Int?
  public var sentence: String
  /// Lower-case hex SHA-256 over the previous entry's hash and this entry's fields; empty until stored.
  public var hash: String

  public init(
    time: Timestamp, actor: Principal, event: AuditEvent, line: LineID?, group: String?, run: Int?, sentence: String
  ) {
    sequence = 0
    self.time = time
    self.actor = actor
    self.event = event
    self.line = line
    self.group = group
    self.run = run
    self.sentence = sentence
    hash = ""
  }
}

public enum AuditEvent: String, Sendable, CaseIterable {
  case lineAdded = "line_added"
  case groupSeen = "group_seen"
  case groupWatch = "group_watch"
  case groupLagging = "group_lagging"
  case groupRecovered = "group_recovered"
  /// Its channel labels another share of parts than before: nothing is known of it.
  case groupUnknown = "group_unknown"
  case groupRetired = "group_retired"
  case groupRestored = "group_restored"
  case alarmAcknowledged = "alarm_acknowledged"
  case alarmReopened = "alarm_reopened"
  case alarmSilenced = "alarm_silenced"
  case alarmUnsilenced = "alarm_unsilenced"
  case aliasSet = "alias_set"
  case aliasRemoved = "alias_removed"
  case retrainProposed = "retrain_proposed"
  case retrainStarted = "retrain_started"
  case retrainWeights = "retrain_weights"
  case retrainEnded = "retrain_ended"
  /// The daemon stopped in the middle of it, and the job goes on from what it had finished.
  case retrainResumed = "retrain_resumed"
  /// Nothing that was tried helps this group; said once.
  case groupHopeless = "group_hopeless"
  case promotionAwaits = "promotion_awaits"
  case promotionApproved = "promotion_approved"
  case promotionRejected = "promotion_rejected"
  /// A challenger is compared on live parts, or answers a share of them.
  case trialAdvanced = "trial_advanced"
  /// It was given up, or has served long enough to be trusted.
  case trialEnded = "trial_ended"
  case modelImported = "model_imported"
  case modelActivated = "model_activated"
  case modelPromoted = "model_promoted"
  case modelRolledBack = "model_rolled_back"
  case settingsChanged = "settings_changed"
  case sliceAdopted = "slice_adopted"
  case sliceConfirmed = "slice_confirmed"
  case sliceRejected = "slice_rejected"
  /// A backup took the place of what was there: the trail goes on from where the backup ends.
  case stateRestored = "state_restored"
}

public enum AuditVerdict: Sendable, Equatable {
  case intact(rows: Int)
  case broken(rows: Int, firstBroken: Int)
}
