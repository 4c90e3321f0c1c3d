import Foundation
import Logging
import Synchronization
import UnixSocket
import Wire

/// Stands where kaizend would: answers every call from a script and remembers what was asked.
final class ScriptedDaemon: Sendable {
  typealias Script = @Sendable (OperatorCall) throws(WireFault) -> WireResponse
  typealias InferScript = @Sendable (InferenceCall) throws(WireFault) -> WireResponse

  let folder: URL
  private let servers: [HTTPUnixServer]
  private let asked: Asked

  final class Asked: Sendable {
    let calls = Mutex<[OperatorCall]>([])
    let inferences = Mutex<[InferenceCall]>([])
  }

  var calls: [OperatorCall] { asked.calls.withLock { $0 } }
  var inferences: [InferenceCall] { asked.inferences.withLock { $0 } }
  var command: Command { Command(environment: ["KAIZEN_STATE_DIR": folder.path]) }

  private init(folder: URL, servers: [HTTPUnixServer], asked: Asked) {
    self.folder = folder
    self.servers = servers
    self.asked = asked
  }

  /// Runs `body` with a daemon that listens in a state directory of its own.
  static func with(
    _ script: @escaping Script, infer: @escaping InferScript = { _ throws(WireFault) in throw .notReady("no script") },
    _ body: (ScriptedDaemon) async throws -> Void
  ) async throws {
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let run = folder.appending(path: "run")
    try FileManager.default.createDirectory(at: run, withIntermediateDirectories: true)
    let asked = Asked()
    let logger = Logger(label: "scripted") { _ in SwiftLogNoOpLogHandler() }
    let control = try await HTTPUnixServer.start(
      .path(run.path + "/control.sock", mode: 0o600, group: nil), logger: logger
    ) { request, _, reply in
      reply(
        answer { () throws(WireFault) in
          let call = try OperatorCall.decode(request)
          asked.calls.withLock { $0.append(call) }
          return try script(call)
        })
    }
    let inference = try await HTTPUnixServer.start(
      .path(run.path + "/infer.sock", mode: 0o600, group: nil), logger: logger
    ) { request, _, reply in
      reply(
        answer { () throws(WireFault) in
          let call = try InferenceCall.decode(request)
          asked.inferences.withLock { $0.append(call) }
          return try infer(call)
        })
    }
    let daemon = ScriptedDaemon(folder: folder, servers: [control, inference], asked: asked)
    let result: Result<Void, any Error>
    do { result = .success(try await body(daemon)) } catch { result = .failure(error) }
    for server in daemon.servers { await server.shutdown(drain: .seconds(1)) }
    try result.get()
  }

  private static func answer(_ body: () throws(WireFault) -> WireResponse) -> WireResponse {
    do { return try body() } catch { return error.response }
  }
}
