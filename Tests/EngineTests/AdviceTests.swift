import Domain
import Engine
import Logging
import NeuralNet
import Store
import Testing

/// Confidence from 0.9 on is shown to be right; x lies in -2...2, y is not looked at.
private let bounds = AdviceBounds(
  confidence: ConfidenceLadder(
    rungs: [
      .init(threshold: 0.9, accepted: 800, wrong: 10),
      .init(threshold: 0, accepted: 1000, wrong: 120),
    ], total: 1000),
  range: TrainedRange(
    lowest: [-2, -.greatestFiniteMagnitude], highest: [2, .greatestFiniteMagnitude], margin: 0.1, heldOut: 1000,
    outside: 3, ignored: [1]))

@Suite struct AdviceTests {
  let a = Cell(["A"])

  /// The student is 1 / (1 + exp(-6 |x|)) sure: 0.9 at x = 0.366.
  private func advice(_ harness: Harness, _ part: String, x: Float, y: Float = 0, cell: String = "A") async throws
    -> Advice
  {
    let answered = try await harness.ask(part: part, cell: Cell([cell]), inputs: [x, y], at: harness.start).get()
    return answered[0].prediction.advice
  }

  @Test func `1 a part is advised by its confidence, its cell and its numbers`() async throws {
    let harness = try await Harness(advice: bounds)
    #expect(try await advice(harness, "p1", x: 1) == [])
    #expect(try await advice(harness, "p2", x: 0.3) == .lowConfidence)
    #expect(try await advice(harness, "p3", x: 1, cell: "new") == .unseenGroup)
    #expect(try await advice(harness, "p4", x: 3) == .outOfRange)
    #expect(try await advice(harness, "p5", x: 1, y: 1e9) == [])
    #expect(
      try await advice(harness, "p6", x: 0.1, y: .nan, cell: "new") == [.lowConfidence, .unseenGroup, .notANumber])
  }

  @Test func `2 a student without bounds sends only new groups and what is no number to manual check`() async throws {
    let harness = try await Harness()
    #expect(try await advice(harness, "p1", x: 0.001) == [])
    #expect(try await advice(harness, "p2", x: 1e30) == [])
    #expect(try await advice(harness, "p3", x: 1, cell: "new") == .unseenGroup)
    #expect(try await advice(harness, "p4", x: .infinity) == .notANumber)
    #expect(try await harness.overview().adviceSentences.allSatisfy { $0.contains("older version") })
  }

  @Test func `3 what is no number counts as the training mean, and the row keeps what was sent`() async throws {
    let harness = try await Harness(advice: bounds)
    let mean = try await harness.ask(part: "m", cell: a, inputs: [0, 0.5], at: harness.start).get()[0].prediction
    let sent: [Float] = [.nan, 0.5]
    let broken = try await harness.ask(part: "b", cell: a, inputs: sent, at: harness.start).get()[0]
    #expect(broken.recorded)
    #expect(broken.prediction.logits == mean.logits, "this student's standardiser has mean 0")
    #expect(broken.prediction.inputs.map(\.bitPattern) == sent.map(\.bitPattern))
    let again = try await harness.ask(part: "b", cell: a, inputs: sent, at: harness.start).get()[0]
    #expect(again.repeated, "the same bits are the same question, although a NaN is not equal to itself")
    #expect(again.prediction.inputs.map(\.bitPattern) == sent.map(\.bitPattern))
    #expect(again.prediction.advice == broken.prediction.advice)
    let other: [Float] = [Float(nan: 7, signaling: false), 0.5]
    #expect(
      try await harness.ask(part: "b", cell: a, inputs: other, at: harness.start) == .failure(.conflict(part: "b")))
    let nothing = try await harness.ask(part: "n", cell: a, inputs: [.nan, -.infinity], at: harness.start).get()[0]
    #expect(nothing.recorded && nothing.prediction.advice.contains(.notANumber))
    #expect(nothing.prediction.logits.allSatisfy { $0.isFinite })
  }

  @Test func `4 the share of diverted parts is that of the last thousand, with its reasons`() async throws {
    let harness = try await Harness(advice: bounds)
    #expect(try await harness.overview().advice.parts == 0)
    for index in 0..<20 { _ = try await advice(harness, "p\(index)", x: index < 5 ? 0.1 : 1) }
    var shares = try await harness.overview().advice
    #expect(shares.parts == 20 && shares.manualCheck == 5)
    #expect(shares.reasons.map(\.parts) == [5, 0, 0, 0, 0])
    _ = try await advice(harness, "p3", x: 0.1)
    #expect(try await harness.overview().advice == shares, "a part asked about again is one part")
    for index in 0..<990 { try harness.post(part: "q\(index)", cell: a, inputs: [1, 0], at: harness.start) { _ in } }
    _ = try await advice(harness, "far", x: 9, cell: "new")
    shares = try await harness.overview().advice
    #expect(shares.parts == 1000 && shares.manualCheck == 1, "the first eleven parts are forgotten")
    #expect(shares.reasons.map(\.parts) == [0, 1, 1, 0, 0])
  }

  @Test func `5 a restarted plant reads advice and shares back`() async throws {
    let folder = try TemporaryFolder()
    let harness = try await Harness(folder: folder.path, advice: bounds)
    for (index, x) in ([1, 0.1, 5, 1] as [Float]).enumerated() { _ = try await advice(harness, "p\(index)", x: x) }
    let before = try await harness.overview()
    let clock = harness.clock
    let plant = try Plant(
      PlantPorts(
        ledger: try SQLiteLedger(.file(folder.path + "/ledger.db")),
        registry: try SQLiteRegistry(.file(folder.path + "/state.db")), trainer: ScriptedTrainer(),
        wallClock: { clock.now }, principal: Principal(uid: 999, login: "kaizend"),
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
    let after = try await plant.overview(harness.line)
    #expect(after.advice == before.advice && after.advice.parts == 4 && after.advice.manualCheck == 2)
    #expect(after.adviceSentences == before.adviceSentences)
    #expect(after.adviceSentences.first?.contains("below a confidence of 0.9000") == true)
  }

  @Test func `6 the line's setting chooses the threshold, the trail and the story tell it`() async throws {
    let harness = try await Harness(
      settings: LineSettings(time: .event, targetAccuracy: 0.9, adviceErrorMax: 0.2), advice: bounds)
    #expect(try await advice(harness, "p1", x: 0.1) == [], "12 % of all parts are wrong, and 20 % may be")
    let added = try await harness.plant.auditEntries(line: harness.line, run: nil, group: nil, limit: 1)
    #expect(added[0].sentence.contains("of all 1000 held-out parts 120 were answered wrong"))
    let run = try await harness.plant.run(1)
    let definition = try await harness.overview().registered.definition
    let story = explain(run, definition: definition, settings: LineSettings())
    #expect(story.contains { $0.hasPrefix("Advice: parts below a confidence of 0.9000 go to manual check") })
    #expect(story.contains { $0.hasPrefix("Advice: parts with a number more than 0.10 widths outside") })
  }

  @Test func `7 a line whose process has moved may let parts outside its range pass, but not what is no number`()
    async throws
  {
    let harness = try await Harness(
      settings: LineSettings(time: .event, targetAccuracy: 0.9, adviceRange: .ignore), advice: bounds)
    #expect(try await advice(harness, "p1", x: 3) == [])
    #expect(try await advice(harness, "p2", x: .infinity).contains(.notANumber))
    #expect(try await advice(harness, "p3", x: 0.1) == .lowConfidence)
    #expect(try await harness.overview().adviceSentences.contains { $0.contains("advice_range is \"ignore\"") })
  }

  @Test func `8 a promoted student brings its own bounds for its cells alone`() async throws {
    let harness = try await Harness(advice: bounds)
    try await harness.stream(days: 0..<10, accuracy: [0.96, 0.96])
    try await harness.stream(days: 10..<20, accuracy: [0.96, 0.6])
    let job = try #require(harness.trainer.started.first)
    let pair = PairedCounts(
      group: GroupKey(cell: Cell(["B"])), total: 200, championCorrect: 100, challengerCorrect: 180, wins: 90, losses: 10
    )
    let narrow = AdviceBounds(
      confidence: ConfidenceLadder(rungs: [.init(threshold: 0, accepted: 20, wrong: 0)], total: 20),
      range: TrainedRange(
        lowest: [-0.5, -1], highest: [0.5, 1], margin: 0.1, heldOut: 20, outside: 0, ignored: []))
    job.events(
      .ended(
        .finished(
          report: makeReport(cells: job.spec.cells, pairs: [pair], advice: narrow),
          student: try makeStudent(sign: -1).bytes)))
    await harness.plant.settle()
    #expect(try await advice(harness, "b1", x: 1, cell: "B") == .outOfRange)
    #expect(try await advice(harness, "b2", x: 0.1, cell: "B") == [], "20 held-out parts show nothing about confidence")
    #expect(try await advice(harness, "a1", x: 1) == [])
    #expect(try await advice(harness, "a2", x: 0.1) == .lowConfidence)
    let told = try await harness.plant.auditEntries(line: harness.line, run: 2, group: nil, limit: 10)
    #expect(told.last?.sentence.contains("20 held-out parts cannot show advice_error_max 5.0 %") == true)
    _ = try await harness.plant.rollback(harness.line, cell: nil, reason: nil, by: Principal(uid: 1, login: "o"))
    #expect(try await advice(harness, "b3", x: 1, cell: "B") == [])
  }
}
