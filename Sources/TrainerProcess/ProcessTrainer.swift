import Domain
import Engine
import FoundationEssentials
import Synchronization

/// Runs `kaizen-trainer retrain` as a child process of the daemon, one folder per run.
///
/// Serving and training share nothing but files: whatever the child does, the daemon only reads its report, and only
/// after it has ended well. The folder stays until the next run begins: a daemon that ended before it took note of the
/// result finds it there.
public final class ProcessTrainer: Trainer, Sendable {
  private let executable: String
  private let stateDirectory: String
  private let environment: [String: String]
  private let limits: Limits
  private let running = Mutex<[Int: Life]>([:])

  /// How long a process may take; what it does not use up by itself is the sign of one that hangs.
  public struct Limits: Sendable {
    /// Longer than any job (`learning.md` 9.3 allows 120 s per arm). Pauses do not count.
    public var working = Duration.seconds(30 * 60)
    /// A shift: a machine that has no moment to spare for so long has none for training.
    public var paused = Duration.seconds(8 * 60 * 60)

    public init() {}
  }

  private struct Life {
    let task: Task<Void, Never>
    let clock: JobClock
    let commands: AsyncStream<TrainerCommand>.Continuation
  }

  /// - Parameters:
  ///   - executable: path of `kaizen-trainer`.
  ///   - environment: added to the daemon's own.
  public init(
    executable: String, stateDirectory: String, environment: [String: String] = [:], limits: Limits = Limits()
  ) {
    self.executable = executable
    self.stateDirectory = stateDirectory
    self.environment = environment
    self.limits = limits
  }

  public func start(
    _ spec: RetrainSpec, files: [String: [UInt8]], events: @escaping @Sendable (TrainingEvent) -> Void
  ) throws(StorageFailure) {
    let folder = RunFolder(stateDirectory: stateDirectory, run: spec.run)
    try folder.make(spec, files: files)
    launch(spec.run, folder, events)
  }

  public func resume(run: Int, events: @escaping @Sendable (TrainingEvent) -> Void) -> String? {
    let folder = RunFolder(stateDirectory: stateDirectory, run: run)
    guard folder.hasSpec else { return "nothing is left of what the job had begun with" }
    // It ended beside a daemon that could not take note of it any more.
    if folder.hasReport, let end = try? folder.result() {
      events(.ended(end))
      return nil
    }
    if let refusal = folder.countResume() { return refusal }
    launch(run, folder, events)
    return nil
  }

  public func stop(run: Int) {
    running.withLock { $0[run] }?.task.cancel()
  }

  public func setPaused(_ isPaused: Bool, run: Int) {
    guard let life = running.withLock({ $0[run] }) else { return }
    life.clock.setPaused(isPaused)
    life.commands.yield(isPaused ? .pause : .proceed)
  }

  /// The child's whole life is one task; it is cancelled by `stop` and ends by posting one `.ended`.
  private func launch(
    _ run: Int, _ folder: RunFolder, _ events: @escaping @Sendable (TrainingEvent) -> Void
  ) {
    let clock = JobClock()
    let (commands, teller) = AsyncStream<TrainerCommand>.makeStream()
    running.withLock { running in
      let task = Task {
        let end = await self.live(folder, clock, commands, events)
        self.running.withLock { _ = $0.removeValue(forKey: run) }
        teller.finish()
        events(.ended(end))
      }
      running[run] = Life(task: task, clock: clock, commands: teller)
    }
  }

  private func live(
    _ folder: RunFolder, _ clock: JobClock, _ commands: AsyncStream<TrainerCommand>,
    _ events: @escaping @Sendable (TrainingEvent) -> Void
  ) async -> TrainingEnd {
    await TrainerChild.within(
      {
        switch try await clock.wait(working: self.limits.working, paused: self.limits.paused) {
        case .working:
          .failed(
            "the training process ran for more than \(minutes(self.limits.working)) and was ended; its line may have too "
              + "many rows")
        case .paused:
          .failed(
            "training stood still for more than \(minutes(self.limits.paused)) in all, because answers took longer than "
              + "pause_p99_ms allows, and was ended; retrain in quieter hours (quiet_hours)")
        }
      }, stopped: .stopped
    ) { await self.runChild(folder, commands, events) }
  }

  private func runChild(
    _ folder: RunFolder, _ commands: AsyncStream<TrainerCommand>, _ events: @escaping @Sendable (TrainingEvent) -> Void
  ) async -> TrainingEnd {
    let child = TrainerChild(executable: executable, environment: environment)
    do {
      let complaint = try await child.run(
        [
          "retrain", "--state-dir", stateDirectory, "--run-dir", folder.path, "--cache",
          "\(stateDirectory)/teachers/cache",
        ], commands: commands
      ) { line in
        if let progress = try? JSONDecoder().decode(TrainingProgress.self, from: Data(line.utf8)) {
          events(.progress(progress))
        }
      }
      if let complaint { return .failed("the training process \(complaint)") }
      return try folder.result()
    } catch {
      return .failed("the training process \(executable) failed: \(error)")
    }
  }
}

private func minutes(_ duration: Duration) -> String {
  let seconds = duration.components.seconds
  return seconds < 60 ? "\(duration)" : "\(seconds / 60) minutes"
}
