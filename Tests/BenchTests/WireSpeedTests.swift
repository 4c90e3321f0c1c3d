import Testing
import Wire
import kaizen_bench

@Suite struct WireSpeedTests {
  @Test func `every step is measured, and goals are those of 64 features`() throws {
    let report = try WireReport.measure(features: 64, seed: 1, plan: .quick)
    #expect(report.rows.map(\.step) == WireMessages.Step.allCases.map(\.rawValue))
    #expect(report.rows.filter { $0.nanosecondsMax != nil }.map(\.step) == ["read JSON", "read binary", "write JSON"])
    let json = try JSONValue(parsing: Array(try report.json().utf8))
    #expect(json["rows"]?.elements?.count == report.rows.count)
    #expect(report.text.split(separator: "\n").count == report.rows.count + 1)
    #expect(try WireReport.measure(features: 3, seed: 1, plan: .quick).rows.allSatisfy { $0.nanosecondsMax == nil })
  }
}
