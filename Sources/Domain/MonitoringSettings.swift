/// How the machine watches all of its lines.
public struct MonitoringSettings: Sendable, Equatable {
  /// Mean number of alarms in a year, over all groups of all lines, while nothing is wrong; above 0.
  public var falseAlarmsPerYear: Double

  public init(falseAlarmsPerYear: Double = 1) {
    self.falseAlarmsPerYear = falseAlarmsPerYear
  }
}
