import Engine
import Store
import UnixSocket

/// Why the daemon cannot run, with the code it ends with (sysexits.h); 64 and 78 are not restarted by systemd.
struct DaemonFailure: Error {
  let sentence: String
  let exitCode: Int32

  init(_ sentence: String, exitCode: Int32) {
    self.sentence = sentence
    self.exitCode = exitCode
  }

  init(_ failure: OpenFailure) {
    sentence = failure.sentence
    exitCode =
      switch failure {
      case .newerSchema, .olderSchema, .foreignDatabase, .networkFileSystem: 78
      case .permission: 77
      case .malformed, .notADatabase, .io: 74
      }
  }

  init(_ failure: StorageFailure) { self.init(failure.sentence, exitCode: 74) }
  init(_ failure: SocketFailure) { self.init(failure.sentence, exitCode: 69) }
}
