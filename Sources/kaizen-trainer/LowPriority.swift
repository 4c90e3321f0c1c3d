import Glibc

/// Makes this process give way to everything else on the machine.
///
/// Each step may be refused (containers do); training then runs all the same, only less modestly.
enum LowPriority {
  /// SCHED_IDLE of sched.h, which is behind a macro there. The kernel derives the idle I/O class from it
  /// (block/ioprio: a task without its own I/O priority takes the class of its CPU policy).
  private static let schedIdle: Int32 = 5

  /// Where memory runs out, the training process goes first: 500 of 1000.
  private static let oomScore = "500"

  static func enter() {
    _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19)
    var parameters = sched_param()
    parameters.sched_priority = 0
    _ = sched_setscheduler(0, schedIdle, &parameters)
    let descriptor = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    writeAll(Array(oomScore.utf8), to: descriptor)
    close(descriptor)
  }
}
