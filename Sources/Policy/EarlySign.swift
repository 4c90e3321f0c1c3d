import Domain

/// A hint that a group may have changed, from before its outcomes come: it may put the group on WATCH and never more
/// (`monitoring.md` 6.8: none of them sees a change of what the measurements mean).
public struct EarlySign: Sendable, Equatable, Codable {
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// The student is less sure of its answers than it was.
    case confidence
    /// A measurement is not distributed as it was.
    case drift
    /// Student and teacher disagree more often than they did, on a sample of the night.
    case disagreement
    /// Outcomes that have just come are worse; wrong answers often come back first.
    case arrivals
  }

  public let kind: Kind
  /// The first day that showed it.
  public let day: Int64
  /// What was seen, to stand after "GROUP: ".
  public let sentence: String

  public init(kind: Kind, day: Int64, sentence: String) {
    self.kind = kind
    self.day = day
    self.sentence = sentence
  }
}

/// What a group's accuracy may be now, judged without outcomes: an estimate that nothing is decided by.
public struct EarlyEstimate: Sendable, Equatable, Codable {
  /// 0...1.
  public let accuracy: Double
  /// Answers it rests on, all younger than outcomes that have matured.
  public let parts: Int

  public init(accuracy: Double, parts: Int) {
    self.accuracy = accuracy
    self.parts = parts
  }
}
