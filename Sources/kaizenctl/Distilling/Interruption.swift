import Glibc
import Synchronization

/// Ctrl-C, SIGTERM and a closed terminal as a descriptor to poll, so that work is undone before the command ends.
struct Interruption {
  /// Readable once a signal has come.
  let descriptor: Int32

  private static let signals = [SIGINT, SIGTERM, SIGHUP]

  /// From here on the three signals no longer end the process by themselves.
  static func install() throws -> Interruption {
    let pipe = try Pipe()
    // A full pipe must not block the handler; one byte in it says all there is to say.
    _ = fcntl(pipe.writing, F_SETFL, O_NONBLOCK)
    writeEnd.store(pipe.writing, ordering: .sequentiallyConsistent)
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in
      // Only what is safe in a signal handler: an atomic load and write(2).
      let saved = errno
      var byte: UInt8 = 1
      _ = Glibc.write(writeEnd.load(ordering: .sequentiallyConsistent), &byte, 1)
      errno = saved
    }
    action.sa_flags = SA_RESTART
    for signal in signals { sigaction(signal, &action, nil) }
    return Interruption(descriptor: pipe.reading)
  }

  var hasCome: Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&entry, 1, 0) > 0
  }
}

private let writeEnd = Atomic<Int32>(-1)

extension Failure {
  /// A failed system call with the system's own reason.
  static func system(_ status: ExitStatus, _ what: String, _ code: Int32 = errno, next: Next? = nil) -> Failure {
    Failure(status, "\(what): \(String(cString: strerror(code))).", next: next)
  }
}
