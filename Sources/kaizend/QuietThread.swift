import Dispatch
import Glibc
import Synchronization

/// A thread for work that nobody's answer waits for: one piece after the other, at a low priority, so that on a
/// machine with two cores serving has nearly all it wants.
final class QuietThread: Sendable {
  typealias Work = @Sendable () -> Void

  private let waiting = Mutex<[Work]>([])
  private let signal = DispatchSemaphore(value: 0)
  /// A tenth of what a thread that serves gets where both want a core (setpriority(2)). Not the nicest there is: at 19 a
  /// backup on a busy machine hardly goes on, and while it runs the ledger's log cannot be emptied.
  private static let niceness: CInt = 10

  /// The thread lives as long as the process.
  init() {
    let retained = Unmanaged.passRetained(self)
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { context in
        if let context { Unmanaged<QuietThread>.fromOpaque(context).takeUnretainedValue().run() }
        return nil
      }, retained.toOpaque())
    precondition(code == 0, "no thread could be made (\(code)): TasksMax= of kaizend.service is too low")
    pthread_detach(thread)
  }

  func async(_ work: @escaping Work) {
    waiting.withLock { $0.append(work) }
    signal.signal()
  }

  private func run() {
    // On Linux 0 is the calling thread, not its process.
    setpriority(CInt(PRIO_PROCESS.rawValue), 0, Self.niceness)
    while true {
      signal.wait()
      let next = waiting.withLock { $0.isEmpty ? nil : $0.removeFirst() }
      next?()
    }
  }
}
