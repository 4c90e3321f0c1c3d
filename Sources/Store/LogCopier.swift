import Dispatch
import Engine
import Synchronization

/// Copies a database's write-ahead log into its file on a thread of its own, so that the writer does not wait for the
/// disk: two fsyncs and the pages between them take tens of milliseconds, and writing goes on meanwhile.
///
/// What the writer adds while a copy is under way stays for the next one. The log begins anew only when all of it has
/// been copied; beside a writer who seldom pauses that takes a last copy by the writer itself, of the few pages left.
final class LogCopier: Sendable {
  private let queue = DispatchQueue(label: "kaizend.checkpoint", qos: .utility)
  private let state: Mutex<State>
  private let isAsked = Atomic(false)

  private struct State {
    let database: Database
    let pin: LogPin
    /// As the last copy found it and left it.
    var log = (logged: 0, copied: 0)
  }

  /// - Parameter path: of a database in WAL mode.
  init(path: String, disk: Disk) throws(OpenFailure) {
    let database = try Database(path: path, access: .readWrite, disk: disk)
    do throws(StorageFailure) {
      // A connection that has read nothing does not know that there is a log.
      _ = try database.number("SELECT count(*) FROM sqlite_schema")
    } catch {
      throw database.openFailure
    }
    state = Mutex(State(database: database, pin: try LogPin(path: path, disk: disk)))
  }

  /// Returns at once. What cannot be copied now stays in the log for the next time.
  ///
  /// - Parameter whenLong: called on the thread that copied if the log has grown so long that the writer should copy what
  ///   is left, now that it is little.
  func copySoon(whenLong: @escaping @Sendable () -> Void) {
    guard !isAsked.exchange(true, ordering: .relaxed) else { return }
    queue.async { [self] in
      isAsked.store(false, ordering: .relaxed)
      let isLong = state.withLock { (state) in
        do throws(StorageFailure) {
          return try Self.copy(&state)
        } catch {
          return false
        }
      }
      if isLong { whenLong() }
    }
  }

  /// - Returns: true when the log is long and next to nothing of it is left to copy.
  private static func copy(_ state: inout State) throws(StorageFailure) -> Bool {
    for _ in 0..<passes { try pass(&state) }
    // What a reader holds back is nothing that the writer could copy.
    return state.log.logged >= longPages && state.log.copied == state.log.logged
  }

  /// What a pass copied counts as copied before the disk has it, so the log is pinned until then: else the writer could
  /// begin it anew in between, and a sync that fails then would take the only copy.
  private static func pass(_ state: inout State) throws(StorageFailure) {
    // Of a failure whose copies could not be disowned then.
    if state.pin.isHeld { try state.database.disownCopies() }
    try state.pin.hold()
    let before = state.log
    do throws(StorageFailure) {
      state.log = try state.database.checkpoint()
      // Else whoever copies the end of the log waits for the pages of all who copied before.
      if state.log != before { try state.database.sync() }
    } catch {
      // Another sync would succeed, and say nothing of the pages that this one lost.
      try state.database.disownCopies()
      state.pin.release()
      throw error
    }
    state.pin.release()
  }

  /// Each copies what the writer added during the last, so that next to nothing is left; one with nothing to do asks
  /// nothing of the disk.
  private static let passes = 3
  /// Half of what the writer lets the log grow to.
  private static let longPages = 8192
}
