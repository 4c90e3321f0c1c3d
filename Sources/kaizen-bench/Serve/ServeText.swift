/// The report as people read it: tables of at most 80 columns.
public enum ServeText {
  public static func text(_ report: ServeReport) -> String {
    var blocks = [heading(report), SpeedText.columns([head] + report.results.map(row))]
    blocks.append(SpeedText.columns([goalHead] + report.goals.map(row)))
    blocks += report.absent.map { SpeedText.wrapped($0) }
    return blocks.joined(separator: "\n\n")
  }

  private static func heading(_ report: ServeReport) -> String {
    let placement = report.placement
    func place(_ core: Int?, _ isRealTime: Bool) -> String {
      (core.map { "on core \($0)" } ?? "on any core") + (isRealTime ? " at real-time priority" : "")
    }
    let rounds = report.rounds == 1 ? "one round" : "medians of \(report.rounds) rounds (least to most)"
    return SpeedText.wrapped(
      "Round trips over a Unix socket in microseconds, \(rounds) of \(SpeedText.significant(report.seconds)) s each;"
        + " servers \(place(placement.serverCore, placement.serverIsRealTime)), client"
        + " \(place(placement.clientCore, placement.clientIsRealTime)). CPU: processor time of the server for one"
        + " request. Every answer of kaizend was stored before it was sent, and checked.")
  }

  private static let head = ["", "conn.", "p50", "", "p99", "p99.9", "requests/s", "", "CPU us"]

  private static func row(_ result: ServeResult) -> [String] {
    let p50 = result.spread(\.p50)
    let rate = result.spread(\.requestsPerSecond)
    return [
      result.subject.name, "\(result.connections)", SpeedText.significant(p50.median), ends(p50),
      SpeedText.significant(result.spread(\.p99).median), SpeedText.significant(result.spread(\.p999).median),
      "\(Int(rate.median.rounded()))", thousands(rate),
      SpeedText.significant(result.spread(\.serverMicroseconds).median),
    ]
  }

  private static func ends(_ spread: Spread) -> String {
    "\(SpeedText.significant(spread.least))-\(SpeedText.significant(spread.most))"
  }

  private static func thousands(_ spread: Spread) -> String {
    "\(SpeedText.significant(spread.least / 1000))-\(SpeedText.significant(spread.most / 1000))k"
  }

  private static let goalHead = ["goal", "", "measured", ""]

  private static func row(_ goal: ServeGoal) -> [String] {
    [
      goal.name, (goal.isAtLeast ? ">= " : "<= ") + number(goal.limit), goal.measured.map(number) ?? "-",
      goal.isMet.map { $0 ? "met" : "missed" } ?? "not measured",
    ]
  }

  private static func number(_ value: Double) -> String { SpeedText.significant(value) }
}
