/// A moment in UTC, in microseconds since 1970-01-01T00:00:00Z.
public struct Timestamp: Hashable, Comparable, Sendable, Codable {
  public let microseconds: Int64
  public init(microseconds: Int64) { self.microseconds = microseconds }
  public init(seconds: Int64) { microseconds = seconds * 1_000_000 }

  public static let microsecondsPerDay: Int64 = 86_400_000_000
  public static let microsecondsPerHour: Int64 = 3_600_000_000

  /// No kaizend ran before 2025-01-01: a wall clock that says so has lost its time.
  public static let earliestBelieved = Timestamp(microseconds: 1_735_689_600_000_000)

  /// Days since 1970-01-01, rounded down.
  public var day: Int64 { Self.floorDivide(microseconds, Self.microsecondsPerDay).quotient }

  public func advanced(hours: Double) -> Timestamp {
    Timestamp(microseconds: microseconds + Int64(hours * Double(Self.microsecondsPerHour)))
  }

  public func hours(since earlier: Timestamp) -> Double {
    Double(microseconds - earlier.microseconds) / Double(Self.microsecondsPerHour)
  }

  public static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }

  static func floorDivide(_ value: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}

// MARK: - RFC 3339

extension Timestamp: CustomStringConvertible {
  /// RFC 3339 in UTC: `2026-11-23T06:30:00Z`, with a fraction of up to six digits only where there is one.
  public var description: String {
    let (day, rest) = Self.floorDivide(microseconds, Self.microsecondsPerDay)
    let date = Self.civil(day: day)
    let seconds = rest / 1_000_000
    var text =
      "\(Self.padded(date.year, 4))-\(Self.padded(date.month, 2))-\(Self.padded(date.day, 2))"
      + "T\(Self.padded(seconds / 3600, 2)):\(Self.padded(seconds / 60 % 60, 2)):\(Self.padded(seconds % 60, 2))"
    let fraction = rest % 1_000_000
    if fraction != 0 {
      var digits = Self.padded(fraction, 6)
      while digits.hasSuffix("0") { digits.removeLast() }
      text += "." + digits
    }
    return text + "Z"
  }

  /// Reads RFC 3339 (`2019-01-02T07:00:00Z`, `...+09:00`, fractions up to nine digits, `T` or a space) or a bare date,
  /// which means its midnight in UTC. Nil for anything else and for years outside 1970...9999.
  public init?(_ text: String) {
    var reader = DigitReader(text)
    guard let year = reader.number(4), (1970...9999).contains(year), reader.take("-"), let month = reader.number(2),
      (1...12).contains(month), reader.take("-"), let day = reader.number(2),
      (1...Self.dayCount(month: month, year: year)).contains(day)
    else { return nil }
    var microseconds = Self.days(year: year, month: month, day: day) * Self.microsecondsPerDay
    if !reader.isAtEnd {
      guard reader.take("T") || reader.take("t") || reader.take(" "), let hour = reader.number(2), hour < 24,
        reader.take(":"), let minute = reader.number(2), minute < 60, reader.take(":"), let second = reader.number(2),
        second <= 60
      else { return nil }
      microseconds += (hour * 3600 + minute * 60 + second) * 1_000_000
      if reader.take(".") {
        guard let fraction = reader.fractionInMicroseconds() else { return nil }
        microseconds += fraction
      }
      if !reader.take("Z") && !reader.take("z") {
        let sign: Int64
        if reader.take("+") { sign = -1 } else if reader.take("-") { sign = 1 } else { return nil }
        guard let hours = reader.number(2), hours < 24, reader.take(":"), let minutes = reader.number(2), minutes < 60
        else { return nil }
        microseconds += sign * (hours * 3600 + minutes * 60) * 1_000_000
      }
      guard reader.isAtEnd else { return nil }
    }
    self.microseconds = microseconds
  }

  /// The same without a fraction, for sentences.
  public var wholeSeconds: String { Timestamp(seconds: Self.floorDivide(microseconds, 1_000_000).quotient).description }

  private static func padded(_ value: Int64, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  private static func dayCount(month: Int64, year: Int64) -> Int64 {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
    switch month {
    case 2: return leap ? 29 : 28
    case 4, 6, 9, 11: return 30
    default: return 31
    }
  }

  /// Days from 1970-01-01 of a date in the proleptic Gregorian calendar (H. Hinnant, "chrono-compatible low-level date
  /// algorithms", days_from_civil).
  private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let (era, yearOfEra) = floorDivide(shifted, 400)
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  /// The inverse of `days(year:month:day:)` (civil_from_days).
  private static func civil(day: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let (era, dayOfEra) = floorDivide(day + 719_468, 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9)
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }
}

/// Reads fixed-width digits and literal characters from the front of an ASCII text.
private struct DigitReader {
  private let bytes: [UInt8]
  private var index = 0

  init(_ text: String) { bytes = Array(text.utf8) }
  var isAtEnd: Bool { index == bytes.count }

  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
    index += 1
    return true
  }

  mutating func number(_ width: Int) -> Int64? {
    guard index + width <= bytes.count else { return nil }
    var value: Int64 = 0
    for byte in bytes[index..<index + width] {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      value = value * 10 + Int64(byte - UInt8(ascii: "0"))
    }
    index += width
    return value
  }

  mutating func fractionInMicroseconds() -> Int64? {
    var value: Int64 = 0
    var digitCount = 0
    while digitCount < 9, let digit = number(1) {
      if digitCount < 6 { value = value * 10 + digit }
      digitCount += 1
    }
    guard digitCount > 0 else { return nil }
    for _ in min(digitCount, 6)..<6 { value *= 10 }
    return value
  }
}
