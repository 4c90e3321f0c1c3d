import Domain
import Engine
import Store
import Synchronization
import Testing

@Suite struct OutcomeTests {
  private static let channels = [
    OutcomeChannel(name: "audit", samplingProbability: 0.05), OutcomeChannel(name: "rework"),
  ]

  private func tell(_ reports: [OutcomeReport], _ harness: Harness, isTrial: Bool = false) async throws
    -> [OutcomeStatus]
  {
    let told = Mutex<Result<[OutcomeStatus], RecordingFault>?>(nil)
    harness.plant.record(
      line: harness.line, outcomes: reports,
      receipt: Receipt(wallClock: harness.clock.now, monotonicMicroseconds: 0, peerUID: 1000), isTrial: isTrial
    ) { result in told.withLock { $0 = result } }
    await harness.plant.settle()
    return try #require(told.withLock { $0 }).get()
  }

  private func report(_ part: String, _ label: String, by source: String = "", at time: Timestamp) -> OutcomeReport {
    OutcomeReport(part: part, label: label, observedAt: time, source: source, amends: false)
  }

  @Test func `a trial says what storing would say, and stores nothing`() async throws {
    let harness = try await Harness(settings: LineSettings(time: .event, maturityHours: 24, channels: Self.channels))
    try harness.answer(cell: harness.cells[0], x: 1, at: harness.start)
    let later = harness.start.advanced(hours: 1)
    let reports = [
      report("part-1", "good", by: "rework", at: later), report("part-1", "bad", by: "audit", at: later),
      report("part-1", "bad", by: "audit", at: later), report("part-1", "ugly", by: "audit", at: later),
      report("none", "good", at: later),
    ]
    let expected: [OutcomeStatus] = [.joined, .amended, .duplicate, .unknownLabel, .heldUnknownID]
    for _ in 0..<2 { #expect(try await tell(reports, harness, isTrial: true) == expected) }
    #expect(await harness.plant.ledgerOverview().totals.outcomes == 0)
    let coverage = try await harness.plant.coverage(harness.line)
    #expect(coverage.total.outcomes == 0 && coverage.channels.map(\.told.name) == ["audit", "rework"])
    #expect(coverage.sentence.hasPrefix("no outcome has joined its part yet"))
    #expect(try await tell(reports, harness) == expected)
    #expect(await harness.plant.ledgerOverview().totals.outcomes == 2)
  }

  @Test func `the monitor counts what the most trusted channel says at maturity`() async throws {
    let harness = try await Harness(
      settings: LineSettings(
        time: .event, targetAccuracy: 0.9, maturityHours: 24,
        channels: [OutcomeChannel(name: "audit", samplingProbability: 0.05), OutcomeChannel(name: "rework")]))
    for index in 0..<4 {
      try harness.answer(cell: harness.cells[0], x: 1, at: harness.start.advanced(hours: Double(index)))
    }
    let later = harness.start.advanced(hours: 5)
    for part in 1...4 {
      _ = try await tell([report("part-\(part)", "bad", by: "rework", at: later)], harness)
      _ = try await tell([report("part-\(part)", "good", by: "audit", at: later)], harness)
    }
    try harness.answer(cell: harness.cells[0], x: 1, at: harness.start.advanced(hours: 60))
    await harness.plant.settle()
    let group = try #require(try await harness.overview().groups.first)
    #expect(group.correct == 4 && group.wrong == 0)
    let coverage = try await harness.plant.coverage(harness.line)
    #expect(coverage.channels.map(\.told.conflicts) == [0, 4])
    #expect(coverage.channels.map(\.samplingProbability) == [0.05, nil])
  }

  @Test func `coverage says which share comes too late to be counted, and what would be long enough`() async throws {
    let harness = try await Harness(settings: LineSettings(time: .event, maturityHours: 24))
    for _ in 1...250 { try harness.answer(cell: harness.cells[0], x: 1, at: harness.start) }
    func tell(_ parts: ClosedRange<Int>, hours: Double) async throws {
      _ = try await self.tell(
        parts.map { report("part-\($0)", "good", at: harness.start.advanced(hours: hours)) }, harness)
    }
    try await tell(1...20, hours: 0.5)
    #expect(try await harness.plant.coverage(harness.line).sentence.hasPrefix("20 outcomes so far: too few"))
    try await tell(21...180, hours: 0.6)
    #expect(try await harness.plant.coverage(harness.line).sentence.hasSuffix("which is long enough"))
    try await tell(181...198, hours: 60)
    try await tell(199...200, hours: 200)
    let coverage = try await harness.plant.coverage(harness.line)
    #expect(
      coverage.sentence
        == "10 % of outcomes come later than maturity_hours = 24 and are not counted; 72 would lose 1 %")
    #expect(coverage.total.predictions == 250 && coverage.total.outcomes == 200)
    #expect(coverage.groups.map(\.name) == ["product=A"])
    #expect(coverage.total.delays.count(withinHours: 1) == 180)
    #expect(coverage.total.delays.count(withinHours: 168) == 198)
    #expect(coverage.total.delays.count(withinHours: 5) == nil, "no bucket ends there")
  }
}
