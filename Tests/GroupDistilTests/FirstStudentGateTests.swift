import GroupDistil
import NeuralNet
import Testing

@Suite struct FirstStudentGateTests {
  private let names = ["common", "rare"]

  /// `sizes` rows per group.
  private func rows(_ sizes: [Int]) throws -> TrainingRows {
    let groups = sizes.enumerated().flatMap { group, size in Array(repeating: group, count: size) }
    return try TrainingRows(
      inputs: groups.map { Float($0) }, featureCount: 1, labels: groups.map { _ in 0 }, classCount: 2, groups: groups,
      groupCount: sizes.count)
  }

  /// So many right of each group, the first ones.
  private func right(_ counts: [Int], of sizes: [Int]) -> [Bool] {
    zip(counts, sizes).flatMap { count, size in (0..<size).map { $0 < count } }
  }

  private func gate(_ plain: [Int], _ challenger: [Int], of sizes: [Int]) throws -> FirstStudentGate {
    FirstStudentGate(
      plain: right(plain, of: sizes), challenger: right(challenger, of: sizes), rows: try rows(sizes),
      groupNames: sizes.indices.map { $0 < 2 ? names[$0] : "group \($0)" })
  }

  @Test func `where no group lags nothing is promoted, however much better it is`() throws {
    let gate = try gate([800, 790], [950, 940], of: [1000, 1000])
    #expect(!gate.isPassed && gate.lagging.isEmpty)
    #expect(gate.sentence == "plain training is kept: no group lags under it on the 2000 select rows")
  }

  @Test func `a lagging group that gains is served`() throws {
    let gate = try gate([950, 25], [940, 40], of: [1000, 50])
    #expect(gate.isPassed && gate.lagging == [1])
    #expect(
      gate.sentence == "better than plain training (lagging under it: rare, there 25 of 50 rows right before, 40 after "
        + "(p < .01); all rows 92.9 % before, 93.3 % after)")
  }

  @Test func `two more right of fifty are no gain, and the rare group's gain has a price limit`() throws {
    #expect(try gate([950, 25], [950, 25], of: [1000, 50]).sentence.contains("does no better there"))
    #expect(try gate([950, 5], [950, 5], of: [1000, 10]).isPassed == false)
    let dear = try gate([950, 25], [880, 45], of: [1000, 50])
    #expect(!dear.isPassed && dear.sentence.contains("all rows together lose more than 4.0 %"))
  }

  @Test func `three rows cannot accuse a group by one mistake`() throws {
    #expect(laggingGroups([GroupTally(correct: 990, total: 1000), GroupTally(correct: 2, total: 3)]).isEmpty)
    #expect(laggingGroups([GroupTally(correct: 990, total: 1000), GroupTally(correct: 0, total: 3)]) == [1])
    #expect(laggingGroups([GroupTally(correct: 0, total: 0)]).isEmpty)
  }

  @Test func `twelve equal groups are accused in at most one of twenty plants`() throws {
    var random = Generator(seed: 17)
    var accused = 0
    for _ in 0..<400 {
      let tallies = (0..<12).map { group in
        let total = 5 + group * 12
        return GroupTally(correct: (0..<total).count { _ in random.uniform() < 0.85 }, total: total)
      }
      accused += laggingGroups(tallies).isEmpty ? 0 : 1
    }
    #expect(accused <= 20, "\(accused) of 400")
  }
}
