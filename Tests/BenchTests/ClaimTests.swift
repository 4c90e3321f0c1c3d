import Testing
import kaizen_bench

@Suite struct ClaimTests {
  @Test func `a figure is mean, spread with n - 1 and count`() {
    let figure = Figure([60, 70, 65, 62, 68])
    #expect(figure.mean == 65)
    // sqrt((25 + 25 + 0 + 9 + 9) / 4)
    #expect(figure.deviation.map { abs($0 - 4.1231) < 1e-4 } == true)
    #expect(figure.text == "65.0 +- 4.1 (5)")
  }

  @Test func `one value has no spread and no values meet no bound`() {
    #expect(Figure([3.25], places: 2).text == "3.25")
    #expect(Figure([3.25]).deviation == nil)
    let claim = Claim("days", Figure([], .median), .atMost(5))
    #expect(!claim.isMet)
    #expect(claim.objection == "days could not be measured")
  }

  @Test(arguments: [
    (Figure.Statistic.mean, 3.0), (.median, 2), (.least, 0), (.largest, 9), (.share, 3),
  ])
  func `the statistic decides which number is judged`(statistic: Figure.Statistic, decisive: Double) {
    #expect(Figure([9, 0, 2, 1, 3], statistic).decisive == decisive)
  }

  @Test func `a median is told with the slow tenth`() {
    #expect(Figure((0...10).map(Double.init), .median).text == "median 5.0, p90 9.0 (11)")
  }

  @Test(arguments: [
    (Bound.atLeast(60), 60.0, true), (.atLeast(60), 59.9, false), (.atMost(0.2), 0.2, true),
    (.atMost(0.2), 0.21, false),
    (.above(0), 0, false), (.above(0), 0.1, true), (.within(20...45), 45, true), (.within(20...45), 19, false),
    (.exactly(0), 0, true), (.exactly(0), 1e-9, false), (.atLeast(0), .nan, false), (.atMost(0), .nan, false),
  ])
  func `bounds hold at their edge and never for what is not a number`(bound: Bound, value: Double, holds: Bool) {
    #expect(bound.holds(value) == holds)
  }

  @Test func `a missed claim says by which number and what was required`() {
    let claim = Claim("uniform batches", Figure([58, 61]), .atLeast(62))
    #expect(claim.measured == "uniform batches 59.5 +- 2.1 (2)")
    #expect(claim.required == "uniform batches at least 62")
    #expect(claim.objection == "uniform batches: the mean is 59.5, required is at least 62")
  }

  @Test func `a figure without a bound decides nothing`() {
    let claim = Claim("plain", Figure([0]))
    #expect(claim.isMet && claim.required == nil && claim.objection == nil)
  }
}
