/// How the machine watches all of its lines.
public struct MonitoringSettings: Sendable, Equatable {
  /// Mean number of alarms in a year, over all groups of all lines, while nothing is wrong; above 0.
  public var falseAlarmsPerYear: Double
  /// Whether teachers are asked about some parts of each day.
  public var teacherSample: TeacherSample

  public enum TeacherSample: String, Sendable, CaseIterable {
    /// After each day's end, in a process of the lowest priority.
    case nightly
    case off
  }

  public init(falseAlarmsPerYear: Double = 1, teacherSample: TeacherSample = .nightly) {
    self.falseAlarmsPerYear = falseAlarmsPerYear
    self.teacherSample = teacherSample
  }
}
