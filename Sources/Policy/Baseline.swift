import Statistics

/// What was usual at a beginning, held against what comes: the null is a bound that a lucky beginning does not pass.
///
/// For accuracy it is L2 of `monitoring.md` 6.4, the one-sided 95 % Clopper-Pearson lower bound of the first labels (its
/// table: a plug-in accuses 5.6 to 18 healthy groups, the lower bound .2 to .4). Armed at 200 and sharpened at 500 and
/// 1000 as long as nothing looks wrong, after five days at least, and from fewer labels where days differ. For the share of labelled parts it is the same bound with a quarter to spare.
public struct Baseline: Sendable, Equatable {
  public enum Question: Int, Sendable, CaseIterable {
    /// Whether answers are right as often as they were: hits are right ones.
    case accuracy
    /// Whether parts are labelled as often as they were: hits are labelled ones.
    case labelled
    /// Whether parts are labelled no more often than they were: hits are parts without a label.
    case unlabelled
  }

  public let question: Question
  public private(set) var hits: Int
  public private(set) var misses: Int
  /// What they count for where a day's outcomes hang together: divided by the design effect of their day.
  public private(set) var weights: Weights
  public private(set) var stagesPassed: Int
  /// nil until 200 are known, or where the bound says nothing.
  public private(set) var detector: ShiryaevRobertsDetector?

  public struct Weights: Sendable, Equatable {
    public var hits = 0.0
    public var misses = 0.0
    public var days = 0
    public var lastDay: Int64?

    public init(hits: Double = 0, misses: Double = 0, days: Int = 0, lastDay: Int64? = nil) {
      self.hits = hits
      self.misses = misses
      self.days = days
      self.lastDay = lastDay
    }
  }

  public static let stages = [200, 500, 1000]
  /// A beginning has so many days at least: one day of a busy group is one shift, or one coil.
  public static let daysMinimum = 5
  /// Labels that the share of labelled parts is learned from, at least.
  static let labelsLearned = 30
  /// Below this bound a group was never good; a drop from there is for the target to judge.
  static let lowestAccuracy = 0.05
  /// Below it too few labels come to tell fewer from as many.
  static let lowestShare = 0.01
  /// A change of the labelled share by less than a quarter moves the accuracy of the labelled little.
  static let shareTolerance = 0.25

  public init(_ question: Question) {
    self.question = question
    hits = 0
    misses = 0
    weights = Weights()
    stagesPassed = 0
  }

  /// What was kept of a baseline; nil for what never was one.
  public init?(
    question: Question, hits: Int, misses: Int, weights: Weights, stagesPassed: Int, detector: ShiryaevRobertsDetector?
  ) {
    guard hits >= 0, misses >= 0, weights.hits >= 0, weights.misses >= 0, weights.days >= 0,
      (0...Self.stages.count).contains(stagesPassed)
    else { return nil }
    self.weights = weights
    self.question = question
    self.hits = hits
    self.misses = misses
    self.stagesPassed = stagesPassed
    self.detector = detector
  }

  /// Whether enough is known of the beginning.
  public var isArmed: Bool { stagesPassed > 0 }

  mutating func observe(day: Int64, hits: Int, misses: Int, designEffect: Double, quiet: Bool) {
    detector?.observe(day: day, correct: hits, wrong: misses, designEffect: designEffect)
    guard stagesPassed < Self.stages.count, quiet || detector == nil else { return }
    self.hits += hits
    self.misses += misses
    let effect = max(designEffect, 1)
    weights.hits += Double(hits) / effect
    weights.misses += Double(misses) / effect
    if weights.lastDay.map({ day > $0 }) ?? true, hits + misses > 0 {
      weights.lastDay = day
      weights.days += 1
    }
    let total = self.hits + self.misses
    guard total >= Self.stages[stagesPassed], weights.days >= Self.daysMinimum, hasLabels else { return }
    while stagesPassed < Self.stages.count, total >= Self.stages[stagesPassed] { stagesPassed += 1 }
    if let null { detector = ShiryaevRobertsDetector(nullAccuracy: null) }
  }

  private var hasLabels: Bool {
    switch question {
    case .accuracy: true
    case .labelled: hits >= Self.labelsLearned
    case .unlabelled: misses >= Self.labelsLearned
    }
  }

  /// nil where nothing can be held against the beginning.
  private var null: Double? {
    let (hits, misses) = (Int(weights.hits.rounded()), Int(weights.misses.rounded()))
    guard let bound = clopperPearsonLower(correct: hits, total: hits + misses) else { return nil }
    switch question {
    case .accuracy: return bound >= Self.lowestAccuracy ? min(bound, 0.999) : nil
    case .labelled:
      let least = bound * (1 - Self.shareTolerance)
      return least >= Self.lowestShare ? min(least, 0.999) : nil
    case .unlabelled:
      let most = (1 - bound) * (1 + Self.shareTolerance)
      return most < 1 - Self.lowestShare ? min(1 - most, 0.999) : nil
    }
  }
}
