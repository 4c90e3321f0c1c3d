import ControlText
import Domain
import Wire

/// A job of the daemon, from its start to its end.
struct FollowedJob {
  let options: GlobalOptions

  /// Starts the job and shows how far it is until it is over.
  /// - Throws: `Failure` 75 where another job runs, 74 where this one could not be finished.
  func run(_ call: OperatorCall) async throws -> MaintenanceJob {
    let started = try await options.daemon.ask(call, as: MaintenanceReply.self, conflict: .busy).reply
    guard let job = started.running else { throw Daemon.unreadable("it tells of no job") }
    let progress = ProgressDisplay(output: options.output)
    defer { progress.clear() }
    let begun = ContinuousClock.now
    var wait = Self.waitMin
    while true {
      try await Task.sleep(for: wait)
      wait = min(wait * 2, Self.waitMax)
      let reply = try await options.daemon.ask(.maintenance, as: MaintenanceReply.self).reply
      guard let now = reply.job(job.number, startedAt: job.startedAt) else {
        throw Failure(
          .unavailable, "the daemon was started anew before the \(job.kind) was done, and has removed what was there.",
          next: .kaizenctl([job.kind]))
      }
      guard now.endedAt == nil else { return try ended(now) }
      let elapsed = (ContinuousClock.now - begun) / .seconds(1)
      let left = now.fraction > 0.02 ? elapsed * (1 - now.fraction) / now.fraction : nil
      progress.show(TrainingProgress(stage: now.stage, fraction: now.fraction, secondsLeft: left))
    }
  }

  /// A small job is over in milliseconds; one of minutes needs no more than a look a second.
  private static let waitMin = Duration.milliseconds(20)
  private static let waitMax = Duration.seconds(1)

  private func ended(_ job: MaintenanceJob) throws -> MaintenanceJob {
    guard let problem = job.problem else { return job }
    throw Failure(.inputOutput, "the \(job.kind) was not finished: \(problem).", next: .kaizenctl(["doctor"]))
  }
}
