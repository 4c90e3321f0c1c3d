/// A call's time limit as its `grpc-timeout` header says it: at most eight digits and a unit (gRPC over HTTP2, "Requests").
enum CallTimeout {
  static let headerName = "grpc-timeout"

  /// Nanoseconds; nil for what is no such text, which then counts as not sent.
  static func nanoseconds(_ text: String) -> Int64? {
    let digits = text.utf8.dropLast()
    guard (1...8).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
      let count = Int64(text.dropLast()), let unit = text.utf8.last
    else { return nil }
    switch unit {
    case UInt8(ascii: "H"): return count * 3_600_000_000_000
    case UInt8(ascii: "M"): return count * 60_000_000_000
    case UInt8(ascii: "S"): return count * 1_000_000_000
    case UInt8(ascii: "m"): return count * 1_000_000
    case UInt8(ascii: "u"): return count * 1000
    case UInt8(ascii: "n"): return count
    default: return nil
    }
  }
}
