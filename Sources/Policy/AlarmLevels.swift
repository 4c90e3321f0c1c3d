import Statistics

/// Alarm levels of all lines of the machine: they count every armed detector, so that the rate of false alarms belongs
/// to the whole and not to each group (`monitoring.md` 6.3: expected days to the first false alarm >= level / detectors,
/// and the sum over detectors of detectors / level is what is shared out here).
///
/// Nine in ten of the false alarms are left to the one question that matters most for each group, its target or else
/// its own past; what else is watched shares the tenth, and waits a little longer for as much certainty.
public struct AlarmLevels: Sendable, Equatable {
  public let primary: Level
  public let secondary: Level
  /// For changes of the share of labelled parts, whose detectors are counted for themselves.
  public let labelling: Double
  public let detectors: Int
  public let falseAlarmsPerYear: Double

  public struct Level: Sendable, Equatable {
    public let watch: Double
    public let lagging: Double

    init(detectors: Int, days: Double, share: Double) {
      watch = alarmLevel(detectors: detectors, days: max(days * AlarmLevels.watchShare, 1) / share)
      lagging = alarmLevel(detectors: detectors, days: days / share)
    }
  }

  /// WATCH at twelve times the LAGGING rate: monthly where LAGGING is yearly.
  static let watchShare = 30.0 / 365.0
  /// A group on WATCH is left there until its evidence has fallen this far below the level, ln 2.
  static let watchMargin = 0.693
  /// Of the false alarms, what the primary detectors may raise.
  static let primaryShare = 0.9

  public init(primary: Int, secondary: Int = 0, labelling: Int = 0, falseAlarmsPerYear: Double) {
    detectors = max(primary + secondary, 1)
    self.falseAlarmsPerYear = falseAlarmsPerYear
    let days = 365 / falseAlarmsPerYear
    let share = secondary == 0 ? 1 : primary == 0 ? 0 : Self.primaryShare
    self.primary = Level(detectors: primary, days: days, share: max(share, 1 - Self.primaryShare))
    self.secondary = Level(detectors: secondary, days: days, share: max(1 - share, 1 - Self.primaryShare))
    self.labelling = alarmLevel(detectors: max(labelling, 1), days: days)
  }

  func level(_ detector: ArmedDetector) -> Level { detector.isPrimary ? primary : secondary }

  /// How far a detector is above LAGGING, in natural logarithms; below it is negative.
  func excess(_ detector: ArmedDetector) -> Double { detector.logEvidence - level(detector).lagging }
  func watchExcess(_ detector: ArmedDetector) -> Double { detector.logEvidence - level(detector).watch }
}
