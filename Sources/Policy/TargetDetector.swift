import Statistics

/// Evidence against the operator's target (L1), by what the channel's outcomes can be held against it.
public enum TargetDetector: Sendable, Equatable {
  /// The labelled parts are like the others: they alone count.
  case plain(ShiryaevRobertsDetector)
  /// Labelled with known probabilities.
  case weighted(WeightedDetector)
  /// Nobody knows how they were chosen: parts without a label count as right, which accuses nobody wrongly.
  case leastWrong(ShiryaevRobertsDetector)

  init(_ sampling: ChannelSampling, nullAccuracy: Double) {
    switch sampling {
    case .representative, .assumed: self = .plain(ShiryaevRobertsDetector(nullAccuracy: nullAccuracy))
    case .weighted: self = .weighted(WeightedDetector(nullAccuracy: nullAccuracy))
    case .chosen: self = .leastWrong(ShiryaevRobertsDetector(nullAccuracy: nullAccuracy))
    }
  }

  public var nullAccuracy: Double {
    switch self {
    case .plain(let detector), .leastWrong(let detector): detector.nullAccuracy
    case .weighted(let detector): detector.nullAccuracy
    }
  }

  var logEValue: Double {
    switch self {
    case .plain(let detector), .leastWrong(let detector): detector.logEValue
    case .weighted(let detector): detector.logEValue
    }
  }

  mutating func observe(_ counts: ChannelCounts, designEffect: Double) {
    switch self {
    case .plain(var detector):
      detector.observe(
        day: counts.day, correct: counts.correct, wrong: counts.wrong, designEffect: designEffect)
      self = .plain(detector)
    case .leastWrong(var detector):
      detector.observe(
        day: counts.day, correct: counts.correct + counts.unlabelled, wrong: counts.wrong,
        designEffect: designEffect)
      self = .leastWrong(detector)
    case .weighted(var detector):
      detector.observe(
        day: counts.day, parts: counts.parts, correct: counts.correctWeights, wrong: counts.wrongWeights,
        designEffect: designEffect)
      self = .weighted(detector)
    }
  }

  func armed(_ channel: String) -> ArmedDetector {
    switch self {
    case .plain(let detector): ArmedDetector(detector, null: .target, channel: channel)
    case .leastWrong(let detector): ArmedDetector(detector, null: .targetAtBest, channel: channel)
    case .weighted(let detector):
      ArmedDetector(
        null: .target, channel: channel, nullAccuracy: detector.nullAccuracy, logEvidence: detector.logEvidence,
        suspectedChangeDay: detector.suspectedChangeDay,
        labelsSinceChange: detector.labelsSinceChange, leadingAccuracy: detector.leadingAccuracy, isSaturated: false)
    }
  }
}

/// Which question a detector asks.
public enum NullHypothesis: String, Sendable {
  /// L1: at least the operator's target.
  case target
  /// L1: at least the operator's target, if every part without a label was right.
  case targetAtBest
  /// L2: at least the lower bound of its own beginning.
  case ownBaseline
}

/// What a detector that can raise an alarm says now.
public struct ArmedDetector: Sendable, Equatable {
  public let null: NullHypothesis
  public let channel: String
  public let nullAccuracy: Double
  /// As `alarmLevel` measures it.
  public let logEvidence: Double
  public let suspectedChangeDay: Int64?
  public let labelsSinceChange: Int
  public let leadingAccuracy: Double
  public let isSaturated: Bool
  /// It asks the question that matters most for its set.
  public var isPrimary = false

  public init(
    null: NullHypothesis, channel: String, nullAccuracy: Double, logEvidence: Double,
    suspectedChangeDay: Int64?, labelsSinceChange: Int, leadingAccuracy: Double, isSaturated: Bool
  ) {
    self.null = null
    self.channel = channel
    self.nullAccuracy = nullAccuracy
    self.logEvidence = logEvidence
    self.suspectedChangeDay = suspectedChangeDay
    self.labelsSinceChange = labelsSinceChange
    self.leadingAccuracy = leadingAccuracy
    self.isSaturated = isSaturated
  }

  init(_ detector: ShiryaevRobertsDetector, null: NullHypothesis, channel: String) {
    self.init(
      null: null, channel: channel, nullAccuracy: detector.nullAccuracy, logEvidence: detector.logEvidence,
      suspectedChangeDay: detector.suspectedChangeDay,
      labelsSinceChange: detector.labelsSinceChange, leadingAccuracy: detector.leadingAccuracy,
      isSaturated: detector.isSaturated)
  }
}
