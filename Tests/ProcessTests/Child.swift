import Foundation
import Glibc
import Synchronization

/// A process started by a test. Its number is never signalled after it was reaped.
final class Child: Sendable {
  enum End: Equatable, Sendable {
    case exited(Int32)
    case signaled(Int32)
  }

  let pid: pid_t
  let started = ContinuousClock.now
  private let state = Mutex<End?>(nil)

  /// Standard output and error go to the files `output` and `errors`.
  /// - Parameter inherited: descriptors the process gets as 3, 4, ...; each above all of these numbers.
  init(
    _ program: String, _ arguments: [String], environment: [String: String] = [:], inherited: [CInt] = [],
    output: String, errors: String
  ) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    // Other tests run in this process: a daemon that inherits one's connection would keep it open. Closing what is not
    // open is no error.
    let firstClosed = 3 + CInt(inherited.count)
    for (number, descriptor) in zip(3..<firstClosed, inherited) {
      posix_spawn_file_actions_adddup2(&actions, descriptor, number)
    }
    for descriptor in firstClosed..<Self.descriptorsClosed { posix_spawn_file_actions_addclose(&actions, descriptor) }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // The tests' own runtime ignores SIGPIPE, and a program under test must not inherit that.
    var defaults = sigset_t()
    sigfillset(&defaults)
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    var variables = ProcessInfo.processInfo.environment
    for name in ["KAIZEN_STATE_DIR", "NOTIFY_SOCKET", "WATCHDOG_USEC", "LISTEN_FDS", "NO_COLOR"] {
      variables[name] = nil
    }
    variables.merge(environment) { $1 }
    var number: pid_t = 0
    let code = Self.withPointers([program] + arguments) { argv in
      Self.withPointers(variables.map { "\($0)=\($1)" }) { envp in
        posix_spawn(&number, program, &actions, &attributes, argv, envp)
      }
    }
    guard code == 0 else { throw TimedOut(description: "\(program) cannot start: \(String(cString: strerror(code)))") }
    pid = number
    Thread.detachNewThread { self.reap() }
  }

  /// Below the usual limit of 1024, past which the close itself would be an error.
  private static let descriptorsClosed = Int32(clamping: min(1024, sysconf(Int32(_SC_OPEN_MAX))))

  private static func withPointers<Result>(
    _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    let copies = texts.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
  }

  private func reap() {
    var information = siginfo_t()
    while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    state.withLock { state in
      var status: Int32 = 0
      waitpid(pid, &status, 0)
      let signal = status & 0x7F
      state = signal == 0 ? .exited((status >> 8) & 0xFF) : .signaled(signal)
    }
  }

  /// Nil while it runs.
  var end: End? { state.withLock { $0 } }

  func signal(_ number: Int32) {
    state.withLock { if $0 == nil { kill(pid, number) } }
  }

  @discardableResult
  func ended(within limit: Duration = patience) async throws -> End {
    try await eventually(within: limit, "the end of process \(pid)") { end }
  }

  /// Megabytes of resident memory, from the kernel.
  func residentMegabytes() throws -> Int {
    let text = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
    let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
    return (line.split(whereSeparator: { " \t".contains($0) }).dropFirst().first.flatMap { Int($0) } ?? 0) / 1024
  }
}

/// What one run of a program did.
struct Ran: Sendable {
  let end: Child.End
  let output: String
  let errors: String
}

/// Runs a program to its end.
func run(
  _ program: String, _ arguments: [String], environment: [String: String] = [:], within limit: Duration = patience
) async throws -> Ran {
  let folder = try Folder()
  let child = try Child(
    program, arguments, environment: environment, output: folder.file("out"), errors: folder.file("err"))
  do {
    let end = try await child.ended(within: limit)
    return Ran(end: end, output: try folder.text("out"), errors: try folder.text("err"))
  } catch {
    child.signal(SIGKILL)
    throw error
  }
}

/// Runs `kaizenctl` on a state directory.
func kaizenctl(_ directory: Folder, _ arguments: String...) async throws -> Ran {
  try await kaizenctl(directory, arguments)
}

func kaizenctl(
  _ directory: Folder, _ arguments: [String], within limit: Duration = patience
) async throws -> Ran {
  try await run(try Programs.path("kaizenctl"), ["--state-dir", directory.path] + arguments, within: limit)
}
