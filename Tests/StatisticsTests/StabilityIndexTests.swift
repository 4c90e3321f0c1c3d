import Statistics
import Testing

@Suite struct ChiSquareTests {
  @Test func `chi-square tails agree with scipy, tiny ones relatively`() {
    for row in chiSquareTailReference {
      let value = chiSquareUpperTail(row.value, freedom: row.freedom)
      #expect(abs(value - row.tail) <= 1e-11 * row.tail, "\(row): \(value)")
    }
    #expect(chiSquareUpperTail(0, freedom: 3) == 1)
    #expect(chiSquareUpperTail(-1, freedom: 3) == 1)
  }

  @Test func `chi-square quantiles agree with scipy`() {
    for row in chiSquareQuantileReference {
      let value = chiSquareQuantile(tail: row.tail, freedom: row.freedom)
      #expect(abs(value - row.value) <= 1e-10 * row.value, "\(row): \(value)")
    }
  }
}

@Suite struct StabilityIndexTests {
  /// `count` parts over `shares`, which sum to one.
  private func histogram(_ count: Int, _ shares: [Double], _ random: inout Random) -> [UInt16] {
    var bins = [UInt16](repeating: 0, count: shares.count)
    for _ in 0..<count {
      var rest = random.unit()
      var bin = 0
      while bin < shares.count - 1, rest >= shares[bin] {
        rest -= shares[bin]
        bin += 1
      }
      bins[bin] += 1
    }
    return bins
  }

  private let tenths = [Double](repeating: 0.1, count: 10)

  @Test(arguments: [(100, 700), (200, 1400), (500, 3500), (150, 150)])
  func `quiet days pass the threshold as often as its level says`(now: Int, base: Int) throws {
    var random = Random(seed: UInt64(now))
    let runs = 4000
    var passed = 0
    for _ in 0..<runs {
      let index = try #require(
        StabilityIndex(now: histogram(now, tenths, &random), base: histogram(base, tenths, &random)))
      #expect(index.freedom == 9)
      if index.index > index.threshold(level: 0.01) { passed += 1 }
    }
    // 40 are expected; the standard deviation is 6.3.
    #expect((22...60).contains(passed), "\(passed) of \(runs) at level .01")
  }

  @Test func `the folklore limit of .2 cries on quiet days of few parts and sleeps through a shift of many`() throws {
    var random = Random(seed: 5)
    let runs = 1000
    let reference = histogram(50_000, tenths, &random)
    /// Computed by hand where the type refuses so few parts.
    func share(parts: Int, shares: [Double]) -> Double {
      var passed = 0
      for _ in 0..<runs {
        let now = histogram(parts, shares, &random)
        var index = 0.0
        for (bin, base) in zip(now, reference) {
          let p = (Double(bin) + 0.5) / (Double(parts) + 5)
          let q = Double(base) / 50_000
          index += (p - q) * logarithm(p / q)
        }
        if index > 0.2 { passed += 1 }
      }
      return Double(passed) / Double(runs)
    }
    #expect(share(parts: 30, shares: tenths) > 0.5)
    #expect(share(parts: 50, shares: tenths) > 0.2)
    #expect((0.003...0.05).contains(share(parts: 100, shares: tenths)))
    #expect(share(parts: 500, shares: tenths) == 0)
    // Tenths of a normal distribution whose mean has moved by .4 standard deviations.
    let moved = [0.0463, 0.0609, 0.0705, 0.0791, 0.0878, 0.0971, 0.1078, 0.1211, 0.1404, 0.189]
    #expect(share(parts: 500, shares: moved) < 0.5)
    var seen = 0
    for _ in 0..<runs {
      let now = histogram(500, moved, &random)
      let base = histogram(3500, tenths, &random)
      let index = try #require(StabilityIndex(now: now, base: base))
      // A line of 8 measurements and 8 cells.
      if index.index > index.threshold(level: 0.001 / 64) { seen += 1 }
    }
    #expect(seen > runs * 95 / 100, "\(seen) of \(runs)")
  }

  @Test func `bins in which too few parts are expected are put together`() throws {
    let base: [UInt16] = [400, 3, 3, 400, 2, 0]
    let now: [UInt16] = [50, 0, 1, 60, 0, 0]
    let index = try #require(StabilityIndex(now: now, base: base))
    #expect(index.freedom == 1)
    let merged = try #require(StabilityIndex(now: [50, 61] as [UInt16], base: [400, 408] as [UInt16]))
    #expect(index == merged)
    #expect(StabilityIndex(now: [111, 0] as [UInt16], base: [808, 0] as [UInt16]) == nil, "one bin holds everything")
    #expect(StabilityIndex(now: [50, 49] as [UInt16], base: [400, 408] as [UInt16]) == nil, "too few parts")
  }

  @Test func `a sensor that falls silent is far off, not infinitely`() throws {
    let index = try #require(
      StabilityIndex(now: [0, 0, 120] as [UInt16], base: [350, 350, 0] as [UInt16]))
    #expect(index.index.isFinite)
    #expect(index.index > index.threshold(level: 1e-9))
    #expect(index.threshold(level: 1e-3, inflation: 2) == 2 * index.threshold(level: 1e-3))
  }
}
