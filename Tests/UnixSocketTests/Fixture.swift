import Glibc
import Synchronization
import UnixSocket
import Wire

/// A folder of its own for one test's sockets.
final class SocketFolder: Sendable {
  let path: String

  init() {
    var template = Array("/tmp/kaizen-socket-XXXXXX".utf8CString)
    path = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap(mkdtemp).map { String(cString: $0) } ?? "/tmp"
    }
  }

  var socket: String { path + "/s" }

  deinit {
    for name in ["s", "s.lock"] { unlink(path + "/" + name) }
    rmdir(path)
  }
}

/// Replies kept back until the test lets them go.
final class Held: Sendable {
  private let replies = Mutex<[@Sendable (WireResponse) -> Void]>([])
  private let arrivals: AsyncStream<Void>.Continuation
  let arrived: AsyncStream<Void>

  init() { (arrived, arrivals) = AsyncStream.makeStream() }

  func keep(_ reply: @escaping @Sendable (WireResponse) -> Void) {
    replies.withLock { $0.append(reply) }
    arrivals.yield()
  }

  var count: Int { replies.withLock { $0.count } }

  func release(_ index: Int, _ text: String) { replies.withLock { $0[index] }(WireResponse(body: Array(text.utf8))) }

  func wait(for count: Int) async {
    var seen = 0
    for await _ in arrived {
      seen += 1
      if seen == count { return }
    }
  }
}

/// Answers the body, or the path where there is none.
let echo: HTTPUnixServer.Handler = { request, _, reply in
  reply(WireResponse(body: request.body.isEmpty ? Array(request.path.utf8) : request.body))
}

/// Runs `body` against a server and shuts that down.
func withServer(
  _ limits: SocketLimits = .patient, handler: @escaping HTTPUnixServer.Handler = echo,
  _ body: (_ path: String) async throws -> Void
) async throws {
  let folder = SocketFolder()
  let server = try await HTTPUnixServer.start(
    .path(folder.socket, mode: 0o600, group: nil), limits: limits, handler: handler)
  do {
    try await body(folder.socket)
  } catch {
    await server.shutdown(drain: .zero)
    throw error
  }
  await server.shutdown(drain: .zero)
}

extension SocketLimits {
  /// For tests that are not about deadlines: a busy machine must not answer for the server.
  static var patient: SocketLimits {
    var limits = SocketLimits()
    limits.deadline = .seconds(120)
    return limits
  }
}
