import Glibc

/// Makes this process give way to everything else on the machine.
///
/// Each step may be refused (containers do); training then runs all the same, only less modestly.
enum LowPriority {
  /// SCHED_IDLE of sched.h, which is behind a macro there.
  private static let schedIdle: Int32 = 5

  /// Where memory runs out, the training process goes first: 500 of 1000.
  private static let oomScore = "500"

  /// ioprio_set(2): this process, and the idle class, which gets the disk when nobody else wants it. The kernel derives
  /// it from SCHED_IDLE, but only while nobody has given the process a class of its own.
  private static let ioprioWhoProcess = 1
  private static let ioprioClassIdle = 3 << 13
  #if arch(x86_64)
    private static let ioprioSetNumber = 251
  #elseif arch(arm64)
    private static let ioprioSetNumber = 30
  #endif

  static func enter() {
    _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19)
    var parameters = sched_param()
    parameters.sched_priority = 0
    _ = sched_setscheduler(0, schedIdle, &parameters)
    enterIdleDiskClass()
    let descriptor = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    writeAll(Array(oomScore.utf8), to: descriptor)
    close(descriptor)
  }

  /// The C library has no function for it, and its `syscall` takes any number of arguments, which Swift cannot call by
  /// name; by address it can.
  private static func enterIdleDiskClass() {
    #if arch(x86_64) || arch(arm64)
      typealias SystemCall = @convention(c) (Int, Int, Int, Int) -> Int
      guard let address = dlsym(nil, "syscall") else { return }
      _ = unsafeBitCast(address, to: SystemCall.self)(ioprioSetNumber, ioprioWhoProcess, 0, ioprioClassIdle)
    #endif
  }
}
