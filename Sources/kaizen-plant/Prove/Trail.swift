import Domain
import PlantSimulation
import Synchronization
import Wire

/// An entry of the daemon's audit trail, with the line's time at which it came.
///
/// The trail itself carries the time of the machine's clock: weeks of event time pass in a minute of it.
public struct Remark: Sendable, Equatable {
  public let event: String
  public let group: String?
  public let run: Int?
  public let sentence: String
  public let at: Timestamp

  public init(event: String, group: String?, run: Int?, sentence: String, at: Timestamp) {
    self.event = event
    self.group = group
    self.run = run
    self.sentence = sentence
    self.at = at
  }
}

/// Reads along in the audit trail while a stream goes on: the daemon looks at its lines once an hour of their time, and
/// what it found is read before the stream goes on.
final class Trail: Sendable {
  fileprivate struct State {
    var now: Timestamp?
    var sequence = 0
    var remarks: [Remark] = []
  }

  private let state = Mutex(State())

  /// Entries asked for first: more than an hour brings.
  private static let usualLimit = 20

  var remarks: [Remark] { state.withLock { $0.remarks } }

  /// The client's calls, with a look at the trail wherever the stream waits for the daemon.
  func following(_ client: PlantClient) -> DaemonCalls {
    let calls = client.calls
    return DaemonCalls(
      infer: { line, part in
        self.come(to: part.time)
        return try await calls.infer(line, part)
      },
      outcomes: { line, outcomes in
        let statuses = try await calls.outcomes(line, outcomes)
        for outcome in outcomes { self.come(to: outcome.observedAt) }
        return statuses
      },
      isTraining: {
        let isTraining = try await calls.isTraining()
        try await self.read(client)
        return isTraining
      }, pause: calls.pause)
  }

  private func come(to time: Timestamp) {
    state.withLock { $0.now = max($0.now ?? time, time) }
  }

  private func read(_ client: PlantClient) async throws {
    var limit = Self.usualLimit
    while true {
      let rows = try await client.audit(limit: limit)
      let isWhole = state.withLock { state in
        guard let first = rows.first, first.seq > state.sequence + 1, rows.count == limit else {
          state.take(rows)
          return true
        }
        return false
      }
      if isWhole { return }
      guard limit < OperatorCall.auditLimitMax else {
        throw PlantFault(.software, "the audit trail grows by more than \(limit) entries an hour")
      }
      limit = min(limit * 10, OperatorCall.auditLimitMax)
    }
  }
}

extension Trail.State {
  /// - Precondition: rows in their order, none left out since the last.
  fileprivate mutating func take(_ rows: [AuditRow]) {
    for row in rows where row.seq > sequence {
      sequence = row.seq
      // What was there before the first part is no answer to it.
      guard let now else { continue }
      remarks.append(Remark(event: row.event, group: row.group, run: row.run, sentence: row.sentence, at: now))
    }
  }
}
