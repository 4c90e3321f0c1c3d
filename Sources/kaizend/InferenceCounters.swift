import Domain
import Synchronization
import Wire

/// What each line has answered since the daemon started, for `/v2/models/LINE/stats`.
final class InferenceCounters: Sendable {
  private struct Counts {
    var parts: Int64 = 0
    var requests: Int64 = 0
    var nanoseconds: Int64 = 0
    var failures: Int64 = 0
    var lastMilliseconds: Int64 = 0
  }

  private let lines = Mutex<[LineID: Counts]>([:])

  func succeeded(_ line: LineID, parts: Int, microseconds: Int64, at time: Timestamp) {
    lines.withLock {
      $0[line, default: Counts()].parts += Int64(parts)
      $0[line, default: Counts()].requests += 1
      $0[line, default: Counts()].nanoseconds += microseconds * 1000
      $0[line, default: Counts()].lastMilliseconds = time.microseconds / 1000
    }
  }

  func failed(_ line: LineID) {
    lines.withLock { $0[line, default: Counts()].failures += 1 }
  }

  func statistics(_ line: LineID, version: ModelVersion) -> ModelStatistics {
    let counts = lines.withLock { $0[line] } ?? Counts()
    return ModelStatistics(
      name: line.text, version: version.description, lastInference: counts.lastMilliseconds,
      inferenceCount: counts.parts, executionCount: counts.requests, successNanoseconds: counts.nanoseconds,
      failCount: counts.failures, failNanoseconds: 0)
  }
}
