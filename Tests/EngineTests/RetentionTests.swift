import Domain
import Engine
import Foundation
import Store
import Testing

@Suite struct PruneTests {
  private let operatorOnDuty = Principal(uid: 1000, login: "operator")

  private func pruned(_ harness: Harness) async throws {
    _ = try await harness.plant.prune(dryRun: false, trustClock: false, by: operatorOnDuty)
    while await harness.plant.isPruning { await harness.plant.settle() }
  }

  @Test func `1 a year-old part goes when somebody asks, and a dry run says so first`() async throws {
    let harness = try await Harness(retention: RetentionSettings(keepDays: 31, keepInputsDays: 31, inputsPerGroup: 500))
    try await harness.stream(days: 0..<3, accuracy: [1, 1], labelled: 0.5)
    let before = await harness.plant.ledgerOverview().totals
    harness.clock.advance(hours: 24 * 39)
    let told = try await harness.plant.prune(dryRun: true, trustClock: false, by: operatorOnDuty)
    #expect(told.outlook.predictions == before.predictions)
    #expect(await harness.plant.ledgerOverview().totals == before)
    try await pruned(harness)
    let after = await harness.plant.ledgerOverview().totals
    // Fewer than 500 of each group are labelled: those stay, and the newest row.
    #expect(after.dropped.predictions == before.predictions - before.outcomes - 1)
    #expect(after.outcomes == before.outcomes && after.predictions == before.outcomes + 1)
  }

  @Test func `2 a clock that leaps takes nothing away until somebody says it is right`() async throws {
    let harness = try await Harness(retention: RetentionSettings(keepDays: 31, keepInputsDays: 31))
    try await harness.stream(days: 0..<2, accuracy: [1, 1], labelled: 0)
    try await pruned(harness)
    harness.clock.advance(hours: 24 * 30_000)
    try await pruned(harness)
    #expect(await harness.plant.ledgerOverview().totals.dropped.predictions == 0)
    #expect(await harness.plant.ledgerOverview().retention.remarks.first?.contains("days ahead") == true)
    _ = try await harness.plant.prune(dryRun: false, trustClock: true, by: operatorOnDuty)
    while await harness.plant.isPruning { await harness.plant.settle() }
    #expect(await harness.plant.ledgerOverview().totals.predictions == 1, "the newest row stays")
    #expect(await harness.plant.ledgerOverview().retention.remarks.isEmpty)
    // Parts that come afterwards are counted like any other.
    harness.clock.advance(hours: -24 * 30_000)
    try await harness.stream(days: 3..<6, accuracy: [1, 1])
    #expect(try await harness.overview().partition.allSatisfy { $0.labelled > 100 })
    let told = try await harness.plant.auditEntries(line: nil, run: nil, group: nil, limit: 9)
    #expect(told.contains { $0.sentence.hasPrefix("operator says that the machine's clock is right") })
  }

  @Test func `3 above its bound the ledger gives up counted parts, and never those the monitor waits for`() async throws
  {
    let folder = try TemporaryFolder()
    let harness = try await Harness(
      folder: folder.path, retention: RetentionSettings(inputsPerGroup: 500, bytesMax: 200_000, diskFreeBytesMin: 0))
    try await harness.stream(days: 0..<20, accuracy: [1, 1], labelled: 0.1)
    for _ in 0..<6 { try await pruned(harness) }
    let overview = await harness.plant.ledgerOverview()
    #expect(overview.totals.dropped.predictions > 1000)
    let labelled = overview.totals.outcomes
    #expect(overview.totals.predictions >= labelled + 150, "the last day is not counted yet")
    #expect(try #require(overview.retention.room).used <= 200_000 && overview.retention.remarks.isEmpty)
  }

  @Test func `4 without room for more, answers are stored without their features`() async throws {
    let folder = try TemporaryFolder()
    let harness = try await Harness(
      folder: folder.path, retention: RetentionSettings(diskFreeBytesMin: Int.max / 2))
    try await pruned(harness)
    let answer = try await harness.ask(part: "tight", cell: harness.cells[0], inputs: [1, 0], at: harness.start).get()
    #expect(answer[0].recorded)
    let overview = await harness.plant.ledgerOverview()
    #expect(overview.totals.predictions == 1 && overview.totals.dropped.inputs == 1)
    #expect(overview.retention.remarks.contains { $0.contains("without their features") })
    let again = try await harness.ask(part: "tight", cell: harness.cells[0], inputs: [1, 0], at: harness.start).get()
    #expect(again[0].repeated)
  }
}
