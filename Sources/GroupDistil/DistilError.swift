/// Why rows or parameters cannot be trained on, or a training came to nothing.
public enum DistilError: Error, Equatable, CustomStringConvertible {
  /// Counts that should agree do not, or a value is out of its range.
  case invalidRows(String)
  case invalidParameters(String)
  /// Distillation was asked for rows without teacher logits.
  case noTeacherLogits
  /// Too many steps gave a loss or gradient that is not finite.
  case diverged(skippedSteps: Int, step: Int)
  /// Stopped from outside before the first evaluation: there is no student to hand back.
  case stoppedEarly(step: Int)

  public var description: String {
    switch self {
    case .invalidRows(let reason): "these rows cannot be trained on: \(reason)"
    case .invalidParameters(let reason): "training cannot start: \(reason)"
    case .noTeacherLogits:
      "distillation needs the teacher's logits for every training row and there are none; train on labels alone (alpha 0)"
    case .diverged(let skippedSteps, let step):
      "training diverged: \(skippedSteps) steps up to step \(step) gave no finite gradient; lower the learning rate"
    case .stoppedEarly(let step): "training was stopped at step \(step), before its first evaluation"
    }
  }
}
