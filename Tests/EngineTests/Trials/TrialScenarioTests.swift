import Domain
import Engine
import NeuralNet
import Testing

/// Numbered scenarios of a challenger after its gate: approval, shadow, canary, watch and the way back.
@Suite struct TrialScenarioTests {
  static let settings = LineSettings(time: .event, targetAccuracy: 0.9, maturityHours: 24)
  let mai = Principal(uid: 1000, login: "mai")
  let b = Cell(["B"])

  func pairs(_ cell: Cell, wins: Int, losses: Int, total: Int = 400) -> PairedCounts {
    PairedCounts(
      group: GroupKey(cell: cell), total: total, championCorrect: total / 2,
      challengerCorrect: total / 2 + wins - losses,
      wins: wins, losses: losses)
  }

  /// A line whose cell B fails from day 10 on, until its job has ended with a challenger that says the opposite.
  func promoted(mode: RetrainMode = .auto, student: Student? = nil) async throws -> Harness {
    var settings = Self.settings
    settings.mode = mode
    let harness = try await Harness(settings: settings)
    try await harness.stream(days: 0..<10, accuracy: [0.96, 0.96])
    try await harness.stream(days: 10..<20, accuracy: [0.96, 0.3])
    let job = try #require(harness.trainer.started.first)
    job.events(
      .ended(
        .finished(
          report: makeReport(cells: job.spec.cells, pairs: [pairs(b, wins: 180, losses: 20)]),
          student: try (student ?? makeStudent(sign: -1)).bytes)))
    await harness.plant.settle()
    return harness
  }

  func version(_ harness: Harness, _ cell: String = "B") -> ModelVersion? {
    harness.plant.serving.snapshot(harness.line)?.version(serving: Cell([cell]))
  }

  func trial(_ harness: Harness) async throws -> TrialStatus? {
    try await harness.plant.trials(harness.line).first
  }

  /// A whole job that an operator started, ended with a student of this sign.
  func whole(sign: Float, on harness: Harness) async throws {
    try await harness.stream(days: 0..<6, accuracy: [0.96, 0.96])
    _ = try await harness.plant.retrain(harness.line, groups: [], scope: .whole, dryRun: false, by: mai)
    let job = try #require(harness.trainer.started.last)
    #expect(job.spec.scope == .whole)
    #expect(Set(job.spec.cells) == Set(harness.cells))
    job.events(
      .ended(
        .finished(
          report: makeReport(
            cells: job.spec.cells,
            pairs: harness.cells.map { pairs($0, wins: 4, losses: 3, total: 3000) }),
          student: try makeStudent(sign: sign).bytes)))
    await harness.plant.settle()
  }

  /// Streams day by day until the trial is at a stage, ten days at most.
  /// - Returns: the day after the last one streamed.
  func stream(_ harness: Harness, from day: Int, until stage: TrialStage) async throws -> Int {
    for next in day..<day + 10 {
      try await harness.stream(days: next..<next + 1, perDay: 200, accuracy: [0.96, 0.96])
      if try await trial(harness)?.stage == stage { return next + 1 }
    }
    Issue.record("the trial is at \(String(describing: try await trial(harness))) and not at \(stage)")
    return day + 10
  }

  @Test func `1 a promoted student is watched for fourteen days and then trusted`() async throws {
    let harness = try await promoted()
    #expect(version(harness) == ModelVersion(2))
    #expect(try await trial(harness)?.stage == .watch)
    try await harness.stream(days: 20..<30, accuracy: [0.96, 0.04])
    let status = try #require(try await trial(harness))
    #expect(status.wins > 5 * max(status.losses, 1))
    #expect(status.sentence.contains("days of the watch are left"))
    try await harness.stream(days: 30..<36, accuracy: [0.96, 0.04])
    #expect(try await trial(harness) == nil)
    #expect(try await harness.events().last == .trialEnded)
    #expect(version(harness) == ModelVersion(2))
    #expect(try await harness.plant.run(2).state == .promoted)
  }

  @Test func `2 a promotion that makes its group worse takes itself back`() async throws {
    let harness = try await promoted()
    // The camera was turned back: what served before is right again.
    try await harness.stream(days: 20..<27, accuracy: [0.96, 0.96])
    #expect(version(harness) == ModelVersion(1))
    let run = try await harness.plant.run(2)
    #expect(run.state == .rolledBack)
    #expect(try await trial(harness) == nil)
    let entry = try #require(
      try await harness.plant.auditEntries(line: harness.line, run: 2, group: nil, limit: 100).last)
    #expect(entry.event == .modelRolledBack)
    #expect(entry.actor.login == "kaizend")
    #expect(entry.sentence.contains("product=B went back from student 2"))
    try await harness.stream(days: 27..<33, accuracy: [0.96, 0.96])
    #expect(try await harness.state(of: "B") == "ok")
    #expect(try await harness.plant.verifyAudit() != .broken(rows: 0, firstBroken: 0))
  }

  @Test func `3 in mode propose a person decides, and the trail says who`() async throws {
    let harness = try await promoted(mode: .propose)
    #expect(version(harness) == ModelVersion(1))
    #expect(try await harness.plant.run(2).state == .awaiting)
    #expect(try await trial(harness)?.stage == .approval)
    try await harness.stream(days: 20..<22, accuracy: [0.96, 0.3])
    // It is compared while it waits, and nothing else is started for the group.
    #expect(try await trial(harness).map { $0.total > 50 } == true)
    #expect(harness.trainer.started.count == 1)
    let step = try await harness.plant.approve(run: 2, reason: "seen at the press", by: mai)
    #expect(step.stage == .watch)
    #expect(version(harness) == ModelVersion(2))
    #expect(version(harness, "A") == ModelVersion(1))
    let trail = try await harness.plant.auditEntries(line: harness.line, run: 2, group: nil, limit: 100)
    #expect(trail.suffix(2).map(\.event) == [.promotionApproved, .modelPromoted])
    #expect(trail.last?.actor.login == "mai")
    #expect(trail.suffix(2).first?.sentence.contains("seen at the press") == true)
    await #expect(throws: OperatorFault.self) { try await harness.plant.approve(run: 2, reason: nil, by: self.mai) }

    let other = try await promoted(mode: .propose)
    _ = try await other.plant.reject(run: 2, reason: "the gauge was broken", by: mai)
    #expect(version(other) == ModelVersion(1))
    #expect(try await other.plant.run(2).state == .rejected)
    #expect(try await other.plant.run(2).verdict.last?.contains("the gauge was broken") == true)
  }

  @Test func `4 nobody's word for fourteen days is a no`() async throws {
    let harness = try await promoted(mode: .propose)
    try await harness.stream(days: 20..<35, perDay: 20, accuracy: [0.96, 0.3])
    #expect(try await harness.plant.run(2).state == .rejected)
    #expect(version(harness) == ModelVersion(1))
  }

  @Test func `5 a student for the whole line goes through shadow and canary before it serves`() async throws {
    let harness = try await Harness(settings: Self.settings)
    try await whole(sign: 1, on: harness)
    #expect(try await trial(harness)?.stage == .shadow)
    #expect(version(harness, "A") == ModelVersion(1))
    var day = try await stream(harness, from: 6, until: .canary(percent: 10))
    #expect(day >= 7)
    #expect(try await harness.plant.run(2).state == .canary)
    var canaried = 0
    for index in 0..<1000 {
      let query = PartQuery(part: "probe-\(index)", cell: b, inputs: [0.5, 0], eventTime: nil)
      let parts = try harness.plant.serving.predict(
        on: try #require(harness.plant.serving.snapshot(harness.line)), version: nil, parts: [query],
        receipt: Receipt(wallClock: harness.clock.now, monotonicMicroseconds: 0, peerUID: 1))
      if parts.predictions.first?.version == ModelVersion(2) { canaried += 1 }
    }
    #expect((60...140).contains(canaried))
    let canaryDay = day
    day = try await stream(harness, from: day, until: .canary(percent: 50))
    #expect(day >= canaryDay + 2)
    day = try await stream(harness, from: day, until: .watch)
    #expect(day >= canaryDay + 4)
    #expect(version(harness, "A") == ModelVersion(2))
    #expect(version(harness) == ModelVersion(2))
    #expect(try await harness.plant.run(2).state == .promoted)
    // All of it can be taken back by hand.
    let changes = try await harness.plant.rollback(harness.line, cell: nil, reason: "on a hunch", by: mai)
    #expect(changes.map(\.to) == [ModelVersion(1), ModelVersion(1)])
    #expect(try await harness.plant.run(2).state == .rolledBack)
    #expect(try await trial(harness) == nil)
  }

  @Test func `6 a student for the whole line that is worse on live parts answers none of them`() async throws {
    let harness = try await Harness(settings: Self.settings)
    try await whole(sign: -1, on: harness)
    try await harness.stream(days: 6..<9, accuracy: [0.96, 0.96])
    #expect(try await harness.plant.run(2).state == .kept)
    #expect(try await trial(harness) == nil)
    #expect(try await harness.overview().liveVersions == [ModelVersion(1)])
    #expect(try await harness.state(of: "A") == "ok")
  }

  @Test func `7 where a student on trial has no finite answer the one before it answers, and gets its parts back`()
    async throws
  {
    let shape = try StudentShape(inputCount: 2, hiddenWidths: [], classCount: 2)
    // Finite at zero, infinite above a third.
    let broken = try #require(
      Student(
        shape: shape, standardizer: Standardizer(identity: 2),
        parameters: [3e38 * 3, 0, 0, 0, 0, 0].map { $0.isFinite ? $0 : 3.4e38 }))
    let harness = try await promoted(student: broken)
    #expect(version(harness) == ModelVersion(2))
    let answer = try await harness.ask(
      part: "hot", cell: b, inputs: [3, 0], at: harness.start.advanced(hours: 24 * 20))
    let part = try #require(try answer.get().first)
    #expect(part.prediction.version == ModelVersion(1))
    harness.plant.tick()
    await harness.plant.settle()
    #expect(version(harness) == ModelVersion(1))
    #expect(try await harness.plant.run(2).state == .rolledBack)
  }

  @Test func `8 a trial goes on after a restart with what it knew`() async throws {
    let folder = try TemporaryFolder()
    var settings = Self.settings
    settings.mode = .propose
    var known: TrialStatus?
    do {
      let harness = try await Harness(settings: settings, folder: folder.path)
      try await whole(sign: 1, on: harness)
      #expect(try await trial(harness)?.stage == .approval)
      _ = try await harness.plant.approve(run: 2, reason: nil, by: mai)
      try await harness.stream(days: 6..<7, perDay: 40, accuracy: [0.96, 0.96])
      try await harness.stream(days: 7..<8, perDay: 40, accuracy: [0.96, 0.96])
      known = try await trial(harness)
      #expect(known?.stage == .shadow)
      #expect(known.map { $0.total > 30 } == true)
    }
    let harness = try await Harness(settings: settings, folder: folder.path, isRegistered: true)
    await harness.plant.settle()
    let again = try #require(try await trial(harness))
    #expect(again.stage == .shadow)
    #expect(again.since == known?.since)
    #expect(again.total == known?.total)
  }

  @Test func `9 nothing starts or changes in the quiet hours`() async throws {
    var settings = Self.settings
    // Whatever the time zone: quiet but for no minute of the day.
    settings.quietHours = QuietHours("00:00-24:00")
    let harness = try await Harness(settings: settings)
    try await harness.stream(days: 0..<10, accuracy: [0.96, 0.96])
    try await harness.stream(days: 10..<20, accuracy: [0.96, 0.3])
    #expect(try await harness.state(of: "B") == "lagging")
    #expect(harness.trainer.started.isEmpty)
    #expect(try await harness.overview().activity?.contains("quiet hours") == true)
  }

  @Test func `10 a group that nothing helps is said so once, and its parts go to manual check`() async throws {
    var settings = Self.settings
    settings.coolDownHours = 24
    settings.jobRowsMinimum = 100
    settings.gateRowsMinimum = 50
    let harness = try await Harness(settings: settings)
    try await harness.stream(days: 0..<10, accuracy: [0.96, 0.96])
    var ended = 0
    for day in 10..<60 {
      try await harness.stream(days: day..<day + 1, accuracy: [0.96, 0.5])
      while harness.trainer.started.count > ended {
        let job = harness.trainer.started[ended]
        ended += 1
        job.events(
          .ended(
            .finished(
              report: makeReport(cells: job.spec.cells, pairs: [pairs(b, wins: 20, losses: 20)]),
              student: try makeStudent(sign: -1).bytes)))
        await harness.plant.settle()
      }
    }
    // Three tries, then one for each doubling of the labels.
    #expect((4...6).contains(ended))
    let told = try await harness.plant.auditEntries(line: harness.line, run: nil, group: nil, limit: 1000)
      .filter { $0.event == .groupHopeless }
    #expect((1...3).contains(told.count))
    #expect(told.first?.sentence.contains("product=B") == true)
    let answer = try await harness.ask(
      part: "weak", cell: b, inputs: [0.9, 0], at: harness.start.advanced(hours: 24 * 60))
    #expect(try answer.get().first?.prediction.advice.contains(.weakGroup) == true)
    let other = try await harness.ask(
      part: "strong", cell: Cell(["A"]), inputs: [0.9, 0], at: harness.start.advanced(hours: 24 * 60))
    #expect(try other.get().first?.prediction.advice.contains(.weakGroup) == false)
  }
}
