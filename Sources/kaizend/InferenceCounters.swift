import Domain
import Engine
import Synchronization
import Wire

/// When a request passed each stage, in nanoseconds of `DaemonClock`.
struct RequestTimes {
  let received: Int64
  /// Nanoseconds that the bytes took to come in.
  let read: Int64
  var decoded: Int64 = 0
  var inferred: Int64 = 0
  var committed: Int64 = 0
  var encoded: Int64 = 0

  init(received: Int64, read: Int64) {
    self.received = received
    self.read = read
  }

  var stages: StageTimes {
    StageTimes(
      read: read, decode: decoded - received, infer: inferred - decoded, commit: committed - inferred,
      write: encoded - committed)
  }
}

/// What each version of each line has answered since the daemon started, for `/v2/models/LINE/stats`.
///
/// A request whose parts went to several versions counts with all its time for each of them. A request that could not be
/// read has no line yet and is counted nowhere.
final class InferenceCounters: Sendable {
  private let lines = Mutex<[LineID: [ModelVersion: ModelStatistics]]>([:])

  func succeeded(_ line: LineID, parts: [AnsweredPart], times: RequestTimes, at time: Timestamp) {
    lines.withLock { lines in
      var first = parts.startIndex
      var counted: [ModelVersion] = []
      while first < parts.endIndex {
        let version = parts[first].prediction.version
        // Parts of one version mostly stand together.
        let end = parts[first...].firstIndex { $0.prediction.version != version } ?? parts.endIndex
        Self.update(&lines, line, version) { row in
          row.inferenceCount += Int64(end - first)
          if !counted.contains(version) { Self.count(times, at: time, in: &row) }
        }
        counted.append(version)
        first = end
      }
    }
  }

  func failed(_ line: LineID, version: ModelVersion, nanoseconds: Int64) {
    lines.withLock { lines in Self.update(&lines, line, version) { $0.fail.add(nanoseconds) } }
  }

  /// A row of zeros for a version that has answered nothing yet.
  func statistics(_ line: LineID, version: ModelVersion) -> ModelStatistics {
    lines.withLock { $0[line]?[version] } ?? ModelStatistics(name: line.text, version: version.description)
  }

  private static func count(_ times: RequestTimes, at time: Timestamp, in row: inout ModelStatistics) {
    row.lastInference = time.microseconds / 1000
    row.executionCount += 1
    row.success.add(times.encoded - times.received)
    row.computeInput.add(times.decoded - times.received)
    row.computeInfer.add(times.inferred - times.decoded)
    row.queue.add(times.committed - times.inferred)
    row.computeOutput.add(times.encoded - times.committed)
  }

  private static func update(
    _ lines: inout [LineID: [ModelVersion: ModelStatistics]], _ line: LineID, _ version: ModelVersion,
    _ change: (inout ModelStatistics) -> Void
  ) {
    change(
      &lines[line, default: [:]][
        version, default: ModelStatistics(name: line.text, version: version.description)])
  }
}
