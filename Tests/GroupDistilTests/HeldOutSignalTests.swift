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

  @Test func `weights land on the groups that lag, and the reasons say whose losses they are`() throws {
    let rows = try shortcutRows(1000, share: 0.95, seed: 3)
    let trained = try train(
      initial: newStudent(for: rows, seed: 1), rows: rows, select: shortcutRows(300, share: 0.5, seed: 4),
      weighing: shortcutRows(400, share: 0.5, seed: 5),
      parameters: parameters {
        heldOut(&$0)
        $0.stepCount = 400
      }, seed: 2
    ) { _ in .more }
    let last = trained.trace.suffix(4)
    // Groups 1 and 3 disagree with the shortcut; 0 and 2 are the same classes where it holds.
    let weights = last.sorted { $0.group < $1.group }.map(\.weight)
    #expect(weights[1] > weights[0] && weights[3] > weights[2])
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
