import Domain
import FoundationEssentials
import Glibc

/// Progress as JSON lines on standard output.
enum ProgressLines {
  static func tell(_ progress: TrainingProgress) {
    guard var line = try? JSONEncoder().encode(progress) else { return }
    line.append(UInt8(ascii: "\n"))
    writeAll(Array(line), to: STDOUT_FILENO)
  }

  /// Seconds on the clock that no clock change moves.
  static func seconds() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
  }
}
