import Domain
import Engine
import Glibc
import Synchronization
import Systemd

/// The daemon's version, as `GET /v2` and `--version` say it.
let daemonVersion = productVersion

/// The machine's two clocks.
struct DaemonClock: Sendable {
  private let reading = SyncReading()

  func now() -> Timestamp { Timestamp(microseconds: Self.read(CLOCK_REALTIME)) }
  /// Goes on through suspend and is moved by nobody.
  func monotonicMicroseconds() -> Int64 { Self.read(CLOCK_BOOTTIME) }
  /// For spans of time alone: counts as the clock above does, finer.
  func nanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  func receipt(uid: UInt32) -> Receipt {
    Receipt(
      wallClock: now(), clock: reading.last, monotonicMicroseconds: monotonicMicroseconds(), peerUID: uid)
  }

  /// Whether the wall clock is kept right, as it was when last asked.
  var sync: ClockSync { reading.last }

  /// Asks the kernel whether the wall clock is synchronised; for once a second, receipts carry the last answer.
  func readSync() { reading.read() }

  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
  }
}

/// The login name of a user id; the number where there is none.
func login(of uid: UInt32) -> String {
  var record = passwd()
  var found: UnsafeMutablePointer<passwd>?
  var buffer = [CChar](repeating: 0, count: 4096)
  guard getpwuid_r(uid, &record, &buffer, buffer.count, &found) == 0, found != nil else { return "uid \(uid)" }
  return String(cString: record.pw_name)
}

/// Whether the kernel says that somebody keeps the wall clock right, as it was when last asked.
private final class SyncReading: Sendable {
  private let stored: Atomic<UInt8>

  init() { stored = Atomic(Self.ask().rawValue) }

  var last: ClockSync { ClockSync(rawValue: stored.load(ordering: .relaxed)) ?? .unknown }

  func read() { stored.store(Self.ask().rawValue, ordering: .relaxed) }

  private static func ask() -> ClockSync {
    clockIsSynchronized().map { $0 ? .synchronized : .unsynchronized } ?? .unknown
  }
}
