import Domain
import Glibc

/// Examines the confidence of logits `[rows.count, classCount]` on labelled rows they were not fitted to; nil without
/// rows.
public func calibration(logits: [Float], rows: TrainingRows, groups: [GroupKey]) -> TeacherCalibration? {
  precondition(logits.count == rows.count * rows.classCount, "logits are [rowCount, classCount]")
  guard rows.count > 0 else { return nil }
  let temperature = fittedTemperature(logits: logits, rows: rows)
  let before = judged(logits: logits, rows: rows, temperature: 1)
  let after = judged(logits: logits, rows: rows, temperature: temperature)
  var excess = [Double](repeating: 0, count: rows.groupCount)
  for (group, answer) in zip(rows.groups, before) { excess[group] += answer.confidence - (answer.isRight ? 1 : 0) }
  let worst = excess.indices.filter { rows.groupSizes[$0] >= countedRowsMinimum }
    .map { (group: $0, excess: excess[$0] / Double(rows.groupSizes[$0])) }
    .max { abs($0.excess) < abs($1.excess) }
  return TeacherCalibration(
    expectedError: expectedCalibrationError(before), expectedErrorAfter: expectedCalibrationError(after),
    temperature: temperature, worstGroup: worst.map { groups[$0.group] }, worstGroupExcess: worst?.excess,
    rows: rows.count)
}

/// The temperature in 0.05...20 that gives labelled rows the smallest cross-entropy (Guo et al. 2017), by golden
/// section over its logarithm: the cross-entropy is convex in 1 / temperature, hence has one minimum.
public func fittedTemperature(logits: [Float], rows: TrainingRows) -> Double {
  let golden = (5.0.squareRoot() - 1) / 2
  var (low, high) = (log(0.05), log(20.0))
  func loss(_ logTemperature: Double) -> Double {
    crossEntropy(logits: logits, rows: rows, temperature: exp(logTemperature))
  }
  var (left, right) = (high - golden * (high - low), low + golden * (high - low))
  var (leftLoss, rightLoss) = (loss(left), loss(right))
  for _ in 0..<30 {
    if leftLoss <= rightLoss {
      high = right
      (right, rightLoss) = (left, leftLoss)
      left = high - golden * (high - low)
      leftLoss = loss(left)
    } else {
      low = left
      (left, leftLoss) = (right, rightLoss)
      right = low + golden * (high - low)
      rightLoss = loss(right)
    }
  }
  return exp((low + high) / 2)
}

private struct Answer {
  let confidence: Double
  let isRight: Bool
}

/// Source: Naeini et al. 2015, 15 equal bins as in Guo et al. 2017.
private func expectedCalibrationError(_ answers: [Answer]) -> Double {
  let binCount = 15
  var gaps = [Double](repeating: 0, count: binCount)
  for answer in answers {
    let bin = min(binCount - 1, Int(answer.confidence * Double(binCount)))
    gaps[bin] += answer.confidence - (answer.isRight ? 1 : 0)
  }
  return gaps.reduce(0) { $0 + abs($1) } / Double(max(answers.count, 1))
}

private func judged(logits: [Float], rows: TrainingRows, temperature: Double) -> [Answer] {
  (0..<rows.count).map { row in
    let range = row * rows.classCount..<(row + 1) * rows.classCount
    var (top, highest) = (0, -Double.infinity)
    for (label, index) in range.enumerated() where Double(logits[index]) > highest {
      (top, highest) = (label, Double(logits[index]))
    }
    let sum = range.reduce(0) { $0 + exp((Double(logits[$1]) - highest) / temperature) }
    return Answer(confidence: 1 / sum, isRight: top == rows.labels[row])
  }
}

private func crossEntropy(logits: [Float], rows: TrainingRows, temperature: Double) -> Double {
  var total = 0.0
  for row in 0..<rows.count {
    let range = row * rows.classCount..<(row + 1) * rows.classCount
    let highest = range.reduce(-Double.infinity) { max($0, Double(logits[$1])) }
    let sum = range.reduce(0) { $0 + exp((Double(logits[$1]) - highest) / temperature) }
    total += log(sum) - (Double(logits[range.lowerBound + rows.labels[row]]) - highest) / temperature
  }
  return total / Double(rows.count)
}
