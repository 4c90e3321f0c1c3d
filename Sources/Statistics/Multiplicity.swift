/// Which of several hypotheses to reject so that the expected share of false rejections is at most `rate`.
///
/// p-values in, one flag for each out, in the same order. Source: Benjamini & Hochberg 1995.
public func benjaminiHochberg(_ pValues: [Double], rate: Double) -> [Bool] {
  let order = pValues.indices.sorted { pValues[$0] < pValues[$1] }
  let count = Double(pValues.count)
  let last = order.indices.last { pValues[order[$0]] <= rate * Double($0 + 1) / count }
  return flags(order, upTo: last)
}

/// Which of several hypotheses to reject so that any false rejection has probability at most `level`. Source: Holm 1979.
public func holm(_ pValues: [Double], level: Double) -> [Bool] {
  let order = pValues.indices.sorted { pValues[$0] < pValues[$1] }
  let firstKept = order.indices.first { pValues[order[$0]] > level / Double(order.count - $0) } ?? order.count
  return flags(order, upTo: firstKept == 0 ? nil : firstKept - 1)
}

private func flags(_ order: [Int], upTo last: Int?) -> [Bool] {
  var rejected = [Bool](repeating: false, count: order.count)
  if let last { for position in 0...last { rejected[order[position]] = true } }
  return rejected
}

/// How p-values that are not independent are corrected for being many.
public enum DiscoveryRule: String, Sendable, CaseIterable {
  /// Independent, or positively dependent as overlapping sets of parts are. Source: Benjamini & Hochberg 1995, 2001.
  case benjaminiHochberg = "BH"
  /// However they depend. Source: Benjamini & Yekutieli 2001.
  case benjaminiYekutieli = "BY"
}

/// The least rate at which each hypothesis would be rejected (its q-value, at most 1), in the order of the p-values.
///
/// - Parameter count: hypotheses that were looked at, where some of them stand in no list: they count as p = 1. nil: as
///   many as there are p-values.
public func discoveryRates(_ pValues: [Double], rule: DiscoveryRule = .benjaminiHochberg, of count: Int? = nil)
  -> [Double]
{
  let count = count ?? pValues.count
  precondition(count >= pValues.count, "p-values belong to hypotheses that were looked at")
  var rates = [Double](repeating: 1, count: pValues.count)
  guard count > 0 else { return rates }
  let factor =
    switch rule {
    case .benjaminiHochberg: Double(count)
    case .benjaminiYekutieli: Double(count) * (1...count).reduce(0) { $0 + 1 / Double($1) }
    }
  let order = pValues.indices.sorted { pValues[$0] < pValues[$1] }
  var least = 1.0
  for position in order.indices.reversed() {
    least = min(least, pValues[order[position]] * factor / Double(position + 1))
    rates[order[position]] = least
  }
  return rates
}
