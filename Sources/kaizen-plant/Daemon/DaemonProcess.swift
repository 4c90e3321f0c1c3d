import Dispatch
import Foundation
import Glibc

/// The programs of one build or installation, found beside this one.
struct Programs {
  let directory: String

  init() throws(PlantFault) {
    guard let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
      throw PlantFault(.software, "/proc/self/exe cannot be read; mount /proc and try again")
    }
    directory = URL(filePath: own).deletingLastPathComponent().path
  }

  func path(_ name: String) throws(PlantFault) -> String {
    let path = directory + "/" + name
    guard access(path, X_OK) == 0 else {
      throw PlantFault(.unavailable, "there is no program \(path); build it with 'make build'")
    }
    return path
  }

  /// Runs a program to its end, its output going where ours goes.
  func run(_ name: String, _ arguments: [String]) async throws {
    // What we said before must stand before what it says.
    fflush(nil)
    let process = Process()
    process.executableURL = URL(filePath: try path(name))
    process.arguments = arguments
    let status = try await withCheckedThrowingContinuation { (ended: CheckedContinuation<Int32, any Error>) in
      process.terminationHandler = { ended.resume(returning: $0.terminationStatus) }
      do {
        try process.run()
      } catch {
        ended.resume(throwing: error)
      }
    }
    guard status == 0 else {
      throw PlantFault(.software, "'\(name) \(arguments.joined(separator: " "))' ended with \(status) (see above)")
    }
  }
}

/// A daemon of our own in a state directory of its own; it never outlives this program.
final class DaemonProcess {
  private let process: Process
  private let signals: [any DispatchSourceSignal]
  private let logPath: String

  /// Tries to reach the daemon, 50 ms apart: 30 s for a machine that is busy.
  private static let readinessTries = 600
  /// Looks at a daemon that was told to stop, 50 ms apart: 15 s to drain.
  private static let stopLooks = 300
  private static let pause: Duration = .milliseconds(50)

  /// Starts the daemon; it is ready when `ready` has returned.
  init(programs: Programs, stateDirectory: String) throws {
    logPath = stateDirectory + "/kaizend.log"
    guard FileManager.default.createFile(atPath: logPath, contents: nil),
      let log = FileHandle(forWritingAtPath: logPath)
    else { throw PlantFault(.software, "cannot write \(logPath)") }
    let process = Process()
    process.executableURL = URL(filePath: try programs.path("kaizend"))
    process.arguments = ["--state-dir", stateDirectory]
    process.standardOutput = log
    process.standardError = log
    try process.run()
    self.process = process
    let identifier = process.processIdentifier
    // A process that is interrupted must not leave its daemon behind.
    signals = [SIGINT, SIGTERM, SIGHUP].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        kill(identifier, SIGTERM)
        _exit(128 + number)
      }
      source.activate()
      return source
    }
  }

  /// - Throws: `unavailable` with the daemon's last words when it ends or stays silent.
  func ready(stateDirectory: String) async throws {
    for _ in 0..<Self.readinessTries {
      guard process.isRunning else { break }
      if let client = try? await PlantClient.connect(stateDirectory: stateDirectory), await client.isReady { return }
      try await Task.sleep(for: Self.pause)
    }
    let log = (try? String(contentsOfFile: logPath, encoding: .utf8)) ?? ""
    let last = log.split(separator: "\n").suffix(5).joined(separator: "\n  ")
    throw PlantFault(.unavailable, "kaizend did not become ready; it said\n  \(last.isEmpty ? "nothing" : last)")
  }

  /// Asks the daemon to end, and makes it end if it does not.
  func stop() async {
    guard process.isRunning else { return }
    process.terminate()
    for _ in 0..<Self.stopLooks where process.isRunning {
      try? await Task.sleep(for: Self.pause)
    }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    signals.forEach { $0.cancel() }
  }
}
