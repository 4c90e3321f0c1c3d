import Statistics
import Testing

@Suite struct DesignEffectTests {
  /// Group-days whose accuracy is .9 plus or minus the spread that gives the correlation asked for.
  func days(count: Int, groups: Int, labels: Int, correlation: Double, seed: UInt64) -> [DayCount] {
    var random = Random(seed: seed)
    let spread = (correlation * 0.9 * 0.1).squareRoot()
    return (0..<groups).flatMap { group in
      (0..<count).map { day in
        let accuracy = 0.9 + (random.unit() < 0.5 ? spread : -spread)
        return DayCount(
          group: group, day: Int64(day), correct: random.successes(of: labels, rate: accuracy), total: labels)
      }
    }
  }

  @Test(arguments: [0.01, 0.02, 0.04])
  func `the pooled estimate finds the correlation of a day's outcomes`(correlation: Double) {
    let sample = days(count: 60, groups: 40, labels: 60, correlation: correlation, seed: 3)
    let estimate = DesignEffect(estimatedFrom: sample).correlation
    #expect(estimate > 0.8 * correlation && estimate < 1.2 * correlation, "\(estimate)")
  }

  @Test func `independent outcomes give the lower clamp, wild ones the upper`() {
    let independent = days(count: 60, groups: 40, labels: 60, correlation: 0, seed: 4)
    #expect(DesignEffect(estimatedFrom: independent).correlation == 0.002)
    let wild = (0..<40).map { DayCount(group: 1, day: Int64($0), correct: $0 % 2 == 0 ? 50 : 10, total: 50) }
    #expect(DesignEffect(estimatedFrom: wild).correlation == 0.05)
  }

  @Test func `nineteen days are too few, twenty are enough`() {
    let sample = days(count: 20, groups: 10, labels: 50, correlation: 0.04, seed: 5)
    #expect(DesignEffect(estimatedFrom: sample.filter { $0.day < 19 }).correlation == 0.005)
    #expect(DesignEffect(estimatedFrom: sample).correlation > 0.01)
  }

  @Test func `degenerate samples give the default`() {
    #expect(DesignEffect(estimatedFrom: []).correlation == 0.005)
    let perfect = (0..<30).map { DayCount(group: 0, day: Int64($0), correct: 9, total: 9) }
    #expect(DesignEffect(estimatedFrom: perfect).correlation == 0.005)
    let single = (0..<30).map { DayCount(group: 0, day: Int64($0), correct: $0 % 2, total: 1) }
    #expect(DesignEffect(estimatedFrom: single).correlation == 0.005, "one label a day tells nothing about clusters")
    let idle = (0..<30).map { DayCount(group: 0, day: Int64($0), correct: 0, total: 0) }
    #expect(DesignEffect(estimatedFrom: idle).correlation == 0.005)
  }

  @Test func `inflation grows with the labels of a day and never falls below one`() {
    let effect = DesignEffect(correlation: 0.02)
    #expect(effect.inflation(labelsPerActiveDay: 0.2) == 1)
    #expect(abs(effect.inflation(labelsPerActiveDay: 51) - 2) < 1e-12)
  }
}
