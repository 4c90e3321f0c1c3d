/// The number of a student within its line: 1 for the first, counting up, never reused.
public struct ModelVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let number: Int

  /// - Precondition: `number` is at least 1.
  public init(_ number: Int) {
    precondition(number >= 1, "model versions count from 1, got \(number)")
    self.number = number
  }

  public var description: String { String(number) }
  public static func < (left: ModelVersion, right: ModelVersion) -> Bool { left.number < right.number }
}

extension ModelVersion: Codable {
  public init(from decoder: any Decoder) throws {
    let number = try decoder.singleValueContainer().decode(Int.self)
    guard number >= 1 else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "model versions count from 1, got \(number)"))
    }
    self.number = number
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(number)
  }
}
