/// A number with exactly `places` digits after the point, `-` where it is not finite or past 15 digits.
func decimal(_ value: Double, places: Int) -> String {
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

/// `84.9`, the percent of a share.
func percent(_ share: Double) -> String { decimal(share * 100, places: 1) }

/// `+12.3` points of a difference of shares.
func points(_ difference: Double) -> String {
  let text = decimal(difference * 100, places: 1)
  return difference > 0 && text != "0.0" ? "+" + text : text == "-0.0" ? "0.0" : text
}

/// `58,802`.
func count(_ number: Int) -> String {
  let digits = String(number.magnitude)
  var result = ""
  for (index, digit) in digits.enumerated() {
    if index > 0, (digits.count - index).isMultiple(of: 3) { result.append(",") }
    result.append(digit)
  }
  return number < 0 ? "-" + result : result
}

/// `0.42 s`, `4.2 s`, `42 s`, `3 min 5 s`.
func duration(_ seconds: Double) -> String {
  guard seconds.isFinite, seconds < 1e9 else { return "-" }
  if seconds < 0.995 { return "\(decimal(seconds, places: 2)) s" }
  if seconds < 9.95 { return "\(decimal(seconds, places: 1)) s" }
  let whole = Int(seconds.rounded())
  if whole < 60 { return "\(whole) s" }
  return whole < 3600 ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3600) h \(whole / 60 % 60) min"
}
