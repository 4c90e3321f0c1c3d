import Foundation
import Glibc
import UnixSocket
import Wire

/// A daemon in a state directory of its own, its memory read from the kernel; both are gone after `stop`.
struct MeasuredDaemon: Sendable {
  let process: ServerProcess
  let directory: String

  /// Tries to reach the daemon, 50 ms apart: 30 s for a machine that is busy.
  private static let readinessTries = 600

  /// Takes the `kaizend` beside this program.
  ///
  /// - Parameter directory: nil for a new one in the temporary folder.
  init(placement: Placement = .anywhere, directory: String? = nil) throws {
    let program = try Self.programBeside("kaizend")
    self.directory = try directory ?? TemporaryFolder.make("daemon")
    process = try ServerProcess(program: program, arguments: ["--state-dir", self.directory], placement: placement)
  }

  /// A program that is built together with this one.
  static func programBeside(_ name: String) throws -> String {
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let program = URL(filePath: own).deletingLastPathComponent().appending(path: name).path
    guard access(program, X_OK) == 0 else {
      throw BenchFailure("there is no program \(program); build it with 'make build'")
    }
    return program
  }

  func socket(_ name: String) -> String { "\(directory)/run/\(name).sock" }

  func waitUntilReady() async throws {
    for _ in 0..<Self.readinessTries where process.isRunning {
      if let client = try? await HTTPUnixClient.connect(path: socket("infer")),
        let answer = try? await client.send(InferenceCall.ready.outgoing), answer.isSuccess
      {
        await client.close()
        return
      }
      try await Task.sleep(for: .milliseconds(50))
    }
    throw BenchFailure("kaizend did not become ready; try 'kaizend --state-dir /tmp/try' to see why")
  }

  /// `VmRSS` and `VmHWM` of the daemon in kilobytes.
  func memory() throws -> (resident: Int, peak: Int) { try process.memory() }

  func status() async throws -> StatusReply {
    let control = try await HTTPUnixClient.connect(path: socket("control"))
    let answer = try await control.send(try OperatorCall.status.outgoing())
    await control.close()
    guard answer.isSuccess else { throw BenchFailure("kaizend tells no status: \(answer.errorSentence)") }
    return try OperatorCoding.message(from: answer.body)
  }

  /// Ends it and leaves its files.
  func end() { process.stop() }

  func stop() {
    process.stop()
    try? FileManager.default.removeItem(atPath: directory)
  }
}
