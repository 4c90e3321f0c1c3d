import Glibc

/// Probabilities of one row of logits at a temperature, shifted so that no exponential overflows.
///
/// Logits that are not numbers give equal probabilities to all classes: no answer is better than a trap.
public func softmax(_ logits: [Float], temperature: Float = 1) -> [Float] {
  guard let highest = logits.max(), highest.isFinite else {
    return Array(repeating: 1 / Float(max(logits.count, 1)), count: logits.count)
  }
  let powers = logits.map { exp(($0 - highest) / temperature) }
  let sum = powers.reduce(0, +)
  guard sum.isFinite, sum > 0 else {
    return Array(repeating: 1 / Float(logits.count), count: logits.count)
  }
  return powers.map { $0 / sum }
}

/// The class with the largest logit (the first of equals) and its softmax probability in 0...1.
///
/// Logits that are not numbers are never chosen; without a finite largest one the answer is class 0 with confidence
/// 1 / classCount.
public func topClass(_ logits: [Float]) -> (index: Int, confidence: Float) {
  topClass(logits.span)
}

/// The same for one row of a batch; allocates nothing.
public func topClass(_ logits: Span<Float>) -> (index: Int, confidence: Float) {
  var best = -1
  for index in logits.indices where !logits[index].isNaN {
    if best < 0 || logits[index] > logits[best] { best = index }
  }
  guard best >= 0, logits[best].isFinite else { return (0, 1 / Float(max(logits.count, 1))) }
  var sum: Float = 0
  for index in logits.indices where !logits[index].isNaN { sum += exp(logits[index] - logits[best]) }
  return (best, 1 / sum)
}
