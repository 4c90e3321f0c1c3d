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
  public func parameters(for method: StudyMethod) -> DistilParameters { shared.training(by: method) }
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
