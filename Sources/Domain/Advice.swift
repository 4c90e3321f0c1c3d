/// What a line controller should do with a part: accept the answer, or divert the part for these reasons.
///
/// One byte in the ledger: a bit keeps its meaning for good.
public struct Advice: OptionSet, Sendable, Hashable, CaseIterable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The student is less sure than parts must be for the stated error rate.
  public static let lowConfidence = Advice(rawValue: 1)
  /// No serving student was trained on parts of this cell.
  public static let unseenGroup = Advice(rawValue: 2)
  /// A number lies farther outside the training rows than honest parts do.
  public static let outOfRange = Advice(rawValue: 4)
  /// A number is NaN or infinite: a sensor that did not measure.
  public static let notANumber = Advice(rawValue: 8)
  /// Its group lags, and no retraining has helped.
  public static let weakGroup = Advice(rawValue: 16)

  /// The reasons there are, in the order they are told.
  public static let allCases: [Advice] = [.lowConfidence, .unseenGroup, .outOfRange, .notANumber, .weakGroup]

  /// `accept` without a reason, `manual_check` with any.
  public var verdict: String { isEmpty ? "accept" : "manual_check" }

  /// The reasons for programs: `low_confidence,out_of_range`; empty for `accept`.
  public var reasonNames: String { names { $0.name }.joined(separator: ",") }

  /// The reasons for people: `low confidence, out of range`.
  public var reasonText: String { names { $0.words }.joined(separator: ", ") }

  /// Reads `reasonNames` back; nil for a name there is not.
  public init?(reasonNames text: String) {
    var advice: Advice = []
    for name in text.split(separator: ",", omittingEmptySubsequences: false) where !text.isEmpty {
      guard let reason = Self.allCases.first(where: { $0.name == name }) else { return nil }
      advice.insert(reason)
    }
    self = advice
  }

  private func names(_ text: (Advice) -> String) -> [String] {
    Self.allCases.filter { contains($0) }.map(text)
  }

  private var name: String {
    switch self {
    case .lowConfidence: "low_confidence"
    case .unseenGroup: "unseen_group"
    case .outOfRange: "out_of_range"
    case .weakGroup: "weak_group"
    default: "not_a_number"
    }
  }

  private var words: String {
    switch self {
    case .lowConfidence: "low confidence"
    case .unseenGroup: "new group"
    case .outOfRange: "out of range"
    case .weakGroup: "group that lags"
    default: "not a number"
    }
  }
}
