/// What a student was measured to be good for: on this its advice rests. Kept beside the student.
public struct AdviceBounds: Sendable, Equatable, Codable {
  public let confidence: ConfidenceLadder
  /// nil where the student was trained on from one whose range is not known.
  public let range: TrainedRange?

  public init(confidence: ConfidenceLadder, range: TrainedRange?) {
    self.confidence = confidence
    self.range = range
  }

  /// What does not fit parts of this input, in bounds that came from another process; nil when they can be used.
  public func misfit(_ input: InputShape) -> String? { confidence.misfit ?? range?.misfit(input) }
}

/// How often a student was right about held-out parts it was at least so sure of.
///
/// The thresholds are the same for every student, so that each rung's count is a fair sample.
public struct ConfidenceLadder: Sendable, Equatable, Codable {
  /// One threshold and what lies at or above it.
  public struct Rung: Sendable, Equatable, Codable {
    /// Softmax probability of the predicted class, 0...1; 0 takes every part.
    public let threshold: Float
    /// Held-out parts with at least this confidence.
    public let accepted: Int
    /// Of these, those the student was wrong about.
    public let wrong: Int

    public init(threshold: Float, accepted: Int, wrong: Int) {
      self.threshold = threshold
      self.accepted = accepted
      self.wrong = wrong
    }
  }

  /// Highest threshold first; the last takes every part.
  public let rungs: [Rung]
  /// Held-out parts.
  public let total: Int

  public init(rungs: [Rung], total: Int) {
    self.rungs = rungs
    self.total = total
  }

  /// More rungs than any ladder of ours has.
  static let rungsMaximum = 1000

  var misfit: String? {
    let isSound =
      rungs.count <= Self.rungsMaximum && (0...TrainingReport.countMaximum).contains(total)
      && rungs.allSatisfy { rung in
        (0...1).contains(rung.threshold) && (0...total).contains(rung.accepted)
          && (0...rung.accepted).contains(rung.wrong)
      }
    return isSound ? nil : "the thresholds of confidence have counts that cannot be"
  }
}

/// Where the numbers of a student's training rows lie, and those of the students it was trained on from, with the
/// margin that honest parts need.
public struct TrainedRange: Sendable, Equatable, Codable {
  /// Lowest and highest value that counts as inside, margin included: one per feature, or a single one for all where
  /// they share a unit. A feature that is not looked at has the whole range of numbers.
  public let lowest: [Float]
  public let highest: [Float]
  /// How far outside the training rows a number may lie, in widths of their range.
  public let margin: Double
  /// Held-out parts, and those of them that lie outside all the same.
  public let heldOut: Int
  public let outside: Int
  /// Features that leave the training rows so often by themselves that they say nothing about a part.
  public let ignored: [Int]

  public init(
    lowest: [Float], highest: [Float], margin: Double, heldOut: Int, outside: Int, ignored: [Int]
  ) {
    self.lowest = lowest
    self.highest = highest
    self.margin = margin
    self.heldOut = heldOut
    self.outside = outside
    self.ignored = ignored
  }

  func misfit(_ input: InputShape) -> String? {
    guard lowest.count == highest.count, lowest.count == input.count || lowest.count == 1 else {
      return "the trained range has \(lowest.count) lower and \(highest.count) upper ends for \(input.count) numbers"
    }
    guard zip(lowest, highest).allSatisfy({ $0.isFinite && $1.isFinite && $0 <= $1 }), margin.isFinite, margin >= 0,
      (0...TrainingReport.countMaximum).contains(heldOut), (0...heldOut).contains(outside),
      ignored.allSatisfy((0..<input.count).contains)
    else { return "the trained range has ends or counts that cannot be" }
    return nil
  }
}
