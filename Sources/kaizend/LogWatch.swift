import Engine
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
  private let plant: Plant
  private let logger: Logger
  private let state = Mutex(State())

  /// Bytes held back that are worth a word.
  private let bytesMax: Int
  /// Once a log is large, it is asked about as often: each time the plant copies what it can.
  private static let pauseLooks = 5

  init(path: String, plant: Plant, logger: Logger, bytesMax: Int = StateCheck.logByteCountMax) {
    self.path = path
    self.plant = plant
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
    plant.ask { [self] plant in
      let held = plant.settleLog()
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
