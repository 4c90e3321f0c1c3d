/// `88.1 %` from 0.881.
public func percent(_ fraction: Double) -> String { decimal(fraction * 100, places: 1) + " %" }

/// `88.1 % [83.2, 91.9]`, without brackets where there is no interval, and words where there is nothing to divide by.
public func accuracyText(_ accuracy: Double?, lower: Double?, upper: Double?) -> String {
  guard let accuracy else { return notEnoughLabels }
  guard let lower, let upper else { return percent(accuracy) }
  return "\(percent(accuracy)) [\(decimal(lower * 100, places: 1)), \(decimal(upper * 100, places: 1))]"
}

/// Stands where an accuracy is not known, because 0 would be a lie.
public let notEnoughLabels = "not enough labels yet"

/// `58,802`.
public func countText(_ count: Int) -> String {
  let digits = String(count.magnitude)
  var result = ""
  for (index, digit) in digits.enumerated() {
    if index > 0, (digits.count - index).isMultiple(of: 3) { result.append(",") }
    result.append(digit)
  }
  return count < 0 ? "-" + result : result
}

/// `1 part`, `58,802 parts`.
public func countText(_ count: Int, _ noun: String) -> String { "\(countText(count)) \(noun)\(count == 1 ? "" : "s")" }

/// `1 entry`, `58,802 entries`.
public func countText(_ count: Int, _ one: String, _ many: String) -> String {
  "\(countText(count)) \(count == 1 ? one : many)"
}

/// `512 B`, `31.2 MB`, `3.1 GB` (powers of 1000).
public func bytesText(_ bytes: Int) -> String {
  guard bytes >= 1000 else { return "\(bytes) B" }
  var value = Double(bytes)
  for unit in ["kB", "MB", "GB"] {
    value /= 1000
    if value < 999.95 { return "\(decimal(value, places: 1)) \(unit)" }
  }
  return "\(decimal(value / 1000, places: 1)) TB"
}

/// `under 1 s`, `42 s`, `3 min 5 s`, `2 h 10 min`.
public func durationText(seconds: Double) -> String {
  guard seconds.isFinite, seconds < 1e9 else { return "an unknown time" }
  guard seconds >= 1 else { return "under 1 s" }
  let whole = Int(seconds.rounded())
  if whole < 60 { return "\(whole) s" }
  if whole < 3600 { return whole % 60 == 0 ? "\(whole / 60) min" : "\(whole / 60) min \(whole % 60) s" }
  let minutes = whole / 60
  return minutes % 60 == 0 ? "\(minutes / 60) h" : "\(minutes / 60) h \(minutes % 60) min"
}

/// A number with exactly `places` digits after the point, `-` where it is not finite or past 15 digits.
public func decimal(_ value: Double, places: Int) -> String {
  var scale = 1.0
  for _ in 0..<places { scale *= 10 }
  let scaled = (value * scale).rounded()
  guard scaled.isFinite, abs(scaled) < 1e15 else { return "-" }
  let magnitude = Int(abs(scaled))
  let sign = scaled < 0 ? "-" : ""
  guard places > 0 else { return sign + String(magnitude) }
  let digits = String(magnitude)
  let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
  return "\(sign)\(padded.dropLast(places)).\(padded.suffix(places))"
}

/// An RFC 3339 time without its fraction of a second, which no person reads.
func timeText(_ time: String) -> String {
  guard let point = time.firstIndex(of: ".") else { return printable(time) }
  return printable(time[..<point] + "Z")
}
