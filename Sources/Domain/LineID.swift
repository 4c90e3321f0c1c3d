/// The name of a production line, as it stands in paths, URLs and configuration files.
///
/// 1 to 63 characters of `a-z 0-9 -`, starting with a letter or digit: the same rule as a DNS label, so that a name is
/// safe in a file name, a URL path and a journal field without escaping.
public struct LineID: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let text: String

  /// - Throws: `InvalidName` when `text` breaks the rule above.
  public init(_ text: String) throws(InvalidName) {
    let bytes = text.utf8
    let allowed = bytes.allSatisfy { Self.isLowercaseOrDigit($0) || $0 == UInt8(ascii: "-") }
    guard let first = bytes.first, bytes.count <= 63, allowed, Self.isLowercaseOrDigit(first) else {
      throw InvalidName(
        "a line's name is 1 to 63 characters of a-z, 0-9 and '-', starting with a letter or digit (got \"\(text)\")")
    }
    self.text = text
  }

  public var description: String { text }
  public static func < (left: LineID, right: LineID) -> Bool { left.text < right.text }

  private static func isLowercaseOrDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}

/// A name that breaks its rule; `sentence` is fit to show to a person.
public struct InvalidName: Error, Equatable, CustomStringConvertible {
  public let sentence: String
  public init(_ sentence: String) { self.sentence = sentence }
  public var description: String { sentence }
}

extension LineID: Codable {
  public init(from decoder: any Decoder) throws {
    try self.init(decoder.singleValueContainer().decode(String.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}
