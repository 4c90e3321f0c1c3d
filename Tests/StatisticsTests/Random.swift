import Glibc

/// Seeded random numbers for the simulations: SplitMix64, Steele, Lea & Flood 2014.
struct Random: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed &>> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed &>> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed &>> 31)
  }

  /// Uniform in [0, 1).
  mutating func unit() -> Double { Double(next() &>> 11) * 0x1p-53 }

  mutating func normal() -> Double {
    let radius = (-2 * log(1 - unit())).squareRoot()
    return radius * cos(2 * Double.pi * unit())
  }

  /// Successes among `count` trials, counted by the gaps between failures: cheap where failures are rare.
  mutating func successes(of count: Int, rate: Double) -> Int {
    let scale = log(rate)
    var failures = 0
    var position = log(1 - unit()) / scale
    while position < Double(count) {
      failures += 1
      position = position.rounded(.down) + 1 + log(1 - unit()) / scale
    }
    return count - failures
  }
}

func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

func logarithm(_ value: Double) -> Double { log(value) }
