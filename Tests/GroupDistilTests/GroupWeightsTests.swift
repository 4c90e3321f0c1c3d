import Glibc
import GroupDistil
import NeuralNet
import Testing

@Suite struct GroupWeightsTests {
  private func weights(_ rows: [Int], _ change: (inout DistilParameters) -> Void = { _ in }) -> GroupWeights {
    GroupWeights(rowCounts: rows, parameters: parameters(change))
  }

  @Test func `two updates give the numbers worked out by hand`() {
    // c / T = 1. Shrunk: (100*2 + 20*1.5)/120, (20*1 + 20*1.5)/40. r = shrunk / their mean. q = .9 softmax(r) + .05.
    var weights = weights([100, 20]) { $0.stepCount = 10 }
    weights.update(losses: [2, 1])
    #expect(isClose(weights.shrunkLosses.compactMap { $0 }, [230.0 / 120, 1.25]))
    #expect(isClose(weights.relativeLosses, [1.2105263157894737, 0.7894736842105263]))
    let first = 0.9 / (1 + exp(0.7894736842105263 - 1.2105263157894737)) + 0.05  // 0.59336
    #expect(isClose(weights.weights, [first, 1 - first]))
    #expect(weights.limits == [.none, .none])
    // Mean loss .9*2 + .1*1; log weights go on from softmax(r) before the floor; .6738 is cut to .6 with two groups.
    weights.update(losses: [1, 1])
    #expect(isClose(weights.meanLosses.compactMap { $0 }, [1.9, 1]))
    #expect(isClose(weights.relativeLosses, [1.19672131147541, 0.80327868852459]))
    #expect(isClose(weights.weights, [0.6, 0.4]))
    #expect(weights.limits == [.cap, .none])
  }

  @Test func `before the first update all groups weigh the same`() {
    let weights = weights([500, 50, 20])
    #expect(isClose(weights.weights, [1.0 / 3, 1.0 / 3, 1.0 / 3]))
    #expect(weights.relativeLosses == [1, 1, 1])
    #expect(weights.meanLosses == [nil, nil, nil])
  }

  @Test func `weights sum to one and keep floor and cap for any losses`() {
    var random = Generator(seed: 7)
    for groupCount in [1, 2, 3, 5, 7, 8, 12, 50] {
      let rows = (0..<groupCount).map { _ in 20 + random.index(below: 5000) }
      var weights = weights(rows) {
        $0.stepCount = 100
        $0.weighting = .scaleFree(strength: 30)
      }
      let cap = GroupWeights.cap(groupCount: groupCount, factor: 4)
      for _ in 0..<150 {
        weights.update(
          losses: (0..<groupCount).map { group in
            random.uniform() < 0.3 ? nil : (group == 0 ? 1e4 : 1) * random.uniform()
          })
        #expect(abs(weights.weights.reduce(0, +) - 1) < 1e-9)
        #expect(weights.weights.allSatisfy { $0 >= 0.1 / Double(groupCount) - 1e-12 && $0 <= cap + 1e-9 })
        #expect(weights.relativeLosses.allSatisfy { $0 >= 0 && $0 <= 3 })
      }
    }
  }

  @Test func `the cap is four times uniform, and .6 with few groups`() {
    #expect(GroupWeights.cap(groupCount: 1, factor: 4) == 1)
    #expect(GroupWeights.cap(groupCount: 2, factor: 4) == 0.6)
    #expect(GroupWeights.cap(groupCount: 7, factor: 4) == 0.6)
    #expect(GroupWeights.cap(groupCount: 8, factor: 4) == 0.5)
    #expect(GroupWeights.cap(groupCount: 40, factor: 4) == 0.1)
    #expect(GroupWeights.cap(groupCount: 40, factor: 1) == 1.0 / 40)
  }

  @Test func `what the cap cuts goes to the others in proportion`() {
    var weights = weights(Array(repeating: 1000, count: 10)) { $0.stepCount = 10 }
    for _ in 0..<10 { weights.update(losses: [100, 2] + Array(repeating: 1, count: 8)) }
    #expect(abs(weights.weights[0] - 0.4) < 1e-12)
    #expect(weights.limits[0] == .cap)
    #expect(weights.limits[5] == .floor)
    #expect(weights.weights[1] > weights.weights[2])
    #expect(isClose([weights.weights[2]], [weights.weights[9]]))
    #expect(abs(weights.weights.reduce(0, +) - 1) < 1e-12)
  }

  @Test func `the scale of the loss does not matter`() {
    var random = Generator(seed: 8)
    var small = weights([300, 40, 80])
    var large = small
    for _ in 0..<400 {
      let losses = (0..<3).map { _ -> Double? in random.uniform() < 0.2 ? nil : 0.5 + random.uniform() }
      small.update(losses: losses)
      large.update(losses: losses.map { $0.map { $0 * 1000 } })
    }
    #expect(isClose(small.weights, large.weights, within: 1e-9))
    #expect(!isClose(small.weights, [1.0 / 3, 1.0 / 3, 1.0 / 3], within: 1e-3))
  }

  @Test func `an absent group keeps its mean loss and its pull`() {
    var weights = weights([100, 100]) { $0.stepCount = 100 }
    weights.update(losses: [3, 1])
    let before = weights
    for _ in 0..<20 { weights.update(losses: [nil, 1]) }
    #expect(weights.meanLosses[0] == 3)
    #expect(weights.relativeLosses == before.relativeLosses)
    #expect(weights.weights[0] > before.weights[0])
  }

  @Test func `a group not yet seen pulls like the average`() {
    var weights = weights([100, 100, 100])
    weights.update(losses: [2, nil, 1])
    #expect(weights.relativeLosses[1] == 1)
    #expect(weights.shrunkLosses[1] == nil)
    #expect(weights.weights[0] > weights.weights[1] && weights.weights[1] > weights.weights[2])
  }

  @Test func `a loss that is not a number is as good as none`() {
    var weights = weights([100, 100])
    weights.update(losses: [.nan, .infinity])
    #expect(isClose(weights.weights, [0.5, 0.5]))
    #expect(weights.meanLosses == [nil, nil])
  }

  @Test func `solved groups stay near uniform`() {
    var weights = weights([100, 100]) { $0.stepCount = 100 }
    for _ in 0..<100 { weights.update(losses: [1e-9, 1e-12]) }
    #expect(isClose(weights.weights, [0.5, 0.5], within: 1e-4))
  }

  @Test func `the raw step is Group DRO's`() {
    var weights = weights([100, 25]) {
      $0.weighting = .raw(step: 0.1)
      $0.adjustment = 2
    }
    weights.update(losses: [1, 3])
    // q proportional to exp(step (L + C / sqrt n)): C / sqrt n is .2 and .4.
    let first = exp(0.1 * 1.2)
    let second = exp(0.1 * 3.4)
    #expect(isClose(weights.weights, [first / (first + second), second / (first + second)]))
    weights.update(losses: [nil, nil])
    #expect(isClose(weights.weights, [first / (first + second), second / (first + second)]))
  }

  @Test func `a large raw step survives in log space`() {
    var weights = weights([100, 100]) { $0.weighting = .raw(step: 50) }
    for _ in 0..<100 { weights.update(losses: [1, 40]) }
    #expect(weights.weights == [0, 1])
    for _ in 0..<200 { weights.update(losses: [40, 1]) }
    #expect(weights.weights[0] > 0.99)
  }

  @Test func `without weighting the weights stay and the losses are still known`() {
    var weights = weights([100, 100]) { $0.weighting = .none }
    weights.update(losses: [5, 1])
    #expect(weights.weights == [0.5, 0.5])
    #expect(weights.relativeLosses[0] > 1)
  }
}
