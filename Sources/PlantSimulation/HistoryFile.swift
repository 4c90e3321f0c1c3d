import Domain

/// The parts from before the daemon as the CSV a line is made from.
public enum HistoryFile {
  /// `seq`, the attributes, `label` and the features: one row per part in order of time.
  public static func text(_ line: SimulatedLine) -> String {
    let scenario = line.scenario
    let header = ["seq"] + Scenario.attributeNames + ["label"] + line.featureNames
    var text = header.joined(separator: ",") + "\n"
    var sequence = 0
    for day in -scenario.historyDays..<0 {
      for part in line.parts(day: day) {
        let features = part.features.map { "\($0)" }
        let row = ["\(sequence)"] + part.cell.values + [scenario.classNames[part.label]] + features
        text += row.joined(separator: ",") + "\n"
        sequence += 1
      }
    }
    return text
  }
}
