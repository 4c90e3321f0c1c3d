import Foundation
import Testing
import kaizen_bench

@Suite struct AcceptanceTableTests {
  private let met = AcceptanceRow(
    name: "gain", check: "what is gained", outcome: .judged([Claim("", Figure([21, 23]), .atLeast(20))]))
  private let missed = AcceptanceRow(
    name: "floor", check: "the worst group",
    outcome: .judged([Claim("told", Figure([1])), Claim("worst", Figure([76, 75]), .atLeast(77))]))
  private let skipped = AcceptanceRow(name: "far", check: "elsewhere", outcome: .skipped("there is no file"))
  private let failed = AcceptanceRow(name: "broken", check: "training", outcome: .failed("training diverged"))

  @Test func `a row is as good as its worst claim`() {
    #expect(met.verdict == .met && met.reason == nil)
    #expect(missed.verdict == .missed)
    #expect(missed.reason == "worst: the mean is 75.5, required is at least 77")
    #expect(failed.verdict == .missed && failed.reason == "it could not be measured: training diverged")
  }

  @Test func `skipped rows decide nothing and missed ones everything`() {
    #expect(AcceptanceTable(seeds: 2, seconds: 0, rows: [met, skipped]).isMet)
    #expect(AcceptanceTable(seeds: 2, seconds: 0, rows: [skipped]).isMet)
    #expect(!AcceptanceTable(seeds: 2, seconds: 0, rows: [met, missed]).isMet)
    #expect(!AcceptanceTable(seeds: 2, seconds: 0, rows: [failed]).isMet)
  }

  @Test func `the table is read from left to right with the reason underneath`() {
    let table = AcceptanceTable(seeds: 2, seconds: 61.7, rows: [met, missed, skipped])
    #expect(
      table.text == """
        ok      gain   what is gained
                       22.0 +- 1.4 (2) | required at least 20
        MISSED  floor  the worst group
                       told 1.0
                       worst 75.5 +- 0.7 (2) | required at least 77
                       worst: the mean is 75.5, required is at least 77
        skipped far    elsewhere
                       skipped: there is no file
        1 ok, 1 missed, 1 skipped in 61 s; figures are mean +- sd (n), accuracies in %
        """)
  }

  @Test func `the same stands in one JSON object`() throws {
    let table = AcceptanceTable(seeds: 2, seconds: 3, rows: [missed, skipped])
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(try table.json().utf8)) as? [String: Any])
    #expect(object["scenario"] as? String == "acceptance" && object["seeds"] as? Int == 2)
    let rows = try #require(object["rows"] as? [[String: Any]])
    #expect(rows.map { $0["verdict"] as? String } == ["MISSED", "skipped"])
    #expect(rows[0]["required"] as? String == "worst at least 77")
    let figures = try #require(rows[0]["figures"] as? [[String: Any]])
    #expect(figures[1]["values"] as? [Double] == [76, 75])
    #expect(figures[1]["value"] as? Double == 75.5)
  }

  @Test func `a figure that could not be measured does not break the JSON`() throws {
    let row = AcceptanceRow(name: "x", check: "x", outcome: .judged([Claim("", Figure([]), .atMost(1))]))
    #expect(try AcceptanceTable(seeds: 1, seconds: 0, rows: [row]).json().contains("\"verdict\":\"MISSED\""))
  }
}
