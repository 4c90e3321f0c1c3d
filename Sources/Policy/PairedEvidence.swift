import Statistics

/// Parts that two students could both have answered, by who was right.
public struct PairedTally: Sendable, Equatable {
  public var total: Int
  /// The challenger alone is right.
  public var wins: Int
  /// The challenger alone is wrong.
  public var losses: Int

  public init(total: Int = 0, wins: Int = 0, losses: Int = 0) {
    self.total = total
    self.wins = wins
    self.losses = losses
  }

  public static func + (left: PairedTally, right: PairedTally) -> PairedTally {
    PairedTally(total: left.total + right.total, wins: left.wins + right.wins, losses: left.losses + right.losses)
  }

  var isSound: Bool { total >= 0 && wins >= 0 && losses >= 0 && wins <= total && losses <= total - wins }

  /// `of 420 labelled parts compared 31 are newly right and 8 newly wrong`.
  var text: String { "of \(total) labelled parts compared \(wins) are newly right and \(losses) newly wrong" }
}

/// All that is remembered of one group's comparison in a trial: the counts, and the evidence that the challenger harms.
///
/// Each matured labelled part once, at the look that finds it. The orientation stays the same through all stages: in
/// the watch the challenger serves and what it took the place of is what it is compared with.
public struct PairedEvidence: Sendable, Equatable {
  public private(set) var tally: PairedTally
  /// Of the parts that only one of the two answers rightly, the challenger should have half; daily restarts find
  /// harm that begins late.
  public private(set) var harm: ShiryaevRobertsDetector

  public init() {
    tally = PairedTally()
    harm = ShiryaevRobertsDetector(nullAccuracy: Self.fair)
  }

  /// What was kept of a comparison; nil for a state that no sequence of parts leads to.
  public init?(tally: PairedTally, harm: ShiryaevRobertsDetector) {
    guard tally.isSound, harm.nullAccuracy == Self.fair else { return nil }
    self.tally = tally
    self.harm = harm
  }

  /// Adds the parts of one look.
  ///
  /// - `day`: calendar day of the parts; an earlier one joins the current day. Parts of one day are not tempered for
  ///   standing together: what makes a day bad makes it bad for both students.
  public mutating func observe(day: Int64, _ parts: PairedTally) {
    precondition(parts.isSound, "what changed is a part of what was compared")
    tally = tally + parts
    harm.observe(day: day, correct: parts.wins, wrong: parts.losses, designEffect: 1)
  }

  private static let fair = 0.5
}
