import Domain
import Engine
import FoundationEssentials
import Logging
import NeuralNet
import Policy
import Store
import Synchronization
import Testing

/// A clock that moves only when a test says so.
final class ManualClock: Sendable {
  private let microseconds: Mutex<Int64>
  init(_ start: Timestamp) { microseconds = Mutex(start.microseconds) }
  var now: Timestamp { Timestamp(microseconds: microseconds.withLock { $0 }) }
  func advance(hours: Double) {
    microseconds.withLock { $0 += Int64(hours * Double(Timestamp.microsecondsPerHour)) }
  }
}

/// A trainer whose ends the test writes.
final class ScriptedTrainer: Trainer, Sendable {
  struct Job: Sendable {
    let spec: RetrainSpec
    let events: @Sendable (TrainingEvent) -> Void
  }

  private let jobs = Mutex<[Job]>([])
  private let stops = Mutex<[Int]>([])
  private let refusal: StorageFailure?

  init(refusal: StorageFailure? = nil) { self.refusal = refusal }

  var started: [Job] { jobs.withLock { $0 } }
  var stopped: [Int] { stops.withLock { $0 } }

  func start(
    _ spec: RetrainSpec, files: [String: [UInt8]], events: @escaping @Sendable (TrainingEvent) -> Void
  ) throws(StorageFailure) {
    if let refusal { throw refusal }
    jobs.withLock { $0.append(Job(spec: spec, events: events)) }
  }

  func resume(run: Int, events: @escaping @Sendable (TrainingEvent) -> Void) -> String? {
    "nothing is left of it"
  }

  func setPaused(_ isPaused: Bool, run: Int) {}

  func stop(run: Int) { stops.withLock { $0.append(run) } }
}

/// A student of two features and two classes, without training: sign 1 says "good" (class 1) where the first feature
/// is positive, sign -1 the opposite.
func makeStudent(sign: Float) throws -> Student {
  let shape = try StudentShape(inputCount: 2, hiddenWidths: [], classCount: 2)
  return try #require(
    Student(
      shape: shape, standardizer: Standardizer(identity: 2), parameters: [-3 * sign, 3 * sign, 0, 0, 0, 0]))
}

func makeReport(
  cells: [Cell], pairs: [PairedCounts] = [], arm: String? = "labels", rows: Int = 300,
  advice: AdviceBounds? = nil
) -> TrainingReport {
  TrainingReport(
    folds: cells.map { FoldCounts(group: GroupKey(cell: $0), train: rows, select: 50, heldOut: 150) },
    teacher: TeacherExamination(
      name: "none", scores: [], verdict: .absent, sentence: "no teacher can answer for these rows"),
    arms: [
      ArmReport(
        name: "labels", skipped: nil, selectScore: 0.9, selectScores: [], steps: 400, seconds: 1, weights: [],
        reasons: ["weight 1.00: the only group"])
    ],
    chosenArm: arm, heldOutScores: [], pairs: pairs, seed: 1, instructionSet: "sse2", seconds: 1, remarks: [],
    advice: advice)
}

/// One plant on in-memory stores with one line of two cells, driven in event time.
final class Harness {
  let clock: ManualClock
  let trainer: ScriptedTrainer
  let plant: Plant
  let line: LineID
  let start: Timestamp
  let cells = [Cell(["A"]), Cell(["B"])]
  private var random: Generator
  private var serial = 0

  init(
    settings: LineSettings = LineSettings(time: .event, targetAccuracy: 0.9, maturityHours: 24),
    trainer: ScriptedTrainer = ScriptedTrainer(),
    ledger: sending (any Ledger)? = nil, journal: (any Journal)? = nil, durability: Durability = .commit,
    errands: Errands? = nil, queueRows: Int = 8192, folder: String? = nil, isRegistered: Bool = false,
    seed: UInt64 = 3, advice: AdviceBounds? = nil, retention: RetentionSettings = RetentionSettings(),
    teacher: TeacherSource = .columns(prefix: "t"), examiner: ScriptedExaminer? = nil
  ) async throws {
    start = try #require(Timestamp("2026-01-01"))
    let clock = ManualClock(try #require(Timestamp("2026-12-01")))
    self.clock = clock
    self.trainer = trainer
    random = Generator(seed: seed)
    line = try LineID("press-1")
    plant = try Plant(
      PlantPorts(
        ledger: try ledger ?? SQLiteLedger(folder.map { .file($0 + "/ledger.db") } ?? .memory),
        journal: journal, durability: durability,
        registry: try SQLiteRegistry(folder.map { .file($0 + "/state.db") } ?? .memory), trainer: trainer,
        examiner: examiner, wallClock: { clock.now }, retention: retention,
        principal: Principal(uid: 999, login: "kaizend"),
        queueRows: queueRows, errands: errands, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
    let definition = LineDefinition(
      id: line, schema: try GroupSchema(attributes: ["product"], includesOutcome: false),
      featureNames: ["x", "y"], classNames: ["bad", "good"])
    let new = NewLine(
      definition: definition, settings: settings, student: try makeStudent(sign: 1).bytes,
      teacher: teacher, report: makeReport(cells: cells, advice: advice), source: "test")
    // A folder of an earlier harness has the line.
    if !isRegistered { try await plant.register(new) }
  }

  /// Streams whole days: `accuracy` of a cell is the share of its parts whose truth is what student 1 says.
  func stream(days: Range<Int>, perDay: Int = 80, accuracy: [Double], labelled: Double = 1) async throws {
    for day in days {
      for (cell, share) in zip(cells, accuracy) {
        for index in 0..<perDay {
          let hour = Double(day * 24) + 23 * Double(index) / Double(perDay)
          let x = Float(random.uniform() * 2 - 1)
          let agrees = random.uniform() < share
          let label = (x > 0) == agrees ? "good" : "bad"
          try answer(cell: cell, x: x, at: start.advanced(hours: hour))
          guard random.uniform() < labelled else { continue }
          outcome(part: "part-\(serial)", label: label, at: start.advanced(hours: hour + 0.5))
        }
      }
      await plant.settle()
    }
  }

  func answer(cell: Cell, x: Float, at time: Timestamp) throws {
    serial += 1
    try post(part: "part-\(serial)", cell: cell, inputs: [x, 0], at: time) { _ in }
  }

  func post(
    part: String, cell: Cell, inputs: [Float], at time: Timestamp,
    reply: @escaping @Sendable (Result<[AnsweredPart], RecordingFault>) -> Void
  ) throws {
    let receipt = Receipt(wallClock: clock.now, monotonicMicroseconds: 0, peerUID: 1000)
    let parts = try plant.serving.predict(
      on: try #require(plant.serving.snapshot(line)), version: nil,
      parts: [PartQuery(part: part, cell: cell, inputs: inputs, eventTime: time)],
      receipt: receipt)
    plant.record(parts, reply: reply)
  }

  func ask(part: String, cell: Cell, inputs: [Float], at time: Timestamp) async throws
    -> Result<[AnsweredPart], RecordingFault>
  {
    let answered = Answered()
    try post(part: part, cell: cell, inputs: inputs, at: time) { answered.result = $0 }
    await plant.settle()
    return try #require(answered.result)
  }

  func outcome(part: String, label: String, at time: Timestamp) {
    plant.record(
      line: line, outcomes: [OutcomeReport(part: part, label: label, observedAt: time, source: "", amends: false)],
      receipt: Receipt(wallClock: clock.now, monotonicMicroseconds: 0, peerUID: 1000)
    ) { _ in }
  }

  func overview() async throws -> LineOverview { try await plant.overview(line) }

  func state(of cell: String) async throws -> String {
    try await overview().groups.first { $0.slice.cell?.values == [cell] }?.state.rawValue ?? "none"
  }

  func events() async throws -> [AuditEvent] {
    try await plant.auditEntries(line: line, run: nil, group: nil, limit: 1000).map(\.event)
  }
}

/// Holds one reply between threads.
final class Answered: Sendable {
  private let stored = Mutex<Result<[AnsweredPart], RecordingFault>?>(nil)
  var result: Result<[AnsweredPart], RecordingFault>? {
    get { stored.withLock { $0 } }
    set { stored.withLock { $0 = newValue } }
  }
}

extension Plant {
  func register(_ new: NewLine) throws {
    _ = try add(new, by: Principal(uid: 1000, login: "operator"))
  }
}

/// Errands that are run when a test says so, in the test's own thread.
final class ManualErrands: Sendable {
  private struct State {
    var beside: [@Sendable () -> Void] = []
    var later: [(due: Int, work: @Sendable () -> Void)] = []
    var now = 0
  }

  private let state = Mutex(State())

  var errands: Errands {
    Errands(
      beside: { [self] work in state.withLock { $0.beside.append(work) } },
      later: { [self] milliseconds, work in state.withLock { $0.later.append((due: $0.now + milliseconds, work)) } })
  }

  /// Milliseconds that have passed for those who are to come later.
  var now: Int { state.withLock { $0.now } }

  func runBeside() {
    while let work = state.withLock({ $0.beside.isEmpty ? nil : $0.beside.removeFirst() }) { work() }
  }

  func advance(milliseconds: Int) {
    let due = state.withLock { state in
      state.now += milliseconds
      let due = state.later.filter { $0.due <= state.now }
      state.later.removeAll { $0.due <= state.now }
      return due
    }
    for (_, work) in due { work() }
  }
}

/// A folder that goes with the test.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/kaizend-engine-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
