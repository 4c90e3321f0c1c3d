import Glibc
import Statistics
import Testing

@Suite struct DetectorTests {
  /// Exact mean of (mean R_j - restarts) after `blocks` days of two looks each, over every path of outcomes.
  func drift(truth: Double, null: Double, blocks: Int, designEffect: Double) -> Double {
    func expected(_ detector: ShiryaevRobertsDetector, _ look: Int) -> Double {
      if look == 2 * blocks { return exp(detector.logEvidence) - Double(detector.restarts) }
      let count = look.isMultiple(of: 2) ? 3 : 1
      var sum = 0.0
      for correct in 0...count {
        var next = detector
        next.observe(
          day: Int64(look / 2), correct: correct, wrong: count - correct, designEffect: designEffect)
        sum += binomialMass(correct, of: count, rate: truth) * expected(next, look + 1)
      }
      return sum
    }
    return expected(ShiryaevRobertsDetector(nullAccuracy: null), 0)
  }

  @Test(arguments: [1, 2, 3, 4])
  func `evidence minus restarts has mean zero at the null`(blocks: Int) {
    #expect(abs(drift(truth: 0.9, null: 0.9, blocks: blocks, designEffect: 1)) < 1e-10)
  }

  @Test func `evidence minus restarts falls where the group is better or the ratio is tempered`() {
    #expect(drift(truth: 0.93, null: 0.9, blocks: 3, designEffect: 1) < -0.01)
    #expect(drift(truth: 0.9, null: 0.9, blocks: 3, designEffect: 1.5) < -0.001)
    #expect(drift(truth: 0.85, null: 0.9, blocks: 3, designEffect: 1) > 0.05)
  }

  @Test func `no bet gains from good outcomes, whatever the null`() {
    for null in [-1.0, 0, 1e-9, 0.01, 0.03, 0.3, 0.95, 0.999999, 1, 2, .infinity] {
      let detector = ShiryaevRobertsDetector(nullAccuracy: null)
      for bet in detector.betAccuracies { #expect(bet > 0 && bet < detector.nullAccuracy) }
    }
  }

  @Test func `a design effect below one or undefined counts as one`() {
    var plain = ShiryaevRobertsDetector(nullAccuracy: 0.9)
    plain.observe(day: 1, correct: 20, wrong: 6, designEffect: 1)
    for effect in [0.5, -3, Double.nan] {
      var detector = ShiryaevRobertsDetector(nullAccuracy: 0.9)
      detector.observe(day: 1, correct: 20, wrong: 6, designEffect: effect)
      #expect(detector == plain)
    }
  }

  @Test func `days without outcomes change nothing, late outcomes join the current block`() {
    var detector = ShiryaevRobertsDetector(nullAccuracy: 0.9)
    #expect(detector.suspectedChangeDay == nil && detector.logEvidence == -700)
    detector.observe(day: 7, correct: 10, wrong: 1, designEffect: 1)
    let before = detector
    detector.observe(day: 8, correct: 0, wrong: 0, designEffect: 1)
    #expect(detector == before)
    detector.observe(day: 6, correct: 1, wrong: 1, designEffect: 1)
    #expect(detector.restarts == 1 && detector.lastDay == 7)
    detector.observe(day: 8, correct: 1, wrong: 0, designEffect: 1)
    #expect(detector.restarts == 2 && detector.lastDay == 8)
  }

  @Test func `how a day is cut into looks does not matter`() {
    var whole = ShiryaevRobertsDetector(nullAccuracy: 0.95)
    var pieces = whole
    for day in Int64(0)..<20 {
      whole.observe(day: day, correct: 80, wrong: 8, designEffect: 1.2)
      for _ in 0..<8 { pieces.observe(day: day, correct: 10, wrong: 1, designEffect: 1.2) }
    }
    #expect(abs(whole.logEvidence - pieces.logEvidence) < 1e-9)
    #expect(whole.suspectedChangeDay == pieces.suspectedChangeDay)
    #expect(whole.labelsSinceChange == pieces.labelsSinceChange)
  }

  @Test func `the suspected day is the restart with the largest likelihood ratio`() throws {
    var random = Random(seed: 5)
    for _ in 0..<100 {
      var detector = ShiryaevRobertsDetector(nullAccuracy: 0.9)
      var days: [(correct: Int, wrong: Int)] = []
      for day in 0..<25 {
        let correct = random.successes(of: 30, rate: day < 15 ? 0.92 : 0.82)
        days.append((correct, 30 - correct))
        detector.observe(day: Int64(day), correct: correct, wrong: 30 - correct, designEffect: 1)
      }
      let bet = detector.leadingAccuracy
      func ratio(from start: Int) -> Double {
        days[start...].reduce(0) {
          $0 + Double($1.correct) * log(bet / 0.9) + Double($1.wrong) * log((1 - bet) / 0.1)
        }
      }
      let best = try #require(days.indices.max { ratio(from: $0) < ratio(from: $1) })
      let suspected = Int(try #require(detector.suspectedChangeDay))
      #expect(abs(ratio(from: suspected) - ratio(from: best)) < 1e-9)
      #expect(detector.labelsSinceChange == 30 * (25 - suspected))
    }
  }

  @Test func `extreme counts end at the limits and stay finite`() {
    var detector = ShiryaevRobertsDetector(nullAccuracy: 0.95)
    for day in Int64(0)..<3 { detector.observe(day: day, correct: 0, wrong: .max, designEffect: 1) }
    #expect(detector.logEvidence <= 40 && detector.logEvidence > 38)
    #expect(detector.isSaturated)
    #expect(detector.leadingAccuracy < 0.94)
    for day in Int64(3)..<6 { detector.observe(day: day, correct: .max, wrong: 0, designEffect: 1) }
    #expect(detector.logEvidence == -700)
    detector.observe(day: .max, correct: 3, wrong: 3, designEffect: .infinity)
    #expect(detector.logEvidence.isFinite && detector.lastDay == .max)
  }

  @Test func `alarm levels count every detector`() {
    #expect(abs(alarmLevel(detectors: 50, days: 365) - log(50.0 * 365)) < 1e-12)
    #expect(alarmLevel(detectors: 0, days: 30) == alarmLevel(detectors: 1, days: 30))
  }
}
