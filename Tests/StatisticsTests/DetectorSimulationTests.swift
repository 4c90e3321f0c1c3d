import Statistics
import Testing

/// The claims of the detector's table, at a smaller number of runs: 50 groups, log-normal volume with a median of 75
/// labels a day, accuracy .95, two looks a day.
@Suite struct DetectorSimulationTests {
  static let groups = 50
  static let days = 90

  /// Runs in which any healthy group is declared lagging within 90 days; `daySpread` moves a whole group-day up or
  /// down by that much accuracy.
  func falseAlarmShare(runs: Int, seed: UInt64, daySpread: Double, tempered: Bool) -> Double {
    var random = Random(seed: seed)
    let level = alarmLevel(detectors: Self.groups, days: 365)
    let effect = DesignEffect(correlation: daySpread * daySpread / (0.95 * 0.05))
    var alarmed = 0
    for _ in 0..<runs {
      var isAlarmed = false
      for _ in 0..<Self.groups where !isAlarmed {
        let labels = max(1, Int(37.5 * power(2.718281828, 0.8 * random.normal())))
        var detector = ShiryaevRobertsDetector(nullAccuracy: 0.95)
        let inflation = tempered ? effect.inflation(labelsPerActiveDay: Double(2 * labels)) : 1
        for day in 0..<Self.days where !isAlarmed {
          let accuracy = 0.95 + (random.unit() < 0.5 ? daySpread : -daySpread)
          for _ in 0..<2 {
            let correct = random.successes(of: labels, rate: accuracy)
            detector.observe(day: Int64(day), correct: correct, wrong: labels - correct, designEffect: inflation)
            if detector.logEvidence >= level { isAlarmed = true }
          }
        }
      }
      alarmed += isAlarmed ? 1 : 0
    }
    return Double(alarmed) / Double(runs)
  }

  @Test func `healthy plants are accused in at most a fifth of the quarters`() {
    #expect(falseAlarmShare(runs: 60, seed: 365, daySpread: 0, tempered: false) <= 0.20)
  }

  @Test func `bad days break the plain detector and not the tempered one`() {
    // A spread of 1.54 points is a correlation of .005.
    let tempered = falseAlarmShare(runs: 40, seed: 63, daySpread: 0.0154, tempered: true)
    let plain = falseAlarmShare(runs: 20, seed: 63, daySpread: 0.0154, tempered: false)
    #expect(tempered <= 0.30)
    #expect(plain >= 0.5)
  }

  @Test(arguments: [75, 100])
  func `a drop from 95 to 88 percent is found within five days in half of the cases`(labels: Int) {
    var random = Random(seed: UInt64(labels))
    let level = alarmLevel(detectors: Self.groups, days: 365)
    let change = 30
    var delays: [Int] = []
    var suspects: [Int] = []
    for _ in 0..<101 {
      var detector = ShiryaevRobertsDetector(nullAccuracy: 0.95)
      var day = 0
      while detector.logEvidence < level, day < 365 {
        let correct = random.successes(of: labels, rate: day < change ? 0.95 : 0.88)
        detector.observe(day: Int64(day), correct: correct, wrong: labels - correct, designEffect: 1)
        day += 1
      }
      delays.append(day - change)
      suspects.append(Int(detector.suspectedChangeDay ?? 0) - change)
    }
    #expect(delays.sorted()[50] <= 5)
    #expect(delays.filter { $0 <= 0 }.count <= 5, "alarms before the change")
    #expect(abs(suspects.sorted()[50]) <= 2, "the day named is the day of the change, give or take two")
  }

  @Test func `a collapse is found in two days`() {
    var detector = ShiryaevRobertsDetector(nullAccuracy: 0.95)
    for day in Int64(0)..<60 { detector.observe(day: day, correct: 76, wrong: 4, designEffect: 1) }
    let level = alarmLevel(detectors: 200, days: 365)
    #expect(detector.logEvidence < alarmLevel(detectors: 200, days: 30))
    for day in Int64(60)..<62 { detector.observe(day: day, correct: 56, wrong: 24, designEffect: 1) }
    #expect(detector.logEvidence >= level)
    #expect(detector.suspectedChangeDay == 60 && detector.labelsSinceChange == 160)
    #expect(detector.leadingAccuracy < 0.85)
  }
}
