import Dispatch
import Logging
import Store
import Synchronization

/// Notices a write-ahead log that grows because somebody's long read keeps it from being copied into the ledger, and
/// says so: the disk fills, and every commit looks through more of it.
final class LogWatch: Sendable {
  private struct State {
    var warning: String?
    /// Looks until the log is asked about again.
    var pause = 0
  }

  private let path: String
  /// A log of hundreds of megabytes is copied for seconds: on the plant's thread nobody could ask for anything.
  private let queue = DispatchQueue(label: "kaizend.log", qos: .utility)
  private let logger: Logger
  private let state = Mutex(State())

  /// Bytes held back that are worth a word.
  private let bytesMax: Int
  /// While a log is large it is looked at once in so many seconds, and what its readers let go is copied.
  private static let pauseLooks = 5

  init(path: String, logger: Logger, bytesMax: Int = StateCheck.logByteCountMax) {
    self.path = path
    self.logger = logger
    self.bytesMax = bytesMax
  }

  /// What `status` says; nil where nothing is wrong.
  var warning: String? { state.withLock { $0.warning } }

  /// Called once a second.
  func look() {
    // A log that was emptied keeps its size, so the size alone says nothing; a small one needs no question.
    let isDue = state.withLock { state in
      guard StoreFile.logByteCount(path) > bytesMax || state.warning != nil else { return false }
      state.pause -= 1
      guard state.pause < 0 else { return false }
      state.pause = Self.pauseLooks
      return true
    }
    guard isDue else { return }
    queue.async { [self] in
      // What cannot be looked at now is looked at the next time; the plant tells of a ledger that is in trouble.
      guard let held = try? LedgerLog(path: path).settle() else { return }
      note(held: held > bytesMax ? held : nil)
    }
  }

  private func note(held: Int?) {
    let text = held.map {
      "a program that reads \(path) for long keeps \($0 >> 20) MB of its log from being emptied; \"fuser \(path)-wal\" "
        + "names it: end it, long queries belong on a backup"
    }
    let before = state.withLock { state in
      defer { state.warning = text }
      return state.warning
    }
    if let text, before == nil {
      logger.warning("\(text)", metadata: ["event": "log_held"])
    } else if text == nil, before != nil {
      logger.notice("the ledger's log is emptied again", metadata: ["event": "log_released"])
    }
  }
}
