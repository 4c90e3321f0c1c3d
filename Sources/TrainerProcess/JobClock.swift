import Synchronization

/// The time a job has had, pauses aside.
final class JobClock: Sendable {
  private struct State {
    var pausedAt: ContinuousClock.Instant?
    var paused = Duration.zero
  }

  private let began = ContinuousClock.now
  private let state = Mutex(State())

  func setPaused(_ isPaused: Bool) {
    state.withLock { state in
      if isPaused {
        state.pausedAt = state.pausedAt ?? .now
      } else if let since = state.pausedAt {
        state.paused += .now - since
        state.pausedAt = nil
      }
    }
  }

  /// What a job has used up of the time it may have.
  private var used: (working: Duration, paused: Duration) {
    state.withLock { state in
      let now = ContinuousClock.now
      let paused = state.paused + (state.pausedAt.map { now - $0 } ?? .zero)
      return (now - began - paused, paused)
    }
  }

  enum Excess {
    case working, paused
  }

  /// Returns once the job has worked for longer than `working`, or stood still for longer than `paused`.
  func wait(working: Duration, paused: Duration) async throws -> Excess {
    while true {
      let used = used
      if used.working >= working { return .working }
      if used.paused >= paused { return .paused }
      // Neither can be reached sooner; a pause or its end in between only makes it later.
      try await Task.sleep(for: min(working - used.working, paused - used.paused))
    }
  }
}
