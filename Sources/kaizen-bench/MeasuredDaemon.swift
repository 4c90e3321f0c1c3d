import Foundation
import Glibc
import UnixSocket
import Wire

/// A daemon in a temporary state directory, its memory read from the kernel; both are gone after `stop`.
struct MeasuredDaemon {
  private let process: Process
  private let directory: String

  /// Tries to reach the daemon, 50 ms apart: 30 s for a machine that is busy.
  private static let readinessTries = 600

  /// Takes the `kaizend` beside this program.
  init() throws {
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let program = URL(filePath: own).deletingLastPathComponent().appending(path: "kaizend")
    guard access(program.path, X_OK) == 0 else {
      throw BenchFailure("there is no program \(program.path); build it with 'make build'")
    }
    directory = FileManager.default.temporaryDirectory.appending(path: "kaizen-bench-\(getpid())").path
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    process = Process()
    process.executableURL = program
    process.arguments = ["--state-dir", directory]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
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
  func memory() throws -> (resident: Int, peak: Int) {
    let text = try String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
    func value(_ key: String) throws -> Int {
      let line = text.split(separator: "\n").first { $0.hasPrefix(key + ":") }
      guard let number = line?.split(whereSeparator: { " \t".contains($0) }).dropFirst().first.flatMap({ Int($0) })
      else {
        throw BenchFailure("the kernel says no \(key) for kaizend")
      }
      return number
    }
    return (try value("VmRSS"), try value("VmHWM"))
  }

  func stop() {
    process.terminate()
    process.waitUntilExit()
    try? FileManager.default.removeItem(atPath: directory)
  }
}
