import Statistics
import Testing

@Suite struct EValueTests {
  @Test func `e-BH rejects the largest that pass, as by hand`() {
    let values: [Double] = [0, 4, 9, 5.5].map { $0 }
    // Four hypotheses at .1: k e-values must reach 40/k, ln 40 = 3.69, ln 20 = 3.00.
    #expect(eBenjaminiHochberg(logEValues: values, rate: 0.1) == [false, true, true, true])
    #expect(eBenjaminiHochberg(logEValues: [3.2, 3.1, 0, 0], rate: 0.1) == [true, true, false, false])
    #expect(eBenjaminiHochberg(logEValues: [3.2, 0, 0, 0], rate: 0.1) == [false, false, false, false])
    #expect(eBenjaminiHochberg(logEValues: [], rate: 0.1).isEmpty)
  }

  /// Ville: P(an e-value ever reaches 20) <= .05 while the accuracy is at least the null's.
  @Test func `the e-value of a detector seldom grows while nothing is wrong`() {
    var random = Random(seed: 4)
    var passed = 0
    for _ in 0..<400 {
      var detector = ShiryaevRobertsDetector(nullAccuracy: 0.9)
      var largest = -Double.infinity
      for day in Int64(0)..<120 {
        let correct = (0..<40).count { _ in random.unit() < 0.9 }
        detector.observe(day: day, correct: correct, wrong: 40 - correct, designEffect: 1)
        largest = max(largest, detector.logEValue)
      }
      if largest >= 2.9957 { passed += 1 }
    }
    #expect(passed <= 32)
  }

  @Test func `the e-value finds a drop`() {
    var detector = ShiryaevRobertsDetector(nullAccuracy: 0.95)
    for day in Int64(0)..<30 { detector.observe(day: day, correct: 95, wrong: 5, designEffect: 1) }
    #expect(detector.logEValue < 3)
    for day in Int64(30)..<40 { detector.observe(day: day, correct: 85, wrong: 15, designEffect: 1) }
    #expect(detector.logEValue > 10)
  }

  /// Errors are labelled twice as often as right answers, with known probabilities: weighing puts that right.
  @Test(arguments: [(0.95, false), (0.82, true)])
  func `a weighted detector accuses by what labels stand for`(accuracy: Double, isLagging: Bool) {
    var random = Random(seed: 11)
    var alarms = 0
    for _ in 0..<40 {
      var detector = WeightedDetector(nullAccuracy: 0.95)
      var isAlarmed = false
      for day in Int64(0)..<90 {
        var correct: [Double] = []
        var wrong: [Double] = []
        for _ in 0..<150 {
          let isRight = random.unit() < accuracy
          // A part that looks odd is looked at more often; wrong answers look odd more often.
          let looksOdd = random.unit() < (isRight ? 0.1 : 0.7)
          let probability = looksOdd ? 0.8 : 0.2
          guard random.unit() < probability else { continue }
          if isRight { correct.append(1 / probability) } else { wrong.append(1 / probability) }
        }
        detector.observe(day: day, parts: 150, correct: correct, wrong: wrong, designEffect: 1)
        if detector.logEvidence >= alarmLevel(detectors: 1, days: 365) { isAlarmed = true }
      }
      if isAlarmed { alarms += 1 }
    }
    if isLagging { #expect(alarms == 40) } else { #expect(alarms <= 8) }
  }
}
