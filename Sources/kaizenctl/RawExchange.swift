import Domain
import UnixSocket
import Wire

extension Daemon {
  /// An answer that is no JSON of the operator API, with its header.
  func fetch(_ call: OperatorCall) async throws -> WireResponse {
    try await response(controlSocket, try call.outgoing())
  }

  /// As `fetch`, through a restart of the daemon: tried again until it answers, but not longer than `patience` after it
  /// was last there.
  func fetchThroughRestarts(_ call: OperatorCall) async throws -> WireResponse {
    let start = ContinuousClock.now
    while true {
      do {
        return try await fetch(call)
      } catch let failure as Failure where failure.status == .unavailable || failure.status == .busy {
        guard ContinuousClock.now - start < Self.patience else { throw failure }
        try await Task.sleep(for: .milliseconds(250))
      }
    }
  }

  /// A daemon that brings its database up to date first may take longer; then the command is typed again.
  private static let patience = Duration.seconds(120)
}
