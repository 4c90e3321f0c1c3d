import Domain
import Glibc

/// Minute of the day, 0..<1440, at which a time falls where this machine stands.
func localMinute(_ time: Timestamp) -> Int {
  var seconds = time_t(time.microseconds / 1_000_000)
  var parts = tm()
  guard localtime_r(&seconds, &parts) != nil else { return 0 }
  return Int(parts.tm_hour) * 60 + Int(parts.tm_min)
}
