import Dispatch

/// Runs an actor on one dispatch queue of its own, so that blocking work (SQLite) never holds a thread of the
/// cooperative pool: with two cores that pool has two threads.
public final class SerialQueueExecutor: SerialExecutor {
  let queue: DispatchQueue

  public init(label: String) {
    queue = DispatchQueue(label: label, qos: .userInitiated)
  }

  public func enqueue(_ job: consuming ExecutorJob) {
    let unowned = UnownedJob(job)
    queue.async { unowned.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }

  public func checkIsolated() {
    dispatchPrecondition(condition: .onQueue(queue))
  }
}
