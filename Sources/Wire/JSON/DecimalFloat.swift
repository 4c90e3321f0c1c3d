/// Decimal numbers to floats.
enum DecimalFloat {
  /// The float nearest to mantissa x 10^exponent; nil where the short way cannot tell which it is.
  ///
  /// The double computed here is wrong by less than four units in its last place: at most one for each of three
  /// roundings (mantissa, power, product), and a hair for digits past the 19th, which the mantissa has lost. A float has
  /// 29 bits less. So unless the double lies within `doubt` units of the middle between two floats, rounding it rounds
  /// the number itself.
  @inline(__always)
  static func nearest(_ mantissa: UInt64, exponent: Int) -> Float? {
    if mantissa == 0 { return 0 }
    guard exponents.contains(exponent) else { return nil }
    let value = Double(mantissa) * powers[exponent - exponents.lowerBound]
    let beside = Int64(value.bitPattern & lowBits) - Int64(lowBits / 2 + 1)
    guard beside.magnitude > doubt, value >= smallest, value <= largest else { return nil }
    return Float(value)
  }

  /// The bits of a double that a float has no place for.
  private static let lowBits: UInt64 = 1 << 29 - 1
  private static let doubt: UInt64 = 16
  /// Below it a float has fewer bits than 24; above the other lies the middle between the largest float and none.
  private static let smallest = 0x1p-126
  private static let largest = 0x1.fffffep127

  /// 19 digits times these reach every float that has all its bits.
  private static let exponents = -64...38
  /// 10^-64 ... 10^38, as the nearest doubles.
  private static let powers: [Double] = [
    1e-64, 1e-63, 1e-62, 1e-61, 1e-60, 1e-59, 1e-58, 1e-57, 1e-56, 1e-55, 1e-54, 1e-53, 1e-52, 1e-51, 1e-50, 1e-49,
    1e-48, 1e-47, 1e-46, 1e-45, 1e-44, 1e-43, 1e-42, 1e-41, 1e-40, 1e-39, 1e-38, 1e-37, 1e-36, 1e-35, 1e-34, 1e-33,
    1e-32, 1e-31, 1e-30, 1e-29, 1e-28, 1e-27, 1e-26, 1e-25, 1e-24, 1e-23, 1e-22, 1e-21, 1e-20, 1e-19, 1e-18, 1e-17,
    1e-16, 1e-15, 1e-14, 1e-13, 1e-12, 1e-11, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 1e1,
    1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21,
    1e22, 1e23, 1e24, 1e25, 1e26, 1e27, 1e28, 1e29, 1e30, 1e31, 1e32, 1e33, 1e34, 1e35, 1e36, 1e37, 1e38,
  ]
}

extension JSONReader {
  /// Reads numbers and the commas between them as long as they are plain: right by the grammar, at most 19 digits, and
  /// surely a float. Stops behind the last such number, and leaves whatever follows to the careful way.
  ///
  /// - Returns: how many were read.
  mutating func plainFloats(into values: inout [Float]) -> Int {
    let first = values.count
    index = appendPlainFloats(to: &values)
    return values.count - first
  }

  /// - Returns: behind the last one.
  private func appendPlainFloats(to values: inout [Float]) -> Int {
    let bytes = bytes.span.extracting(0..<end)
    var last = index
    var next = index
    while let number = PlainNumber(bytes, at: next), let value = number.value {
      values.append(value)
      last = number.end
      // Nothing, or one space, as Python writes it.
      guard last + 1 < bytes.count, bytes[last] == UInt8(ascii: ",") else { break }
      next = last + (bytes[last + 1] == 0x20 ? 2 : 1)
    }
    return last
  }
}

/// A number at a place of a text, if a plain one stands there.
private struct PlainNumber {
  private var mantissa: UInt64 = 0
  private var exponent = 0
  private var isNegative = false
  /// Behind its last character.
  private(set) var end: Int

  var value: Float? {
    guard let value = DecimalFloat.nearest(mantissa, exponent: exponent) else { return nil }
    return isNegative ? -value : value
  }

  @inline(__always)
  init?(_ bytes: borrowing Span<UInt8>, at start: Int) {
    let limit = bytes.count
    end = start
    if end < limit, bytes[end] == UInt8(ascii: "-") {
      isNegative = true
      end += 1
    }
    let first = end
    readDigits(bytes)
    guard end > first, end == first + 1 || bytes[first] != UInt8(ascii: "0") else { return nil }
    var digits = end - first
    if end < limit, bytes[end] == UInt8(ascii: ".") {
      end += 1
      let point = end
      readDigits(bytes)
      guard end > point else { return nil }
      exponent = point - end
      digits += end - point
    }
    guard digits <= ScannedNumber.digitCountMax else { return nil }
    if end < limit, bytes[end] | 0x20 == UInt8(ascii: "e") {
      guard readExponent(bytes) else { return nil }
    }
  }

  @inline(__always)
  private mutating func readDigits(_ bytes: borrowing Span<UInt8>) {
    while end < bytes.count {
      let digit = bytes[end] &- UInt8(ascii: "0")
      guard digit <= 9 else { return }
      // Wraps past 19 digits, which are not taken.
      mantissa = mantissa &* 10 &+ UInt64(digit)
      end += 1
    }
  }

  private mutating func readExponent(_ bytes: borrowing Span<UInt8>) -> Bool {
    end += 1
    var isBelow = false
    if end < bytes.count, bytes[end] == UInt8(ascii: "-") || bytes[end] == UInt8(ascii: "+") {
      isBelow = bytes[end] == UInt8(ascii: "-")
      end += 1
    }
    let first = end
    var written = 0
    while end < bytes.count, end < first + Self.exponentDigitsMax {
      let digit = bytes[end] &- UInt8(ascii: "0")
      guard digit <= 9 else { break }
      written = written * 10 + Int(digit)
      end += 1
    }
    guard end > first, end == bytes.count || bytes[end] &- UInt8(ascii: "0") > 9 else { return false }
    exponent += isBelow ? -written : written
    return true
  }

  /// No float needs more.
  private static let exponentDigitsMax = 3
}
