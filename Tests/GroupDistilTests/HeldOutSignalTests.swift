import Glibc
import GroupDistil
import NeuralNet
import Testing

@Suite struct HeldOutSignalTests {
  private func heldOut(_ parameters: inout DistilParameters) { parameters.weighting = .heldOut(step: 0.5) }

  @Test func `one look at held-out rows gives the numbers worked out by hand`() {
    var weights = GroupWeights(rowCounts: [100, 100], parameters: parameters(heldOut))
    // Pooled 1.5; shrunk (20*2 + 20*1.5)/40 = 1.75 and (60*1 + 20*1.5)/80 = 1.125.
    weights.update(heldOut: [2, 1], rows: [20, 60])
    #expect(isClose(weights.shrunkLosses.compactMap(\.self), [1.75, 1.125]))
    #expect(isClose(weights.relativeLosses, [1.75 / 1.5, 0.75]))
    let first = 0.9 / (1 + exp(0.5 * (1.125 - 1.75))) + 0.05
    #expect(isClose(weights.weights, [first, 1 - first]))
  }

  @Test func `training losses move nothing, and a group without held-out rows moves like the mean`() {
    var weights = GroupWeights(rowCounts: [100, 100, 100], parameters: parameters(heldOut))
    weights.update(losses: [9, 1, 1])
    #expect(isClose(weights.weights, [1.0 / 3, 1.0 / 3, 1.0 / 3]))
    weights.update(heldOut: [2, nil, 1], rows: [50, 0, 50])
    #expect(isClose([weights.relativeLosses[1]], [1]))
    #expect(weights.weights[0] > weights.weights[1] && weights.weights[1] > weights.weights[2])
  }

  /// Group 0 is told by the sign of its first feature; in group 1 the class has nothing to do with the features.
  private func easyAndHopeless(_ count: Int, seed: UInt64) throws -> TrainingRows {
    var random = Generator(seed: seed)
    var inputs: [Float] = []
    var labels: [Int] = []
    var groups: [Int] = []
    for row in 0..<count {
      let isHopeless = row % 4 == 0
      let first = random.normal()
      inputs += [Float(first), isHopeless ? 1 : 0]
      labels.append((isHopeless ? random.uniform() - 0.5 : first) > 0 ? 1 : 0)
      groups.append(isHopeless ? 1 : 0)
    }
    return try TrainingRows(
      inputs: inputs, featureCount: 2, labels: labels, classCount: 2, groups: groups, groupCount: 2)
  }

  @Test(arguments: UInt64(1)...6) func `weight lands on the group that lags, and the reasons say whose losses they are`(
    seed: UInt64
  ) throws {
    let rows = try easyAndHopeless(800, seed: 10 * seed)
    let trained = try train(
      initial: newStudent(for: rows, seed: seed), rows: rows, select: easyAndHopeless(300, seed: 10 * seed + 1),
      weighing: easyAndHopeless(400, seed: 10 * seed + 2),
      parameters: parameters {
        heldOut(&$0)
        $0.alpha = 0
        $0.stepCount = 400
      }, seed: seed
    ) { _ in .more }
    let last = trained.trace.suffix(2).sorted { $0.group < $1.group }
    #expect(last[1].loss > last[0].loss, "it lags")
    #expect(last[1].weight > 0.5)
    #expect(last.map(\.weight).reduce(0, +) > 0.999)
    #expect(trained.reasons.allSatisfy { $0.contains("on held-out rows; ") })
  }

  @Test func `without rows to look at it is refused`() throws {
    let rows = try shortcutRows(100, share: 0.9, seed: 3)
    let error = #expect(throws: DistilError.self) {
      try train(
        initial: newStudent(for: rows, seed: 1), rows: rows, select: rows, parameters: parameters(heldOut), seed: 1
      ) { _ in .more }
    }
    #expect(error?.description.contains("held-out losses need rows") == true)
  }
}
