import Domain
import Engine
import Testing

/// When a part is answered, and what stands where by then.
@Suite struct DurabilityModeTests {
  private let journal = MemoryJournal()
  private let errands = ManualErrands()
  private let disk = DiskSwitch()

  private func harness(_ durability: Durability, queueRows: Int = 8192) async throws -> Harness {
    try await Harness(
      ledger: try FillableLedger(disk), journal: journal, durability: durability, errands: errands.errands,
      queueRows: queueRows)
  }

  /// Queues a new part, and ends the round.
  private func send(_ harness: Harness, _ part: String) throws -> Answered {
    let answered = Answered()
    try harness.post(part: part, cell: Cell(["A"]), inputs: [0.5, 0], at: harness.start) { answered.result = $0 }
    return answered
  }

  /// A line whose hour turns wakes the plant, which takes everything in.
  private func seeFirstHour(_ harness: Harness) async throws {
    _ = try send(harness, "A0")
    await harness.plant.settle()
    errands.runBeside()
    errands.advance(milliseconds: 50)
  }

  private func isRecorded(_ answered: Answered) throws -> Bool? { try answered.result?.get().first?.recorded }

  // MARK: - power

  @Test func `with power a part is answered when the disk has it, and one sync is enough for all that was written`()
    async throws
  {
    let harness = try await harness(.power)
    try await seeFirstHour(harness)
    let syncs = journal.syncs
    let parts = try (1...5).map { try send(harness, "S\($0)") }
    #expect(try parts.allSatisfy { try isRecorded($0) == nil })
    errands.runBeside()
    #expect(try parts.allSatisfy { try isRecorded($0) == true })
    #expect(journal.syncs == syncs + 1)
    let last = try send(harness, "S6")
    errands.runBeside()
    #expect(try isRecorded(last) == true)
    #expect(journal.syncs == syncs + 2)
  }

  @Test func `with power the ledger's commit answers too, for it waits for the disk`() async throws {
    let harness = try await harness(.power)
    let part = try send(harness, "S1")
    await harness.plant.settle()
    #expect(try isRecorded(part) == true)
    #expect(journal.kept == 0 && journal.syncs == 0)
    errands.runBeside()
    #expect(await harness.plant.ledgerOverview().totals.predictions == 1)
  }

  @Test func `with power a disk that fails to say so leaves the word to the ledger`() async throws {
    let harness = try await harness(.power)
    journal.isSyncFailing = true
    let part = try send(harness, "S1")
    errands.runBeside()
    await harness.plant.settle()
    #expect(try isRecorded(part) == true)
    #expect(await harness.plant.ledgerOverview().totals.predictions == 1)

    disk.isFull = true
    let doubtful = try send(harness, "S2")
    errands.runBeside()
    await harness.plant.settle()
    #expect(try isRecorded(doubtful) == false)
    #expect(await harness.plant.ledgerOverview().unrecordedPredictions == 1)
    // The row is kept for the ledger all the same.
    disk.isFull = false
    journal.isSyncFailing = false
    await harness.plant.settle()
    #expect(await harness.plant.ledgerOverview().totals.predictions == 2)
  }

  @Test func `with power the rows that wait for the disk count against the bound`() async throws {
    let harness = try await harness(.power, queueRows: 10)
    disk.isFull = true
    let parts = try (10..<30).map { try send(harness, "S\($0)") }
    errands.runBeside()
    await harness.plant.settle()
    #expect(try parts.map { try isRecorded($0) == true } == (10..<30).map { $0 < 20 })
    #expect(journal.kept == 10)
  }

  // MARK: - relaxed

  @Test func `relaxed, a part is answered before it is written, and written within 50 ms`() async throws {
    let harness = try await harness(.relaxed)
    try await seeFirstHour(harness)
    let parts = try (1...5).map { try send(harness, "S\($0)") }
    #expect(try parts.allSatisfy { try isRecorded($0) == true })
    #expect(journal.kept == 0)
    errands.advance(milliseconds: 49)
    #expect(journal.kept == 0)
    errands.advance(milliseconds: 1)
    #expect(journal.kept == 5)
    _ = try send(harness, "S6")
    errands.advance(milliseconds: 50)
    #expect(journal.kept == 6)
  }

  @Test func `relaxed, 256 rows are written without waiting`() async throws {
    let harness = try await harness(.relaxed)
    try await seeFirstHour(harness)
    let rounds = journal.rounds
    for number in 1000..<1255 { _ = try send(harness, "S\(number)") }
    #expect(journal.rounds == rounds)
    _ = try send(harness, "S1255")
    #expect(journal.rounds == rounds + 1)
  }

  @Test func `relaxed, whoever asks the plant finds everything that was answered, and so does a stop`() async throws {
    let harness = try await harness(.relaxed)
    _ = try send(harness, "S1")
    await harness.plant.settle()
    #expect(await harness.plant.ledgerOverview().totals.predictions == 1)
    let again = try send(harness, "S1")
    await harness.plant.settle()
    #expect(try again.result?.get().first?.repeated == true)
    #expect(journal.kept == 0)
  }

  @Test func `relaxed, what neither file takes is counted until one does, and later parts are answered as they are`()
    async throws
  {
    let harness = try await harness(.relaxed)
    disk.isFull = true
    journal.isFull = true
    let owed = try send(harness, "S1")
    #expect(try isRecorded(owed) == true)
    errands.advance(milliseconds: 50)
    await harness.plant.settle()
    #expect(await harness.plant.ledgerOverview().unrecordedPredictions == 1)
    // A journal that refuses is not trusted again before it takes a row.
    let told = try send(harness, "S2")
    await harness.plant.settle()
    #expect(try isRecorded(told) == false)
    #expect(await harness.plant.ledgerOverview().unrecordedPredictions == 2)

    disk.isFull = false
    await harness.plant.settle()
    let overview = await harness.plant.ledgerOverview()
    #expect(overview.unrecordedPredictions == 1 && overview.totals.predictions == 1 && overview.problem == nil)
    journal.isFull = false
    #expect(try isRecorded(try send(harness, "S3")) == true)
    #expect(journal.rounds == 1)
    _ = try send(harness, "S4")
    #expect(journal.rounds == 1, "trusted again")
  }
}
