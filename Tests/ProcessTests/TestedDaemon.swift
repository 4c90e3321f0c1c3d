import Domain
import Foundation
import Glibc
import Testing
import UnixSocket
import Wire

/// A running `kaizend` with its state in a folder of a test.
final class TestedDaemon: Sendable {
  let folder: Folder
  let child: Child
  private let logs: Folder

  /// - Parameters:
  ///   - sockets: listening sockets it inherits, as systemd would pass them; nil where it makes its own.
  ///   - logs: where the daemon's own words go; nil for the folder itself.
  init(
    _ folder: Folder, arguments: [String] = [], environment: [String: String] = [:],
    sockets: ListeningSockets? = nil, logs: Folder? = nil
  ) throws {
    self.folder = folder
    self.logs = logs ?? folder
    if let sockets {
      // LISTEN_PID is the daemon's own number, which only the process itself knows before it starts.
      child = try Child(
        "/bin/sh",
        ["-c", "LISTEN_PID=$$ exec \"$0\" \"$@\"", try Programs.path("kaizend"), "--state-dir", folder.path]
          + arguments,
        environment: environment.merging(sockets.environment) { $1 }, inherited: sockets.descriptors,
        output: self.logs.file("daemon.out"), errors: self.logs.file("daemon.err"))
      return
    }
    child = try Child(
      try Programs.path("kaizend"), ["--state-dir", folder.path] + arguments, environment: environment,
      output: self.logs.file("daemon.out"), errors: self.logs.file("daemon.err"))
  }

  deinit { child.signal(SIGKILL) }

  var infer: String { folder.file("run/infer.sock") }
  var control: String { folder.file("run/control.sock") }
  var log: String { (try? String(contentsOfFile: logs.file("daemon.err"), encoding: .utf8)) ?? "" }

  /// Waits until the daemon says that it is ready.
  /// - Returns: the time since it was started.
  @discardableResult
  func ready(within limit: Duration = patience) async throws -> Duration {
    try await eventually(within: limit, "a ready daemon") {
      if let end = child.end { throw TimedOut(description: "the daemon ended instead (\(end)): \(log)") }
      guard let client = try? await HTTPUnixClient.connect(path: infer) else { return nil }
      let answer = try? await client.send(InferenceCall.ready.outgoing)
      await client.close()
      return answer?.status == 200 ? ContinuousClock.now - child.started : nil
    }
  }

  func client() async throws -> HTTPUnixClient { try await HTTPUnixClient.connect(path: infer) }

  /// One request on a connection of its own.
  func ask(_ call: InferenceCall) async throws -> WireResponse {
    let client = try await client()
    let answer = try await client.send(call.outgoing)
    await client.close()
    return answer
  }

  /// An operator's request and whatever comes of it.
  func answer(to call: OperatorCall) async throws -> WireResponse {
    let client = try await HTTPUnixClient.connect(path: control)
    let answer = try await client.send(try call.outgoing())
    await client.close()
    return answer
  }

  /// An operator's request; anything but 2xx is an error.
  func operate<Reply: Decodable>(_ call: OperatorCall, _ type: Reply.Type = Reply.self) async throws -> Reply {
    let answer = try await answer(to: call)
    try #require(answer.isSuccess, "\(answer.status): \(String(decoding: answer.body, as: UTF8.self))")
    return try OperatorCoding.message(from: answer.body)
  }

  func status() async throws -> StatusReply { try await operate(.status) }

  @discardableResult
  func stop(_ signal: Int32 = SIGTERM) async throws -> Child.End {
    child.signal(signal)
    return try await child.ended()
  }
}

/// Runs `body` on a ready daemon in a new folder; the daemon is gone afterwards, whatever happened.
func withDaemon(
  config: String? = nil, line settings: LineSettings? = LineSettings(mode: .observe),
  environment: [String: String] = [:], _ body: (TestedDaemon) async throws -> Void
) async throws {
  let folder = try Folder()
  if let config { try folder.write("config/kaizend.toml", config) }
  let daemon = try TestedDaemon(folder, environment: environment)
  do {
    try await daemon.ready()
    if let settings { try await daemon.add(TestLine.addition(settings)) }
    try await body(daemon)
  } catch {
    print("the daemon's log: \(daemon.log)")
    try await daemon.stop(SIGKILL)
    throw error
  }
  try await daemon.stop(SIGKILL)
}
