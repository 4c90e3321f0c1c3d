/// Hours of each day in which nothing is retrained and no student changes: `22:00-06:00`, in the machine's local time.
public struct QuietHours: Sendable, Equatable, Codable, LosslessStringConvertible {
  /// Minutes of the day; `end` is not part of it, and lies on the next day where it is less than `start`.
  public let start: Int
  public let end: Int

  static let minutesPerDay = 24 * 60

  /// Nil for what is no such text, and for hours without a minute.
  public init?(_ text: String) {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false).map(Self.minute)
    guard ends.count == 2, let start = ends[0], let end = ends[1], start != end, start < Self.minutesPerDay else {
      return nil
    }
    self.start = start
    self.end = end
  }

  /// Minutes of `HH:MM`, 24:00 included; nil for anything else.
  private static func minute(_ text: Substring) -> Int? {
    let digits = text.split(separator: ":", omittingEmptySubsequences: false)
    guard digits.count == 2, digits.allSatisfy({ $0.count == 2 && $0.utf8.allSatisfy { (48...57).contains($0) } }),
      let hour = Int(digits[0]), let minute = Int(digits[1]), minute < 60, hour * 60 + minute <= minutesPerDay
    else { return nil }
    return hour * 60 + minute
  }

  /// - Parameter minute: of the local day, 0..<1440.
  public func contains(minute: Int) -> Bool {
    start < end ? (start..<end).contains(minute) : minute >= start || minute < end
  }

  public var description: String { Self.text(start) + "-" + Self.text(end) }

  private static func text(_ minute: Int) -> String {
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return two(minute / 60) + ":" + two(minute % 60)
  }

  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let hours = QuietHours(text) else { throw InvalidName("quiet hours are like 22:00-06:00, got \(text)") }
    self = hours
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
