import Glibc

/// Natural logarithm of the beta function B(a, b), for a, b > 0.
///
/// Differences of log-gammas lose a digit for every factor of ten in the arguments; where an argument is large the
/// Stirling series is used with its large terms cancelled by hand, so the relative error of B stays near 1e-13.
/// Source: DLMF 5.11.1 (Stirling series), 5.12.1.
public func logBeta(_ a: Double, _ b: Double) -> Double {
  precondition(a > 0 && b > 0, "the beta function needs two positive parameters")
  let small = min(a, b)
  let large = max(a, b)
  let sum = small + large
  if large < stirlingFrom { return logGamma(small) + logGamma(large) - logGamma(sum) }
  if small < stirlingFrom {
    let ratio = -(large - 0.5) * log1p(small / large) - small * log(sum) + small
    return logGamma(small) + ratio + stirlingRemainder(large) - stirlingRemainder(sum)
  }
  let remainder = stirlingRemainder(small) + stirlingRemainder(large) - stirlingRemainder(sum)
  return 0.5 * log(2 * Double.pi * sum / (small * large)) + remainder + small * log(small / sum)
    + large * log1p(-small / sum)
}

/// Regularised incomplete beta function I_x(a, b): the probability that a Beta(a, b) variable is at most `x`.
///
/// `x` is clamped to [0, 1]; a, b > 0. Source: DLMF 8.17.22 (continued fraction) and 8.17.4 (reflection).
public func regularisedIncompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
  precondition(a > 0 && b > 0, "the incomplete beta function needs two positive parameters")
  if x <= 0 { return 0 }
  if x >= 1 { return 1 }
  let scale = exp(logBetaWeight(x, a, b))
  if x < (a + 1) / (a + b + 2) { return min(scale * betaFraction(x, a, b) / a, 1) }
  return max(1 - scale * betaFraction(1 - x, b, a) / b, 0)
}

/// The `x` in [0, 1] at which I_x(a, b) = `probability`: the quantile of a Beta(a, b) variable.
///
/// `probability` is clamped to [0, 1]; a, b > 0. Newton steps inside a bracket that bisection keeps shrinking, so
/// every input ends after a bounded number of steps.
public func inverseRegularisedIncompleteBeta(_ probability: Double, _ a: Double, _ b: Double) -> Double {
  precondition(a > 0 && b > 0, "the incomplete beta function needs two positive parameters")
  if probability <= 0 { return 0 }
  if probability >= 1 { return 1 }
  var lower = smallestQuantile
  var upper = 1.0
  if regularisedIncompleteBeta(lower, a, b) >= probability { return 0 }
  var x = a / (a + b)
  for _ in 0..<quantileStepsMaximum {
    let excess = regularisedIncompleteBeta(x, a, b) - probability
    if excess == 0 { return x }
    if excess > 0 { upper = x } else { lower = x }
    if upper - lower <= 4 * x.ulp { break }
    let density = exp(logBetaWeight(x, a, b) - log(x) - log1p(-x))
    let newton = x - excess / density
    let next = newton > lower && newton < upper ? newton : middle(lower, upper)
    if abs(next - x) <= 2 * x.ulp { return next }
    x = next
  }
  return x
}

/// Below this argument the log-gamma recurrence runs upwards first; above it the series is exact to 1e-14.
private let stirlingFrom = 10.0

/// Quantiles smaller than this are reported as 0: nothing about a plant is that improbable.
private let smallestQuantile = 1e-300

/// A bracket of [1e-300, 1] halves (in the logarithm while it is wide) to one unit in the last place well within this.
private let quantileStepsMaximum = 400

/// Terms of the continued fraction: about the square root of the larger parameter are needed, so this covers 1e9.
private let fractionTermsMaximum = 100_000

/// The middle of a bracket: geometric while it spans magnitudes, arithmetic after.
private func middle(_ lower: Double, _ upper: Double) -> Double {
  upper > 4 * lower ? (lower.squareRoot() * upper.squareRoot()) : 0.5 * (lower + upper)
}

/// What Stirling's leading terms leave out of ln Γ(x), for x >= 10.
private func stirlingRemainder(_ x: Double) -> Double {
  let inverse = 1 / x
  let square = inverse * inverse
  let tail = 1.0 / 1188 - square * (691.0 / 360_360)
  let series = 1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1260 - square * (1.0 / 1680 - square * tail)))
  return inverse * series
}

func logGamma(_ x: Double) -> Double {
  var argument = x
  var product = 1.0
  while argument < stirlingFrom {
    product *= argument
    argument += 1
  }
  let leading = (argument - 0.5) * log(argument) - argument + 0.5 * log(2 * Double.pi)
  return leading + stirlingRemainder(argument) - log(product)
}

/// ln( x^a (1-x)^b / B(a, b) ), with the large terms cancelled around the mode where both parameters are large.
private func logBetaWeight(_ x: Double, _ a: Double, _ b: Double) -> Double {
  if min(a, b) < stirlingFrom { return a * log(x) + b * log1p(-x) - logBeta(a, b) }
  let sum = a + b
  let mean = a / sum
  let remainder = stirlingRemainder(a) + stirlingRemainder(b) - stirlingRemainder(sum)
  let offset = x - mean
  let ahead = a * log1p(offset / mean)
  let behind = b * log1p(-offset / (b / sum))
  return ahead + behind - 0.5 * log(2 * Double.pi * sum / (a * b)) - remainder
}

/// The continued fraction of DLMF 8.17.22 by the modified Lentz method, for x below (a+1)/(a+b+2).
private func betaFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
  let tiny = 1e-300
  func nonZero(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
  var numerator = 1.0
  var denominator = 1 / nonZero(1 - (a + b) * x / (a + 1))
  var fraction = denominator
  for term in 1...fractionTermsMaximum {
    let m = Double(term)
    let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
    denominator = 1 / nonZero(1 + even * denominator)
    numerator = nonZero(1 + even / numerator)
    fraction *= denominator * numerator
    let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
    denominator = 1 / nonZero(1 + odd * denominator)
    numerator = nonZero(1 + odd / numerator)
    let change = denominator * numerator
    fraction *= change
    if abs(change - 1) < 1e-16 { break }
  }
  return fraction
}
