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
