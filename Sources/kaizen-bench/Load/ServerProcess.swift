import Foundation
import Glibc

/// A program that serves while it is measured.
struct ServerProcess: Sendable {
  private let process: Process

  /// Its messages are dropped: what goes wrong shows in its answers.
  init(
    program: String, arguments: [String], environment: [String: String] = [:], placement: Placement = .anywhere
  ) throws {
    process = try placement.running {
      let process = Process()
      process.executableURL = URL(filePath: program)
      process.arguments = arguments
      process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      do {
        try process.run()
      } catch {
        throw BenchFailure("\(program) could not be started: \(error.localizedDescription)")
      }
      return process
    }
  }

  var isRunning: Bool { process.isRunning }

  /// `VmRSS` and `VmHWM` in kilobytes.
  func memory() throws -> (resident: Int, peak: Int) {
    let text = try String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
    func value(_ key: String) throws -> Int {
      let line = text.split(separator: "\n").first { $0.hasPrefix(key + ":") }
      guard let number = line?.split(whereSeparator: { " \t".contains($0) }).dropFirst().first.flatMap({ Int($0) })
      else {
        throw BenchFailure("the kernel says no \(key) for \(process.executableURL?.lastPathComponent ?? "a program")")
      }
      return number
    }
    return (try value("VmRSS"), try value("VmHWM"))
  }

  /// Processor time it has used so far, in seconds; 0 where the kernel does not say.
  func processorSeconds() -> Double { Machine.processorSeconds(of: process.processIdentifier) }

  /// Asks it to end, and makes it where it does not.
  func stop() {
    process.terminate()
    // Not waitUntilExit: off the main thread it takes a whole core until the program has ended.
    let deadline = ContinuousClock.now + .seconds(Self.stopSeconds)
    while process.isRunning, ContinuousClock.now < deadline { usleep(Self.pauseMicroseconds) }
    guard process.isRunning else { return }
    kill(process.processIdentifier, SIGKILL)
    while process.isRunning { usleep(Self.pauseMicroseconds) }
  }

  /// A daemon with requests under way gives them some seconds.
  private static let stopSeconds = 15.0

  /// Waits until somebody listens on a Unix socket of this program.
  func waitUntilListening(_ socket: String, seconds: Double) throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while process.isRunning, ContinuousClock.now < deadline {
      if RawConnection(socket) != nil { return }
      usleep(Self.pauseMicroseconds)
    }
    throw BenchFailure("\(process.executableURL?.lastPathComponent ?? "a program") does not listen on \(socket)")
  }

  /// Between two looks at a program that is about to listen.
  private static let pauseMicroseconds: UInt32 = 2000
}

/// Folders for what a measurement writes.
enum TemporaryFolder {
  /// A new one; whoever asks removes it.
  static func make(_ name: String) throws -> String {
    let path = FileManager.default.temporaryDirectory.path + "/kaizen-bench-\(getpid())-\(name)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }
}
