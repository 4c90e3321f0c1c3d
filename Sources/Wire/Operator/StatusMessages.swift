public struct StatusReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var version: String
  public var startedAt: String
  /// One sentence: the worst group, or that all is well.
  public var headline: String
  public var lines: [LineStatus]
  /// Sentences, one for each line that is registered and cannot serve; absent when there is none.
  public var outOfService: [String]?
  public var job: RunRow?
  public var ledger: LedgerStatus

  public init(
    version: String, startedAt: String, headline: String, lines: [LineStatus], outOfService: [String]? = nil,
    job: RunRow?, ledger: LedgerStatus
  ) {
    self.outOfService = outOfService
    self.version = version
    self.startedAt = startedAt
    self.headline = headline
    self.lines = lines
    self.job = job
    self.ledger = ledger
  }
}

public struct LedgerStatus: Codable, Sendable, Equatable {
  public var writable: Bool
  public var predictions: Int
  public var outcomes: Int
  public var bytes: Int
  /// Answers given without a row since start, because the disk would not take it.
  public var unrecordedPredictions: Int
  public var problem: String?
  /// Pages of the file that rows take, in bytes; the others are taken again before the file grows.
  public var usedBytes: Int?
  public var diskFreeBytes: Int?
  /// What retention has taken away, and features that were not stored for want of room.
  public var dropped: DroppedRows?
  /// What somebody should know about the room it takes, in sentences.
  public var remarks: [String]?
  /// What an answer outlives: "commit", "power" or "relaxed".
  public var durability: String?

  public init(
    writable: Bool, predictions: Int, outcomes: Int, bytes: Int, unrecordedPredictions: Int, problem: String?,
    usedBytes: Int? = nil, diskFreeBytes: Int? = nil, dropped: DroppedRows? = nil, remarks: [String]? = nil,
    durability: String? = nil
  ) {
    self.writable = writable
    self.predictions = predictions
    self.outcomes = outcomes
    self.bytes = bytes
    self.unrecordedPredictions = unrecordedPredictions
    self.problem = problem
    self.usedBytes = usedBytes
    self.diskFreeBytes = diskFreeBytes
    self.dropped = dropped
    self.remarks = remarks
    self.durability = durability
  }
}

public struct DroppedRows: Codable, Sendable, Equatable {
  public var predictions: Int
  public var outcomes: Int
  /// Parts whose features are gone.
  public var features: Int

  public init(predictions: Int, outcomes: Int, features: Int) {
    self.predictions = predictions
    self.outcomes = outcomes
    self.features = features
  }

  public var isNothing: Bool { predictions == 0 && outcomes == 0 && features == 0 }
}

public struct LineStatus: Codable, Sendable, Equatable {
  public var line: String
  public var mode: String
  public var time: String
  public var champion: Int
  /// Other live students, each serving some cells.
  public var scoped: [Int]
  public var groups: Int
  /// Sets of parts that lag, groups or wider, without those that another one inside them explains.
  public var lagging: Int
  public var watch: Int
  public var predictions: Int
  /// Labelled share of the matured predictions.
  public var labelCoverage: Double?
  public var lastPredictionAt: String?
  public var worst: GroupRow?
  /// What the line waits for or does now, when there is something to say.
  public var activity: String?
  /// Of the line's last parts; nil before the first.
  public var advice: AdviceStatus?
  /// When and why each live student's parts go to manual check.
  public var adviceRules: [String]
  /// Sentences about groups of which nothing is known any more, and why; absent when there is none.
  public var remarks: [String]?
  /// Challengers on trial or under watch, the oldest first; absent when there is none.
  public var trials: [TrialRow]?
  /// Sentences about groups that retraining does not help, and what a person can do; absent when there is none.
  public var hopeless: [String]?

  public init(
    line: String, mode: String, time: String, champion: Int, scoped: [Int], groups: Int, lagging: Int, watch: Int,
    predictions: Int, labelCoverage: Double?, lastPredictionAt: String?, worst: GroupRow?, activity: String?,
    advice: AdviceStatus? = nil, adviceRules: [String] = []
  ) {
    self.line = line
    self.mode = mode
    self.time = time
    self.champion = champion
    self.scoped = scoped
    self.groups = groups
    self.lagging = lagging
    self.watch = watch
    self.predictions = predictions
    self.labelCoverage = labelCoverage
    self.lastPredictionAt = lastPredictionAt
    self.worst = worst
    self.activity = activity
    self.advice = advice
    self.adviceRules = adviceRules
  }
}

/// Shares of a line's last parts that went to manual check, 0...1; a part may have several reasons.
public struct AdviceStatus: Codable, Sendable, Equatable {
  /// At most 1000.
  public var parts: Int
  public var manualCheckShare: Double
  public var lowConfidenceShare: Double
  public var unseenGroupShare: Double
  public var outOfRangeShare: Double
  public var notANumberShare: Double
  /// Parts of groups that lag with nothing in sight that would help; absent in answers of older versions.
  public var weakGroupShare: Double?

  public init(
    parts: Int, manualCheckShare: Double, lowConfidenceShare: Double, unseenGroupShare: Double, outOfRangeShare: Double,
    notANumberShare: Double, weakGroupShare: Double? = nil
  ) {
    self.parts = parts
    self.manualCheckShare = manualCheckShare
    self.lowConfidenceShare = lowConfidenceShare
    self.unseenGroupShare = unseenGroupShare
    self.outOfRangeShare = outOfRangeShare
    self.notANumberShare = notANumberShare
    self.weakGroupShare = weakGroupShare
  }
}
