import Statistics
import Testing

/// Relative agreement, absolute below one.
func agrees(_ value: Double, _ expected: Double, within tolerance: Double = 1e-9) -> Bool {
  abs(value - expected) <= tolerance * max(1, abs(expected))
}

@Suite struct ReferenceTests {
  @Test func `log beta agrees with scipy`() {
    for row in logBetaReference {
      #expect(agrees(logBeta(row.a, row.b), row.value, within: 1e-12), "B(\(row.a), \(row.b))")
      #expect(logBeta(row.a, row.b) == logBeta(row.b, row.a))
    }
  }

  @Test func `the incomplete beta function agrees with scipy`() {
    for row in incompleteBetaReference {
      let value = regularisedIncompleteBeta(row.x, row.a, row.b)
      #expect(agrees(value, row.value), "I_\(row.x)(\(row.a), \(row.b)) = \(value), not \(row.value)")
    }
  }

  @Test func `beta quantiles agree with scipy, tiny ones relatively`() {
    for row in inverseBetaReference {
      let value = inverseRegularisedIncompleteBeta(row.probability, row.a, row.b)
      #expect(abs(value - row.value) <= 1e-9 * row.value, "\(row): \(value)")
    }
  }

  @Test func `the inverse undoes the function for parameters of every size`() {
    var random = Random(seed: 11)
    for _ in 0..<500 {
      let a = 0.2 * power(10, 6 * random.unit())
      let b = 0.2 * power(10, 6 * random.unit())
      let probability = 0.001 + 0.998 * random.unit()
      let x = inverseRegularisedIncompleteBeta(probability, a, b)
      #expect(abs(regularisedIncompleteBeta(x, a, b) - probability) < 1e-9, "a \(a), b \(b), p \(probability)")
    }
  }

  @Test func `quantiles at the ends are the ends`() {
    #expect(inverseRegularisedIncompleteBeta(0, 2, 3) == 0)
    #expect(inverseRegularisedIncompleteBeta(1, 2, 3) == 1)
    #expect(regularisedIncompleteBeta(-1, 2, 3) == 0)
    #expect(regularisedIncompleteBeta(2, 2, 3) == 1)
    #expect(inverseRegularisedIncompleteBeta(0.5, 1e-4, 1) == 0, "smaller than any double")
  }

  @Test func `intervals agree with scipy`() throws {
    for row in intervalReference {
      let exact = try #require(clopperPearson(correct: row.correct, total: row.total))
      #expect(agrees(exact.lower, row.lower) && agrees(exact.upper, row.upper), "\(row)")
      let oneSided = try #require(clopperPearsonLower(correct: row.correct, total: row.total))
      #expect(agrees(oneSided, row.oneSided), "\(row)")
      let score = try #require(wilson(correct: row.correct, total: row.total))
      #expect(agrees(score.lower, row.wilsonLower) && agrees(score.upper, row.wilsonUpper), "\(row)")
      let sequence = betaMixtureInterval(correct: row.correct, wrong: row.total - row.correct)
      #expect(agrees(sequence.lower, row.sequenceLower) && agrees(sequence.upper, row.sequenceUpper), "\(row)")
    }
  }

  @Test func `normal quantiles agree with scipy`() {
    for row in normalReference { #expect(agrees(normalQuantile(row.probability), row.value, within: 1e-12)) }
  }

  @Test func `the paired test agrees with the binomial test of scipy`() {
    for row in mcnemarReference {
      let value = mcnemarExact(wins: row.wins, losses: row.losses)
      #expect(abs(value - row.value) <= 1e-10 * row.value, "\(row): \(value)")
    }
  }

  @Test func `power agrees with enumeration`() {
    for row in powerReference {
      let value = mcnemarPower(total: row.total, winRate: row.winRate, lossRate: row.lossRate, alpha: row.alpha)
      #expect(agrees(value, row.value), "\(row): \(value)")
    }
  }

  @Test func `shrunk accuracies agree with numpy`() {
    let groups = shrunkAccuracies(shrinkageReference.map { ($0.correct, $0.total) })
    for (group, row) in zip(groups, shrinkageReference) {
      #expect(agrees(group.estimate, row.estimate, within: 1e-12))
      #expect(agrees(group.interval.lower, row.lower) && agrees(group.interval.upper, row.upper))
      #expect(agrees(group.probabilityBelow(0.85), row.below))
    }
  }

  @Test func `discoveries agree with scipy at every rate`() {
    let pValues = discoveryReference.map(\.pValue)
    for rate in [0.0001, 0.01, 0.049, 0.06, 0.1, 0.5, 0.95] {
      #expect(benjaminiHochberg(pValues, rate: rate) == discoveryReference.map { $0.rate <= rate }, "rate \(rate)")
    }
  }

  @Test func `rates of discovery agree with scipy under both rules`() {
    let pValues = discoveryReference.map(\.pValue)
    let plain = discoveryRates(pValues)
    let careful = discoveryRates(pValues, rule: .benjaminiYekutieli)
    let padded = discoveryRates(pValues, of: 100)
    for (index, row) in discoveryReference.enumerated() {
      #expect(agrees(plain[index], row.rate, within: 1e-12))
      #expect(agrees(careful[index], row.anyDependence, within: 1e-12))
      #expect(agrees(padded[index], row.ofHundred, within: 1e-12))
    }
    #expect(discoveryRates([]).isEmpty)
  }

  @Test func `Fisher's tail agrees with scipy, tiny ones relatively`() {
    for row in hypergeometricReference {
      let tail = hypergeometricUpperTail(atLeast: row.count, drawn: row.drawn, marked: row.marked, of: row.total)
      #expect(abs(tail - row.tail) <= 1e-9 * row.tail, "\(row): \(tail)")
    }
  }
}
