import ServiceLifecycle
import Wire

/// Once a second: lets training stand still while answers take too long, and go on when they do no more.
struct TrainingPause: Service {
  /// Where the requests of infer.sock are counted by their times.
  let stages: StageHistograms
  /// Milliseconds of the 99th percentile; 0: training never stands still.
  let p99Ms: Double
  let setPaused: @Sendable (_ isPaused: Bool, _ because: String) -> Void

  private static let period = Duration.seconds(1)

  func run() async throws {
    await cancelWhenGracefulShutdown {
      var pressure = ServingPressure(p99Ms: p99Ms)
      var last: ServingPressure.Change?
      while !Task.isCancelled {
        try? await Task.sleep(for: Self.period)
        if Task.isCancelled { break }
        guard let total = stages.snapshot.first(where: { $0.stage == .total })?.histogram else { continue }
        let change = pressure.look(total)
        last = change ?? last
        // Said again while it lasts: a job may have begun meanwhile.
        if let last, change != nil || last.isHigh { setPaused(last.isHigh, last.sentence) }
      }
    }
  }
}
