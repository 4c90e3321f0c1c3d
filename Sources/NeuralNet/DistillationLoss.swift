import Glibc

/// (1 - α) cross-entropy + α τ² KL(teacher || student), both at temperature τ inside the KL (Hinton et al. 2015).
///
/// α = 0 is plain cross-entropy; a row without a label counts τ² KL alone.
public struct DistillationLoss: Sendable, Equatable {
  /// 0...1.
  public let alpha: Float
  /// Positive.
  public let temperature: Float

  /// In place of a label.
  public static let unlabelled = -1
  /// Teacher logits beyond this say no more than "sure", and would drown every other term.
  public static let teacherLogitLimit: Float = 50

  public init(alpha: Float, temperature: Float) {
    precondition((0...1).contains(alpha) && temperature > 0, "alpha is in 0...1 and temperature is positive")
    self.alpha = alpha
    self.temperature = temperature
  }

  /// Overwrites `losses` [rows] and `gradient` [rows, classCount] (with respect to the logits, per row, unweighted).
  ///
  /// - Parameters:
  ///   - logits: [rows, classCount].
  ///   - labels: [rows], 0 ..< classCount or `unlabelled`.
  ///   - teacher: logits [rows, classCount]; may be empty when α is 0 and every row has a label.
  public func evaluate(
    logits: [Float], labels: [Int], teacher: [Float], classCount: Int, losses: inout [Float], gradient: inout [Float]
  ) {
    let rowCount = labels.count
    precondition(logits.count == rowCount * classCount && gradient.count == logits.count, "[rows, classCount]")
    precondition(losses.count == rowCount, "one loss a row")
    precondition(teacher.isEmpty || teacher.count == logits.count, "teacher logits are [rows, classCount]")
    let (logits, teacher) = (logits.span, teacher.span)
    var gradient = gradient.mutableSpan
    for row in 0..<rowCount {
      let label = labels[row]
      precondition(label < classCount && label >= Self.unlabelled, "a label names a class")
      let distilled = label == Self.unlabelled ? 1 : alpha
      precondition(distilled == 0 || !teacher.isEmpty, "distillation needs teacher logits")
      let range = (row * classCount)..<((row + 1) * classCount)
      var loss: Float = 0
      for index in range { gradient[index] = 0 }
      if distilled < 1 {
        loss += addCrossEntropy(logits, range, label: label, factor: 1 - distilled, gradient: &gradient)
      }
      if distilled > 0 {
        loss += addDivergence(logits, teacher, range, factor: distilled, gradient: &gradient)
      }
      losses[row] = loss
    }
  }

  private func addCrossEntropy(
    _ logits: Span<Float>, _ range: Range<Int>, label: Int, factor: Float, gradient: inout MutableSpan<Float>
  ) -> Float {
    let normaliser = logSumExp(logits, range, scale: 1, limit: .infinity)
    for index in range { gradient[index] += factor * exp(logits[index] - normaliser) }
    let target = range.lowerBound + label
    gradient[target] -= factor
    return factor * (normaliser - logits[target])
  }

  /// dKL·τ²/dz = τ (pS - pT).
  private func addDivergence(
    _ logits: Span<Float>, _ teacher: Span<Float>, _ range: Range<Int>, factor: Float,
    gradient: inout MutableSpan<Float>
  ) -> Float {
    let scale = 1 / temperature
    let limit = Self.teacherLogitLimit
    let studentNormaliser = logSumExp(logits, range, scale: scale, limit: .infinity)
    let teacherNormaliser = logSumExp(teacher, range, scale: scale, limit: limit)
    var divergence: Float = 0
    for index in range {
      let studentLog = logits[index] * scale - studentNormaliser
      let teacherLog = min(max(teacher[index], -limit), limit) * scale - teacherNormaliser
      let teacherShare = exp(teacherLog)
      divergence += teacherShare * (teacherLog - studentLog)
      gradient[index] += factor * temperature * (exp(studentLog) - teacherShare)
    }
    return factor * temperature * temperature * divergence
  }

  private func logSumExp(_ values: Span<Float>, _ range: Range<Int>, scale: Float, limit: Float) -> Float {
    var highest = -Float.infinity
    for index in range { highest = max(highest, min(max(values[index], -limit), limit)) }
    guard highest.isFinite else { return .nan }
    var sum: Float = 0
    for index in range { sum += exp((min(max(values[index], -limit), limit) - highest) * scale) }
    return highest * scale + log(sum)
  }
}

/// Multiplies row r of `gradient` [rows, classCount] by `weights[r]`.
public func scaleRows(_ gradient: inout [Float], by weights: [Float], classCount: Int) {
  precondition(gradient.count == weights.count * classCount, "one weight a row")
  for row in weights.indices {
    for index in (row * classCount)..<((row + 1) * classCount) { gradient[index] *= weights[row] }
  }
}
