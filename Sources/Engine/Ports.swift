import Domain

/// Why a store could not do what was asked: full disk, I/O error, malformed file. `sentence` says what to do next.
public struct StorageFailure: Error, Equatable, CustomStringConvertible {
  public let sentence: String
  /// True when the same call may succeed later without anyone repairing the file (full disk, busy).
  public let mayPass: Bool

  public init(_ sentence: String, mayPass: Bool) {
    self.sentence = sentence
    self.mayPass = mayPass
  }

  public var description: String { sentence }
}

// MARK: - The ledger: what was answered, and what was true

/// Predictions and outcomes. Called from the plant's one thread only; every write happens inside a `transaction`.
public protocol Ledger: AnyObject {
  /// Runs `body` in one transaction: committed when this returns, undone when it throws. Inside another transaction it
  /// is a savepoint: a throw undoes `body` alone.
  func transaction<Result>(_ body: () throws(StorageFailure) -> Result) throws(StorageFailure) -> Result

  /// As `transaction`, and returns once the disk holds what was written; not inside another transaction.
  func durableTransaction<Result>(_ body: () throws(StorageFailure) -> Result) throws(StorageFailure) -> Result

  /// Appends a prediction, or finds the one that already has this line and part.
  func append(_ prediction: Prediction) throws(StorageFailure) -> AppendResult

  /// As `append`, for a row that an earlier start of the machine has answered.
  func append(_ prediction: Prediction, bootID: String) throws(StorageFailure) -> AppendResult

  /// Says how far the line's channels of outcomes are trusted, the most trusted first, for what is stored from now on;
  /// what its settings do not name ranks behind, in the order it is met.
  func declare(_ channels: [OutcomeChannel], line: LineID) throws(StorageFailure)

  /// Stores what became known of a part: in force is what the most trusted of the channels says that spoke of it.
  /// - Precondition: `outcome.label` is an index of the line's classes.
  func record(_ outcome: Outcome) throws(StorageFailure) -> OutcomeStatus

  /// Predictions of `line` after the row `after`, in the order they were stored, each with the outcome it has now;
  /// stops before the first whose time lies in `watermark..<future`. A row at or past `future` comes from a wrong clock
  /// and is given at once, so that it holds nobody up.
  func matured(line: LineID, after: Int64, watermark: Timestamp, future: Timestamp, limit: Int, withInputs: Bool)
    throws(StorageFailure) -> [MaturedPrediction]

  /// At most `limit` predictions of `line` after the row `after`, spread over all of them.
  ///
  /// - Parameter withInputs: whether their features are read, which cost a row's bytes each.
  func recent(line: LineID, after: Int64, limit: Int, withInputs: Bool) throws(StorageFailure) -> RecentPredictions
  /// Channels that have spoken of the line's parts.
  func channelNames(line: LineID) throws(StorageFailure) -> [String]
  /// Of each channel and cell, the parts it was the first to speak of, by how long that took; kept beside the rows.
  func delays(line: LineID) throws(StorageFailure) -> [String: [ChannelDelays]]

  /// The monitor's memory of a line as `saveEvidence` stored it; nil for a line that has none.
  func evidence(line: LineID) throws(StorageFailure) -> [UInt8]?
  func saveEvidence(_ bytes: [UInt8], line: LineID) throws(StorageFailure)

  /// Labelled rows of `cell` with `since <= time <= until`, counted by true class.
  func labelledCounts(line: LineID, cell: Cell, since: Timestamp, until: Timestamp)
    throws(StorageFailure) -> [Int: Int]

  /// Labelled rows of the cells with `since <= time <= until`, oldest first; the newest `limit` where there are more.
  func labelledRows(line: LineID, cells: [Cell], since: Timestamp, until: Timestamp, limit: Int)
    throws(StorageFailure) -> [LabelledRow]

  /// Writes down what the numbers in a line's rows stand for, for people who read the ledger without kaizend.
  func describe(_ definition: LineDefinition) throws(StorageFailure)

  /// The greatest part id of the line, by its bytes; nil for a line without rows.
  func greatestPart(line: LineID) throws(StorageFailure) -> String?
  /// The least part id of the line that is greater than `part`, by its bytes.
  func nextPart(after part: String, line: LineID) throws(StorageFailure) -> String?

  /// The latest time any prediction of the line carries.
  func latestTime(line: LineID) throws(StorageFailure) -> Timestamp?

  /// What was told about the line's last `limit` parts, oldest first.
  func latestAdvice(line: LineID, limit: Int) throws(StorageFailure) -> [Advice]

  /// How many parts have outcomes, since when, and from whom: kept beside the rows, not counted at each call.
  func coverage(line: LineID) throws(StorageFailure) -> LedgerCoverage

  /// Kept beside the rows, not counted at each call.
  func totals(line: LineID?) throws(StorageFailure) -> LedgerTotals

  /// Bytes that rows take, that the file could take again, and that the disk has left.
  func room() throws(StorageFailure) -> LedgerRoom
  /// The clock that retention last judged ages by.
  func retentionClock() throws(StorageFailure) -> Timestamp
  func setRetentionClock(_ time: Timestamp) throws(StorageFailure)
  /// Takes away what the order gives up, looking at `limit` rows at most; goes on where it stopped.
  func trim(_ order: RetentionOrder, limit: Int) throws(StorageFailure) -> Trimmed
  /// Lets `trim` look at every row again.
  func restartRetention() throws(StorageFailure)
  /// About what an order would take away.
  func outlook(_ order: RetentionOrder) throws(StorageFailure) -> RetentionOutlook
  /// False: parts are stored without their features, for the disk is nearly full.
  var keepsInputs: Bool { get set }

  /// Begins housekeeping beside the writer, who does not wait for it: afterwards a commit seldom has to do it.
  ///
  /// - Parameter whenLong: called on any thread when the writer should call `checkpoint` now that little is left to do.
  func checkpointAside(whenLong: @escaping @Sendable () -> Void) throws(StorageFailure)
  /// The same housekeeping on the caller's thread.
  func checkpoint() throws(StorageFailure)

  /// Bytes of the database and its write-ahead log on disk.
  var byteCount: Int { get }
}

public enum AppendResult: Sendable, Equatable {
  case stored
  /// A row with this line and part was there before; nothing was stored.
  case repeated(Prediction)
}

public struct MaturedPrediction: Sendable, Equatable {
  public let row: Int64
  public let cell: Cell
  public let version: ModelVersion
  public let predictedClass: Int
  /// nil: no outcome has come.
  public let label: Int?
  public let time: Timestamp
  /// Softmax probability of the predicted class, 0...1.
  public let confidence: Float
  /// Whose outcome is in force; nil where none has come.
  public let channel: String?
  /// That the channel looks at such a part; nil where nobody knows.
  public let samplingProbability: Double?
  /// nil where nobody asked for them, or they are not kept any more.
  public let inputs: [Float]?
  /// What channels say whose outcome is not in force.
  public var others: [Said] = []

  public struct Said: Sendable, Equatable {
    public let channel: String
    public let label: Int
    public let samplingProbability: Double?

    public init(channel: String, label: Int, samplingProbability: Double?) {
      self.channel = channel
      self.label = label
      self.samplingProbability = samplingProbability
    }
  }

  /// What this channel says of the part; nil where it says nothing.
  public func said(by name: String) -> Said? {
    if let label, channel == name {
      return Said(channel: name, label: label, samplingProbability: samplingProbability)
    }
    return others.isEmpty ? nil : others.first { $0.channel == name }
  }

  public init(
    row: Int64, cell: Cell, version: ModelVersion, predictedClass: Int, label: Int?, time: Timestamp,
    confidence: Float = 1, channel: String? = nil, samplingProbability: Double? = nil, inputs: [Float]? = nil
  ) {
    self.row = row
    self.cell = cell
    self.version = version
    self.predictedClass = predictedClass
    self.label = label
    self.time = time
    self.confidence = confidence
    self.channel = channel
    self.samplingProbability = samplingProbability
    self.inputs = inputs
  }
}

/// One labelled part for training or a gate.
public struct LabelledRow: Sendable, Equatable {
  public let part: String
  public let cell: Cell
  public let version: ModelVersion
  public let inputs: [Float]
  public let label: Int
  public let time: Timestamp

  public init(part: String, cell: Cell, version: ModelVersion, inputs: [Float], label: Int, time: Timestamp) {
    self.part = part
    self.cell = cell
    self.version = version
    self.inputs = inputs
    self.label = label
    self.time = time
  }
}

public struct LedgerTotals: Sendable, Equatable {
  public let predictions: Int
  public let outcomes: Int
  /// What retention has taken away, or the want of room kept from being stored.
  public let dropped: Dropped

  public struct Dropped: Sendable, Equatable {
    public let predictions: Int
    public let outcomes: Int
    /// Features of parts.
    public let inputs: Int

    public init(predictions: Int = 0, outcomes: Int = 0, inputs: Int = 0) {
      self.predictions = predictions
      self.outcomes = outcomes
      self.inputs = inputs
    }
  }

  public init(predictions: Int, outcomes: Int, dropped: Dropped = Dropped()) {
    self.predictions = predictions
    self.outcomes = outcomes
    self.dropped = dropped
  }
}

/// What one piece of retention has taken away.
public struct Trimmed: Sendable, Equatable {
  public var inputs = 0
  public var predictions = 0
  public var outcomes = 0
  /// Nothing is left to take away under this order.
  public var isDone = false

  public init() {}
}

/// About what an order would take away.
public struct RetentionOutlook: Sendable, Equatable {
  /// Features beyond each group's share; those of them that are too young stay.
  public var labelledInputs: Int
  /// Parts whose features go if nobody has labelled them.
  public var unlabelledInputs: Int
  /// Parts that go unless their features are kept.
  public var predictions: Int

  public init(labelledInputs: Int, unlabelledInputs: Int, predictions: Int) {
    self.labelledInputs = labelledInputs
    self.unlabelledInputs = unlabelledInputs
    self.predictions = predictions
  }
}

// MARK: - The registry: lines, students, routes, runs and the audit trail

/// `state.db`: small, written rarely, each change durable (fsync) before it takes effect. Same thread as the ledger.
public protocol Registry: AnyObject {
  /// Runs `body` in one durable transaction: all of its changes and audit entries, or none.
  func transaction<Result>(_ body: () throws(StorageFailure) -> Result) throws(StorageFailure) -> Result

  func lines() throws(StorageFailure) -> [RegisteredLine]
  /// - Precondition: no line of that name is registered.
  func add(_ line: RegisteredLine) throws(StorageFailure)
  func setChampion(_ version: ModelVersion, line: LineID) throws(StorageFailure)
  /// nil takes the route away: the champion serves the cell again.
  func setRoute(_ version: ModelVersion?, cell: Cell, line: LineID) throws(StorageFailure)

  /// What served the line before this student took the place of all; nil forgets it.
  func setTakeover(_ before: Takeover?, of version: ModelVersion, line: LineID) throws(StorageFailure)
  func takeover(of version: ModelVersion, line: LineID) throws(StorageFailure) -> Takeover?

  func models(line: LineID) throws(StorageFailure) -> [ModelRecord]
  /// Stores a student; the record's `sha256` is computed here, whatever it says.
  /// - Parameter advice: what its advice rests on; nil where nobody measured it.
  func add(_ model: ModelRecord, bytes: [UInt8], advice: AdviceBounds?) throws(StorageFailure)
  func bytes(line: LineID, version: ModelVersion) throws(StorageFailure) -> [UInt8]?
  /// nil also for a student that there is not.
  func adviceBounds(line: LineID, version: ModelVersion) throws(StorageFailure) -> AdviceBounds?

  /// Stores a run under the next number and returns it with that number.
  func add(_ run: RunRecord) throws(StorageFailure) -> RunRecord
  func update(_ run: RunRecord) throws(StorageFailure)
  func run(_ number: Int) throws(StorageFailure) -> RunRecord?
  /// Newest first.
  func runs(line: LineID?, limit: Int) throws(StorageFailure) -> [RunRecord]
  /// Retrainings of a line without their reports, newest first: what is looked at every hour.
  func retrainings(line: LineID, limit: Int) throws(StorageFailure) -> [RetrainingRecord]

  /// The oldest first.
  func adoptedSlices(line: LineID) throws(StorageFailure) -> [AdoptedSlice]
  /// Stores a slice under its line and text, in the place of what was there.
  func put(_ slice: AdoptedSlice) throws(StorageFailure)
  /// By slice and kind.
  func marks(line: LineID) throws(StorageFailure) -> [GroupMark]
  /// In the place of the mark of this kind that was there.
  func setMark(_ mark: GroupMark) throws(StorageFailure)
  /// - Returns: whether there was one.
  @discardableResult
  func removeMark(line: LineID, slice: String, kind: GroupMark.Kind) throws(StorageFailure) -> Bool
  /// By attribute and value.
  func aliases(line: LineID) throws(StorageFailure) -> [AttributeAlias]
  /// In the place of what the value stood for.
  func setAlias(_ alias: AttributeAlias) throws(StorageFailure)
  /// - Returns: whether there was one.
  @discardableResult
  func removeAlias(line: LineID, attribute: String, value: String) throws(StorageFailure) -> Bool

  /// Appends to the hash chain and returns the entry with its number and hash.
  @discardableResult
  func audit(_ entry: AuditEntry) throws(StorageFailure) -> AuditEntry
  /// Newest `limit` entries that match, oldest first.
  func auditEntries(line: LineID?, run: Int?, group: String?, limit: Int) throws(StorageFailure) -> [AuditEntry]
  /// Recomputes every hash from the first entry on.
  func verifyAudit() throws(StorageFailure) -> AuditVerdict
}

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

  public init(
    number: Int, line: LineID, kind: RunKind, state: RunState, cells: [Cell], groups: [String], causes: [String],
    since: Timestamp, startedAt: Timestamp, endedAt: Timestamp?, by: Principal, report: TrainingReport?,
    verdict: [String], promoted: ModelVersion?
  ) {
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

  public init(number: Int, state: RunState, cells: [Cell], startedAt: Timestamp, endedAt: Timestamp?) {
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
  case promoted
  /// No challenger was better: a normal end.
  case kept
  case failed
  /// The daemon stopped while it ran.
  case interrupted

  public var isOver: Bool {
    switch self {
    case .training, .evaluating: false
    case .promoted, .kept, .failed, .interrupted: true
    }
  }
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

// MARK: - The training process

/// Starts and stops the separate training process of a run.
public protocol Trainer: AnyObject {
  /// Starts the process for the run, whose folder gets the spec and the serving student.
  ///
  /// - Parameter events: called from any thread: progress any number of times, then the end, once.
  /// - Throws: `StorageFailure` when the folder could not be written.
  func start(_ spec: RetrainSpec, incumbent: [UInt8], events: @escaping @Sendable (TrainingEvent) -> Void)
    throws(StorageFailure)
  /// Ends the process of a run, if it runs. Its end is still posted.
  func stop(run: Int)
}

public enum TrainingEvent: Sendable {
  case progress(TrainingProgress)
  case ended(TrainingEnd)
}

/// How a training process ended.
public enum TrainingEnd: Sendable, Equatable {
  /// `student` is nil when no arm could be trained.
  case finished(report: TrainingReport, student: [UInt8]?)
  case failed(String)
  /// Stopped by request (shutdown, operator).
  case stopped
}

// MARK: - The comparison with the teacher

/// Asks a line's teacher about a sample of a day, in a process of its own; one at a time.
public protocol Examiner: AnyObject {
  /// - Parameter ended: called from any thread, once.
  /// - Precondition: none runs.
  /// - Throws: `StorageFailure` when the folder could not be written; nothing was started then.
  func examine(_ spec: AgreementSpec, ended: @escaping @Sendable (ExaminationEnd) -> Void) throws(StorageFailure)
  /// Ends the process, if it runs. Its end is still told.
  func stop()
}

public enum ExaminationEnd: Sendable, Equatable {
  case finished(AgreementReport)
  case failed(String)
  case stopped
}
