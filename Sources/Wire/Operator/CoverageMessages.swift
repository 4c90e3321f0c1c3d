/// How many of a line's parts have an outcome, how long outcomes take, and who tells them.
public struct CoverageReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var line: String
  /// Hours until a part counts; absent while that is learned.
  public var maturityHours: Double?
  public var total: CoverageRow
  public var groups: [CoverageRow]
  /// The most trusted first.
  public var channels: [ChannelRow]
  /// Parts with an outcome that have not been predicted yet.
  public var waiting: Int
  /// How the delays fit maturity_hours.
  public var sentence: String

  public init(
    line: String, maturityHours: Double?, total: CoverageRow, groups: [CoverageRow], channels: [ChannelRow],
    waiting: Int, sentence: String
  ) {
    self.line = line
    self.maturityHours = maturityHours
    self.total = total
    self.groups = groups
    self.channels = channels
    self.waiting = waiting
    self.sentence = sentence
  }
}

public struct CoverageRow: Codable, Sendable, Equatable {
  /// nil for the whole line.
  public var group: String?
  /// Parts that the ledger holds.
  public var predictions: Int
  /// Of them, those with an outcome.
  public var outcomes: Int
  /// outcomes / predictions; nil without parts.
  public var coverage: Double?
  /// First outcomes whose delay was counted, also of parts that retention has taken away.
  public var n: Int
  /// In order of hours.
  public var within: [DelayShare]

  public init(
    group: String?, predictions: Int, outcomes: Int, coverage: Double?, n: Int, within: [DelayShare]
  ) {
    self.group = group
    self.predictions = predictions
    self.outcomes = outcomes
    self.coverage = coverage
    self.n = n
    self.within = within
  }
}

/// The share of first outcomes that came within some hours after their part was answered.
public struct DelayShare: Codable, Sendable, Equatable {
  public var hours: Double
  public var count: Int
  /// count / n; nil where n is 0.
  public var share: Double?

  public init(hours: Double, count: Int, share: Double?) {
    self.hours = hours
    self.count = count
    self.share = share
  }
}

public struct ChannelRow: Codable, Sendable, Equatable {
  /// Empty for outcomes whose sender named none.
  public var channel: String
  /// Whether the line's settings name it.
  public var declared: Bool
  public var samplingProbability: Double?
  /// Parts that it spoke of.
  public var outcomes: Int
  /// Of these, parts of which it says otherwise than what is in force.
  public var conflicts: Int

  public init(channel: String, declared: Bool, samplingProbability: Double?, outcomes: Int, conflicts: Int) {
    self.channel = channel
    self.declared = declared
    self.samplingProbability = samplingProbability
    self.outcomes = outcomes
    self.conflicts = conflicts
  }
}
