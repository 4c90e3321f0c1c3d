import Testing
import kaizen_bench

@Suite struct EarlyTests {
  @Test func `early signs are simulated through the real watch, the same at every run`() throws {
    let report = try EarlyReport(lines: 1, days: 40, changed: 2, seed: 1)
    #expect(report.stories.map(\.name) == ["quiet", "quiet_days", "shift", "shift_days", "confidence"])
    let confidence = try #require(report.stories.last)
    #expect(confidence.seen == 1)
    #expect(try #require(confidence.delayDaysMedian) <= 5)
    #expect(abs(try #require(confidence.estimateMean) - 0.88) < 0.02)
    #expect(try EarlyReport(lines: 1, days: 40, changed: 2, seed: 1) == report)
  }
}
