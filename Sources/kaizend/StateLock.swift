import Glibc

/// Holds a state directory for this process: two daemons on one ledger would each believe to be the only writer.
final class StateLock: Sendable {
  private let descriptor: CInt

  /// Makes the directory where there is none.
  init(directory: String) throws(DaemonFailure) {
    mkdir(directory, 0o750)
    let path = directory + "/kaizend.lock"
    let opened = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o640)
    guard opened >= 0 else {
      throw DaemonFailure("\(path) cannot be opened: \(String(cString: strerror(errno)))", exitCode: 77)
    }
    guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
      close(opened)
      throw DaemonFailure(
        "another kaizend runs on \(directory); stop it, or name another --state-dir", exitCode: 75)
    }
    descriptor = opened
  }

  deinit { close(descriptor) }
}
