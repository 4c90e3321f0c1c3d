import Testing
import kaizen_bench

@Suite struct HistogramTests {
  @Test func `a quantile is within 1 percent of the value it stands for`() {
    for exponent in 0..<10 {
      var histogram = Histogram()
      // 1 to 1000 times a power of ten over all magnitudes a round trip can have.
      let unit = (0..<exponent).reduce(UInt64(1)) { value, _ in value * 8 }
      for step in 1...1000 { histogram.add(nanoseconds: UInt64(step) * unit) }
      #expect(histogram.count == 1000)
      for (share, step) in [(0.5, 500.0), (0.99, 990), (0.999, 999), (1, 1000)] {
        let expected = step * Double(unit) / 1000
        #expect(abs(histogram.microseconds(at: share) - expected) <= 0.01 * expected, "\(share) of \(unit)")
      }
    }
  }

  @Test func `nothing measured is 0, and the longest time has a bucket too`() {
    var histogram = Histogram()
    #expect(histogram.microseconds(at: 0.5) == 0)
    histogram.add(nanoseconds: .max)
    histogram.add(nanoseconds: 0)
    #expect(histogram.count == 2)
    #expect(histogram.microseconds(at: 0) < 0.001)
  }
}
