/// Where outcomes of a line come from (audit, rework, customer, test bench, ...), as the line's settings declare it.
public struct OutcomeChannel: Sendable, Equatable, Codable {
  /// 1 to 64 bytes without '=' and control characters.
  public let name: String
  /// That the channel looks at a part, whatever the part is: above 0 and at most 1; nil where nobody knows.
  public let samplingProbability: Double?

  /// Channels are words, not reports.
  public static let nameBytesMax = 64
  /// Channels that a line tells apart: a plant has a handful, and more come only from a sender that writes something
  /// like a serial number there.
  public static let countMax = 32
  /// Where channels past the bound go together.
  public static let other = "(other)"

  public init(name: String, samplingProbability: Double? = nil) {
    self.name = name
    self.samplingProbability = samplingProbability
  }

  /// Reads `audit=0.05` or `rework`; nil for what breaks the rules above.
  public init?(_ text: String) {
    let halves = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    name = String(halves[0])
    if halves.count == 2 {
      guard let probability = Double(halves[1]) else { return nil }
      samplingProbability = probability
    } else {
      samplingProbability = nil
    }
    guard isValid else { return nil }
  }

  /// `audit=0.05`, or the name alone.
  public var text: String { name + (samplingProbability.map { "=\($0)" } ?? "") }

  private var isValid: Bool {
    1...Self.nameBytesMax ~= name.utf8.count && name != Self.other && name.first != " " && name.last != " "
      && name.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "=") }
      && samplingProbability.map(Self.isProbability) ?? true
  }

  /// Whether a number can be a sampling probability: a channel that looks at fewer than one part in ten thousand says
  /// nothing, and one outcome of it would stand for all others together.
  public static func isProbability(_ value: Double) -> Bool { value >= probabilityMin && value <= 1 }

  public static let probabilityMin = 0.0001

  /// Whether these can be the channels of one line, the most trusted first: each name once, not too many.
  public static func areValid(_ channels: [OutcomeChannel]) -> Bool {
    channels.count <= countMax && Set(channels.map(\.name)).count == channels.count
      && channels.allSatisfy(\.isValid)
  }
}
