import Dispatch
import Domain
import Logging
import NeuralNet
import Policy

/// What the plant is opened with.
public struct PlantPorts {
  let ledger: any Ledger
  let registry: any Registry
  let trainer: any Trainer
  /// The settings a line runs with, from what was stored when it was added.
  let settings: (LineID, LineSettings) -> LineSettings
  let wallClock: @Sendable () -> Timestamp
  /// Whom the audit names for the daemon's own decisions.
  let principal: Principal
  /// Rows that may wait for a commit before senders are told to come again.
  let queueRows: Int
  let logger: Logger

  public init(
    ledger: any Ledger, registry: any Registry, trainer: any Trainer,
    settings: @escaping (LineID, LineSettings) -> LineSettings = { $1 },
    wallClock: @escaping @Sendable () -> Timestamp, principal: Principal, queueRows: Int = 8192, logger: Logger
  ) {
    self.ledger = ledger
    self.registry = registry
    self.trainer = trainer
    self.settings = settings
    self.wallClock = wallClock
    self.principal = principal
    self.queueRows = queueRows
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
  public nonisolated let serving: ServingPlane
  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Rows of one transaction: more would make the first of them wait for the last.
  static let batchLimit = 512

  let ledger: any Ledger
  let registry: any Registry
  let trainer: any Trainer
  let settings: (LineID, LineSettings) -> LineSettings
  let wallClock: @Sendable () -> Timestamp
  let logger: Logger

  let principal: Principal

  var lines: [LineID: LineState] = [:]
  var activeRun: ActiveRun?
  /// Ends and entries the registry would not take yet; tried again each second.
  var unstored = Unstored()
  var isStopping = false
  /// Cells that a turn saw first, for the audit after its commit.
  var firstSeen: [(line: LineID, cell: Cell)] = []
  /// Called once no job runs any more.
  var whenIdle: (() -> Void)?
  /// Of lines whose status somebody has asked for.
  var recentAdvice: [LineID: AdviceHistory] = [:]
  var ledgerProblem: String?
  var unrecordedPredictions = 0
  let startedAt: Timestamp

  /// Loads every line, warms its students and puts them into service; runs found in the middle are ended as
  /// interrupted.
  ///
  /// - Throws: `StorageFailure` when the registry cannot be read or a serving student is damaged.
  public init(_ ports: sending PlantPorts) throws(StorageFailure) {
    executor = SerialQueueExecutor(label: "kaizend.plant")
    mailbox = Mailbox(capacity: ports.queueRows)
    serving = ServingPlane(wallClock: ports.wallClock)
    ledger = ports.ledger
    registry = ports.registry
    trainer = ports.trainer
    settings = ports.settings
    wallClock = ports.wallClock
    principal = ports.principal
    logger = ports.logger
    startedAt = ports.wallClock()
    try Self.endInterruptedRuns(registry: ports.registry, now: startedAt, by: principal)
    for stored in try registry.lines() {
      var line = stored
      line.settings = ports.settings(line.definition.id, line.settings)
      try Self.auditSettings(line, stored: stored.settings, registry: registry, now: startedAt, by: principal)
      let state = try Self.open(line, ledger: ports.ledger, registry: ports.registry)
      lines[line.definition.id] = state
      serving.install(try state.snapshot())
    }
  }

  private static func endInterruptedRuns(registry: any Registry, now: Timestamp, by principal: Principal)
    throws(StorageFailure)
  {
    for run in try registry.runs(line: nil, limit: 1000) where !run.state.isOver {
      var ended = run
      ended.state = .interrupted
      ended.endedAt = now
      ended.verdict.append("the daemon stopped while this job ran; the serving students were not touched")
      try registry.transaction { () throws(StorageFailure) in
        try registry.update(ended)
        try registry.audit(
          AuditEntry(
            time: now, actor: principal, event: .retrainEnded, line: run.line, group: nil, run: run.number,
            sentence: "run \(run.number) ended as interrupted: the daemon stopped while it ran"))
      }
    }
  }

  /// Says when a line runs with other settings than the trail knows: files change while the daemon is down, and the
  /// settings are half of every reason.
  private static func auditSettings(
    _ line: RegisteredLine, stored: LineSettings, registry: any Registry, now: Timestamp, by principal: Principal
  ) throws(StorageFailure) {
    let id = line.definition.id
    let told = try registry.auditEntries(line: id, run: nil, group: nil, limit: 10_000)
      .last { $0.event == .settingsChanged }
    let sentence = "line \(id) runs with \(line.settings.text)"
    guard (told?.sentence ?? "line \(id) runs with \(stored.text)") != sentence else { return }
    try registry.transaction { () throws(StorageFailure) in
      _ = try registry.audit(
        AuditEntry(
          time: now, actor: principal, event: .settingsChanged, line: id, group: nil, run: nil, sentence: sentence))
    }
  }

  private static func open(_ line: RegisteredLine, ledger: any Ledger, registry: any Registry)
    throws(StorageFailure) -> LineState
  {
    let id = line.definition.id
    var students: [ModelVersion: Student] = [:]
    var bounds: [ModelVersion: AdviceBounds] = [:]
    for version in Set(line.routes.values).union([line.champion]) {
      students[version] = try loadStudent(line.definition, version: version, registry: registry)
      bounds[version] = try loadBounds(line.definition, version: version, registry: registry)
    }
    let stored = try ledger.evidence(line: id)
    var monitor = try stored.map { bytes throws(StorageFailure) in try LineMonitor(stored: bytes) } ?? LineMonitor()
    monitor.setTarget(line.settings.targetAccuracy)
    monitor.dropEvidence(
      ofOthersThan: { line.routes[$0] ?? line.champion }, targetAccuracy: line.settings.targetAccuracy)
    let first = try registry.models(line: id).first { $0.version == ModelVersion(1) }
    let report = try first.flatMap { model throws(StorageFailure) in try registry.run(model.run)?.report }
    let trained = Set(report?.folds.filter { $0.train > 0 }.map(\.group.cell) ?? [])
    for cell in trained { monitor.see(cell) }
    return LineState(
      registered: line, students: students, bounds: bounds, firstTrainedCells: trained, monitor: monitor,
      clock: LineClock(
        max(try ledger.latestTime(line: id) ?? Timestamp(seconds: 0), monitor.lookedAt ?? Timestamp(seconds: 0))))
  }

  static func loadStudent(_ definition: LineDefinition, version: ModelVersion, registry: any Registry)
    throws(StorageFailure) -> Student
  {
    guard let bytes = try registry.bytes(line: definition.id, version: version) else {
      throw StorageFailure(
        "state.db has no student \(version) of line \(definition.id); restore state.db from a backup", mayPass: false)
    }
    return try usableStudent(bytes, definition, name: "student \(version) of line \(definition.id)")
  }

  /// What a student's advice rests on; nil for imported students and those of version 0.1.
  static func loadBounds(_ definition: LineDefinition, version: ModelVersion, registry: any Registry)
    throws(StorageFailure) -> AdviceBounds?
  {
    let bounds = try registry.adviceBounds(line: definition.id, version: version)
    if let misfit = bounds?.misfit(definition.input) {
      throw StorageFailure(
        "the advice of student \(version) of line \(definition.id) does not fit the line: \(misfit); restore state.db "
          + "from a backup", mayPass: false)
    }
    return bounds
  }

  /// A student that fits the line and has answered once, or the sentence why not.
  static func usableStudent(_ bytes: [UInt8], _ definition: LineDefinition, name: String)
    throws(StorageFailure) -> Student
  {
    let student: Student
    do {
      student = try Student(bytes: bytes)
    } catch {
      throw StorageFailure("\(name) cannot be read: \(error)", mayPass: false)
    }
    let shape = student.shape
    guard shape.inputCount == definition.featureCount, shape.classCount == definition.classNames.count else {
      throw StorageFailure(
        "\(name) takes \(shape.inputCount) features and knows \(shape.classCount) classes, but the line has "
          + "\(definition.featureCount) and \(definition.classNames.count)", mayPass: false)
    }
    let warm = student.logits([Float](repeating: 0, count: shape.inputCount), rowCount: 1)
    guard warm.allSatisfy(\.isFinite) else {
      throw StorageFailure("\(name) gives answers that are not numbers", mayPass: false)
    }
    return student
  }

  // MARK: - The way in

  /// Queues work from any thread.
  /// - Parameter rows: what it weighs against the bound of the mailbox; nil for what is taken in any case.
  /// - Returns: false when the mailbox is full; nothing was queued then.
  nonisolated func post(_ work: Work, rows: Int? = nil) -> Bool {
    switch mailbox.post(work, rows: rows) {
    case .refused: return false
    case .queued: return true
    case .mustDrain:
      drainLater()
      return true
    }
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
    guard let batch = mailbox.take(limit: Self.batchLimit) else { return }
    perform(batch)
    drainLater()
  }
}

/// What can be asked of the plant's thread.
enum Work: Sendable {
  case predictions([Prediction], reply: @Sendable (Result<[AnsweredPart], RecordingFault>) -> Void)
  case outcomes(LineID, [OutcomeReport], Receipt, reply: @Sendable (Result<[OutcomeStatus], RecordingFault>) -> Void)
  case operate(@Sendable (isolated Plant) -> Void)
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
  /// The line's hour up to which matured rows have been counted.
  var sweptHour: Int64 = .min
  /// Groups whose proposal or obstacle the audit has already told.
  var announced: Set<GroupKey> = []
  /// What the line waits for, for `status`.
  var activity: String?

  /// Cells that a student serving now was trained on.
  var trainedCells: Set<Cell> { firstTrainedCells.union(registered.routes.keys) }
  var id: LineID { registered.definition.id }
  var definition: LineDefinition { registered.definition }
  var settings: LineSettings { registered.settings }

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
      students: students, rules: adviceRules, trainedCells: trainedCells, clock: clock)
  }
}

/// The job under way; one a machine.
struct ActiveRun {
  var record: RunRecord
  let lagging: [GroupKey]
  let servedBy: ModelVersion
  var progress: TrainingProgress?
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
    return "mode \(mode.rawValue), time \(time.rawValue), \(target), maturity_hours \(maturityHours), "
      + "false_alarm_days \(falseAlarmDays), cool_down_hours \(coolDownHours), job_rows_minimum \(jobRowsMinimum), "
      + "gate_rows_minimum \(gateRowsMinimum), maximum_cell_loss \(maximumCellLoss), "
      + "advice_error_max \(adviceErrorMax), advice_range \(adviceRange.rawValue)"
  }
}
