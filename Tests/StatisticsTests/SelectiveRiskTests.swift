import Statistics
import Testing

@Suite struct SelectiveRiskTests {
  /// 1 - (1 - 0.05)^59 is the first to pass 0.95: ln 0.05 / ln 0.95 = 58.4. The others from R 4.4,
  /// `binom.test(k, n, alternative = "less")$conf.int[2]` around the answer.
  @Test func `parts needed to show an error rate are those of the exact bound`() {
    #expect(partsNeeded(wrong: 0, errorMax: 0.05) == 59)
    #expect(partsNeeded(wrong: 1, errorMax: 0.05) == 93)
    #expect(partsNeeded(wrong: 0, errorMax: 0.01) == 299)
    #expect(partsNeeded(wrong: 1, errorMax: 0.01) == 473)
    #expect(partsNeeded(wrong: 3, errorMax: 1) == 4)
    for (wrong, errorMax) in [(0, 0.2), (2, 0.05), (7, 0.003)] {
      let total = partsNeeded(wrong: wrong, errorMax: errorMax)
      #expect(errorBound(wrong: wrong, total: total).map { $0 <= errorMax } == true)
      #expect(errorBound(wrong: wrong, total: total - 1).map { $0 > errorMax } == true)
    }
  }

  @Test func `the walk ends at the first threshold that is not shown`() {
    let good = (accepted: 200, wrong: 2)
    let bad = (accepted: 200, wrong: 30)
    #expect(lastShown(rungs: [], errorMax: 0.05) == nil)
    #expect(lastShown(rungs: [bad, good], errorMax: 0.05) == nil)
    #expect(lastShown(rungs: [good, good, bad, good], errorMax: 0.05) == 1)
    #expect(lastShown(rungs: [good, (accepted: 0, wrong: 0)], errorMax: 0.05) == 0)
    #expect(lastShown(rungs: [good, bad], errorMax: 1) == 1)
    #expect(lastShown(rungs: [(accepted: 9, wrong: 3), good, bad], errorMax: 0.05, acceptedMinimum: 100) == 1)
    #expect(lastShown(rungs: [(accepted: 9, wrong: 3), good, bad], errorMax: 0.05) == nil)
  }

  /// One line's held-out parts: confidence c is uniform in 0.5...1, and a part is wrong with probability `slope` (1 - c),
  /// so that of the parts above t a share of `slope` (1 - t) / 2 is wrong.
  private func rungs(parts: Int, slope: Double, thresholds: [Double], random: inout Random)
    -> [(accepted: Int, wrong: Int)]
  {
    let drawn = (0..<parts).map { _ in
      let confidence = 0.5 + random.unit() / 2
      return (confidence: confidence, isWrong: random.unit() < slope * (1 - confidence))
    }
    return thresholds.map { threshold in
      let accepted = drawn.filter { $0.confidence >= threshold }
      return (accepted.count, accepted.count { $0.isWrong })
    }
  }

  /// The promise itself: over many lines the error above the chosen threshold exceeds the stated rate in at most 5 %.
  @Test(arguments: [(120, 0.4), (400, 0.4), (400, 0.21), (3000, 0.4)])
  func `the stated error rate is exceeded by at most one line in twenty`(parts: Int, slope: Double) {
    let errorMax = 0.05
    let thresholds = (0...20).map { 0.75 - 0.0125 * Double($0) }
    var random = Random(seed: UInt64(parts) &* 31 &+ UInt64(slope * 100))
    let runs = 2000
    var exceeded: [Int: Int] = [:]
    var tempted = 0
    for _ in 0..<runs {
      let rungs = rungs(parts: parts, slope: slope, thresholds: thresholds, random: &random)
      func risk(_ index: Int) -> Double { slope * (1 - thresholds[index]) / 2 }
      for least in [1, parts / 2] {
        let shown = lastShown(rungs: rungs, errorMax: errorMax, acceptedMinimum: least)
        if let shown, risk(shown) > errorMax { exceeded[least, default: 0] += 1 }
      }
      // What one would do without this: take the lowest threshold that looks good.
      let looksGood = rungs.lastIndex { Double($0.wrong) <= errorMax * Double($0.accepted) }
      if let looksGood, risk(looksGood) > errorMax { tempted += 1 }
    }
    #expect(exceeded.values.allSatisfy { Double($0) / Double(runs) <= 0.05 }, "\(exceeded)")
    #expect(Double(tempted) / Double(runs) > 0.15, "the draws are such that a careless choice goes wrong")
  }

  @Test func `with many parts nearly the best threshold is found`() {
    let thresholds = (0...20).map { 0.75 - 0.0125 * Double($0) }
    var random = Random(seed: 7)
    // slope 0.21: 0.05 is reached at t = 0.524, the last but two.
    var found: [Int] = []
    for _ in 0..<50 {
      let rungs = rungs(parts: 20_000, slope: 0.21, thresholds: thresholds, random: &random)
      if let shown = lastShown(rungs: rungs, errorMax: 0.05) { found.append(shown) }
    }
    #expect(found.count == 50)
    #expect(found.allSatisfy { (12...19).contains($0) })
  }
}
