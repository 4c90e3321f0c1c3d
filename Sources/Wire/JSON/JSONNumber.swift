/// A number as it stands in the text, not yet rounded to any type: (-1)^negative x mantissa x 10^exponent.
struct ScannedNumber {
  var range: Range<Int>
  var isNegative: Bool
  /// The first 19 significant digits.
  var mantissa: UInt64
  var exponent: Int
  /// False when digits past the 19th were left out of `mantissa`.
  var isWhole: Bool
  /// No fraction and no exponent were written.
  var isInteger: Bool

  var integer: Int64? {
    guard isInteger, isWhole else { return nil }
    if isNegative { return mantissa <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- mantissa) : nil }
    return Int64(exactly: mantissa)
  }

  /// 19 digits always fit 64 bits.
  static let digitCountMax = 19
  /// Exponents past this are zero or infinite in every type; digits further on are read and ignored.
  static let exponentMax = 100_000
}

extension JSONReader {
  public mutating func double() throws(WireFault) -> Double {
    let scanned = try scanNumber()
    return double(scanned)
  }

  /// Checks a number's grammar and collects its digits.
  mutating func scanNumber() throws(WireFault) -> ScannedNumber {
    skipSpace()
    let start = index
    var number = ScannedNumber(
      range: start..<start, isNegative: false, mantissa: 0, exponent: 0, isWhole: true, isInteger: true)
    if index < end, bytes[index] == UInt8(ascii: "-") {
      number.isNegative = true
      index += 1
    }
    var digitCount = 0
    if index < end, bytes[index] == UInt8(ascii: "0") {
      index += 1
    } else {
      let first = index
      scanDigits(into: &number, digitCount: &digitCount, isFraction: false)
      guard index > first else { throw fault("a value expected") }
    }
    if index < end, bytes[index] == UInt8(ascii: ".") {
      number.isInteger = false
      index += 1
      let first = index
      scanDigits(into: &number, digitCount: &digitCount, isFraction: true)
      guard index > first else { throw fault("a digit expected after '.'") }
    }
    if index < end, bytes[index] | 0x20 == UInt8(ascii: "e") {
      number.isInteger = false
      number.exponent += try scanExponent()
    }
    guard index - start <= JSONLimits.numberBytesMax else {
      throw .malformedJSON(offset: start, reason: "a number is longer than \(JSONLimits.numberBytesMax) characters")
    }
    number.range = start..<index
    return number
  }

  private mutating func scanDigits(into number: inout ScannedNumber, digitCount: inout Int, isFraction: Bool) {
    while index < end {
      let digit = bytes[index] &- UInt8(ascii: "0")
      guard digit <= 9 else { return }
      if digitCount < ScannedNumber.digitCountMax {
        number.mantissa = number.mantissa * 10 + UInt64(digit)
        if number.mantissa != 0 { digitCount += 1 }
        if isFraction { number.exponent -= 1 }
      } else {
        number.isWhole = false
        if !isFraction { number.exponent += 1 }
      }
      index += 1
    }
  }

  private mutating func scanExponent() throws(WireFault) -> Int {
    index += 1
    var isNegative = false
    if index < end, bytes[index] == UInt8(ascii: "-") || bytes[index] == UInt8(ascii: "+") {
      isNegative = bytes[index] == UInt8(ascii: "-")
      index += 1
    }
    let first = index
    var exponent = 0
    while index < end {
      let digit = bytes[index] &- UInt8(ascii: "0")
      guard digit <= 9 else { break }
      if exponent < ScannedNumber.exponentMax { exponent = exponent * 10 + Int(digit) }
      index += 1
    }
    guard index > first else { throw fault("a digit expected in the exponent") }
    return isNegative ? -exponent : exponent
  }

  /// The nearest double, infinite past the range.
  ///
  /// Where mantissa and power of ten are both exact doubles one rounding gives the right result (W. D. Clinger, "How to
  /// read floating point numbers accurately", 1990, section 3); the rest goes through the standard library.
  func double(_ number: ScannedNumber) -> Double {
    let powers = Self.exactPowers
    if number.isWhole, number.mantissa <= 1 << 53, -22...22 ~= number.exponent {
      let mantissa = Double(number.mantissa)
      let magnitude =
        number.exponent < 0 ? mantissa / powers[-number.exponent] : mantissa * powers[number.exponent]
      return number.isNegative ? -magnitude : magnitude
    }
    // The grammar was checked, so only a value out of range can be refused.
    return Double(String(decoding: bytes[number.range], as: UTF8.self)) ?? .infinity
  }

  /// The nearest float, infinite past the range.
  func float(_ number: ScannedNumber) -> Float {
    if let value = DecimalFloat.nearest(number.mantissa, exponent: number.exponent) {
      return number.isNegative ? -value : value
    }
    // The grammar was checked, so only a value out of range can be refused.
    return Float(String(decoding: bytes[number.range], as: UTF8.self)) ?? .infinity
  }

  /// 10^0 ... 10^22: all exact.
  private static let exactPowers: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
  ]
}
