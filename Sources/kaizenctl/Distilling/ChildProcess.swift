import Glibc

/// A program running for this command: its output is read while it works, and it never outlives an interruption.
struct ChildProcess {
  enum End: Equatable {
    case exited(Int32)
    case signalled(Int32)
    case interrupted
  }

  private let process: pid_t
  private let output: Int32
  private let errors: Int32

  /// A longer line is not progress; the process is then no program of ours.
  private static let lineBytesMax = 1 << 16
  /// The last words of a failing program fit; endless chatter does not fill the memory.
  private static let errorBytesMax = 1 << 16
  /// Time to clean up after SIGTERM, before SIGKILL.
  private static let graceMilliseconds = 3000
  /// Between two looks at a process that has closed its output and not ended.
  private static let lookMilliseconds: Int32 = 20

  /// Starts `path`, in a process group of its own so that Ctrl-C reaches it through us alone.
  static func start(_ path: String, _ arguments: [String]) throws -> ChildProcess {
    let output = try Pipe()
    let errors = try Pipe()
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output.writing, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, errors.writing, STDERR_FILENO)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // SIGPIPE is ignored here by the socket library; the child must die of it when we are gone.
    var defaults = sigset_t()
    sigemptyset(&defaults)
    sigaddset(&defaults, SIGPIPE)
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF))
    var argv = ([path] + arguments).map { strdup($0) } + [nil]
    defer { argv.forEach { free($0) } }
    var process: pid_t = 0
    let code = posix_spawn(&process, path, &actions, &attributes, &argv, environ)
    close(output.writing)
    close(errors.writing)
    guard code == 0 else {
      close(output.reading)
      close(errors.reading)
      throw Failure.system(.software, "cannot start \(path)", code)
    }
    return ChildProcess(process: process, output: output.reading, errors: errors.reading)
  }

  /// Reads until the process ends or a signal comes; blocks its thread.
  /// - Returns: how it ended and what it said on standard error.
  func wait(_ interruption: Interruption, onLine: (String) -> Void) -> (end: End, errors: String) {
    var lines: [UInt8] = []
    var said: [UInt8] = []
    var entries = [output, errors, interruption.descriptor].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    defer {
      close(output)
      close(errors)
    }
    while entries[0].fd >= 0 || entries[1].fd >= 0 {
      guard poll(&entries, nfds_t(entries.count), -1) >= 0 else { continue }
      if entries[2].revents != 0 { return (stop(), "") }
      if entries[0].revents != 0 {
        let bytes = Self.readSome(output)
        if bytes.isEmpty { entries[0].fd = -1 }
        Self.cut(&lines, bytes, onLine: onLine)
      }
      if entries[1].revents != 0 {
        let bytes = Self.readSome(errors)
        if bytes.isEmpty { entries[1].fd = -1 }
        said = (said + bytes).suffix(Self.errorBytesMax)
      }
    }
    while true {
      if let end = ended() { return (end, String(decoding: said, as: UTF8.self)) }
      var entry = entries[2]
      if poll(&entry, 1, Self.lookMilliseconds) > 0 { return (stop(), "") }
    }
  }

  private func stop() -> End {
    kill(process, SIGTERM)
    for _ in 0..<(Self.graceMilliseconds / Int(Self.lookMilliseconds)) {
      if ended() != nil { return .interrupted }
      poll(nil, 0, Self.lookMilliseconds)
    }
    kill(process, SIGKILL)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    return .interrupted
  }

  /// nil while it runs.
  private func ended() -> End? {
    var status: Int32 = 0
    guard waitpid(process, &status, WNOHANG) == process else { return nil }
    // WIFSIGNALED, WTERMSIG and WEXITSTATUS of sys/wait.h, which are macros and not imported.
    let signal = status & 0x7F
    return signal == 0 ? .exited(status >> 8 & 0xFF) : .signalled(signal)
  }

  private static func readSome(_ descriptor: Int32) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 1 << 14) { buffer, count in
      var result = -1
      repeat { result = read(descriptor, buffer.baseAddress, buffer.count) } while result < 0 && errno == EINTR
      count = max(0, result)
    }
  }

  private static func cut(_ pending: inout [UInt8], _ bytes: [UInt8], onLine: (String) -> Void) {
    pending += bytes
    while let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
      onLine(String(decoding: pending[..<end], as: UTF8.self))
      pending.removeSubrange(...end)
    }
    if pending.count > lineBytesMax { pending.removeAll() }
  }
}
