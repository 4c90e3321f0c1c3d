import Dispatch
import Foundation
import Glibc
import Synchronization

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

  /// Runs a program to its end.
  /// - Parameter log: a new file for all that it says; nil: its output goes where ours goes.
  func run(_ name: String, _ arguments: [String], log: String? = nil) async throws {
    // What we said before must stand before what it says.
    fflush(nil)
    let process = Process()
    process.executableURL = URL(filePath: try path(name))
    process.arguments = arguments
    if let log {
      let file = try DaemonProcess.newFile(log)
      process.standardOutput = file
      process.standardError = file
    }
    let status = try await withCheckedThrowingContinuation { (ended: CheckedContinuation<Int32, any Error>) in
      process.terminationHandler = { ended.resume(returning: $0.terminationStatus) }
      do {
        try process.run()
      } catch {
        ended.resume(throwing: error)
      }
    }
    guard status == 0 else {
      throw PlantFault(
        .software, "'\(name) \(arguments.joined(separator: " "))' ended with \(status) (see \(log ?? "above"))")
    }
  }
}

/// A daemon of our own in a state directory of its own; it never outlives this program.
final class DaemonProcess {
  /// Numbers of all that run.
  private static let running = Mutex<Set<pid_t>>([])

  /// A program that is interrupted must not leave its daemons behind. One watch for all of them: ignoring a signal that
  /// Dispatch waits for already makes it deaf.
  private static let interruptions = Mutex<[any DispatchSourceSignal]>([SIGINT, SIGTERM, SIGHUP].map(ending))

  private static func ending(at number: CInt) -> any DispatchSourceSignal {
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    source.setEventHandler {
      for daemon in running.withLock({ $0 }) { kill(daemon, SIGTERM) }
      _exit(128 + number)
    }
    source.activate()
    return source
  }

  private let process: Process
  private let logPath: String

  /// Tries to reach the daemon, 50 ms apart: 30 s for a machine that is busy.
  private static let readinessTries = 600
  /// Looks at a daemon that was told to stop, 50 ms apart: 15 s to drain.
  private static let stopLooks = 300
  private static let pause: Duration = .milliseconds(50)

  /// Starts the daemon; it is ready when `ready` has returned.
  init(programs: Programs, stateDirectory: String) throws {
    logPath = stateDirectory + "/kaizend.log"
    Self.interruptions.withLock { _ in }
    let log = try Self.newFile(logPath)
    let process = Process()
    process.executableURL = URL(filePath: try programs.path("kaizend"))
    process.arguments = ["--state-dir", stateDirectory]
    process.standardOutput = log
    process.standardError = log
    try process.run()
    self.process = process
    _ = Self.running.withLock { $0.insert(process.processIdentifier) }
  }

  /// A file of that path, empty and open.
  static func newFile(_ path: String) throws(PlantFault) -> FileHandle {
    guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path)
    else { throw PlantFault(.software, "cannot write \(path)") }
    return file
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

  /// Processor seconds of all processes it started that have ended; 0 where the kernel does not say.
  var childSeconds: Double {
    let text = (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8)) ?? ""
    // The name before the last ')' may hold blanks; cutime and cstime are fields 16 and 17, the state is 3.
    let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
    guard fields.count > 14, let user = Double(fields[13]), let system = Double(fields[14]) else { return 0 }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// Asks the daemon to end, and makes it end if it does not.
  func stop() async {
    defer { _ = Self.running.withLock { $0.remove(process.processIdentifier) } }
    guard process.isRunning else { return }
    process.terminate()
    for _ in 0..<Self.stopLooks where process.isRunning {
      try? await Task.sleep(for: Self.pause)
    }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
  }
}
