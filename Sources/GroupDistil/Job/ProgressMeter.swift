import Domain

/// Turns steps of stages into a share of the whole job and the seconds still to go.
struct ProgressMeter {
  /// Floating-point operations of each stage: what its time is proportional to.
  private let costs: [(stage: String, cost: Double)]
  private let total: Double
  private let start: Double
  private var reported = -1.0
  private var reportedStage = ""
  private var reportedAt = -Double.infinity

  /// Before this share is done, the time left is a guess and not told.
  private static let minimumFraction = 0.02
  /// A line of progress for less than this is noise.
  private static let stepFraction = 0.01
  /// Seconds of silence after which the smallest step is told: whoever would stop the job must be heard.
  private static let longestSilence = 1.0

  init(_ costs: [(stage: String, cost: Double)], now: Double) {
    self.costs = costs
    total = max(costs.reduce(0) { $0 + $1.cost }, 1)
    start = now
  }

  /// The progress to tell, nil when it has hardly moved since the last.
  mutating func progress(stage index: Int, done: Double, now: Double) -> TrainingProgress? {
    let before = costs[..<index].reduce(0) { $0 + $1.cost }
    let fraction = min(1, (before + done * costs[index].cost) / total)
    let stage = costs[index].stage
    guard
      fraction - reported >= Self.stepFraction || stage != reportedStage || now - reportedAt >= Self.longestSilence
    else { return nil }
    reported = fraction
    reportedStage = stage
    reportedAt = now
    let elapsed = now - start
    let secondsLeft = fraction >= Self.minimumFraction ? elapsed * (1 - fraction) / fraction : nil
    return TrainingProgress(stage: stage, fraction: fraction, secondsLeft: secondsLeft)
  }
}
