import CBench
import Foundation
import Glibc
import NeuralNet

/// What is asked of the machine itself.
enum Machine {
  /// Processor time of this process in seconds: what others do on the machine at the same time is not in it.
  static func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// The same of this thread alone.
  static func threadSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// Processor time another process has used so far in seconds; 0 where the kernel does not say.
  static func processorSeconds(of process: Int32) -> Double {
    var clock = clockid_t()
    var time = timespec()
    guard clock_getcpuclockid(process, &clock) == 0, clock_gettime(clock, &time) == 0 else { return 0 }
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// Seconds of processor time that `work` takes.
  static func seconds(_ work: () throws -> Void) rethrows -> Double {
    let start = processorSeconds()
    try work()
    return processorSeconds() - start
  }

  /// Keeps this thread and the processes it starts on one core; nil where the system does not allow it.
  static func stayOnOneCore() -> Int? {
    let core = kb_stay_on_one_core()
    return core < 0 ? nil : Int(core)
  }

  /// Highest resident memory of this process so far, in kilobytes; 0 where the kernel does not say.
  static func peakKilobytes() -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return line?.split(whereSeparator: { " \t".contains($0) }).dropFirst().first.flatMap { Int($0) } ?? 0
  }

  static func resetPeak() { kb_reset_peak_memory() }
}

extension InstructionSet {
  /// Multiply-adds without any memory, the most this core can do: `count` rounds of `peakOperations`.
  func multiplyAdds(rounds count: Int) { _ = kb_multiply_add(benchCode, UInt64(count)) }

  var peakOperations: Int { Int(kb_operations_per_round(benchCode)) }

  private var benchCode: Int32 {
    switch self {
    case .baseline: Int32(KB_BASELINE)
    case .avx2: Int32(KB_AVX2)
    case .avx512: Int32(KB_AVX512)
    }
  }
}
