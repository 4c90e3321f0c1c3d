import Domain
import GroupDistil
import NeuralNet
import Testing

@Suite struct SoftGroupsTests {
  private func key(_ values: String..., outcome: Int? = nil) -> GroupKey {
    GroupKey(cell: Cell(values), outcome: outcome)
  }

  @Test func `a missing attribute is shared out over the groups that agree with what is known`() {
    let groups = [key("A", "1"), key("A", "2"), key("B", "1"), key("A", "?"), key("?", "?"), key("C", "?")]
    let shares = plausibleGroups(groups, sizes: [30, 10, 60, 5, 5, 5])
    #expect(shares[0] == nil && shares[1] == nil && shares[2] == nil)
    #expect(shares[3] == [GroupShare(group: 0, share: 0.75), GroupShare(group: 1, share: 0.25)])
    #expect(shares[4]?.map(\.share) == [0.3, 0.1, 0.6])
    #expect(shares[5] == nil, "nothing agrees with C")
  }

  @Test func `the true class counts as known`() {
    let groups = [key("A", outcome: 0), key("A", outcome: 1), key("?", outcome: 1)]
    #expect(plausibleGroups(groups, sizes: [9, 9, 9])[2] == [GroupShare(group: 1, share: 1)])
  }

  @Test func `rows that are surely of a group train as if they were in it, bit by bit`() throws {
    let known = try shortcutRows(400, share: 0.9, seed: 5)
    // Every fifth row of group 2 goes by a fifth number and is said to be of group 2 for sure.
    var soft: [Int: [GroupShare]] = [:]
    var groups = known.groups
    for row in stride(from: 0, to: known.count, by: 5) where groups[row] == 2 {
      groups[row] = 4
      soft[row] = [GroupShare(group: 2, share: 1)]
    }
    func rows(_ groups: [Int], _ soft: [Int: [GroupShare]], of rows: TrainingRows) throws -> TrainingRows {
      try TrainingRows(
        inputs: rows.inputs, input: rows.input, labels: rows.labels, classCount: 2, groups: groups, groupCount: 5,
        teacherLogits: rows.teacherLogits, softGroups: soft)
    }
    let select = try shortcutRows(100, share: 0.5, seed: 6)
    func run(_ rows: TrainingRows, select: TrainingRows) throws -> Student {
      try train(
        initial: newStudent(for: rows, seed: 1), rows: rows, select: select,
        parameters: parameters {
          $0.stepCount = 100
          $0.shrinkage = 0
        }, seed: 1
      ) { _ in .more }.student
    }
    let five = try rows(select.groups, [:], of: select)
    let soften = try run(rows(groups, soft, of: known), select: five)
    let hard = try run(rows(known.groups, [:], of: known), select: five)
    #expect(soften == hard)
  }

  @Test func `uncertain rows make no group of their own, and the reasons say so`() throws {
    let known = try shortcutRows(300, share: 0.9, seed: 7)
    let keys = [key("A", "1"), key("A", "2"), key("B", "1"), key("B", "2"), key("A", "?")]
    let groups = known.groups.enumerated().map { row, group in row % 4 == 0 && group < 2 ? 4 : group }
    let rows = try TrainingRows(
      inputs: known.inputs, input: known.input, labels: known.labels, classCount: 2, groups: groups, groupCount: 5,
      teacherLogits: known.teacherLogits
    ).withPlausibleGroups(keys)
    #expect(rows.softGroups.count == groups.filter { $0 == 4 }.count)
    let half = rows.subset(Array(0..<150))
    #expect(half.softGroups.count == groups.prefix(150).filter { $0 == 4 }.count)
    let trained = try train(
      initial: newStudent(for: rows, seed: 1), rows: rows, select: rows,
      parameters: parameters { $0.stepCount = 100 }, seed: 1
    ) { _ in .more }
    #expect(trained.reasons[4].contains("an attribute is missing"))
    #expect(trained.trace.allSatisfy { $0.group != 4 })
    #expect(abs(trained.trace.suffix(4).reduce(0) { $0 + $1.weight } - 1) < 1e-9)
  }

  @Test func `shares that sum to something else are refused`() throws {
    let rows = try shortcutRows(20, share: 0.9, seed: 7)
    #expect(throws: DistilError.self) { try rows.with(softGroups: [3: [GroupShare(group: 0, share: 0.5)]]) }
    #expect(throws: DistilError.self) { try rows.with(softGroups: [20: [GroupShare(group: 0, share: 1)]]) }
  }
}
