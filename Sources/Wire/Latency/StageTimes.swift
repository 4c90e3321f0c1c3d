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
  /// Until the answer's bytes were there; their way to the kernel is added when it is known.
  public var write: Int64 = 0

  public init(read: Int64, decode: Int64, infer: Int64, commit: Int64, write: Int64) {
    self.read = read
    self.decode = decode
    self.infer = infer
    self.commit = commit
    self.write = write
  }
}

/// The stages of all infer requests of a socket since the daemon started.
public final class StageHistograms: Sendable {
  private let stages = Mutex(
    [LatencyHistogram](repeating: LatencyHistogram(), count: LatencyStage.allCases.count))

  public init() {}

  /// - Parameter sending: nanoseconds from the answer's bytes to the kernel's taking them.
  public func record(_ times: StageTimes, sending: Int64) {
    let write = times.write + sending
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
