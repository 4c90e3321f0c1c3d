import Foundation
import Testing

private struct Report: Decodable {
  struct Row: Decodable {
    struct Claim: Decodable {
      let label: String
      let value: Double?
      let n: Int
      let met: Bool
    }
    let scenario: String
    let claims: [Claim]
    let setsWatched: Int
  }
  let met: Bool
  let rows: [Row]
}

@Test func `the monitor's bench finds a deep drop in every plant, and gives the same figures for the same seed`() throws {
  func report() throws -> Report {
    let ended = try Bench.run(["monitor", "--runs", "20", "--scenarios", "drop-80,chosen", "--json"])
    #expect(ended.code == 0, "\(ended.errors)")
    return try JSONDecoder().decode(Report.self, from: Data(ended.output.utf8))
  }
  let first = try report()
  #expect(first.met && first.rows.map(\.scenario) == ["drop-80", "chosen"])
  let found = try #require(first.rows[0].claims.first { $0.label == "found" })
  #expect(found.value == 1 && found.n == 6)
  #expect(first.rows[0].setsWatched > 60, "groups, products, cameras, the line")
  let again = try report()
  #expect(again.rows.flatMap { $0.claims.map(\.value) } == first.rows.flatMap { $0.claims.map(\.value) })
}

@Test func `a scenario that there is not is refused by name`() throws {
  let ended = try Bench.run(["monitor", "--scenarios", "drop,typhoon"])
  #expect(ended.code == 64 && ended.errors.contains("typhoon"))
}
