import Domain
import Testing
import Wire
import PlantSimulation
import kaizen_plant

private func remark(_ event: String, _ group: String?, day: Double, run: Int? = nil) -> Remark {
  Remark(
    event: event, group: group, run: run, sentence: "\(group ?? "a line") is \(event)",
    at: Scenario.start.advanced(hours: day * 24))
}

private func run(_ number: Int, cell: String, day: Double, state: String = "promoted") -> RunRow {
  RunRow(
    run: number, line: "press-1", kind: "retrain", state: state, groups: [cell], cells: [cell],
    startedAt: "\(Scenario.start.advanced(hours: day * 24))", endedAt: nil, by: "kaizend", chosenArm: nil, version: nil,
    progress: nil, sentence: "")
}

private func findings(
  _ scenario: String, _ remarks: [Remark], runs: [RunRow] = [], seed: UInt64 = 1
) throws -> PlantFindings {
  try PlantFindings(
    remarks, runs: runs, scenario: try #require(Scenario.named(scenario)), seed: seed, seconds: 1)
}

private let failing = "product=B2,camera=2"
private let healthy = "product=A7,camera=1"

@Suite struct ProofTests {
  @Test func `a failure is found when its group is called lagging after it, and the days are counted from it`() throws {
    let found = try findings(
      "demo",
      [
        remark("group_watch", failing, day: 20), remark("group_recovered", failing, day: 21),
        remark("group_watch", failing, day: 29.5), remark("group_watch", "camera=2", day: 29.6),
        remark("group_lagging", "camera=2", day: 30), remark("group_lagging", "outcome=dent", day: 30),
        remark("group_lagging", failing, day: 30.5),
        remark("retrain_started", failing, day: 32, run: 2),
      ], runs: [run(2, cell: failing, day: 32)])
    #expect(found.failure?.group == failing)
    #expect(found.failure?.daysToWatch == 1.5)
    #expect(found.failure?.daysToLagging == 2.5)
    #expect(found.accused.isEmpty && found.accusedSets.isEmpty && found.falseRetrainings.isEmpty)
    #expect(found.watched == 1, "it was on watch before it failed")
    #expect(found.retrainings == 1 && found.promotions == 1)
    #expect(Proof(scenario: "demo", plants: [found]).broken.isEmpty)
  }

  @Test func `a group that did not fail, or not yet, is accused once, and so is a set without any failed part`() throws
  {
    let found = try findings(
      "demo",
      [
        remark("group_lagging", failing, day: 12), remark("group_lagging", healthy, day: 40),
        remark("group_lagging", healthy, day: 50), remark("group_lagging", "camera=1", day: 41),
        remark("group_lagging", "product=B2", day: 27), remark("group_lagging", "product=B2", day: 42),
      ])
    #expect(
      found.accused == ["day 12: \(failing) is group_lagging", "day 40: \(healthy) is group_lagging"])
    #expect(found.accusedSets == ["day 41: camera=1 is group_lagging", "day 27: product=B2 is group_lagging"])
    #expect(found.failure?.daysToLagging == nil, "an accusation before the failure has not found it")
    let broken = Proof(scenario: "demo", plants: [found]).broken
    #expect(broken.contains { $0.contains("never called \(failing) lagging") })
    #expect(broken.contains { $0.contains("2 healthy groups of 1 plants") })
  }

  @Test func `a retraining is false when its group is healthy then, and is told in the daemon's words`() throws {
    let early = try findings("demo", [], runs: [run(2, cell: failing, day: 27.9)])
    #expect(early.falseRetrainings.count == 1)
    let other = try findings(
      "demo", [remark("retrain_started", healthy, day: 33, run: 3)], runs: [run(3, cell: healthy, day: 33)])
    #expect(other.falseRetrainings == ["day 33: \(healthy) is retrain_started"])
    let quiet = try findings("quiet", [], runs: [run(2, cell: failing, day: 40, state: "kept")])
    #expect(quiet.falseRetrainings.count == 1 && quiet.failure == nil)
    #expect(Proof(scenario: "quiet", plants: [quiet]).broken.count == 1)
  }

  @Test func `what comes to light after the last part was not found in time, and a failure after it is none`() throws {
    let late = try findings("demo", [remark("group_lagging", failing, day: 70.5)])
    #expect(late.failure != nil && late.failure?.daysToLagging == nil)
    let scenario = try #require(Scenario.named("demo")).lasting(days: 28)
    #expect(try PlantFindings([], runs: [], scenario: scenario, seed: 1, seconds: 1).failure == nil)
  }

  @Test func `one accusation in five plants is chance, and two in five are not`() throws {
    let accusing = try findings("quiet", [remark("group_lagging", healthy, day: 9)])
    let silent = try findings("quiet", [])
    #expect(Proof(scenario: "quiet", plants: [accusing] + Array(repeating: silent, count: 4)).broken.isEmpty)
    #expect(
      Proof(scenario: "quiet", plants: [accusing, accusing] + Array(repeating: silent, count: 3)).broken.count == 1)
  }

  @Test func `where other parts are labelled every group must be unknown after it and nothing may be accused`() throws {
    let groups = try #require(Scenario.named("relabelled")).cells.map {
      "product=\($0.values[0]),camera=\($0.values[1])"
    }
    let noticed = groups.map { remark("group_unknown", $0, day: 30) }
    #expect(Proof(scenario: "relabelled", plants: [try findings("relabelled", noticed)]).broken.isEmpty)
    let early = groups.map { remark("group_unknown", $0, day: 20) }
    #expect(try findings("relabelled", early).unknown == 0)
    let missed = Proof(scenario: "relabelled", plants: [try findings("relabelled", Array(noticed.dropLast()))])
    #expect(missed.broken.count == 1 && missed.broken[0].contains("5 of 6 groups"))
    let accused = Proof(
      scenario: "relabelled",
      plants: [try findings("relabelled", noticed + [remark("group_lagging", "outcome=dent", day: 35)])])
    #expect(accused.broken.count == 1 && accused.broken[0].contains("1 healthy sets of groups"))
  }

  @Test func `the table has medians and largest delays, and fits a terminal`() throws {
    let plants = try [29.0, 30.0, 40.0].map { try findings("mild", [remark("group_lagging", failing, day: $0)]) }
    let text = ProofText.table([
      Proof(scenario: "mild", plants: plants), Proof(scenario: "quiet", plants: [try findings("quiet", [])]),
    ])
    let lines = text.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines[1].contains("3/3") && lines[1].contains("2.0, 12.0"), "\(text)")
    #expect(lines[2].hasSuffix("-"))
    #expect(lines.allSatisfy { $0.count <= 80 })
  }
}
