import CSystemd

/// Whether somebody (NTP, PTP) keeps the machine's wall clock right, by what the kernel was told (adjtimex(2)); nil
/// where a sandbox forbids to ask.
public func clockIsSynchronized() -> Bool? {
  var time = timex()
  let state = adjtimex(&time)
  guard state >= 0 else { return nil }
  return state != TIME_ERROR && time.status & STA_UNSYNC == 0
}
