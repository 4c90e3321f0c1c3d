import Domain

/// Some of a line's settings; what is nil is left to the layer below.
public struct LineOverrides: Sendable, Equatable, Codable {
  public var mode: RetrainMode?
  public var time: TimeSource?
  public var targetAccuracy: Double?
  public var maturityHours: Double?
  public var coolDownHours: Double?
  public var jobRowsMinimum: Int?
  public var gateRowsMinimum: Int?
  public var maximumCellLoss: Double?
  public var adviceErrorMax: Double?
  public var adviceRange: AdviceRange?
  public var channels: [OutcomeChannel]?

  public init() {}

  /// Overrides that say everything `settings` says.
  public init(_ settings: LineSettings) {
    mode = settings.mode
    time = settings.time
    targetAccuracy = settings.targetAccuracy
    maturityHours = settings.maturityHours
    coolDownHours = settings.coolDownHours
    jobRowsMinimum = settings.jobRowsMinimum
    gateRowsMinimum = settings.gateRowsMinimum
    maximumCellLoss = settings.maximumCellLoss
    adviceErrorMax = settings.adviceErrorMax
    adviceRange = settings.adviceRange
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
    jobRowsMinimum = changed(\.jobRowsMinimum)
    gateRowsMinimum = changed(\.gateRowsMinimum)
    maximumCellLoss = changed(\.maximumCellLoss)
    adviceErrorMax = changed(\.adviceErrorMax)
    adviceRange = changed(\.adviceRange)
    channels = changed(\.channels)
  }

  public func applied(to settings: LineSettings) -> LineSettings {
    LineSettings(
      mode: mode ?? settings.mode, time: time ?? settings.time,
      targetAccuracy: targetAccuracy ?? settings.targetAccuracy,
      maturityHours: maturityHours ?? settings.maturityHours,
      coolDownHours: coolDownHours ?? settings.coolDownHours,
      jobRowsMinimum: jobRowsMinimum ?? settings.jobRowsMinimum,
      gateRowsMinimum: gateRowsMinimum ?? settings.gateRowsMinimum,
      maximumCellLoss: maximumCellLoss ?? settings.maximumCellLoss,
      adviceErrorMax: adviceErrorMax ?? settings.adviceErrorMax, adviceRange: adviceRange ?? settings.adviceRange,
      channels: channels ?? settings.channels)
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
