/// What a daemon says to its training process, a line each on standard input; the input's end says that it is gone.
public enum TrainerCommand: String, Sendable, CaseIterable {
  /// Stand still until told otherwise: answers come too late.
  case pause
  case proceed = "go"

  public var line: String { rawValue + "\n" }
}

extension TrainingProgress {
  /// The stage of a job that stands still.
  public static let paused = "paused"
}
