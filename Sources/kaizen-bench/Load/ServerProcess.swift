import Foundation
import Glibc

/// A program that serves while it is measured.
struct ServerProcess: Sendable {
  private let process: Process
  let isRealTime: Bool

  /// Its messages are dropped: what goes wrong shows in its answers.
  init(
    program: String, arguments: [String], environment: [String: String] = [:], placement: Placement = .anywhere
  ) throws {
    (process, isRealTime) = try placement.running {
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
  func processorSeconds() -> Double {
    var clock = clockid_t()
    var time = timespec()
    guard clock_getcpuclockid(process.processIdentifier, &clock) == 0, clock_gettime(clock, &time) == 0 else {
      return 0
    }
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  func stop() {
    guard process.isRunning else { return }
    process.terminate()
    process.waitUntilExit()
  }

  /// Waits until somebody listens on a Unix socket of this program.
  func waitUntilListening(_ socket: String, seconds: Double) throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while process.isRunning, ContinuousClock.now < deadline {
      if Self.isListening(socket) { return }
      usleep(Self.pauseMicroseconds)
    }
    throw BenchFailure("\(process.executableURL?.lastPathComponent ?? "a program") does not listen on \(socket)")
  }

  /// Between two looks at a program that is about to listen.
  private static let pauseMicroseconds: UInt32 = 2000

  private static func isListening(_ path: String) -> Bool {
    let file = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard file >= 0 else { return false }
    defer { close(file) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(file, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
  }
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
