import Statistics

/// Alarm levels of all lines of the machine: they count every armed detector, so that the rate of false alarms belongs
/// to the whole and not to each group (`monitoring.md` 6.3: expected days to the first false alarm >= level / detectors).
public struct AlarmLevels: Sendable, Equatable {
  public let watch: Double
  public let lagging: Double
  /// For changes of the share of labelled parts, whose detectors are counted for themselves.
  public let labelling: Double
  public let detectors: Int
  public let falseAlarmsPerYear: Double

  /// WATCH at twelve times the LAGGING rate: monthly where LAGGING is yearly.
  static let watchShare = 30.0 / 365.0
  /// A group on WATCH is left there until its evidence has fallen this far below the level, ln 2.
  static let watchMargin = 0.693

  public init(armedDetectors: Int, labellingDetectors: Int = 0, falseAlarmsPerYear: Double) {
    detectors = max(armedDetectors, 1)
    self.falseAlarmsPerYear = falseAlarmsPerYear
    let days = 365 / falseAlarmsPerYear
    watch = alarmLevel(detectors: detectors, days: max(days * Self.watchShare, 1))
    lagging = alarmLevel(detectors: detectors, days: days)
    labelling = alarmLevel(detectors: max(labellingDetectors, 1), days: days)
  }
}
