import Dispatch
import Domain
import Logging
import NeuralNet
import Policy
import Synchronization

/// What the plant is opened with.
public struct PlantPorts {
  let ledger: any Ledger
  /// nil: every part goes straight to the ledger.
  let journal: (any Journal)?
  /// When a part is answered; the ledger has been opened with the same.
  let durability: Durability
  let registry: any Registry
  let trainer: any Trainer
  /// nil: no teacher is asked at night.
  let examiner: (any Examiner)?
  /// The settings a line runs with, from what was stored when it was added.
  let settings: (LineID, LineSettings) -> LineSettings
  let wallClock: @Sendable () -> Timestamp
  /// Whether that clock is kept right.
  let clockSync: @Sendable () -> ClockSync
  let retention: RetentionSettings
  let monitoring: MonitoringSettings
  let training: TrainingSettings
  /// Whom the audit names for the daemon's own decisions.
  let principal: Principal
  /// Rows that may wait for a commit before senders are told to come again.
  let queueRows: Int
  /// nil: threads of the plant's own.
  let errands: Errands?
  let logger: Logger

  public init(
    ledger: any Ledger, journal: (any Journal)? = nil, durability: Durability = .commit, registry: any Registry,
    trainer: any Trainer, examiner: (any Examiner)? = nil,
    settings: @escaping (LineID, LineSettings) -> LineSettings = { $1 },
    wallClock: @escaping @Sendable () -> Timestamp, clockSync: @escaping @Sendable () -> ClockSync = { .unknown },
    retention: RetentionSettings = RetentionSettings(), monitoring: MonitoringSettings = MonitoringSettings(),
    training: TrainingSettings = TrainingSettings(), principal: Principal, queueRows: Int = 8192,
    errands: Errands? = nil, logger: Logger
  ) {
    self.ledger = ledger
    self.journal = journal
    self.durability = durability
    self.registry = registry
    self.trainer = trainer
    self.examiner = examiner
    self.settings = settings
    self.wallClock = wallClock
    self.clockSync = clockSync
    self.retention = retention
    self.monitoring = monitoring
    self.training = training
    self.principal = principal
    self.queueRows = queueRows
    self.errands = errands
    self.logger = logger
  }
}

/// The machine's one plant: everything that changes, on one thread, in the order it came.
///
/// Requests arrive in a bounded mailbox; each turn takes what has queued, writes it in one ledger transaction, and only
/// then answers. Evidence is stored in the same transaction as the cursor that says how far it reaches, so a killed
/// process counts no part twice and none never. What follows from evidence (audit, jobs, promotions) goes to the
/// registry after the commit, durable before it takes effect.
public actor Plant {
  nonisolated let executor: SerialQueueExecutor
  nonisolated let mailbox: Mailbox<Work>
  nonisolated let intake: Intake?
  nonisolated let errands: Errands
  nonisolated let durability: Durability
  /// Nanoseconds the last ledger transaction took, whichever thread ran it.
  nonisolated let lastCommit = Atomic<Int64>(0)
  nonisolated let isJournalFailing = Atomic(false)
  /// The plant's thread is busy with what nobody asked for: a socket's thread should not wait for it.
  nonisolated let isHousekeeping = Atomic(false)
  public nonisolated let serving: ServingPlane
  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Rows of one transaction: more would make the first of them wait for the last.
  static let batchLimit = 512
  /// Rows that the thread which brought them commits itself: a transaction of so few costs less than waking another
  /// thread and being woken by it; of more, reading the next requests meanwhile is worth it.
  static let ownRowsLimit = 4
  /// A slower disk is left to the plant's thread, so that a socket's thread is held up once at most: a commit without
  /// fsync takes some 20 microseconds.
  static let ownCommitLimit: Int64 = 200_000

  let ledger: any Ledger
  let journal: (any Journal)?
  let registry: any Registry
  let trainer: any Trainer
  let examiner: (any Examiner)?
  /// What the configuration makes of the settings stored with a line; a reload puts another in its place.
  var settings: (LineID, LineSettings) -> LineSettings
  let wallClock: @Sendable () -> Timestamp
  let clockSync: @Sendable () -> ClockSync
  let logger: Logger

  let principal: Principal

  var lines: [LineID: LineState] = [:]
  /// Lines whose champion could not be loaded: they wait for a reload, and the others serve.
  var closedLines: [LineID: ClosedLine] = [:]
  var activeRun: ActiveRun?
  var activeExamination: ActiveExamination?
  /// Ends and entries the registry would not take yet; tried again each second.
  var unstored = Unstored()
  var isStopping = false
  /// Cells that a turn saw first, for the audit after its commit.
  var firstSeen: [(line: LineID, cell: Cell)] = []
  /// Lines whose hour may have turned, to be looked at on the plant's own thread.
  var unlooked: Set<LineID> = []
  /// Called once no job runs any more.
  var whenIdle: (() -> Void)?
  /// Of lines whose status somebody has asked for.
  var recentAdvice: [LineID: AdviceHistory] = [:]
  var retention: RetentionState
  var monitoring: MonitoringSettings
  var training: TrainingSettings
  /// Runs that the process before this one left in the middle.
  var leftRuns: [RunRecord] = []
  var ledgerProblem: String?
  var unrecordedPredictions = 0
  /// How many parts that stand in no file the log has told of.
  var owedTold = 0
  var inheritance: Inheritance
  public nonisolated let startedAt: Timestamp

  /// Loads every line, warms its students and puts them into service; runs found in the middle go on, or are ended as
  /// interrupted. A line whose champion is damaged stays out of service and stops no other.
  ///
  /// - Throws: `StorageFailure` when the registry or the ledger cannot be read.
  public init(_ ports: sending PlantPorts) throws(StorageFailure) {
    executor = SerialQueueExecutor(label: "kaizend.plant")
    mailbox = Mailbox(capacity: ports.queueRows)
    intake = ports.journal.map { [durability = ports.durability, capacity = ports.queueRows] in
      Intake(journal: $0, durability: durability, capacity: capacity)
    }
    errands = ports.errands ?? Self.ownErrands()
    durability = ports.durability
    journal = ports.journal
    serving = ServingPlane(wallClock: ports.wallClock)
    ledger = ports.ledger
    registry = ports.registry
    trainer = ports.trainer
    examiner = ports.examiner
    settings = ports.settings
    wallClock = ports.wallClock
    clockSync = ports.clockSync
    retention = RetentionState(settings: ports.retention)
    monitoring = ports.monitoring
    training = ports.training
    principal = ports.principal
    logger = ports.logger
    startedAt = ports.wallClock()
    // Before anything is read of the ledger.
    inheritance = Self.inherit(ports.journal, into: ports.ledger, logger: ports.logger)
    leftRuns = try ports.registry.runs(line: nil, limit: 1000).filter { !$0.state.isTrained }
    for stored in try registry.lines() {
      var line = stored
      line.settings = ports.settings(line.definition.id, line.settings)
      try Self.auditSettings(line, stored: stored.settings, registry: registry, now: startedAt, by: principal)
      switch try Self.open(
        line, ledger: ports.ledger, registry: ports.registry, now: startedAt, by: principal, logger: logger)
      {
      case .open(let state):
        lines[line.definition.id] = state
        intake?.open(line.definition.id, try inheritance.ids(of: line.definition.id, ledger: ports.ledger))
        serving.install(try state.snapshot())
      case .closed(let closed):
        closedLines[line.definition.id] = closed
        serving.close(closed)
      }
    }
    _ = post(.operate { $0.takeUpLeftWork() })
  }

  private static func ownErrands() -> Errands {
    let queue = DispatchQueue(label: "kaizend.disk", qos: .userInitiated)
    return Errands(
      beside: { work in queue.async { work() } },
      later: { milliseconds, work in queue.asyncAfter(deadline: .now() + .milliseconds(milliseconds)) { work() } })
  }

  // MARK: - The way in

  /// Queues work from any thread and sees to it that it is done.
  /// - Parameter rows: what it weighs against the bound of the mailbox; nil for what is taken in any case.
  /// - Returns: false when the mailbox is full; nothing was queued then.
  nonisolated func post(_ work: Work, rows: Int? = nil) -> Bool {
    let isTaken = mailbox.post(work, rows: rows)
    if mailbox.claim(few: 0) != .none { drainLater() }
    return isTaken
  }

  /// Commits what was queued (`queue`), here where that is quicker than on the plant's thread.
  ///
  /// For a thread that has queued all it had, such as an event loop at the end of its round: what it read together goes
  /// into one transaction.
  public nonisolated func turn() {
    if commitIntake() { _ = mailbox.post(.takeIn, rows: nil) }
    switch mailbox.claim(few: Self.ownRowsLimit) {
    case .none: break
    case .few
    where isOwnCommitQuick && !isHousekeeping.load(ordering: .relaxed) && intake?.isEmpty != false:
      // Nobody else drains, so the queue has nothing long under way and this thread runs the block itself.
      executor.queue.sync { self.assumeIsolated { $0.commitHere() } }
    case .few, .other: drainLater()
    }
  }

  /// A commit that waits for the disk is never for a socket's thread.
  private nonisolated var isOwnCommitQuick: Bool {
    durability != .power && lastCommit.load(ordering: .relaxed) < Self.ownCommitLimit
  }

  private nonisolated func drainLater() {
    executor.queue.async { self.assumeIsolated { $0.drain() } }
  }

  /// Runs `body` on the plant's thread after what was queued before it; for operators' requests, which are few.
  public nonisolated func ask(_ body: @escaping @Sendable (isolated Plant) -> Void) {
    _ = post(.operate(body))
  }

  /// Returns once everything posted before has been committed and answered.
  public nonisolated func settle() async {
    await withCheckedContinuation { continuation in
      ask { _ in continuation.resume() }
    }
  }

  /// One batch, then the queue's next block: whoever waits for this thread gets it also when requests never pause.
  private func drain() {
    noteFirstSeen()
    lookAtLines()
    guard let batch = mailbox.take(limit: Self.batchLimit) else { return }
    perform(batch)
    drainLater()
  }

  /// One transaction on the caller's thread; whatever else there is to do is left to the plant's own.
  private func commitHere() {
    // Requests of operators may have come since this turn was claimed; they are not for this thread.
    guard let batch = mailbox.take(limit: Self.batchLimit, rowsOnly: true) else { return }
    write(batch, obstacle: isAllTakenIn ? nil : takeIn())
    for line in touched(by: batch) where isDue(line) { unlooked.insert(line) }
    if !firstSeen.isEmpty || !unlooked.isEmpty || !mailbox.isDrained() { drainLater() }
  }

  /// Nothing that was answered is missing in the ledger: neither of this process nor of the one before.
  private var isAllTakenIn: Bool {
    if case .waiting = inheritance { return false }
    return intake?.isEmpty != false
  }

  func lookAtLines() {
    guard !unlooked.isEmpty else { return }
    let lines = unlooked.sorted()
    unlooked = []
    for line in lines { look(at: line) }
  }
}

/// What can be asked of the plant's thread.
enum Work: Sendable {
  case predictions(ServedParts, reply: @Sendable (Result<[AnsweredPart], RecordingFault>) -> Void)
  case outcomes(ToldOutcomes, reply: @Sendable (Result<[OutcomeStatus], RecordingFault>) -> Void)
  case operate(@Sendable (isolated Plant) -> Void)
  /// The journal has rows for the ledger.
  case takeIn
  case tick
  case training(run: Int, TrainingEvent)
}

/// One line on the plant's thread.
struct LineState {
  var registered: RegisteredLine
  var students: [ModelVersion: Student]
  /// What the students' advice rests on, where it is known.
  var bounds: [ModelVersion: AdviceBounds]
  /// Cells the first student was trained on.
  let firstTrainedCells: Set<Cell>
  var monitor: LineMonitor
  let clock: LineClock
  /// Slices that operators want monitored, as the registry has them.
  var adopted: [AdoptedSlice] = []
  /// The line's hour up to which matured rows have been counted.
  var sweptHour: Int64 = .min
  /// What operators have said of sets of parts.
  var marks: [PartSlice: GroupStatus.Marks] = [:]
  /// Sets that are not watched, and some that are watched besides.
  var retired: Set<PartSlice> = []
  var aliases = ValueAliases()
  /// Groups whose proposal or obstacle the audit has already told.
  var announced: Set<GroupKey> = []
  /// What the line waits for, for `status`.
  var activity: String?
  /// Challengers that passed their gate, by run.
  var trials: [TrialState] = []
  /// Cells of groups that lag and that no retraining has helped.
  var weakCells: Set<Cell> = []
  /// What is seen before outcomes come; nil until the first look.
  var early: EarlyWatch?

  /// Cells that a student serving now was trained on.
  var trainedCells: Set<Cell> { firstTrainedCells.union(registered.routes.keys) }
  var id: LineID { registered.definition.id }
  var definition: LineDefinition { registered.definition }
  var settings: LineSettings { registered.settings }

  var countingRules: CountingRules {
    CountingRules(
      definition: definition, settings: settings, adopted: watchedSlices, retired: retired, aliases: aliases)
  }

  /// Slices that later parts have confirmed: what is watched beside groups and the nodes above them.
  var watchedSlices: [PartSlice] {
    adopted.filter { $0.state == .monitored }.compactMap { try? definition.slice(parsing: $0.slice) }
  }

  /// Groups of the partition that are watched.
  var watchedGroups: [GroupKey] { monitor.watched.slices.compactMap { definition.group(of: $0) } }

  /// Those of them that lag: what retraining is for.
  var laggingGroups: [(group: GroupKey, evidence: GroupEvidence)] {
    monitor.sets.compactMap { set in
      guard set.evidence.state == .lagging, let group = definition.group(of: set.slice) else { return nil }
      return (group, set.evidence)
    }
  }

  /// Hours until a part counts, for all that is decided about its line.
  var maturityHours: Double { monitor.maturityHours(settings) ?? MaturityRule.hoursUntold }

  func version(serving cell: Cell) -> ModelVersion { registered.routes[cell] ?? registered.champion }

  func now(_ wallClock: Timestamp) -> Timestamp {
    switch settings.time {
    case .clock: wallClock
    case .event: clock.now
    }
  }

  func snapshot() throws(StorageFailure) -> LineSnapshot {
    for version in Set(registered.routes.values).union([registered.champion]) where students[version] == nil {
      throw StorageFailure("line \(id) routes to student \(version), which is not loaded", mayPass: false)
    }
    return LineSnapshot(
      definition: definition, time: settings.time, champion: registered.champion, routes: registered.routes,
      students: students, rules: adviceRules, trainedCells: trainedCells, clock: clock, aliases: aliases,
      trials: trials.compactMap { $0.onTrial(settings) },
      weakCells: settings.adviceLagging == .check ? weakCells : [])
  }
}

/// The job under way; one a machine.
struct ActiveRun {
  var record: RunRecord
  let lagging: [GroupKey]
  let servedBy: ModelVersion
  /// The last row of the ledger that had matured when it started.
  let firstRow: Int64
  /// What served the line then.
  let service: Takeover
  var progress: TrainingProgress?
  /// What it made, until the quiet hours are over.
  var heldBack: (report: TrainingReport, student: [UInt8]?)?
  /// Why it stands still; nil: it does not.
  var pause: String?
}

/// What the registry would not take at the time.
struct Unstored {
  /// A registry that fails for days must not fill the memory with what it missed; the journal has it all.
  static let limit = 100

  var runs: [RunRecord] = []
  var entries: [AuditEntry] = []
}

extension LineSettings {
  /// Every setting in one line, as the configuration spells them.
  var text: String {
    let target = targetAccuracy.map { "target_accuracy \($0)" } ?? "no target_accuracy"
    let maturity = maturityHours.map { "maturity_hours \($0)" } ?? "maturity_hours learned"
    return "mode \(mode.rawValue), time \(time.rawValue), \(target), \(maturity), "
      + "cool_down_hours \(coolDownHours), job_rows_minimum \(jobRowsMinimum), "
      + "gate_rows_minimum \(gateRowsMinimum), maximum_cell_loss \(maximumCellLoss), "
      + "advice_error_max \(adviceErrorMax), advice_range \(adviceRange.rawValue), "
      + "advice_lagging \(adviceLagging.rawValue), latency_ms_max \(latencyMsMax), "
      + "retrain_after_days \(retrainAfterDays), quiet_hours \(quietHours?.description ?? "none")"
      + (channels.isEmpty ? "" : ", channels \(channels.map(\.text).joined(separator: ", "))")
  }
}
