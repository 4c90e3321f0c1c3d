import Domain
import Testing
import PlantSimulation
import kaizen_plant

private let sick = Cell(["B2", "2"])
private let well = Cell(["A7", "1"])

/// A part of `cell` at `hour`, whose truth is class 0.
private func part(
  _ cell: Cell, hour: Int64, served: Int, by version: Int = 1, frozen: Int? = nil, label: Int = 0, line: Int = 0
) -> StreamedPart {
  StreamedPart(
    line: line, cell: cell, time: Timestamp(seconds: hour * 3600), label: label, servedClass: served,
    servedVersion: version, frozenClass: frozen ?? served)
}

private let story: [StreamedPart] = [
  part(sick, hour: 1, served: 0), part(sick, hour: 2, served: 0),
  // The failure is at hour 3.
  part(sick, hour: 3, served: 1), part(sick, hour: 4, served: 0), part(sick, hour: 5, served: 1),
  // Version 2 answers from hour 6 on.
  part(sick, hour: 6, served: 0, by: 2, frozen: 1), part(sick, hour: 7, served: 1, by: 2, frozen: 0),
  part(sick, hour: 8, served: 0, by: 2, frozen: 1),
  part(well, hour: 2, served: 0), part(well, hour: 7, served: 1), part(well, hour: 9, served: 0, line: 1),
]

@Test func `a failing cell is told before, during and after, the other cells and lines left out`() throws {
  let phases = Accounting.byPhase(
    story, line: 0, cell: sick, failure: Timestamp(seconds: 3 * 3600), frozenVersion: 1)
  let (before, during, after) = (
    try #require(phases[.before]), try #require(phases[.during]), try #require(phases[.after])
  )
  #expect(before.count == 2 && before.servedAccuracy == 1)
  #expect(during.count == 3 && during.servedCorrect == 1 && during.rerouted == 0)
  #expect(after.count == 3 && after.servedCorrect == 2 && after.frozenCorrect == 1 && after.rerouted == 3)
  #expect(after.change == 1.0 / 3)
}

@Test func `a failure without promotion has no after`() {
  let unmended = story.filter { $0.servedVersion == 1 }
  let phases = Accounting.byPhase(
    unmended, line: 0, cell: sick, failure: Timestamp(seconds: 3 * 3600), frozenVersion: 1)
  #expect(phases[.after] == nil)
  #expect(phases[.during]?.count == 3)
}

@Test func `healthy groups change by exactly nothing while their route stays, and by what they lose when it moves`() {
  #expect(Accounting.healthyChange(story, line: 0, frozenVersion: 1, failing: sick) == 0)
  let harmed = story + [part(well, hour: 9, served: 1, by: 2, frozen: 0), part(well, hour: 10, served: 0, by: 2)]
  #expect(Accounting.healthyChange(harmed, line: 0, frozenVersion: 1, failing: sick) == -0.25)
}

@Test func `groups are tallied by cell, and by cell and true class`() {
  let parts = [
    part(well, hour: 1, served: 0), part(well, hour: 2, served: 0, label: 1), part(sick, hour: 1, served: 1, label: 1),
  ]
  let cells = Accounting.byGroup(parts, line: 0, frozenVersion: 1, withOutcome: false)
  #expect(cells.map(\.group) == [GroupKey(cell: well), GroupKey(cell: sick)])
  #expect(cells.map(\.tally.count) == [2, 1])
  let groups = Accounting.byGroup(parts, line: 0, frozenVersion: 1, withOutcome: true)
  #expect(
    groups.map(\.group) == [
      GroupKey(cell: well, outcome: 0), GroupKey(cell: well, outcome: 1), GroupKey(cell: sick, outcome: 1),
    ])
  #expect(groups.map(\.tally.servedAccuracy) == [1, 0, 1])
}

@Test func `an empty tally has no accuracy, not accuracy zero`() {
  #expect(Tally().servedAccuracy == nil)
  #expect(Tally().frozenAccuracy == nil)
  #expect(Tally().change == nil)
}

@Test func `a served answer that the same student here does not give is counted`() {
  #expect(Accounting.disagreements(story, line: 0, frozenVersion: 1) == 0)
  let odd = story + [part(well, hour: 3, served: 1, frozen: 0), part(well, hour: 3, served: 1, frozen: 0, line: 1)]
  #expect(Accounting.disagreements(odd, line: 0, frozenVersion: 1) == 1)
}
