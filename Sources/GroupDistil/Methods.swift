import Domain

extension DistilParameters {
  /// For a student that starts at random: one recipe for tables, pictures and signals (`learning.md`, real sets).
  ///
  /// No early stop: a run takes a second, and the last checkpoints, at a low rate, are the finished ones.
  public static var fresh: DistilParameters {
    var parameters = DistilParameters()
    parameters.alpha = 0.5
    parameters.temperature = 2
    parameters.batchSize = 256
    parameters.stepCount = 1200
    parameters.weightDecay = 1e-3
    parameters.evaluationInterval = 100
    parameters.patience = parameters.stepCount
    return parameters
  }

  /// These parameters with what makes the method: batches, weights, checkpoint, and no teacher where it has none.
  public func training(by method: StudyMethod) -> DistilParameters {
    var result = self
    result.checkpoint = .worstGroup
    switch method {
    case .erm, .balanced, .groupDRO: result.alpha = 0
    case .kd, .kdBalanced, .groupDistilRaw, .groupDistil, .groupDistilHeldOut, .dfr, .portfolio: break
    }
    switch method {
    case .erm, .kd:
      (result.batches, result.weighting, result.checkpoint) = (.uniform, .none, .average)
    case .balanced, .kdBalanced, .dfr, .portfolio:
      (result.batches, result.weighting) = (.balanced, .none)
    case .groupDRO:
      (result.batches, result.weighting) = (.balanced, .raw(step: Self.groupDROStep))
    case .groupDistilRaw:
      (result.batches, result.weighting) = (.uniform, .raw(step: Self.groupDROStep))
    case .groupDistil:
      (result.batches, result.weighting) = (.squareRoot, .scaleFree(strength: Self.usualStrength))
    case .groupDistilHeldOut:
      (result.batches, result.weighting) = (.squareRoot, .heldOut(step: Self.heldOutStep))
    }
    return result
  }

  /// η of Group DRO's own code and of the reconstruction; ten times as much collapses (`learning.md` 2.4).
  public static let groupDROStep = 0.01
  /// η of weights moved by held-out losses (`learning.md` 4).
  public static let heldOutStep = 0.5
  /// c of the scale-free step: anything in 3...30 does the same (`learning.md` 2.4).
  public static let usualStrength = 10.0
}
