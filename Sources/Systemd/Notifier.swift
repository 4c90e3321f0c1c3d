import CSystemd
import Glibc

/// Tells systemd how the service is doing; outside systemd, without NOTIFY_SOCKET, it does nothing.
///
/// Each call sends one datagram and returns whether it was delivered; a lost one is no reason to stop serving.
/// Source: sd_notify(3).
public struct Notifier: Sendable {
  /// Longer status lines are cut: `systemctl status` shows one line.
  public static let statusBytesMax = 1024

  public init() {}

  /// Start-up has finished: sockets are open and every enabled line can answer.
  @discardableResult public func ready() -> Bool { send("READY=1") }

  /// One line for `systemctl status`; control characters become blanks, so that names from requests cannot add fields.
  @discardableResult public func status(_ text: String) -> Bool { send("STATUS=" + oneLine(text, Self.statusBytesMax)) }

  /// The service still serves; due within `watchdogInterval`.
  @discardableResult public func watchdog() -> Bool { send("WATCHDOG=1") }

  /// Shutting down has begun.
  @discardableResult public func stopping() -> Bool { send("STOPPING=1") }

  /// Configuration is being read again; `ready()` ends it.
  @discardableResult public func reloading() -> Bool {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    let microseconds = now.tv_sec * 1_000_000 + now.tv_nsec / 1000
    return send("RELOADING=1\nMONOTONIC_USEC=\(microseconds)")
  }

  /// Start-up or shutting down takes `duration` more, counted from now; for migrations of large databases.
  @discardableResult public func extendTimeout(by duration: Duration) -> Bool {
    let (seconds, attoseconds) = duration.components
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
    let microseconds = overflow ? Int64.max / 2 : whole + attoseconds / 1_000_000_000_000
    return send("EXTEND_TIMEOUT_USEC=\(max(microseconds, 0))")
  }

  private func send(_ state: String) -> Bool { sd_notify(0, state) > 0 }
}

/// How often systemd expects a sign of life from this process; nil where the unit sets no WatchdogSec.
public func watchdogInterval() -> Duration? {
  var microseconds: UInt64 = 0
  guard sd_watchdog_enabled(0, &microseconds) > 0 else { return nil }
  return .microseconds(Int64(clamping: microseconds))
}

/// Text on one line: control characters become blanks, and it ends after `bytesMax` bytes of whole characters.
func oneLine(_ text: String, _ bytesMax: Int) -> String {
  var line = String.UnicodeScalarView()
  var bytes = 0
  for scalar in text.unicodeScalars {
    bytes += UTF8.width(scalar)
    if bytes > bytesMax { break }
    line.append(scalar.properties.generalCategory == .control ? " " : scalar)
  }
  return String(line)
}
