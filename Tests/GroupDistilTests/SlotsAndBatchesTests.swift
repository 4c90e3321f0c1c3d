import GroupDistil
import NeuralNet
import Testing

@Suite struct SlotsAndBatchesTests {
  @Test func `groups with twenty rows have a weight of their own`() {
    let slots = WeightSlots(groupSizes: [500, 20, 80])
    #expect(slots.groups == [[0], [1], [2]])
    #expect(slots.rowCounts == [500, 20, 80])
    #expect(slots.slotOfGroup == [0, 1, 2])
  }

  @Test func `smaller groups share one weight and empty ones have none`() {
    let slots = WeightSlots(groupSizes: [12, 500, 0, 19, 40])
    #expect(slots.groups == [[1], [4], [0, 3]])
    #expect(slots.rowCounts == [500, 40, 31])
    #expect(slots.slotOfGroup == [2, 0, nil, 2, 1])
  }

  @Test func `a pool that is still too small joins the smallest group`() {
    let slots = WeightSlots(groupSizes: [7, 500, 40, 3])
    #expect(slots.groups == [[1], [0, 2, 3]])
    #expect(slots.rowCounts == [500, 50])
  }

  @Test func `only small groups share one weight, and no rows give none`() {
    #expect(WeightSlots(groupSizes: [7, 3]).groups == [[0, 1]])
    #expect(WeightSlots(groupSizes: [0, 0]).groups.isEmpty)
  }

  @Test(arguments: [
    (BatchDraw.uniform, [0.9, 0.09, 0.01]), (.squareRoot, [0.7034, 0.2224, 0.0741]),
    (.balanced, [1.0 / 3, 1.0 / 3, 1.0 / 3]),
  ])
  func `groups are drawn in the stated proportion`(draw: BatchDraw, shares: [Double]) {
    let slots: [Int?] = (0..<1001).map { $0 < 900 ? 0 : $0 < 990 ? 1 : $0 < 1000 ? 2 : nil }
    let drawer = BatchDrawer(slots: slots, slotCount: 3, draw: draw)
    var random = Generator(seed: 5)
    var rows: [Int] = []
    drawer.draw(60_000, into: &rows, random: &random)
    var counts = [0.0, 0, 0]
    for row in rows { if let slot = slots[row] { counts[slot] += 1 } }
    #expect(counts.reduce(0, +) == 60_000)
    #expect(isClose(counts.map { $0 / 60_000 }, shares, within: 0.01))
    #expect(Set(rows).count == 1000)
  }

  @Test func `unlabelled groups are drawn equally often whatever their numbers`() {
    let drawer = BatchDrawer(groups: Array(repeating: 9, count: 90) + Array(repeating: 4, count: 10))
    var random = Generator(seed: 5)
    var rows: [Int] = []
    drawer.draw(10_000, into: &rows, random: &random)
    #expect(abs(rows.filter { $0 >= 90 }.count - 5000) < 250)
  }

  @Test func `the select score is the worst shrunk accuracy and a little of the mean`() {
    // p = (.9 + .5) / 2 = .7; shrunk (90 + 7)/110, (5 + 7)/20; a group without rows has no say.
    let tallies = [(90, 100), (5, 10), (0, 0)].map { GroupTally(correct: $0.0, total: $0.1) }
    let expected: Double = 0.6 + 0.001 * (97.0 / 110 + 0.6) / 2
    #expect(abs(selectScore(tallies) - expected) < 1e-12)
    #expect(selectScore([GroupTally(correct: 0, total: 0)]) == 0)
    #expect(tallies[2].accuracy == nil)
  }

  @Test func `rows that do not fit together are refused`() throws {
    func refusal(
      inputs: [Float] = [1, 2], labels: [Int] = [0, 1], groups: [Int] = [0, 0], teacher: [Float]? = nil
    ) -> String? {
      do {
        _ = try TrainingRows(
          inputs: inputs, featureCount: 1, labels: labels, classCount: 2, groups: groups, groupCount: 1,
          teacherLogits: teacher)
        return nil
      } catch { return error.description }
    }
    #expect(refusal() == nil)
    #expect(refusal(inputs: [1]) != nil)
    #expect(refusal(inputs: [1, .nan])?.contains("finite") == true)
    #expect(refusal(labels: [0, 2])?.contains("0...1") == true)
    #expect(refusal(labels: [0, -1]) != nil)
    #expect(refusal(groups: [0, 1]) != nil)
    #expect(refusal(groups: [0]) != nil)
    #expect(refusal(teacher: [1, 2, 3]) != nil)
    #expect(refusal(teacher: [1, 2, 3, .infinity]) != nil)
    #expect(throws: DistilError.self) {
      try UnlabelledRows(inputs: [1], featureCount: 1, teacherLogits: [0], classCount: 2, groups: [0])
    }
  }

  @Test func `a subset keeps rows whole and counts its groups`() throws {
    let rows = try shortcutRows(50, share: 0.5, seed: 1)
    let part = rows.subset([4, 0, 4])
    #expect(part.labels == [4, 0, 4].map { rows.labels[$0] })
    let (first, last) = (Array(rows.inputs[0..<6]), Array(rows.inputs[24..<30]))
    #expect(part.inputs == last + first + last)
    #expect(part.teacherLogits?.count == 6)
    #expect(part.groupSizes.reduce(0, +) == 3)
  }
}
