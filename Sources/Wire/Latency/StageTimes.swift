import Synchronization

/// Where the time of one infer request goes.
public enum LatencyStage: String, Sendable, CaseIterable, Codable {
  /// From the request's first byte to its last.
  case read
  /// The message to features, attributes and ids.
  case decode
  /// The student's answer.
  case infer
  /// Until the part is safe in the ledger or its journal.
  case commit
  /// The answer into bytes, and these to the kernel.
  case write
  case total
}

/// What a request has taken so far, in nanoseconds; travels with it.
public struct StageTimes: Sendable, Equatable {
  public var read: Int64 = 0
  public var decode: Int64 = 0
  public var infer: Int64 = 0
  public var commit: Int64 = 0

  public init() {}
}

/// The stages of all infer requests of a socket since the daemon started.
public final class StageHistograms: Sendable {
  private let stages = Mutex(
    [LatencyHistogram](repeating: LatencyHistogram(), count: LatencyStage.allCases.count))

  public init() {}

  public func record(_ times: StageTimes, write: Int64) {
    stages.withLock { stages in
      stages[0].record(times.read)
      stages[1].record(times.decode)
      stages[2].record(times.infer)
      stages[3].record(times.commit)
      stages[4].record(write)
      stages[5].record(times.read + times.decode + times.infer + times.commit + write)
    }
  }

  public var snapshot: [(stage: LatencyStage, histogram: LatencyHistogram)] {
    Array(zip(LatencyStage.allCases, stages.withLock { $0 }))
  }
}
