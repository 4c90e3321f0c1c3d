import Statistics
import Testing

@Suite struct DetectorCodingTests {
  @Test func `a detector that was kept goes on where it stopped`() throws {
    var detector = ShiryaevRobertsDetector(nullAccuracy: 0.93)
    for day in Int64(0)..<9 { detector.observe(day: day, correct: 40, wrong: 5, designEffect: 1.1) }
    var kept = try #require(
      ShiryaevRobertsDetector(
        nullAccuracy: detector.nullAccuracy, lastDay: detector.lastDay, restarts: detector.restarts,
        bets: detector.bets))
    #expect(kept == detector)
    detector.observe(day: 9, correct: 30, wrong: 9, designEffect: 1)
    kept.observe(day: 9, correct: 30, wrong: 9, designEffect: 1)
    #expect(kept == detector)
  }

  @Test func `a state no outcomes lead to is refused`() {
    let bets = ShiryaevRobertsDetector(nullAccuracy: 0.9).bets
    let wild = DetectorBet(logSum: 1e9, logLargest: 0, logPrior: 0, changeDay: nil, labels: 0)
    func kept(_ null: Double, _ restarts: Int, _ bets: [DetectorBet]) -> ShiryaevRobertsDetector? {
      ShiryaevRobertsDetector(nullAccuracy: null, lastDay: nil, restarts: restarts, bets: bets)
    }
    #expect(kept(0.9, 0, bets) != nil)
    #expect(kept(0.9, 0, []) == nil)
    #expect(kept(7, 0, bets) == nil)
    #expect(kept(0.9, -1, bets) == nil)
    #expect(kept(0.9, 1, Array(bets.dropLast()) + [wild]) == nil)
  }
}
