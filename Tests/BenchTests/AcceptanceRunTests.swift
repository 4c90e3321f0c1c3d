import Foundation
import Testing
import kaizen_bench

/// The scenarios of `kaizen-bench acceptance`, tiny.
@Suite struct AcceptanceRunTests {
  private static let data = "\(#filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 })/../shared/data"

  private func rows(_ names: [String], seeds: Int = 1, plants: Int = 10, data: String = Self.data) throws
    -> [AcceptanceRow]
  {
    try AcceptanceRun(rows: names, size: AcceptanceSize(seeds: seeds, plants: plants), data: data).rows { _, _ in }
  }

  private func claims(_ row: AcceptanceRow) throws -> [Claim] {
    guard case .judged(let claims) = row.outcome else {
      Issue.record("\(row.name): \(row.reason ?? "not judged")")
      return []
    }
    return claims
  }

  private func isPresent() -> Bool {
    let isThere = FileManager.default.isReadableFile(atPath: "\(Self.data)/bench/spurdigits-0.csv.gz")
    if !isThere { print("skipped: \(Self.data)/bench is not there") }
    return isThere
  }

  @Test func `rows without their data are skipped with the reason, the others are run`() throws {
    let rows = try rows(["kd-uniform", "drift", "promotion-scoped"], plants: 1, data: "/nowhere")
    #expect(rows.map(\.name) == ["kd-uniform", "drift", "promotion-scoped"])
    #expect(rows.map(\.verdict) == [.skipped, .skipped, .met])
    #expect(rows[0].reason?.contains("/nowhere/bench/spurdigits-0.csv.gz") == true)
  }

  @Test func `an unknown row is refused with the names there are`() {
    let error = #expect(throws: BenchFailure.self) { try rows(["kd-unifrom"]) }
    #expect(error?.description.contains("kd-unifrom") == true)
    #expect(error?.description.contains("kd-uniform") == true)
  }

  @Test func `row names are different words`() {
    #expect(Set(AcceptanceRun.rowNames).count == AcceptanceRun.rowNames.count)
    #expect(AcceptanceRun.rowNames.allSatisfy { !$0.contains(",") && !$0.contains(" ") })
  }

  @Test func `quiet plants are seldom accused and a drop is found within the week`() throws {
    let rows = try rows(["monitor-null", "monitor-drop"])
    #expect(try claims(rows[0])[0].figure.values.count == 10)
    #expect(try claims(rows[0])[0].figure.mean <= 0.4)
    let days = try claims(rows[1])[0].figure
    #expect(days.values.count >= 28 && (2...7).contains(days.decisive))
  }

  @Test func `good students pass the gates and equal ones seldom do`() throws {
    for row in try rows(["promotion-global", "promotion-scoped"]) {
      let (good, same) = (try claims(row)[0].figure.mean, try claims(row)[1].figure.mean)
      #expect(good > 0.7 && same < 0.1, "\(row.name): \(good) and \(same)")
    }
  }

  @Test func `trials promote what is better, take back what harms and leave what is equal`() throws {
    let rows = try rows(["trial-shadow", "trial-rollback", "trial-whole", "trial-consolidation"], plants: 20)
    // Of 200 equal students in the shadow 9 are promoted by chance; the full run asks for at most 6 in 100.
    #expect(try claims(rows[0])[2].figure.mean < 0.1)
    #expect(try claims(rows[0])[0].figure.values.count >= 198)
    for row in rows.dropFirst() { #expect(row.verdict == .met, "\(row.name): \(row.reason ?? "")") }
    #expect((3...9).contains(try claims(rows[1])[1].figure.decisive))
  }

  @Test func `the same seeds give the same figures`() throws {
    #expect(
      try rows(["monitor-drop", "promotion-scoped"], plants: 3)
        == rows(["monitor-drop", "promotion-scoped"], plants: 3))
  }

  @Test func `a shortcut costs plain distillation the weak groups and GroupDistil less`() throws {
    guard isPresent() else { return }
    let row = try rows(["groupdistil-gain"])[0]
    #expect(try claims(row)[0].figure.mean > 10)
  }

  @Test func `a turned group comes back by a routed retraining that touches no other`() throws {
    guard isPresent() else { return }
    let claims = try claims(rows(["drift"])[0])
    let figures = Dictionary(uniqueKeysWithValues: claims.map { ($0.label, $0.figure.mean) })
    #expect(figures["after the turn"].map { $0 < 35 } == true)
    #expect(figures["retrained"].map { $0 > 75 } == true)
    #expect(figures["change of any healthy group"] == 0)
  }
}
