import Glibc

/// Probability that a chi-square variable with `freedom` degrees of freedom exceeds `value`.
///
/// `value` at or below 0 gives 1. Source: DLMF 8.2.4, Q(freedom/2, value/2).
public func chiSquareUpperTail(_ value: Double, freedom: Int) -> Double {
  precondition(freedom > 0, "a chi-square variable has at least one degree of freedom")
  return value > 0 ? regularisedUpperGamma(Double(freedom) / 2, value / 2) : 1
}

/// The value that a chi-square variable with `freedom` degrees of freedom exceeds with probability `tail`,
/// 0 < tail < 1.
///
/// Asked by its upper tail, for levels like one in a million have no digits left as 1 - tail. Newton steps on the
/// logarithm of the tail, which is concave, inside a bracket that bisection keeps shrinking.
public func chiSquareQuantile(tail: Double, freedom: Int) -> Double {
  precondition(tail > 0 && tail < 1, "a quantile needs a probability strictly between 0 and 1")
  let half = Double(freedom) / 2
  var lower = 0.0
  var upper = Double(freedom) + 10
  while chiSquareUpperTail(upper, freedom: freedom) > tail { upper *= 2 }
  var x = min(Double(freedom), upper)
  for _ in 0..<stepsMaximum {
    let reached = chiSquareUpperTail(x, freedom: freedom)
    if reached > tail { lower = x } else { upper = x }
    if upper - lower <= 4 * x.ulp { break }
    let density = 0.5 * exp((half - 1) * log(x / 2) - x / 2 - logGamma(half))
    let newton = x + log(reached / tail) * reached / density
    let next = newton > lower && newton < upper ? newton : 0.5 * (lower + upper)
    if abs(next - x) <= 2 * x.ulp { return next }
    x = next
  }
  return x
}

/// Regularised upper incomplete gamma function Q(a, x), a > 0, x >= 0.
///
/// Below x = a + 1 by the series of P = 1 - Q, above by a continued fraction, so that small tails keep their digits.
/// Source: DLMF 8.7.1 and 8.9.2.
public func regularisedUpperGamma(_ a: Double, _ x: Double) -> Double {
  precondition(a > 0 && x >= 0, "the incomplete gamma function needs a positive parameter and no negative argument")
  if x == 0 { return 1 }
  let scale = exp(a * log(x) - x - logGamma(a))
  if x < a + 1 {
    var term = 1 / a
    var sum = term
    for index in 1...termsMaximum {
      term *= x / (a + Double(index))
      sum += term
      if term < sum * 1e-17 { break }
    }
    return max(1 - scale * sum, 0)
  }
  return min(scale * gammaFraction(a, x), 1)
}

/// About the square root of the parameter is needed; degrees of freedom here are bins of a histogram.
private let termsMaximum = 10_000

/// A bracket halves to one unit in the last place well within this.
private let stepsMaximum = 200

/// The continued fraction of DLMF 8.9.2 by the modified Lentz method, for x above a + 1.
private func gammaFraction(_ a: Double, _ x: Double) -> Double {
  let tiny = 1e-300
  var step = x + 1 - a
  var numerator = 1 / tiny
  var denominator = 1 / step
  var fraction = denominator
  for index in 1...termsMaximum {
    let factor = -Double(index) * (Double(index) - a)
    step += 2
    let below = factor * denominator + step
    denominator = 1 / (abs(below) < tiny ? tiny : below)
    let above = step + factor / numerator
    numerator = abs(above) < tiny ? tiny : above
    fraction *= denominator * numerator
    if abs(denominator * numerator - 1) < 1e-16 { break }
  }
  return fraction
}
