import UnixSocket
import Wire

extension Daemon {
  /// One request and the body of its answer.
  /// - Parameter conflict: what a 409 means here: wrong data, or a state that passes.
  /// - Throws: `Failure` for an answer that is not 2xx and for none.
  func exchange(_ socket: String, _ request: OutgoingRequest, conflict: ExitStatus = .data) async throws -> [UInt8] {
    try await response(socket, request, conflict: conflict).body
  }

  /// One request and its answer with the header.
  func response(
    _ socket: String, _ request: OutgoingRequest, conflict: ExitStatus = .data
  ) async throws -> WireResponse {
    let response: WireResponse
    do {
      let client = try await HTTPUnixClient.connect(path: socket)
      response = try await client.send(request, deadline: limit)
      await client.close()
    } catch {
      throw Self.failure(error)
    }
    guard response.isSuccess else { throw Self.failure(response, conflict: conflict) }
    return response
  }

  /// A line with its teacher is some megabytes to store and check; people do not wait longer without asking.
  static let deadline = Duration.seconds(60)

  /// For an answer that is not 2xx.
  static func failure(_ response: WireResponse, conflict: ExitStatus = .data) -> Failure {
    Failure(status(response.status, conflict: conflict), sentence(response.errorSentence))
  }

  /// For no answer.
  static func failure(_ failure: ClientFailure) -> Failure {
    let status: ExitStatus =
      switch failure {
      case .notRunning, .cannotConnect, .connectionLost: .unavailable
      case .permissionDenied: .permission
      case .timedOut: .busy
      case .badAnswer: .software
      }
    return Failure(status, sentence(failure.description))
  }

  private static func sentence(_ text: String) -> String { text.hasSuffix(".") ? text : text + "." }

  private static func status(_ code: Int, conflict: ExitStatus) -> ExitStatus {
    switch code {
    case 400, 413, 415, 431: .data
    case 403: .permission
    case 404: .noInput
    case 409: conflict
    case 408, 503, 504: .busy
    default: .software
    }
  }
}
