import Glibc

/// One-sided exact McNemar test: the probability of `wins` or more out of wins + losses fair coin tosses.
///
/// `wins`: rows the challenger alone gets right; `losses`: rows the champion alone gets right. 1 without either.
/// Source: McNemar 1947, exact conditional form.
public func mcnemarExact(wins: Int, losses: Int) -> Double {
  precondition(wins >= 0 && losses >= 0, "counts of rows are not negative")
  if wins <= losses { return 1 - fairUpperTail(atLeast: losses + 1, of: wins + losses) }
  return fairUpperTail(atLeast: wins, of: wins + losses)
}

/// The same where a win is labelled up to `ratio` times as often as a loss: the probability of so many wins from coins
/// that fall on that side with ratio / (1 + ratio). A ratio of 1 is the test itself.
///
/// Holds whoever chose what to label, if he chose by whether the serving student seemed wrong.
public func mcnemarExact(wins: Int, losses: Int, winsLabelledMoreOften ratio: Double) -> Double {
  precondition(ratio >= 1 && ratio.isFinite, "wins are labelled as often as losses or more often")
  if ratio == 1 { return mcnemarExact(wins: wins, losses: losses) }
  return upperTail(atLeast: wins, of: wins + losses, rate: ratio / (1 + ratio))
}

/// Level of the k-th attempt on overlapping gate rows: α 6 / (π² k²), which adds up to α over all attempts.
public func attemptAlpha(_ alpha: Double, attempt: Int) -> Double {
  precondition(attempt >= 1, "attempts are counted from 1")
  let k = Double(attempt)
  return alpha * 6 / (Double.pi * Double.pi * k * k)
}

/// Lower 95 % bound of the paired difference in accuracy, challenger minus champion; -1 without rows.
///
/// Δ̂ - 1.645 se with Δ̂ = (b - c)/n and se = √(b + c - (b - c)²/n) / n, where the standard error takes b and c plus
/// one half and n plus two, so that few discordant rows do not pass for certainty. Source: Wald interval of paired
/// proportions with the adjustment of Agresti & Min 2005.
public func nonInferiorityLower(wins: Int, losses: Int, total: Int) -> Double {
  precondition(wins >= 0 && losses >= 0 && wins + losses <= total, "discordant rows are a part of all rows")
  if total == 0 { return -1 }
  let difference = Double(wins - losses)
  let n = Double(total) + 2
  let error = (Double(wins + losses) + 1 - difference * difference / n).squareRoot() / n
  return max(difference / Double(total) - 1.645 * error, -1)
}

/// Probability that the exact McNemar test rejects at `alpha`, by enumeration of the discordant rows.
///
/// `total` gate rows, each independently a win with `winRate`, a loss with `lossRate` (their sum at most 1).
public func mcnemarPower(total: Int, winRate: Double, lossRate: Double, alpha: Double) -> Double {
  precondition(total >= 0 && winRate >= 0 && lossRate >= 0, "rows and rates are not negative")
  precondition(winRate + lossRate <= 1 + 1e-12, "wins and losses are parts of all rows")
  let discordantRate = min(winRate + lossRate, 1)
  if total == 0 || discordantRate == 0 || alpha >= 1 { return alpha >= 1 ? 1 : 0 }
  let winShare = min(winRate / discordantRate, 1)
  var power = 0.0
  var needed = 0
  for discordant in 1...total {
    // One more discordant row never lowers the wins a rejection needs.
    while needed <= discordant, mcnemarExact(wins: needed, losses: discordant - needed) > alpha { needed += 1 }
    if needed > discordant { continue }
    let weight = exp(logBinomialMass(discordant, of: total, rate: discordantRate))
    power += weight * upperTail(atLeast: needed, of: discordant, rate: winShare)
  }
  return min(power, 1)
}

/// Probability that a group does not seem to get worse: at least as many wins as losses among `total` rows.
///
/// Each row independently a win with `winRate`, a loss with `lossRate` (their sum at most 1).
public func pairedNotWorseProbability(total: Int, winRate: Double, lossRate: Double) -> Double {
  precondition(total >= 0 && winRate >= 0 && lossRate >= 0, "rows and rates are not negative")
  precondition(winRate + lossRate <= 1 + 1e-12, "wins and losses are parts of all rows")
  let discordantRate = min(winRate + lossRate, 1)
  if total == 0 || discordantRate == 0 { return 1 }
  let winShare = min(winRate / discordantRate, 1)
  let sum = (0...total).reduce(0.0) { sum, discordant in
    sum + exp(logBinomialMass(discordant, of: total, rate: discordantRate))
      * upperTail(atLeast: (discordant + 1) / 2, of: discordant, rate: winShare)
  }
  return min(sum, 1)
}

/// Sequential evidence (e-value) that wins outweigh losses: E = mean over θ of (2θ)^b (2(1-θ))^c, θ in .6, .7, .8, .9.
///
/// The natural logarithm of E; under "wins are at most as likely as losses" E exceeds 1/α ever with probability at
/// most α, whenever one looks. Source: mixture of likelihood ratios, Ville's inequality.
public func logSuperiorityEvidence(wins: Int, losses: Int) -> Double {
  precondition(wins >= 0 && losses >= 0, "counts of rows are not negative")
  let terms = [0.6, 0.7, 0.8, 0.9].map { Double(wins) * log(2 * $0) + Double(losses) * log(2 * (1 - $0)) }
  let top = terms.reduce(-Double.infinity, max)
  return top + log(terms.reduce(0) { $0 + exp($1 - top) } / Double(terms.count))
}

/// P(Bin(n, 1/2) >= k) for k above n/2, by summing the falling terms from the first one on.
private func fairUpperTail(atLeast k: Int, of n: Int) -> Double {
  if k > n { return 0 }
  var term = exp(logBinomialMass(k, of: n, rate: 0.5))
  var sum = 0.0
  for index in k...n {
    sum += term
    if term < sum * 1e-18 { break }
    term *= Double(n - index) / Double(index + 1)
  }
  return min(sum, 1)
}

private func upperTail(atLeast k: Int, of n: Int, rate: Double) -> Double {
  if k <= 0 { return 1 }
  if k > n { return 0 }
  return regularisedIncompleteBeta(rate, Double(k), Double(n - k) + 1)
}

private func logBinomialMass(_ k: Int, of n: Int, rate: Double) -> Double {
  let hits = k == 0 ? 0 : Double(k) * log(rate)
  let misses = k == n ? 0 : Double(n - k) * log1p(-rate)
  return hits + misses - logBeta(Double(k) + 1, Double(n - k) + 1) - log(Double(n) + 1)
}
