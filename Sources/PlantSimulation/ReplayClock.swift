import Domain

/// Where the rows of a file get their times from.
public enum ReplayClock: Sendable, Equatable {
  /// A column of RFC 3339 times.
  case times(column: String)
  /// A column of dates: the rows of a day are spread evenly over its 24 hours, in file order.
  case dates(column: String)
  /// No time in the file: so many rows make a day, the first one at `start`.
  case steady(partsPerDay: Int, start: Timestamp)

  public var column: String? {
    switch self {
    case .times(let column), .dates(let column): column
    case .steady: nil
    }
  }

  /// The times of rows in file order, given what their time column says (`steady` looks at the count alone).
  public func times(of stamps: [Timestamp]) -> [Timestamp] {
    switch self {
    case .times: stamps
    case .dates: Self.spread(stamps.map(\.day))
    case .steady(let partsPerDay, let start):
      stamps.indices.map { index in
        let (day, order) = index.quotientAndRemainder(dividingBy: partsPerDay)
        let dayStart = start.microseconds + Int64(day) * Timestamp.microsecondsPerDay
        return Timestamp(microseconds: dayStart + Self.offset(order, of: partsPerDay))
      }
    }
  }

  private static func spread(_ days: [Int64]) -> [Timestamp] {
    let counts = days.reduce(into: [Int64: Int]()) { $0[$1, default: 0] += 1 }
    var seen: [Int64: Int] = [:]
    return days.map { day in
      let order = seen[day, default: 0]
      seen[day] = order + 1
      return Timestamp(microseconds: day * Timestamp.microsecondsPerDay + offset(order, of: counts[day] ?? 1))
    }
  }

  /// Microseconds into a day at which the part of this order, counted from 0, is made.
  private static func offset(_ order: Int, of count: Int) -> Int64 {
    Int64((Double(order) + 0.5) / Double(count) * Double(Timestamp.microsecondsPerDay))
  }
}
