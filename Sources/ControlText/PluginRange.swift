/// A range of thresholds as Nagios' and Icinga's plugins write it: an alert outside `[@]start:end`, inside with `@`.
///
/// `10` is 0...10, `10:` is 10 and more, `~:10` is 10 and less, `@10:20` alerts from 10 to 20.
public struct PluginRange: Sendable, Equatable {
  public let text: String
  private let start: Double
  private let end: Double
  private let alertsInside: Bool

  /// Nil for text that is none.
  public init?(_ text: String) {
    self.text = text
    var rest = Substring(text)
    alertsInside = rest.hasPrefix("@")
    if alertsInside { rest = rest.dropFirst() }
    let parts = rest.split(separator: ":", omittingEmptySubsequences: false)
    switch parts.count {
    case 1:
      guard let end = Self.number(parts[0]) else { return nil }
      (start, self.end) = (0, end)
    case 2:
      guard let start = parts[0] == "~" ? -.infinity : parts[0].isEmpty ? 0 : Self.number(parts[0]),
        let end = parts[1].isEmpty ? .infinity : Self.number(parts[1])
      else { return nil }
      (self.start, self.end) = (start, end)
    default: return nil
    }
    guard start <= end else { return nil }
  }

  public func alerts(_ value: Double) -> Bool { (value >= start && value <= end) == alertsInside }

  private static func number(_ text: Substring) -> Double? {
    guard let number = Double(text), number.isFinite else { return nil }
    return number
  }
}
