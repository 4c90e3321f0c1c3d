import ControlText
import Domain
import UnixSocket
import Wire

/// Sends outcomes on one connection, and again on another where the daemon went away.
actor OutcomeSender {
  /// What the daemon said to one batch.
  struct Answer: Sendable {
    let statuses: [OutcomeStatus]
    /// Whether the batch may have been stored once before: then what it stored comes back as known.
    let wasSentTwice: Bool
  }

  private let daemon: Daemon
  private let interruption: Interruption
  /// How long the daemon may be away.
  private let patience: Duration
  private var client: HTTPUnixClient?

  /// Waiting times between two attempts: quick for a busy second, slow for a restart.
  private static let pauses: [Duration] = [.milliseconds(250), .milliseconds(500), .seconds(1), .seconds(2)]
  /// How soon Ctrl-C is noticed meanwhile.
  private static let pauseStep: Duration = .milliseconds(50)

  init(daemon: Daemon, interruption: Interruption, patience: Duration) {
    self.daemon = daemon
    self.interruption = interruption
    self.patience = patience
  }

  /// - Parameter count: outcomes in the request.
  /// - Throws: `Failure` for what no other attempt would mend, or when the patience is over.
  func send(_ request: OutgoingRequest, count: Int) async throws -> Answer {
    guard count > 0 else { return Answer(statuses: [], wasSentTwice: false) }
    let clock = ContinuousClock()
    let start = clock.now
    var attempts = 0
    var wasSent = false
    while true {
      do throws(Attempt) {
        let rows = try await attempt(request)
        guard rows.count == count else {
          throw .final(
            Daemon.unreadable("it has \(countText(rows.count, "item")) for \(countText(count, "outcome"))"))
        }
        return Answer(statuses: rows.map(\.status), wasSentTwice: wasSent)
      } catch {
        switch error {
        case .final(let failure): throw failure
        case .passing(let failure, let mayBeStored):
          guard !interruption.hasCome, clock.now - start < patience else { throw failure }
          wasSent = wasSent || mayBeStored
        }
      }
      let next = clock.now + Self.pauses[min(attempts, Self.pauses.count - 1)]
      attempts += 1
      while clock.now < next, !interruption.hasCome { try await clock.sleep(for: Self.pauseStep) }
    }
  }

  func close() async {
    await client?.close()
    client = nil
  }

  private enum Attempt: Error {
    case final(Failure)
    case passing(Failure, mayBeStored: Bool)
  }

  private func attempt(_ request: OutgoingRequest) async throws(Attempt) -> [OutcomesReply.Row] {
    let response: WireResponse
    do throws(ClientFailure) {
      let client = try await connected()
      response = try await client.send(request, deadline: Daemon.deadline)
    } catch {
      await close()
      let failure = Daemon.failure(error)
      switch error {
      case .notRunning: throw .passing(failure, mayBeStored: false)
      case .connectionLost, .timedOut: throw .passing(failure, mayBeStored: true)
      case .permissionDenied, .cannotConnect, .badAnswer: throw .final(failure)
      }
    }
    guard response.isSuccess else {
      let failure = Daemon.failure(response)
      // 503: a full queue, a full disk, a closed line. 504: answered too late, whatever became of it.
      switch response.status {
      case 408, 503: throw .passing(failure, mayBeStored: false)
      case 504: throw .passing(failure, mayBeStored: true)
      default: throw .final(failure)
      }
    }
    do {
      return try OutcomesReply(parsing: response.body).rows
    } catch {
      throw .final(Daemon.unreadable(error.sentence))
    }
  }

  private func connected() async throws(ClientFailure) -> HTTPUnixClient {
    if let client, client.isOpen { return client }
    let new = try await HTTPUnixClient.connect(path: daemon.controlSocket)
    client = new
    return new
  }
}
