import Glibc

/// Which of several hypotheses to reject so that the expected share of false rejections is at most `rate`, whatever they
/// have to do with each other and whenever one looks.
///
/// Natural logarithms of e-values in, one flag for each out, in the same order: the k largest are rejected for the
/// largest k with e_(k) >= count / (rate k). Source: Wang & Ramdas 2022, "False discovery rate control with e-values".
public func eBenjaminiHochberg(logEValues: [Double], rate: Double) -> [Bool] {
  precondition(rate > 0 && rate < 1, "a rate of false rejections lies strictly between 0 and 1")
  let order = logEValues.indices.sorted { logEValues[$0] > logEValues[$1] }
  let count = Double(logEValues.count)
  var rejected = [Bool](repeating: false, count: logEValues.count)
  guard let last = order.indices.last(where: { logEValues[order[$0]] >= log(count / (rate * Double($0 + 1))) }) else {
    return rejected
  }
  for position in 0...last { rejected[order[position]] = true }
  return rejected
}
