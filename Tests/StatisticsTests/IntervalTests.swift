import Statistics
import Testing

@Suite struct IntervalTests {
  @Test func `without data there is no interval of one look`() {
    #expect(clopperPearson(correct: 0, total: 0) == nil)
    #expect(clopperPearsonLower(correct: 0, total: 0) == nil)
    #expect(wilson(correct: 0, total: 0) == nil)
  }

  @Test func `without data the confidence sequence is everything`() {
    #expect(betaMixtureInterval(correct: 0, wrong: 0) == Interval(lower: 0, upper: 1))
  }

  @Test func `exact coverage of clopper-pearson is at least its confidence`() throws {
    let total = 40
    let intervals = try (0...total).map { try #require(clopperPearson(correct: $0, total: total, confidence: 0.9)) }
    for step in 1..<100 {
      let truth = Double(step) / 100
      var coverage = 0.0
      for (correct, interval) in intervals.enumerated() where interval.contains(truth) {
        coverage += binomialMass(correct, of: total, rate: truth)
      }
      #expect(coverage >= 0.9 - 1e-12, "covers \(truth) with \(coverage)")
    }
  }

  @Test func `the one-sided bound is the two-sided one at twice the error`() throws {
    let one = try #require(clopperPearsonLower(correct: 181, total: 200, confidence: 0.95))
    let two = try #require(clopperPearson(correct: 181, total: 200, confidence: 0.9))
    #expect(abs(one - two.lower) < 1e-14)
  }

  @Test func `right and wrong mirror each other`() throws {
    for correct in 0...25 {
      let direct = betaMixtureInterval(correct: correct, wrong: 25 - correct, alpha: 0.1)
      let mirror = betaMixtureInterval(correct: 25 - correct, wrong: correct, alpha: 0.1)
      #expect(abs(direct.lower - (1 - mirror.upper)) < 1e-12)
      #expect(direct.contains(Double(correct) / 25))
    }
  }

  @Test func `widths at 95 percent are those the design promises`() {
    let promised: [(Int, Double, Double)] = [(50, 0.807, 0.999), (200, 0.879, 0.986), (1000, 0.921, 0.971)]
    for (total, lower, upper) in promised {
      // 47.5 of 50 is no count; the table of the design rounds to 48.
      let correct = Int((0.95 * Double(total)).rounded())
      let interval = betaMixtureInterval(correct: correct, wrong: total - correct)
      #expect(abs(interval.lower - lower) < 0.012 && abs(interval.upper - upper) < 0.012, "\(total): \(interval)")
    }
  }

  @Test func `watched at every label the confidence sequence keeps its word and wilson does not`() throws {
    var random = Random(seed: 62)
    let runs = 200
    let truth = 0.9
    var sequenceMisses = 0
    var wilsonMisses = 0
    for _ in 0..<runs {
      var correct = 0
      var sequenceMissed = false
      var wilsonMissed = false
      for label in 1...500 {
        if random.unit() < truth { correct += 1 }
        if !sequenceMissed {
          sequenceMissed = !betaMixtureInterval(correct: correct, wrong: label - correct).contains(truth)
        }
        if label >= 30, !wilsonMissed {
          wilsonMissed = try !#require(wilson(correct: correct, total: label)).contains(truth)
        }
      }
      sequenceMisses += sequenceMissed ? 1 : 0
      wilsonMisses += wilsonMissed ? 1 : 0
    }
    #expect(Double(sequenceMisses) / Double(runs) <= 0.05)
    #expect(Double(wilsonMisses) / Double(runs) >= 0.2)
  }

  @Test func `counts in the millions stay finite and narrow`() throws {
    let interval = betaMixtureInterval(correct: 9_500_000, wrong: 500_000)
    #expect(interval.contains(0.95) && interval.width < 0.001)
    let exact = try #require(clopperPearson(correct: 9_500_000, total: 10_000_000))
    #expect(exact.contains(0.95) && exact.width < interval.width)
  }
}

/// P(Bin(count, rate) = hits) by the recurrence from zero, independent of the code under test.
func binomialMass(_ hits: Int, of count: Int, rate: Double) -> Double {
  var mass = 1.0
  for index in 0..<hits { mass *= Double(count - index) / Double(index + 1) * rate }
  for _ in hits..<count { mass *= 1 - rate }
  return mass
}
