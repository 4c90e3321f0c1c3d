import Domain
import Engine
import NeuralNet
import Policy
import Testing

/// Numbered scenarios of the whole engine: real stores in memory, no clock, no sockets, no training process.
@Suite struct ScenarioTests {
  func betterPairs(_ cell: Cell) -> [PairedCounts] {
    [
      PairedCounts(
        group: GroupKey(cell: cell), total: 200, championCorrect: 100, challengerCorrect: 180, wins: 90, losses: 10)
    ]
  }

  /// Streams until the failing cell has started its job.
  func failing(_ harness: Harness) async throws -> ScriptedTrainer.Job {
    try await harness.stream(days: 0..<10, accuracy: [0.96, 0.96])
    // Below one half: a student that says the opposite is better on live parts too.
    try await harness.stream(days: 10..<20, accuracy: [0.96, 0.3])
    return try #require(harness.trainer.started.first)
  }

  @Test func `1 a healthy plant starts no job in sixty days`() async throws {
    let harness = try await Harness()
    try await harness.stream(days: 0..<60, accuracy: [0.96, 0.95])
    #expect(harness.trainer.started.isEmpty)
    #expect(try await harness.state(of: "A") == "ok")
    #expect(try await harness.events() == [.lineAdded])
  }

  @Test func `2 a failing group lags, is audited before its job, and only its rows since the change are asked for`()
    async throws
  {
    let harness = try await Harness()
    let job = try await failing(harness)
    #expect(job.spec.cells == [Cell(["B"])])
    #expect(job.spec.laggingGroups == [GroupKey(cell: Cell(["B"]))])
    let changeDay = harness.start.advanced(hours: 240).day
    #expect(abs(job.spec.since.day - changeDay) <= 1)
    let events = try await harness.events()
    let lagging = try #require(events.firstIndex(of: .groupLagging))
    let started = try #require(events.firstIndex(of: .retrainStarted))
    #expect(lagging < started)
    #expect(harness.trainer.started.count == 1)
    #expect(try await harness.state(of: "A") == "ok")
  }

  @Test func `3 a better challenger serves its cell alone, and the cell's evidence starts anew`() async throws {
    let harness = try await Harness()
    let job = try await failing(harness)
    let challenger = try makeStudent(sign: -1)
    job.events(
      .ended(
        .finished(report: makeReport(cells: job.spec.cells, pairs: betterPairs(Cell(["B"]))), student: challenger.bytes)
      ))
    await harness.plant.settle()
    let snapshot = try #require(harness.plant.serving.snapshot(harness.line))
    #expect(snapshot.version(serving: Cell(["B"])) == ModelVersion(2))
    #expect(snapshot.version(serving: Cell(["A"])) == ModelVersion(1))
    #expect(snapshot.students[ModelVersion(1)] == (try makeStudent(sign: 1)))
    #expect(try await harness.state(of: "B") == "unknown")
    let run = try await harness.plant.run(2)
    #expect(run.state == .promoted)
    let story = explain(run, definition: snapshot.definition, settings: LineSettings()).joined(separator: "\n")
    #expect(story.contains("product=B"))
    #expect(story.contains("90 newly right, 10 newly wrong"))
    #expect(story.contains("Student 2 was put into service for product=B"))
    try await harness.stream(days: 20..<40, accuracy: [0.96, 0.04])
    #expect(try await harness.state(of: "B") == "ok")
    #expect(harness.trainer.started.count == 1)
  }

  @Test func `4 no better challenger is a normal end, and the group cools down before it is tried again`() async throws
  {
    let harness = try await Harness()
    let job = try await failing(harness)
    let even = PairedCounts(
      group: GroupKey(cell: Cell(["B"])), total: 200, championCorrect: 120, challengerCorrect: 122, wins: 12, losses: 10
    )
    job.events(
      .ended(
        .finished(report: makeReport(cells: job.spec.cells, pairs: [even]), student: try makeStudent(sign: -1).bytes)))
    await harness.plant.settle()
    let run = try await harness.plant.run(2)
    #expect(run.state == .kept)
    #expect(harness.plant.serving.snapshot(harness.line)?.version(serving: Cell(["B"])) == ModelVersion(1))
    #expect(try await harness.overview().activity?.contains("h left") == true)
    #expect(harness.trainer.started.count == 1)
    try await harness.stream(days: 20..<24, accuracy: [0.96, 0.6])
    #expect(harness.trainer.started.count == 2)
  }

  @Test func `5 a trainer that crashes or cannot start never touches serving and is not started again at once`()
    async throws
  {
    let harness = try await Harness()
    let job = try await failing(harness)
    job.events(.ended(.failed("the training process was ended by signal 9")))
    await harness.plant.settle()
    let run = try await harness.plant.run(2)
    #expect(run.state == .failed)
    #expect(run.verdict.first?.contains("signal 9") == true)
    #expect(harness.trainer.started.count == 1)

    let refusing = try await Harness(
      trainer: ScriptedTrainer(refusal: StorageFailure("the disk is full", mayPass: true)))
    try await refusing.stream(days: 0..<10, accuracy: [0.96, 0.96])
    try await refusing.stream(days: 10..<18, accuracy: [0.96, 0.6])
    #expect(try await refusing.plant.runs(line: refusing.line, limit: 10).filter { $0.kind == .retrain }.count == 1)
  }

  @Test func `6 a damaged or wrong challenger is refused whatever its report says`() async throws {
    for bytes in [[UInt8](), [1, 2, 3], Array(try makeStudent(sign: -1).bytes.dropLast())] {
      let harness = try await Harness()
      let job = try await failing(harness)
      job.events(
        .ended(.finished(report: makeReport(cells: job.spec.cells, pairs: betterPairs(Cell(["B"]))), student: bytes)))
      await harness.plant.settle()
      #expect(try await harness.plant.run(2).state == .failed)
      #expect(harness.plant.serving.snapshot(harness.line)?.liveVersions == [ModelVersion(1)])
    }
  }

  @Test func `7 observe only says, and an operator may start the job all the same`() async throws {
    let observed = try await Harness(settings: LineSettings(mode: .observe, time: .event, targetAccuracy: 0.9))
    try await observed.stream(days: 0..<14, accuracy: [0.96, 0.6])
    #expect(observed.trainer.started.isEmpty)
    #expect(try await observed.overview().activity?.contains("product=B lags") == true)
    let outline = try await observed.plant.retrain(
      observed.line, groups: [], dryRun: false, by: Principal(uid: 1000, login: "mai"))
    #expect(outline.run == 2)
    #expect(observed.trainer.started.first?.spec.cells == [Cell(["B"])])
    #expect(try await observed.plant.run(2).by.login == "mai")
  }

  @Test func `8 an operator takes a promotion back, and the trail says who`() async throws {
    let harness = try await Harness()
    let job = try await failing(harness)
    job.events(
      .ended(
        .finished(
          report: makeReport(cells: job.spec.cells, pairs: betterPairs(Cell(["B"]))),
          student: try makeStudent(sign: -1).bytes)))
    await harness.plant.settle()
    let changes = try await harness.plant.rollback(
      harness.line, cell: "product=B", reason: "too many false alarms", by: Principal(uid: 1000, login: "mai"))
    #expect(changes.map(\.cell) == ["product=B"])
    #expect(changes.map(\.from) == [ModelVersion(2)])
    #expect(changes.map(\.to) == [ModelVersion(1)])
    #expect(harness.plant.serving.snapshot(harness.line)?.liveVersions == [ModelVersion(1)])
    let entry = try #require(
      try await harness.plant.auditEntries(line: harness.line, run: nil, group: nil, limit: 1000).last {
        $0.event == .modelRolledBack
      })
    #expect(entry.actor.login == "mai")
    #expect(entry.sentence.contains("too many false alarms"))
    await #expect(throws: OperatorFault.self) {
      try await harness.plant.rollback(harness.line, cell: nil, reason: nil, by: Principal(uid: 0, login: "root"))
    }
    #expect(try await harness.plant.verifyAudit() != .broken(rows: 0, firstBroken: 0))
  }

  @Test func `9 parts without an outcome count as neither right nor wrong`() async throws {
    let harness = try await Harness()
    try await harness.stream(days: 0..<20, accuracy: [0.96, 0.96], labelled: 0.3)
    let group = try #require(try await harness.overview().groups.first { $0.name == "product=A" })
    #expect(group.matured > 1000)
    #expect(group.labelled < group.matured / 2)
    #expect((group.accuracy ?? 0) > 0.9)
  }

  @Test func `10 a part counts with the outcome it has at maturity, and an outcome that comes later changes nothing`()
    async throws
  {
    let harness = try await Harness()
    for index in 0..<50 {
      try harness.post(part: "p\(index)", cell: Cell(["A"]), inputs: [1, 0], at: harness.start) { _ in }
      if index < 20 { harness.outcome(part: "p\(index)", label: "good", at: harness.start.advanced(hours: 1)) }
    }
    try harness.post(part: "later", cell: Cell(["A"]), inputs: [1, 0], at: harness.start.advanced(hours: 26)) { _ in }
    await harness.plant.settle()
    for index in 20..<50 { harness.outcome(part: "p\(index)", label: "bad", at: harness.start.advanced(hours: 27)) }
    try harness.post(part: "last", cell: Cell(["A"]), inputs: [1, 0], at: harness.start.advanced(hours: 30)) { _ in }
    await harness.plant.settle()
    let group = try #require(try await harness.overview().groups.first)
    #expect(group.correct == 20)
    #expect(group.wrong == 0)
    #expect(group.matured == 50)
  }
}
