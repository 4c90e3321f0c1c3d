/// What a cell says as a number: decimal digits with an optional sign, point and exponent.
enum DecimalNumber: Equatable {
  case finite(Double)
  /// NaN or infinity, written out or by overflow.
  case notFinite
  case empty
  case text

  init(_ bytes: ArraySlice<UInt8>) {
    guard !bytes.isEmpty else {
      self = .empty
      return
    }
    guard let scan = Scan(bytes) else {
      self = Self.namesNonFinite(bytes) ? .notFinite : .text
      return
    }
    if let exact = scan.exactValue {
      self = .finite(exact)
    } else if let value = Double(String(decoding: bytes, as: UTF8.self)), value.isFinite {
      self = .finite(value)
    } else {
      self = .notFinite
    }
  }

  private static func namesNonFinite(_ bytes: ArraySlice<UInt8>) -> Bool {
    var name = bytes.map { $0 | 0x20 }
    if let first = bytes.first, first == UInt8(ascii: "+") || first == UInt8(ascii: "-") { name.removeFirst() }
    return name == Array("nan".utf8) || name == Array("inf".utf8) || name == Array("infinity".utf8)
  }

  /// The digits of a number that follows the grammar.
  private struct Scan {
    private var mantissa: UInt64 = 0
    private var exponent = 0
    private var isNegative = false
    /// False once more digits came than the mantissa keeps.
    private var isExact = true

    /// Nil when the bytes do not follow the grammar.
    init?(_ bytes: ArraySlice<UInt8>) {
      var rest = bytes
      isNegative = rest.first == UInt8(ascii: "-")
      if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
      var digitCount = takeDigits(&rest, exponentStep: 0)
      if rest.first == UInt8(ascii: ".") {
        rest.removeFirst()
        digitCount += takeDigits(&rest, exponentStep: -1)
      }
      guard digitCount > 0 else { return nil }
      if let letter = rest.first, letter | 0x20 == UInt8(ascii: "e") {
        rest.removeFirst()
        guard takeExponent(&rest) else { return nil }
      }
      guard rest.isEmpty else { return nil }
    }

    private mutating func takeDigits(_ rest: inout ArraySlice<UInt8>, exponentStep: Int) -> Int {
      var count = 0
      while let byte = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
        // 10^17 keeps the next step below 2^64; such long numbers take the slow way.
        if mantissa < 100_000_000_000_000_000 {
          mantissa = mantissa * 10 + UInt64(byte - UInt8(ascii: "0"))
          exponent += exponentStep
        } else {
          isExact = false
        }
        count += 1
        rest.removeFirst()
      }
      return count
    }

    private mutating func takeExponent(_ rest: inout ArraySlice<UInt8>) -> Bool {
      let isNegative = rest.first == UInt8(ascii: "-")
      if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
      var value = 0
      var count = 0
      while let byte = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
        value = min(value * 10 + Int(byte - UInt8(ascii: "0")), 100_000)
        count += 1
        rest.removeFirst()
      }
      exponent += isNegative ? -value : value
      return count > 0
    }

    /// The correctly rounded value where mantissa and power of ten are both exact doubles (W. D. Clinger, "How to read
    /// floating point numbers accurately", 1990); nil otherwise.
    var exactValue: Double? {
      guard isExact, mantissa <= 1 << 53, abs(exponent) < Self.powersOfTen.count else { return nil }
      let power = Self.powersOfTen[abs(exponent)]
      let value = exponent < 0 ? Double(mantissa) / power : Double(mantissa) * power
      return isNegative ? -value : value
    }

    private static let powersOfTen: [Double] = [
      1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
      1e20, 1e21, 1e22,
    ]
  }
}
