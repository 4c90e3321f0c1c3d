/// The die-casting data that lies beside the project, as a line and its replay.
public enum DieCasting {
  /// Name of the line.
  public static let line = "die-casting"
  /// Rows the line is made from: the first two weeks; the others are streamed.
  public static let historyRows = 12_000
  public static let labelColumn = "label"
  public static let moldColumn = "g_mold"
  public static let dateColumn = "g_date"
  /// What every mold must reach.
  public static let target = "0.9"
  /// Outcomes come within a shift, and none is lost.
  public static let outcomes = OutcomePlan(medianHours: 8, loss: 0)
  /// Where the file is looked for, from the project's folder.
  public static let usualPath = "../shared/data/diecast.csv.gz"
}
