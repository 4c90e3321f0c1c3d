import Domain
import Engine
import Logging
import NeuralNet
import Store

/// A plant on a listed disk, and a seeded day of work on it: new parts and batches, repeats, other parts under an old
/// id, ids in any order, outcomes before and after their part, twice, amended.
final class CrashWorkload {
  let disk: ListedDisk
  let book = ClaimBook()
  let count = DayCount()
  let clock = ManualClock(Timestamp("2026-06-01") ?? Timestamp(seconds: 0))
  let plant: Plant
  private let folder: TemporaryFolder
  private let durability: Durability
  private let errands = ManualErrands()
  private var random: Generator
  private var asked: [(name: PartName, x: Float)] = []
  private var labelled: [(name: PartName, label: Int)] = []
  private var serial = 10_000
  private let lines: [LineID]

  /// - Parameter image: what the folder holds at the start, with the lines of an earlier workload.
  init(
    seed: UInt64, durability: Durability, image: DiskImage = DiskImage(), whenOpened: (ListedDisk) -> Void = { _ in }
  ) throws {
    self.durability = durability
    random = Generator(seed: seed)
    let folder = try TemporaryFolder()
    self.folder = folder
    try image.write(to: folder.path)
    let disk = ListedDisk(base: image)
    self.disk = disk
    let clock = clock
    lines = try ["press-1", "press-2"].map { try LineID($0) }
    let registry = try SQLiteRegistry.open(stateDirectory: folder.path, disk: disk.disk)
    let ledger = try SQLiteLedger.open(
      stateDirectory: folder.path, at: clock.now, bootID: "boot-\(seed)", durability: durability, disk: disk.disk)
    let journal = try LedgerJournal.open(stateDirectory: folder.path, bootID: "boot-\(seed)", disk: disk.disk)
    whenOpened(disk)
    plant = try Plant(
      PlantPorts(
        ledger: ledger.ledger, journal: journal, durability: durability, registry: registry,
        trainer: ScriptedTrainer(), wallClock: { clock.now }, principal: Principal(uid: 999, login: "kaizend"),
        queueRows: 300, errands: errands.errands, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
  }

  func register() async throws {
    for (line, time) in zip(lines, [TimeSource.event, .clock]) {
      let definition = LineDefinition(
        id: line, schema: try GroupSchema(attributes: ["product"], includesOutcome: false),
        featureNames: ["x", "y"], classNames: ["bad", "good"])
      let new = NewLine(
        definition: definition, settings: LineSettings(mode: .observe, time: time),
        student: try makeStudent(sign: 1).bytes, teacher: .columns(prefix: "t"),
        report: makeReport(cells: [Cell(["A"])]), source: "test")
      try await plant.register(new)
    }
    await rest()
    await noteAudit()
  }

  /// What an earlier run had promised when it was killed holds for this one, but for the last 50 ms of a relaxed one.
  func inherit(_ claims: [ClaimBook.Claim], isRelaxed: Bool) {
    let promises = Promises(claims)
    for claim in claims {
      switch claim {
      case .recorded(let name, let x, _, _):
        let isKept = !isRelaxed || promises.parts[name]?.isWritten == true
        if isKept { book.note(.recorded(name, x: x, milliseconds: 0, repeated: true), on: disk) }
      case .time: break
      case .askedPart, .askedOutcome, .answeredOutcome, .audited: book.note(claim, on: disk)
      }
    }
  }

  /// Parts of an earlier run may come again.
  func knows(_ earlier: CrashWorkload) {
    asked = earlier.asked
    labelled = earlier.labelled
    serial = earlier.serial
  }

  // MARK: - Rounds

  func run(rounds: Int, between: (Int) -> Void = { _ in }) async throws {
    for round in 0..<rounds {
      between(round)
      var isPosted = false
      for _ in 0..<Int.random(in: 1...4, using: &random) { if try sendSomething() { isPosted = true } }
      plant.turn()
      await endRound(isPosted: isPosted)
    }
    await rest()
  }

  private func endRound(isPosted: Bool) async {
    if random.chance(0.7) { errands.runBeside() }
    if isPosted || random.chance(0.2) { await plant.settle() }
    let milliseconds =
      random.chance(0.1) ? Int.random(in: 1000...5000, using: &random) : Int.random(in: 1...30, using: &random)
    pass(milliseconds)
    if milliseconds >= 1000 {
      plant.tick()
      await plant.settle()
      await noteAudit()
    }
  }

  private func pass(_ milliseconds: Int) {
    clock.advance(hours: Double(milliseconds) / 3_600_000)
    errands.advance(milliseconds: milliseconds)
    book.note(.time(milliseconds: errands.now), on: disk)
  }

  /// Everything that can be done by itself is done.
  func rest() async {
    errands.runBeside()
    pass(1000)
    plant.tick()
    await plant.settle()
    errands.runBeside()
    await plant.settle()
  }

  private func noteAudit() async {
    guard case .intact(let rows)? = try? await plant.verifyAudit() else { return }
    book.note(.audited(rows), on: disk)
  }

  // MARK: - What is sent

  /// - Returns: true when the plant's own thread has it, as long as nothing is wrong.
  private func sendSomething() throws -> Bool {
    let line = lines[random.chance(0.7) ? 0 : 1]
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<40:
      try send([next("A-", line)])
      return false
    case 40..<50:
      try send((0..<Int.random(in: 2...6, using: &random)).map { _ in next("A-", line) })
      return false
    case 50..<60: try send([(PartName(line: line, part: "R-\(UInt32.random(in: 0...9999, using: &random))"), x())])
    case 60..<76: try sendAgain()
    case 76..<84: if let old = asked.randomElement(using: &random) { tell(old.name, label: label()) }
    case 84..<90:
      tell(PartName(line: line, part: "A-\(serial + Int.random(in: 1...9, using: &random))"), label: label())
    case 90..<95: if let old = labelled.randomElement(using: &random) { tell(old.name, label: old.label) }
    default: if let old = labelled.randomElement(using: &random) { tell(old.name, label: 1 - old.label, amends: true) }
    }
    return true
  }

  /// The same part, another under its id, or it and a new one.
  private func sendAgain() throws {
    guard let old = asked.randomElement(using: &random) else { return }
    switch Int.random(in: 0..<4, using: &random) {
    case 0, 1: try send([old])
    case 2: try send([(old.name, x())])
    default: try send([next("B-", old.name.line), old])
    }
  }

  private func x() -> Float { Float.random(in: -1...1, using: &random) }
  private func label() -> Int { Int.random(in: 0...1, using: &random) }

  private func next(_ gateway: String, _ line: LineID) -> (PartName, Float) {
    serial += 1
    return (PartName(line: line, part: "\(gateway)\(serial)"), x())
  }

  private func send(_ parts: [(name: PartName, x: Float)]) throws {
    guard let line = parts.first?.name.line, let snapshot = plant.serving.snapshot(line) else { return }
    asked += parts
    for part in parts { book.note(.askedPart(part.name, x: part.x), on: disk) }
    let queries = parts.map {
      PartQuery(part: $0.name.part, cell: Cell([$0.x > 0.9 ? "new" : "A"]), inputs: [$0.x, 0], eventTime: clock.now)
    }
    let served = try plant.serving.predict(on: snapshot, version: nil, parts: queries, receipt: receipt)
    count.asked()
    plant.queue(served) { [book, disk, errands, count] result in
      count.answered(result)
      guard case .success(let answers) = result else { return }
      for answer in answers where answer.recorded {
        let row = answer.prediction
        book.note(
          .recorded(
            PartName(line: row.line, part: row.part), x: row.inputs[0], milliseconds: errands.now,
            repeated: answer.repeated), on: disk)
      }
    }
  }

  private func tell(_ name: PartName, label: Int, amends: Bool = false) {
    labelled.append((name, label))
    let ask = labelled.count
    book.note(.askedOutcome(name, label: label, ask: ask), on: disk)
    count.asked()
    plant.record(
      line: name.line,
      outcomes: [
        OutcomeReport(
          part: name.part, label: ["bad", "good"][label], observedAt: clock.now, source: "audit", amends: amends)
      ], receipt: receipt
    ) { [book, disk, count] result in
      count.told(result)
      // A commit whose sync failed may be found after all: what was refused for its disk may stand, or not.
      guard case .success(let statuses) = result else { return }
      var stands = false
      switch statuses[0] {
      case .joined, .heldUnknownID, .amended, .duplicate: stands = true
      case .conflict, .unknownLabel: break
      }
      book.note(.answeredOutcome(name, label: label, ask: ask, stands: stands), on: disk)
    }
  }

  private var receipt: Receipt {
    Receipt(wallClock: clock.now, monotonicMicroseconds: Int64(errands.now) * 1000, peerUID: 1000)
  }

  // MARK: - Afterwards

  /// Whether a part is answered as recorded now, and an outcome of it taken.
  func isWell() async throws -> Bool {
    var answers: [Answered] = []
    var statuses: [Bool] = []
    for prefix in ["A-", "0-"] {
      let answered = Answered()
      serial += 1
      let name = PartName(line: lines[0], part: "\(prefix)\(serial)")
      book.note(.askedPart(name, x: 0.5), on: disk)
      let query = PartQuery(part: name.part, cell: Cell(["A"]), inputs: [0.5, 0], eventTime: clock.now)
      guard let snapshot = plant.serving.snapshot(name.line) else { return false }
      plant.record(try plant.serving.predict(on: snapshot, version: nil, parts: [query], receipt: receipt)) {
        answered.result = $0
      }
      answers.append(answered)
      tell(name, label: 1)
    }
    await rest()
    statuses = try answers.map { try $0.result?.get().first?.recorded == true }
    let overview = await plant.ledgerOverview()
    return statuses == [true, true] && overview.problem == nil
  }
}
