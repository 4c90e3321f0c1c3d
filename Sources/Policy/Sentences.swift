import Domain
import Glibc

/// `88.1 %`.
public func percent(_ fraction: Double) -> String { decimal(fraction * 100, places: 1) + " %" }

/// `2.5x`, without decimals from 100 on.
public func factor(_ value: Double) -> String {
  value >= 1e6 ? "over a million times" : (value >= 100 ? "\(Int(value.rounded()))x" : decimal(value, places: 2) + "x")
}

/// `2019-01-22`.
public func dateText(_ day: Int64) -> String {
  String(Timestamp(microseconds: day * Timestamp.microsecondsPerDay).description.prefix(10))
}

/// Fixed-point text without a locale; "not a number" stays visible.
public func decimal(_ value: Double, places: Int) -> String {
  guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
  var scale = 1.0
  for _ in 0..<places { scale *= 10 }
  let scaled = Int((abs(value) * scale).rounded())
  let sign = value < 0 && scaled > 0 ? "-" : ""
  let whole = scaled / Int(scale)
  guard places > 0 else { return sign + String(whole) }
  let fraction = String(scaled % Int(scale))
  return sign + "\(whole)." + String(repeating: "0", count: places - fraction.count) + fraction
}

func exponential(_ value: Double) -> Double { exp(min(value, 700)) }

func logarithm(_ value: Double) -> Double { log(value) }

/// `1 group`, `3 groups`.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

/// Evidence from its logarithm: `0.4`, `37`, `over a million`.
func evidenceText(_ logEvidence: Double) -> String {
  let value = exponential(logEvidence)
  return value >= 1e6 ? "over a million" : decimal(value, places: value < 10 ? 1 : 0)
}
