import Domain
import Engine
import Logging
import NeuralNet
import Policy
import Store
import Synchronization
import Testing

/// A ledger whose disk can be filled and freed by the test; everything else is the real one.
final class FillableLedger: Ledger {
  private let real: SQLiteLedger
  private let full: DiskSwitch

  init(_ disk: DiskSwitch) throws {
    real = try SQLiteLedger(.memory)
    full = disk
  }

  func transaction<Result>(_ body: () throws(StorageFailure) -> Result) throws(StorageFailure) -> Result {
    try real.transaction { () throws(StorageFailure) in
      let result = try body()
      if full.isFull { throw StorageFailure("the disk of ledger.db is full; free some space", mayPass: true) }
      return result
    }
  }

  func durableTransaction<Result>(
    _ body: () throws(StorageFailure) -> Result
  ) throws(StorageFailure) -> Result { try transaction(body) }

  func append(_ prediction: Prediction) throws(StorageFailure) -> AppendResult { try real.append(prediction) }
  func append(_ prediction: Prediction, bootID: String) throws(StorageFailure) -> AppendResult {
    try real.append(prediction, bootID: bootID)
  }
  func declare(_ channels: [OutcomeChannel], line: LineID) throws(StorageFailure) {
    try real.declare(channels, line: line)
  }
  func record(_ outcome: Outcome) throws(StorageFailure) -> OutcomeStatus { try real.record(outcome) }
  func coverage(line: LineID) throws(StorageFailure) -> LedgerCoverage { try real.coverage(line: line) }
  func matured(
    line: LineID, after: Int64, watermark: Timestamp, future: Timestamp, limit: Int, inputs: InputsWanted
  ) throws(StorageFailure) -> [MaturedPrediction] {
    try real.matured(
      line: line, after: after, watermark: watermark, future: future, limit: limit, inputs: inputs)
  }
  func recent(line: LineID, after: Int64, limit: Int, withInputs: Bool) throws(StorageFailure) -> RecentPredictions {
    try real.recent(line: line, after: after, limit: limit, withInputs: withInputs)
  }
  func channelNames(line: LineID) throws(StorageFailure) -> [String] { try real.channelNames(line: line) }
  func delays(line: LineID) throws(StorageFailure) -> [String: [ChannelDelays]] { try real.delays(line: line) }
  func evidence(line: LineID) throws(StorageFailure) -> [UInt8]? { try real.evidence(line: line) }
  func saveEvidence(_ bytes: [UInt8], line: LineID) throws(StorageFailure) { try real.saveEvidence(bytes, line: line) }
  func labelledCounts(line: LineID, cell: Cell, since: Timestamp, until: Timestamp)
    throws(StorageFailure) -> [Int: Int]
  {
    try real.labelledCounts(line: line, cell: cell, since: since, until: until)
  }
  func labelledRows(line: LineID, cells: [Cell], since: Timestamp, until: Timestamp, limit: Int)
    throws(StorageFailure) -> [LabelledRow]
  {
    try real.labelledRows(line: line, cells: cells, since: since, until: until, limit: limit)
  }
  func describe(_ definition: LineDefinition) throws(StorageFailure) { try real.describe(definition) }
  func greatestPart(line: LineID) throws(StorageFailure) -> String? { try real.greatestPart(line: line) }
  func nextPart(after part: String, line: LineID) throws(StorageFailure) -> String? {
    try real.nextPart(after: part, line: line)
  }
  func latestAdvice(line: LineID, limit: Int) throws(StorageFailure) -> [Advice] {
    try real.latestAdvice(line: line, limit: limit)
  }
  func latestTime(line: LineID) throws(StorageFailure) -> Timestamp? { try real.latestTime(line: line) }
  func totals(line: LineID?) throws(StorageFailure) -> LedgerTotals { try real.totals(line: line) }
  func checkpointAside(whenLong: @escaping @Sendable () -> Void) throws(StorageFailure) {
    try real.checkpointAside(whenLong: whenLong)
  }
  func checkpoint() throws(StorageFailure) { try real.checkpoint() }
  func room() throws(StorageFailure) -> LedgerRoom { try real.room() }
  func retentionClock() throws(StorageFailure) -> Timestamp { try real.retentionClock() }
  func setRetentionClock(_ time: Timestamp) throws(StorageFailure) { try real.setRetentionClock(time) }
  func trim(_ order: RetentionOrder, limit: Int) throws(StorageFailure) -> Trimmed {
    try real.trim(order, limit: limit)
  }
  func restartRetention() throws(StorageFailure) { try real.restartRetention() }
  func outlook(_ order: RetentionOrder) throws(StorageFailure) -> RetentionOutlook { try real.outlook(order) }
  var keepsInputs: Bool {
    get { real.keepsInputs }
    set { real.keepsInputs = newValue }
  }
  var byteCount: Int { real.byteCount }
}

final class DiskSwitch: Sendable {
  private let state = Mutex(false)
  var isFull: Bool {
    get { state.withLock { $0 } }
    set { state.withLock { $0 = newValue } }
  }
}

@Suite struct FaultTests {
  let a = Cell(["A"])

  @Test func `a repeated id gets the first answer and no second row, another input a conflict`() async throws {
    let harness = try await Harness()
    let first = try await harness.ask(part: "S1", cell: a, inputs: [0.5, 0], at: harness.start).get()
    let again = try await harness.ask(part: "S1", cell: a, inputs: [0.5, 0], at: harness.start.advanced(hours: 5)).get()
    #expect(again[0].repeated)
    #expect(again[0].prediction == first[0].prediction)
    let other = try await harness.ask(part: "S1", cell: a, inputs: [-0.5, 0], at: harness.start)
    #expect(other == .failure(.conflict(part: "S1")))
    #expect(await harness.plant.ledgerOverview().totals.predictions == 1)
  }

  @Test func `a batch with one conflict stores none of its parts`() async throws {
    let harness = try await Harness()
    _ = try await harness.ask(part: "S2", cell: a, inputs: [0.5, 0], at: harness.start)
    let receipt = Receipt(wallClock: harness.clock.now, monotonicMicroseconds: 0, peerUID: 1)
    let batch = try harness.plant.serving.predict(
      on: try #require(harness.plant.serving.snapshot(harness.line)), version: nil,
      parts: ["S1", "S2", "S3"].map { PartQuery(part: $0, cell: a, inputs: [0.1, 0], eventTime: harness.start) },
      receipt: receipt)
    let answered = Answered()
    harness.plant.record(batch) { answered.result = $0 }
    await harness.plant.settle()
    #expect(answered.result == .failure(.conflict(part: "S2")))
    #expect(await harness.plant.ledgerOverview().totals.predictions == 1)
  }

  @Test func `a full disk stops neither answers nor health, and the state is said until the cause goes`() async throws {
    let disk = DiskSwitch()
    let harness = try await Harness(ledger: try FillableLedger(disk))
    _ = try await harness.ask(part: "S1", cell: a, inputs: [0.5, 0], at: harness.start).get()
    disk.isFull = true
    let unrecorded = try await harness.ask(part: "S2", cell: a, inputs: [0.5, 0], at: harness.start).get()
    #expect(!unrecorded[0].recorded)
    #expect(unrecorded[0].prediction.predictedClass == 1)
    var overview = await harness.plant.ledgerOverview()
    #expect(overview.problem?.contains("full") == true)
    #expect(overview.unrecordedPredictions == 1)
    disk.isFull = false
    let recorded = try await harness.ask(part: "S3", cell: a, inputs: [0.5, 0], at: harness.start).get()
    #expect(recorded[0].recorded)
    overview = await harness.plant.ledgerOverview()
    #expect(overview.problem == nil)
    #expect(overview.totals.predictions == 2)
  }

  @Test func `evidence of a turn that was not committed is not kept`() async throws {
    let disk = DiskSwitch()
    let harness = try await Harness(ledger: try FillableLedger(disk))
    try await harness.stream(days: 0..<3, accuracy: [0.96, 0.96])
    let before = try await harness.overview().groups
    disk.isFull = true
    try await harness.stream(days: 3..<6, accuracy: [0.96, 0.96])
    #expect(try await harness.overview().groups == before)
    disk.isFull = false
    try await harness.stream(days: 6..<8, accuracy: [0.96, 0.96])
    let after = try #require(try await harness.overview().groups.first { $0.name == "product=A" })
    // Days 0 to 2 and 6 have matured; what was answered while the disk was full left no row.
    #expect(after.matured == 4 * 80)
  }

  @Test func `what the sender must mend is refused before anything is stored`() async throws {
    let harness = try await Harness()
    #expect(throws: ServingFault.wrongFeatureCount(expected: 2, got: 1)) {
      try harness.post(part: "S", cell: a, inputs: [1], at: harness.start) { _ in }
    }
    #expect(throws: ServingFault.badPartID) {
      try harness.post(part: "", cell: a, inputs: [1, 1], at: harness.start) { _ in }
    }
    #expect(throws: ServingFault.self) {
      try harness.post(part: "S", cell: Cell([""]), inputs: [1, 1], at: harness.start) { _ in }
    }
    let future = harness.clock.now.advanced(hours: 2)
    #expect(throws: ServingFault.eventTimeInFuture(future)) {
      try harness.post(part: "S", cell: a, inputs: [1, 1], at: future) { _ in }
    }
    #expect(await harness.plant.ledgerOverview().totals.predictions == 0)
  }

  @Test func `an attribute that is really a serial number fills one group, not the memory`() async throws {
    let harness = try await Harness()
    for index in 0..<1200 {
      try harness.post(part: "p\(index)", cell: Cell(["serial-\(index)"]), inputs: [1, 0], at: harness.start) { _ in }
    }
    try harness.post(part: "end", cell: a, inputs: [1, 0], at: harness.start.advanced(hours: 30)) { _ in }
    await harness.plant.settle()
    let overview = try await harness.overview()
    #expect(overview.groups.count <= 500)
    #expect(overview.predictions == 1201)
  }
}

@Suite struct RestartTests {
  /// Opens a plant on the same files as the one before, as a restarted daemon does.
  func open(_ folder: String, clock: ManualClock, trainer: ScriptedTrainer) throws -> Plant {
    try Plant(
      PlantPorts(
        ledger: try SQLiteLedger(.file(folder + "/ledger.db")),
        registry: try SQLiteRegistry(.file(folder + "/state.db")),
        trainer: trainer, wallClock: { clock.now }, principal: Principal(uid: 999, login: "kaizend"),
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
  }

  @Test func `a restarted plant knows what it knew, ends the broken job as interrupted and starts it again`()
    async throws
  {
    let folder = try TemporaryFolder()
    let harness = try await Harness(folder: folder.path)
    try await harness.stream(days: 0..<10, accuracy: [0.96, 0.96])
    try await harness.stream(days: 10..<20, accuracy: [0.96, 0.6])
    #expect(harness.trainer.started.count == 1)
    let before = try await harness.overview()

    let trainer = ScriptedTrainer()
    let plant = try open(folder.path, clock: harness.clock, trainer: trainer)
    let after = try await plant.overview(harness.line)
    #expect(after.groups == before.groups)
    #expect(after.registered == before.registered)
    #expect(try await plant.run(2).state == .interrupted)
    plant.tick()
    await plant.settle()
    #expect(trainer.started.count == 1)
    #expect(
      try await plant.verifyAudit()
        == .intact(rows: try await plant.auditEntries(line: nil, run: nil, group: nil, limit: 1000).count))
  }

  @Test func `other settings than the trail knows are told once, at the start that brings them`() async throws {
    let folder = try TemporaryFolder()
    let harness = try await Harness(folder: folder.path)
    func restarted(_ mode: RetrainMode) async throws -> [String] {
      let clock = harness.clock
      let plant = try Plant(
        PlantPorts(
          ledger: try SQLiteLedger(.file(folder.path + "/ledger.db")),
          registry: try SQLiteRegistry(.file(folder.path + "/state.db")), trainer: ScriptedTrainer(),
          settings: { _, stored in
            var settings = stored
            settings.mode = mode
            return settings
          },
          wallClock: { clock.now }, principal: Principal(uid: 999, login: "kaizend"),
          logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
      return try await plant.auditEntries(line: harness.line, run: nil, group: nil, limit: 100)
        .filter { $0.event == .settingsChanged }.map(\.sentence)
    }
    #expect(try await restarted(.auto).isEmpty)
    let changed = try await restarted(.observe)
    #expect(changed.count == 1)
    #expect(changed.first?.contains("mode observe") == true)
    #expect(try await restarted(.observe).count == 1)
    #expect(try await restarted(.auto).count == 2)
  }

  @Test func `a group nobody was trained on is told once, with the student that serves it`() async throws {
    let harness = try await Harness()
    for part in ["n1", "n2"] {
      _ = try await harness.ask(part: part, cell: Cell(["new"]), inputs: [1, 0], at: harness.start)
    }
    let told = try await harness.plant.auditEntries(line: harness.line, run: nil, group: "product=new", limit: 10)
    #expect(told.map(\.event) == [.groupSeen])
    #expect(told.first?.sentence.contains("student 1 serves it") == true)
  }
}
