/// What a line is: fixed when it is added, because every stored row is read by it.
public struct LineDefinition: Sendable, Equatable, Codable {
  public let id: LineID
  public let schema: GroupSchema
  /// What one part is.
  public let input: InputShape
  /// Names of measurements in input order, `input.count` of them; empty for windows and pictures, whose values have a
  /// place instead of a name.
  public let featureNames: [String]
  /// Class names in label order; their count is the student's output width.
  public let classNames: [String]

  /// - Parameters:
  ///   - input: nil for a list of measurements, one a feature name.
  ///   - featureNames: not kept for windows and pictures: a thousand names would travel with every message.
  public init(
    id: LineID, schema: GroupSchema, input: InputShape? = nil, featureNames: [String], classNames: [String]
  ) {
    self.id = id
    self.schema = schema
    let input = input ?? .vector(count: featureNames.count)
    self.input = input
    self.featureNames = input.sharesUnit ? [] : featureNames
    self.classNames = classNames
  }

  private enum Key: String, CodingKey {
    case id, schema, input, featureNames, classNames
  }

  /// Lines of version 0.1 had measurements only and did not say so.
  /// - Throws: also for an input no line can have: its sizes could not even be multiplied.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    let input = try values.decodeIfPresent(InputShape.self, forKey: .input)
    if let input, !input.isValid {
      throw InvalidName("a part of a line has 1 to \(InputShape.countMaximum) numbers, got \(input)")
    }
    self.init(
      id: try values.decode(LineID.self, forKey: .id), schema: try values.decode(GroupSchema.self, forKey: .schema),
      input: input,
      featureNames: try values.decode([String].self, forKey: .featureNames),
      classNames: try values.decode([String].self, forKey: .classNames))
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(id, forKey: .id)
    try values.encode(schema, forKey: .schema)
    try values.encode(input, forKey: .input)
    try values.encode(featureNames, forKey: .featureNames)
    try values.encode(classNames, forKey: .classNames)
  }

  /// Numbers of one part: the student's input width.
  public var featureCount: Int { input.count }

  /// The name of a measurement, or the place of a sample or pixel, for people to read.
  public func featureName(_ index: Int) -> String {
    featureNames.indices.contains(index) ? featureNames[index] : input.place(of: index)
  }

  public func text(_ group: GroupKey) -> String { schema.text(group, classNames: classNames) }
  public func text(_ cell: Cell) -> String { schema.text(cell) }
}

/// How a line is run: changed by the operator at any time.
public struct LineSettings: Sendable, Equatable, Codable {
  public var mode: RetrainMode
  public var time: TimeSource
  /// L1 null of the monitor: the accuracy every group must keep, 0 < target < 1; nil where no target is set.
  public var targetAccuracy: Double?
  /// Hours until a prediction counts, with the outcome it has by then (`monitoring.md` 6.5 calls it the maturity
  /// watermark): errors often come back sooner than confirmations, so counting on arrival accuses healthy groups.
  /// nil: learned for each channel from how long its outcomes take.
  public var maturityHours: Double?
  /// Hours between two jobs for the same cell.
  public var coolDownHours: Double
  /// Labelled rows a job needs after the suspected change, training and gate together.
  public var jobRowsMinimum: Int
  /// Of these, the latest, which the gate alone sees.
  public var gateRowsMinimum: Int
  /// Where groups include the true class: largest loss of accuracy on the other parts of a promoted cell.
  public var maximumCellLoss: Double
  /// Largest share of wrong answers among the parts a line controller is told to accept, 0 < it <= 1: the confidence
  /// below which parts go to manual check is chosen for it. 1 accepts any.
  public var adviceErrorMax: Double
  /// Whether parts outside the student's trained range go to manual check.
  public var adviceRange: AdviceRange
  /// Where outcomes come from, the most trusted first; others rank behind them in the order they are met.
  public var channels: [OutcomeChannel]

  public init(
    mode: RetrainMode = .auto, time: TimeSource = .clock, targetAccuracy: Double? = nil, maturityHours: Double? = nil,
    coolDownHours: Double = 72, jobRowsMinimum: Int = 375, gateRowsMinimum: Int = 150,
    maximumCellLoss: Double = 0.01, adviceErrorMax: Double = LineSettings.usualAdviceErrorMax,
    adviceRange: AdviceRange = .check, channels: [OutcomeChannel] = []
  ) {
    self.mode = mode
    self.time = time
    self.targetAccuracy = targetAccuracy
    self.maturityHours = maturityHours
    self.coolDownHours = coolDownHours
    self.jobRowsMinimum = jobRowsMinimum
    self.gateRowsMinimum = gateRowsMinimum
    self.maximumCellLoss = maximumCellLoss
    self.adviceErrorMax = adviceErrorMax
    self.adviceRange = adviceRange
    self.channels = channels
  }

  /// What the settings know of a channel's sampling probability.
  public func samplingProbability(of channel: String) -> Double? {
    channels.first { $0.name == channel }?.samplingProbability
  }

  /// One in twenty: what 59 held-out parts without an error can show, so that a file of some 600 rows is enough, and
  /// what a student of 95 % reaches by diverting a few parts. 0.01 would take 299 of them.
  public static let usualAdviceErrorMax = 0.05

  private enum Key: String, CodingKey {
    case mode, time, targetAccuracy, maturityHours, coolDownHours, jobRowsMinimum, gateRowsMinimum
    case maximumCellLoss, adviceErrorMax, adviceRange, channels
  }

  /// Lines of version 0.1 were stored without the settings of advice, and with one of false alarms, which is the
  /// machine's now; those of 0.2 without channels.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    self.init(
      mode: try values.decode(RetrainMode.self, forKey: .mode), time: try values.decode(TimeSource.self, forKey: .time),
      targetAccuracy: try values.decodeIfPresent(Double.self, forKey: .targetAccuracy),
      maturityHours: try values.decodeIfPresent(Double.self, forKey: .maturityHours),
      coolDownHours: try values.decode(Double.self, forKey: .coolDownHours),
      jobRowsMinimum: try values.decode(Int.self, forKey: .jobRowsMinimum),
      gateRowsMinimum: try values.decode(Int.self, forKey: .gateRowsMinimum),
      maximumCellLoss: try values.decode(Double.self, forKey: .maximumCellLoss),
      adviceErrorMax: try values.decodeIfPresent(Double.self, forKey: .adviceErrorMax) ?? Self.usualAdviceErrorMax,
      adviceRange: try values.decodeIfPresent(AdviceRange.self, forKey: .adviceRange) ?? .check,
      channels: try values.decodeIfPresent([OutcomeChannel].self, forKey: .channels) ?? [])
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(mode, forKey: .mode)
    try values.encode(time, forKey: .time)
    try values.encodeIfPresent(targetAccuracy, forKey: .targetAccuracy)
    try values.encodeIfPresent(maturityHours, forKey: .maturityHours)
    try values.encode(coolDownHours, forKey: .coolDownHours)
    try values.encode(jobRowsMinimum, forKey: .jobRowsMinimum)
    try values.encode(gateRowsMinimum, forKey: .gateRowsMinimum)
    try values.encode(maximumCellLoss, forKey: .maximumCellLoss)
    try values.encode(adviceErrorMax, forKey: .adviceErrorMax)
    try values.encode(adviceRange, forKey: .adviceRange)
    if !channels.isEmpty { try values.encode(channels, forKey: .channels) }
  }
}

/// What a part outside the trained range sets off.
public enum AdviceRange: String, Sendable, Codable, CaseIterable {
  /// It goes to manual check.
  case check
  /// Nothing: for a line whose process has moved and whose outcomes show that its students cope.
  case ignore
}

/// What a lagging group sets off.
public enum RetrainMode: String, Sendable, Codable, CaseIterable {
  /// Say so, do nothing.
  case observe
  /// Say so and write the command that would start the job.
  case propose
  /// Start the job; its gate decides about promotion.
  case auto
}

/// Whose time a row carries.
public enum TimeSource: String, Sendable, Codable, CaseIterable {
  /// The machine's clock when the row arrives.
  case clock
  /// The time the request names (replay, back-fill); rows without one take the line's latest.
  case event
}
