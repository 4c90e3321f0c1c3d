/// How training goes on beside serving; one setting for the whole machine.
public struct TrainingSettings: Sendable, Equatable {
  /// Memory that a training process may take.
  public var memoryBytesMax: Int
  /// 99th percentile of the time answers take, in milliseconds, above which training pauses; 0: it never does.
  public var pauseP99Ms: Double

  /// The rows of the largest job three times over, and a runtime for a teacher.
  public static let usualMemoryBytes = 2 << 30
  /// A tenth of the cycle of a quick press.
  public static let usualPauseP99Ms = 20.0

  public init(
    memoryBytesMax: Int = TrainingSettings.usualMemoryBytes, pauseP99Ms: Double = TrainingSettings.usualPauseP99Ms
  ) {
    self.memoryBytesMax = memoryBytesMax
    self.pauseP99Ms = pauseP99Ms
  }
}
