import NIOCore

/// Runs tasks on an event loop.
///
/// Why: a call goes through four tasks of gRPC's; on the shared pool each hands the next to another thread, and the pool's
/// two threads would wait for the ledger's disk. On the loop a call stays on the thread that read it.
final class LoopExecutor: TaskExecutor {
  private let loop: any EventLoop

  init(_ loop: any EventLoop) { self.loop = loop }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
