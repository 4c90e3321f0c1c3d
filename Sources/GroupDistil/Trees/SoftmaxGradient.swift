import Glibc

/// Cross-entropy of rows and its first and second derivatives by every output's score, times the row's weight.
///
/// - Parameters:
///   - scores: [rowCount, outputCount]; one output f is two classes' with logits -f/2 and f/2, else one a class.
///   - labels, weights: [rowCount].
///   - gradients: [rowCount, outputCount], overwritten: weight (p - y).
///   - curvatures: [rowCount, outputCount], overwritten: weight p (1 - p), the diagonal of the Hessian.
/// - Returns: the sum of weighted losses in nats.
public func softmaxGradients(
  scores: [Float], labels: [Int], weights: [Float], outputCount: Int, gradients: inout [Float],
  curvatures: inout [Float]
) -> Double {
  precondition(weights.count == labels.count && scores.count == labels.count * outputCount, "counts are rowCount")
  precondition(gradients.count == scores.count && curvatures.count == scores.count, "as many derivatives as scores")
  let scores = scores.span
  var gradients = gradients.mutableSpan
  var curvatures = curvatures.mutableSpan
  var total = 0.0
  for row in labels.indices {
    let (start, label, weight) = (row * outputCount, labels[row], weights[row])
    if outputCount == 1 {
      let score = scores[row]
      let share = 1 / (1 + exp(-score))
      gradients[row] = weight * (share - (label == 1 ? 1 : 0))
      curvatures[row] = weight * share * (1 - share)
      let against = Double(label == 1 ? -score : score)
      total += Double(weight) * (max(against, 0) + log1p(exp(-abs(against))))
      continue
    }
    var highest = -Float.infinity
    for index in start..<start + outputCount { highest = max(highest, scores[index]) }
    var sum: Float = 0
    for index in start..<start + outputCount {
      let share = exp(scores[index] - highest)
      gradients[index] = share
      sum += share
    }
    for index in start..<start + outputCount {
      let share = gradients[index] / sum
      gradients[index] = weight * (share - (index == start + label ? 1 : 0))
      curvatures[index] = weight * share * (1 - share)
    }
    total += Double(weight) * (Double(log(sum)) - Double(scores[start + label] - highest))
  }
  return total
}
