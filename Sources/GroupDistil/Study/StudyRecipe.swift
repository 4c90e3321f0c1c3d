import Domain
import NeuralNet

/// What all methods of a study share: the student's shape and everything about training that is not the method.
///
/// The defaults are one recipe for every kind of data; a study that is tuned to its data compares nothing.
public struct StudyRecipe: Sendable, Equatable {
  public var shape: StudentShape
  /// Steps, batch, rates, temperature, alpha; what makes a method is overwritten by `parameters(for:)`.
  public var shared: DistilParameters
  public var teacher: TeacherParameters

  /// - Parameters: those left out keep the recipe's own values.
  public init(
    shape: StudentShape, steps: Int? = nil, batch: Int? = nil, alpha: Float? = nil, temperature: Float? = nil
  ) {
    self.shape = shape
    shared = .fresh
    teacher = TeacherParameters()
    if let steps {
      shared.stepCount = steps
      shared.evaluationInterval = max(1, steps / Self.evaluationCount)
    }
    if let batch { shared.batchSize = batch }
    if let alpha { shared.alpha = alpha }
    if let temperature { shared.temperature = temperature }
  }

  /// Checkpoints to choose from.
  public static let evaluationCount = 12

  /// How one method trains; `dfr` and `portfolio` are made of others.
  public func parameters(for method: StudyMethod) -> DistilParameters {
    var result = shared
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
      (result.batches, result.weighting) = (.balanced, .raw(step: Self.rawStep))
    case .groupDistilRaw:
      (result.batches, result.weighting) = (.uniform, .raw(step: Self.rawStep))
    case .groupDistil:
      (result.batches, result.weighting) = (.squareRoot, .scaleFree(strength: 10))
    case .groupDistilHeldOut:
      (result.batches, result.weighting) = (.squareRoot, .heldOut(step: 0.5))
    }
    return result
  }

  /// η of Group DRO's own code and of the reconstruction; ten times as much collapses (`learning.md` 2.4).
  public static let rawStep = 0.01
}

extension DistilParameters {
  /// For a student that starts at random and is chosen among `StudyRecipe.evaluationCount` checkpoints.
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
}

/// Who teaches the methods of a study.
public enum StudyTeacher: Sendable {
  /// Logits [rows, classCount] for every fold, and for the unlabelled rows where there are any.
  case answers(name: String, train: [Float], select: [Float], unlabelled: [Float]?)
  /// A plain and a robust one, trained on the train fold; the better one by the select fold teaches.
  case train
  /// Nobody, because of this.
  case absent(String)
}
