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
  /// When nothing is retrained and no student changes; nil: never so.
  public var quietHours: QuietHours?
  /// Days after which a champion is trained anew though no group lags; 0: never.
  public var retrainAfterDays: Int
  /// Milliseconds that one answer of a student may take; above 0.
  public var latencyMsMax: Double
  /// Whether parts of a group that lags and that no retraining has helped go to manual check.
  public var adviceLagging: AdviceLagging

  public init(
    mode: RetrainMode = .auto, time: TimeSource = .clock, targetAccuracy: Double? = nil, maturityHours: Double? = nil,
    coolDownHours: Double = 72, jobRowsMinimum: Int = 375, gateRowsMinimum: Int = 150,
    maximumCellLoss: Double = 0.01, adviceErrorMax: Double = LineSettings.usualAdviceErrorMax,
    adviceRange: AdviceRange = .check, channels: [OutcomeChannel] = [], quietHours: QuietHours? = nil,
    retrainAfterDays: Int = 0, latencyMsMax: Double = LineSettings.usualLatencyMsMax,
    adviceLagging: AdviceLagging = .check
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
    self.quietHours = quietHours
    self.retrainAfterDays = retrainAfterDays
    self.latencyMsMax = latencyMsMax
    self.adviceLagging = adviceLagging
  }

  /// What the settings know of a channel's sampling probability.
  public func samplingProbability(of channel: String) -> Double? {
    channels.first { $0.name == channel }?.samplingProbability
  }

  /// One in twenty: what 59 held-out parts without an error can show, so that a file of some 600 rows is enough, and
  /// what a student of 95 % reaches by diverting a few parts. 0.01 would take 299 of them.
  public static let usualAdviceErrorMax = 0.05
  /// A hundred times what a small student takes.
  public static let usualLatencyMsMax = 10.0

  private enum Key: String, CodingKey {
    case mode, time, targetAccuracy, maturityHours, coolDownHours, jobRowsMinimum, gateRowsMinimum
    case maximumCellLoss, adviceErrorMax, adviceRange, channels
    case quietHours, retrainAfterDays, latencyMsMax, adviceLagging
  }

  /// Lines of version 0.1 were stored without the settings of advice, and with one of false alarms, which is the
  /// machine's now; those of 0.2 without channels, quiet hours and what follows them.
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
      channels: try values.decodeIfPresent([OutcomeChannel].self, forKey: .channels) ?? [],
      quietHours: try values.decodeIfPresent(QuietHours.self, forKey: .quietHours),
      retrainAfterDays: try values.decodeIfPresent(Int.self, forKey: .retrainAfterDays) ?? 0,
      latencyMsMax: try values.decodeIfPresent(Double.self, forKey: .latencyMsMax) ?? Self.usualLatencyMsMax,
      adviceLagging: try values.decodeIfPresent(AdviceLagging.self, forKey: .adviceLagging) ?? .check)
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
    try values.encodeIfPresent(quietHours, forKey: .quietHours)
    try values.encode(retrainAfterDays, forKey: .retrainAfterDays)
    try values.encode(latencyMsMax, forKey: .latencyMsMax)
    try values.encode(adviceLagging, forKey: .adviceLagging)
  }
}

/// What a part outside the trained range sets off.
public enum AdviceRange: String, Sendable, Codable, CaseIterable {
  /// It goes to manual check.
  case check
  /// Nothing: for a line whose process has moved and whose outcomes show that its students cope.
  case ignore
}

/// What a part of a group sets off that no retraining has helped.
public enum AdviceLagging: String, Sendable, Codable, CaseIterable {
  /// It goes to manual check while its group lags.
  case check
  case ignore
}

/// What a lagging group sets off.
public enum RetrainMode: String, Sendable, Codable, CaseIterable {
  /// Say so, do nothing.
  case observe
  /// Train and compare; a person decides whether the challenger serves.
  case propose
  /// Train and compare; the gate decides.
  case auto
}

/// Whose time a row carries.
public enum TimeSource: String, Sendable, Codable, CaseIterable {
  /// The machine's clock when the row arrives.
  case clock
  /// The time the request names (replay, back-fill); rows without one take the line's latest.
  case event
}
