import CKernels

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
    logits: [Float], labels: [Int], teacher: [Float], classCount: Int, losses: inout [Float], gradient: inout [Float],
    on instructionSet: InstructionSet = .best
  ) {
    let rowCount = labels.count
    precondition(logits.count == rowCount * classCount && gradient.count == logits.count, "[rows, classCount]")
    precondition(losses.count == rowCount, "one loss a row")
    precondition(teacher.isEmpty || teacher.count == logits.count, "teacher logits are [rows, classCount]")
    for label in labels {
      precondition(label < classCount && label >= Self.unlabelled, "a label names a class")
      precondition(!teacher.isEmpty || (label != Self.unlabelled && alpha == 0), "distillation needs teacher logits")
    }
    let settings = kz_loss(alpha: alpha, temperature: temperature, teacher_limit: Self.teacherLogitLimit)
    let roomCount = 3 * Int(KZ_LOSS_LANES) * classCount
    withUnsafeTemporaryAllocation(of: Float.self, capacity: roomCount) { room in
      guard let room = room.baseAddress else { return }
      teacher.withUnsafeBufferPointer { teacher in
        kz_distillation(
          instructionSet.code, settings, logits, labels, teacher.isEmpty ? nil : teacher.baseAddress, rowCount,
          classCount, &losses, &gradient, room)
      }
    }
  }
}

/// Multiplies row r of `gradient` [rows, classCount] by `weights[r]`.
public func scaleRows(_ gradient: inout [Float], by weights: [Float], classCount: Int) {
  precondition(gradient.count == weights.count * classCount, "one weight a row")
  kz_scale_rows(InstructionSet.best.code, &gradient, weights, weights.count, classCount)
}
