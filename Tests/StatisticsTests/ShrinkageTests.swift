import Statistics
import Testing

@Suite struct ShrinkageTests {
  @Test func `small groups are drawn to the mean, large ones stay`() {
    let groups = shrunkAccuracies([(1, 3), (500, 1000), (900, 1000), (950, 1000), (700, 1000)])
    #expect(groups[0].estimate > 0.45, "one of three is hardly evidence")
    #expect(abs(groups[1].estimate - 0.5) < 0.02)
  }

  @Test func `a group without labels gets the prior of the others`() {
    let groups = shrunkAccuracies([(0, 0), (90, 100), (80, 100)])
    #expect(abs(groups[0].estimate - 0.85) < 1e-12)
    #expect(groups[0].interval.width > groups[1].interval.width)
  }

  @Test func `all right, all wrong and nothing at all stay proper`() {
    for counts in [[(30, 30), (5, 5)], [(0, 30), (0, 5)], [(0, 0)], [(3, 4)]] {
      for group in shrunkAccuracies(counts) {
        #expect(group.correctWeight > 0 && group.wrongWeight > 0)
        #expect(group.estimate > 0 && group.estimate < 1)
        #expect(group.interval.lower < group.estimate && group.estimate < group.interval.upper)
      }
    }
    #expect(shrunkAccuracies([]).isEmpty)
  }

  @Test func `over small groups shrinkage halves the error and the reported worst is closer to the truth`() {
    var random = Random(seed: 5)
    var rawError = 0.0
    var shrunkError = 0.0
    var rawWorst = 0.0
    var shrunkWorst = 0.0
    for _ in 0..<60 {
      let truths = (0..<50).map { _ in 0.92 + 0.03 * (2 * random.unit() - 1) }
      let counts = truths.map { truth in
        let total = 5 + Int(55 * random.unit())
        return (correct: random.successes(of: total, rate: truth), total: total)
      }
      let raw = counts.map { Double($0.correct) / Double($0.total) }
      let shrunk = shrunkAccuracies(counts).map(\.estimate)
      for index in truths.indices {
        rawError += (raw[index] - truths[index]) * (raw[index] - truths[index])
        shrunkError += (shrunk[index] - truths[index]) * (shrunk[index] - truths[index])
      }
      let worst = truths.reduce(1, min)
      rawWorst += abs(raw.reduce(1, min) - worst)
      shrunkWorst += abs(shrunk.reduce(1, min) - worst)
    }
    #expect(shrunkError < 0.25 * rawError)
    #expect(shrunkWorst < 0.5 * rawWorst)
  }
}
