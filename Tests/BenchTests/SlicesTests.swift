import Foundation
import Testing
import Wire
import kaizen_bench

@Test func `the slices bench gives the same figures for the same seed, and a planted pair is found among enough parts`()
  throws
{
  func report(seed: Int) throws -> SlicesReport {
    let ended = try Bench.run(["slices", "--runs", "12", "--seed", "\(seed)", "--json"])
    #expect(ended.code == 0, "\(ended.errors)")
    return try OperatorCoding.message(from: Array(ended.output.utf8))
  }
  let first = try report(seed: 3)
  #expect(first.rows.map(\.parts) == [1500, 1500, 4000, 4000, 10_000, 10_000])
  #expect(first.rows.map(\.rule) == ["BH", "BY", "BH", "BY", "BH", "BY"])
  #expect(first.goals.count == 2 && first.goals.allSatisfy { $0.measured != nil })
  for row in first.rows.suffix(2) {
    #expect(row.plantedFound == 1 && row.meanReported >= 1 && row.milliseconds > 0)
  }
  func figures(_ report: SlicesReport) -> [[Double]] {
    report.rows.map { [$0.plantedFound, $0.meanReported, $0.falseWithPlant, $0.falseWithoutPlant] }
  }
  #expect(figures(try report(seed: 3)) == figures(first))
  #expect(figures(try report(seed: 4)) != figures(first))
}

@Test func `a count of worlds that is none is refused`() throws {
  let ended = try Bench.run(["slices", "--runs", "0"])
  #expect(ended.code == 64 && ended.errors.contains("--runs is 1 to"))
}
