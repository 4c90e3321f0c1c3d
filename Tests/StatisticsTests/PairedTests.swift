import Glibc
import Statistics
import Testing

@Suite struct PairedTests {
  @Test func `without discordant rows nothing is shown`() {
    #expect(mcnemarExact(wins: 0, losses: 0) == 1)
    #expect(logSuperiorityEvidence(wins: 0, losses: 0) == 0)
    #expect(nonInferiorityLower(wins: 0, losses: 0, total: 0) == -1)
  }

  @Test func `one win more is always stronger`() {
    for discordant in 1...60 {
      for wins in 1...discordant {
        let stronger = mcnemarExact(wins: wins, losses: discordant - wins)
        let weaker = mcnemarExact(wins: wins - 1, losses: discordant - wins + 1)
        // Near 1 neighbouring values round to the same double.
        #expect(stronger < weaker || (weaker == 1 && stronger <= 1 && 2 * wins < discordant))
      }
      #expect(mcnemarExact(wins: 0, losses: discordant) == 1)
    }
  }

  /// Sums of binomial terms, computed apart.
  @Test func `wins that are labelled more often count for less`() {
    #expect(abs(mcnemarExact(wins: 25, losses: 5, winsLabelledMoreOften: 2) - 0.035454171816298966) < 1e-12)
    #expect(abs(mcnemarExact(wins: 55, losses: 5, winsLabelledMoreOften: 2.2) - 2.247156861912702e-05) < 1e-12)
    #expect(mcnemarExact(wins: 40, losses: 20, winsLabelledMoreOften: 1) == mcnemarExact(wins: 40, losses: 20))
    #expect(mcnemarExact(wins: 40, losses: 20) < 0.01, "what chance alone would call a gain")
    #expect(mcnemarExact(wins: 40, losses: 20, winsLabelledMoreOften: 2) > 0.4)
    #expect(mcnemarExact(wins: 0, losses: 0, winsLabelledMoreOften: 3) == 1)
  }

  @Test func `the tiniest tails and the largest counts stay finite`() {
    #expect(abs(log(mcnemarExact(wins: 1000, losses: 0)) + 1000 * log(2.0)) < 1e-8)
    #expect(mcnemarExact(wins: 100_000, losses: 0) == 0)
    let even = mcnemarExact(wins: 1_000_000, losses: 1_000_000)
    #expect(even > 0.5 && even < 0.501)
  }

  @Test func `the levels of all attempts add up to the level`() {
    let sum = (1...100_000).reduce(0.0) { $0 + attemptAlpha(0.05, attempt: $1) }
    #expect(sum < 0.05 && sum > 0.04999)
    #expect(abs(attemptAlpha(0.05, attempt: 1) - 0.0303963550927) < 1e-12)
  }

  @Test func `the chance that a group seems no worse, against counting every outcome`() {
    // Two rows: worse are (loss, loss), (loss, none) and (none, loss).
    let worse = 0.2 * 0.2 + 2 * 0.2 * 0.5
    #expect(abs(pairedNotWorseProbability(total: 2, winRate: 0.3, lossRate: 0.2) - (1 - worse)) < 1e-12)
    #expect(pairedNotWorseProbability(total: 0, winRate: 0.1, lossRate: 0.1) == 1)
    #expect(pairedNotWorseProbability(total: 9, winRate: 0, lossRate: 0) == 1)
    #expect(abs(pairedNotWorseProbability(total: 40, winRate: 1, lossRate: 0) - 1) < 1e-12)
    #expect(pairedNotWorseProbability(total: 3, winRate: 0, lossRate: 1) < 1e-12)
    let chances = [20, 60, 150, 1000].map { pairedNotWorseProbability(total: $0, winRate: 0.075, lossRate: 0.015) }
    #expect(zip(chances, chances.dropFirst()).allSatisfy { $0 < $1 } && chances[3] > 0.999)
  }

  @Test func `non-inferiority is the textbook bound with its continuity`() {
    // 12 wins, 8 losses, 500 rows: .008 - 1.645 * sqrt(21 - 16/502) / 502.
    #expect(abs(nonInferiorityLower(wins: 12, losses: 8, total: 500) - (-0.0070051)) < 1e-6)
    #expect(nonInferiorityLower(wins: 0, losses: 0, total: 50) < -0.03, "silence of few rows is no proof")
    #expect(nonInferiorityLower(wins: 0, losses: 1, total: 1) >= -1)
  }

  @Test func `the bound is below the true difference about 95 times in 100`() {
    var random = Random(seed: 7)
    var below = 0
    for _ in 0..<2000 {
      var wins = 0
      var losses = 0
      for _ in 0..<400 {
        let u = random.unit()
        if u < 0.03 { wins += 1 } else if u < 0.05 { losses += 1 }
      }
      if nonInferiorityLower(wins: wins, losses: losses, total: 400) <= 0.01 { below += 1 }
    }
    #expect(below >= 1860 && below <= 1960, "\(below) of 2000")
  }

  @Test func `power grows with rows and is at most the level without an effect`() {
    let powers = [60, 150, 450].map { mcnemarPower(total: $0, winRate: 0.075, lossRate: 0.015, alpha: 0.05) }
    #expect(powers[0] < powers[1] && powers[1] < powers[2] && powers[2] > 0.99)
    #expect(mcnemarPower(total: 300, winRate: 0.03, lossRate: 0.03, alpha: 0.05) <= 0.05)
    #expect(mcnemarPower(total: 0, winRate: 0.1, lossRate: 0.1, alpha: 0.05) == 0)
    #expect(mcnemarPower(total: 50, winRate: 0, lossRate: 0, alpha: 0.05) == 0)
  }

  @Test func `sequential evidence rarely reaches 20 when the models are equal`() {
    var random = Random(seed: 20)
    var reached = 0
    for _ in 0..<400 {
      var wins = 0
      for toss in 1...300 {
        if random.unit() < 0.5 { wins += 1 }
        if logSuperiorityEvidence(wins: wins, losses: toss - wins) >= log(20.0) {
          reached += 1
          break
        }
      }
    }
    #expect(reached <= 28, "\(reached) of 400: 20 expected at most, 28 is two standard deviations more")
    #expect(logSuperiorityEvidence(wins: 20, losses: 3) > log(20.0))
  }

  @Test func `step-down rejects what no single threshold of its size would`() {
    #expect(holm([0.01, 0.02, 0.03], level: 0.05) == [true, true, true])
    #expect(holm([0.01, 0.04, 0.03], level: 0.05) == [true, false, false])
    #expect(holm([0.02, 0.9], level: 0.03) == [false, false])
    #expect(holm([], level: 0.05).isEmpty && benjaminiHochberg([], rate: 0.1).isEmpty)
    #expect(benjaminiHochberg([0.9, 0.8], rate: 0.1) == [false, false])
  }
}
