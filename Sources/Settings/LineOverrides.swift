import Domain

/// Some of a line's settings; what is nil is left to the layer below.
public struct LineOverrides: Sendable, Equatable, Codable {
  public var mode: RetrainMode?
  public var time: TimeSource?
  public var targetAccuracy: Double?
  public var maturityHours: Double?
  public var coolDownHours: Double?
  /// As the file writes them; empty for none, which is not the same as nothing said.
  public var quietHours: String?
  public var retrainAfterDays: Int?
  public var jobRowsMinimum: Int?
  public var gateRowsMinimum: Int?
  public var maximumCellLoss: Double?
  public var latencyMsMax: Double?
  public var adviceErrorMax: Double?
  public var adviceRange: AdviceRange?
  public var adviceLagging: AdviceLagging?
  public var channels: [OutcomeChannel]?

  public init() {}

  /// Overrides that say everything `settings` says.
  public init(_ settings: LineSettings) {
    mode = settings.mode
    time = settings.time
    targetAccuracy = settings.targetAccuracy
    maturityHours = settings.maturityHours
    coolDownHours = settings.coolDownHours
    quietHours = settings.quietHours?.description ?? ""
    retrainAfterDays = settings.retrainAfterDays
    jobRowsMinimum = settings.jobRowsMinimum
    gateRowsMinimum = settings.gateRowsMinimum
    maximumCellLoss = settings.maximumCellLoss
    latencyMsMax = settings.latencyMsMax
    adviceErrorMax = settings.adviceErrorMax
    adviceRange = settings.adviceRange
    adviceLagging = settings.adviceLagging
    channels = settings.channels
  }

  /// Overrides that say only what `settings` says otherwise than `base`: what an operator chose when a line was added.
  public init(_ settings: LineSettings, differingFrom base: LineSettings) {
    func changed<Value: Equatable>(_ path: KeyPath<LineSettings, Value>) -> Value? {
      settings[keyPath: path] == base[keyPath: path] ? nil : settings[keyPath: path]
    }
    mode = changed(\.mode)
    time = changed(\.time)
    targetAccuracy = settings.targetAccuracy
    maturityHours = settings.maturityHours
    coolDownHours = changed(\.coolDownHours)
    quietHours = settings.quietHours == base.quietHours ? nil : settings.quietHours?.description ?? ""
    retrainAfterDays = changed(\.retrainAfterDays)
    jobRowsMinimum = changed(\.jobRowsMinimum)
    gateRowsMinimum = changed(\.gateRowsMinimum)
    maximumCellLoss = changed(\.maximumCellLoss)
    latencyMsMax = changed(\.latencyMsMax)
    adviceErrorMax = changed(\.adviceErrorMax)
    adviceRange = changed(\.adviceRange)
    adviceLagging = changed(\.adviceLagging)
    channels = changed(\.channels)
  }

  public func applied(to settings: LineSettings) -> LineSettings {
    var result = settings
    result.mode = mode ?? settings.mode
    result.time = time ?? settings.time
    result.targetAccuracy = targetAccuracy ?? settings.targetAccuracy
    result.maturityHours = maturityHours ?? settings.maturityHours
    result.coolDownHours = coolDownHours ?? settings.coolDownHours
    if let quietHours { result.quietHours = QuietHours(quietHours) }
    result.retrainAfterDays = retrainAfterDays ?? settings.retrainAfterDays
    result.jobRowsMinimum = jobRowsMinimum ?? settings.jobRowsMinimum
    result.gateRowsMinimum = gateRowsMinimum ?? settings.gateRowsMinimum
    result.maximumCellLoss = maximumCellLoss ?? settings.maximumCellLoss
    result.latencyMsMax = latencyMsMax ?? settings.latencyMsMax
    result.adviceErrorMax = adviceErrorMax ?? settings.adviceErrorMax
    result.adviceRange = adviceRange ?? settings.adviceRange
    result.adviceLagging = adviceLagging ?? settings.adviceLagging
    result.channels = channels ?? settings.channels
    return result
  }
}

/// Rules `settings` breaks, as `key: rule (got value)`; empty when it is sound. For settings that come over a socket.
public func problems(of settings: LineSettings) -> [String] {
  var checked = LineOverrides()
  let overrides = LineOverrides(settings)
  var found: [String] = []
  for key in lineKeys() {
    guard let value = key.show(overrides), !key.apply(value, &checked) else { continue }
    found.append("\(key.name): must be \(key.rule) (got \(value.text))")
  }
  if let conflict = gateConflict(settings) { found.append(conflict) }
  return found
}

/// Nothing may go before the monitor has counted it (maturity_hours is 720 at most), and features not after their part.
func retentionConflict(_ settings: RetentionSettings) -> (key: String, conflict: String)? {
  if (1...30).contains(settings.keepDays) {
    return ("ledger.keep_days", "must be 0 (for ever) or at least 31 (got \(settings.keepDays))")
  }
  guard settings.keepDays > 0, settings.keepInputsDays > settings.keepDays else { return nil }
  return (
    "ledger.keep_inputs_days",
    "must be at most ledger.keep_days, which is \(settings.keepDays) (got \(settings.keepInputsDays))"
  )
}

/// The gate needs rows the training has not seen: its share must leave some over.
func gateConflict(_ settings: LineSettings) -> String? {
  if settings.gateRowsMinimum < settings.jobRowsMinimum { return nil }
  return
    "gate_rows_minimum must be less than job_rows_minimum, which is \(settings.jobRowsMinimum) (got \(settings.gateRowsMinimum))"
}
