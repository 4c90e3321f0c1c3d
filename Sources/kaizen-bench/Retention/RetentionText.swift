/// The report as people read it: tables of at most 80 columns.
public enum RetentionText {
  public static func text(_ report: RetentionReport) -> String {
    var blocks: [String] = []
    if !report.serving.isEmpty {
      blocks += [
        heading(report), SpeedText.columns([tripsHead] + report.serving.map(trips)),
        SpeedText.columns([othersHead] + report.serving.map(others)),
      ]
    }
    if let steady = report.steady {
      blocks += [
        steadyHeading(steady),
        SpeedText.columns([steadyHead] + steady.bytes.indices.map { row(steady, $0) }),
      ]
    }
    blocks.append(SpeedText.columns([ServeText.goalHead] + report.goals.map(ServeText.row)))
    return (blocks + report.remarks.map { SpeedText.wrapped($0) }).joined(separator: "\n\n")
  }

  private static func heading(_ report: RetentionReport) -> String {
    let rounds = report.rounds == 1 ? "one round" : "medians of \(report.rounds) rounds"
    return SpeedText.wrapped(
      "Round trips in microseconds of a daemon with \(ServeGoals.count(report.rows)) rows that are 100 days old and"
        + " more, which it keeps, and of one that has them to take away (trim), in turn; \(rounds) of"
        + " \(SpeedText.significant(report.seconds)) s each. counter: ids that rise, answered from the journal; random:"
        + " each part waits for the ledger. \(RetentionLoad.paced.name): parts at their times on one connection, timed from"
        + " when they were due; conn.: each as soon as the last was answered. Taken away: features and parts a second.")
  }

  private static let tripsHead = ["ids", "load", "p50", "trim", "p99", "trim", "more ms", "p99.9", "trim"]

  private static func trips(_ serving: RetentionServing) -> [String] {
    [
      serving.ids.rawValue, serving.load.name, middle(serving.keeping, \.trips.p50),
      middle(serving.trimming, \.trips.p50), middle(serving.keeping, \.trips.p99),
      middle(serving.trimming, \.trips.p99), SpeedText.significant(serving.addedMilliseconds(\.trips.p99)),
      middle(serving.keeping, \.trips.p999), middle(serving.trimming, \.trips.p999),
    ]
  }

  private static let othersHead = [
    "ids", "load", "parts/s", "trim", "features taken", "parts taken", "MB", "trim",
  ]

  private static func others(_ serving: RetentionServing) -> [String] {
    func whole(_ figure: (RetentionRound) -> Double) -> String {
      "\(Int(median(serving.trimming.map(figure)).rounded()))"
    }
    func rate(_ rounds: [RetentionRound]) -> String {
      "\(Int(median(rounds.map(\.trips.requestsPerSecond)).rounded()))"
    }
    func megabytes(_ rounds: [RetentionRound]) -> String { middle(rounds) { Double($0.residentKilobytes) / 1024 } }
    return [
      serving.ids.rawValue, serving.load.name, rate(serving.keeping), rate(serving.trimming),
      whole(\.featuresPerSecond), whole(\.partsPerSecond), megabytes(serving.keeping), megabytes(serving.trimming),
    ]
  }

  private static func steadyHeading(_ steady: RetentionSteady) -> String {
    SpeedText.wrapped(
      "A ledger that keeps \(ServeGoals.count(steady.windowRows)) rows and takes away as much as comes (trim), each time"
        + " so many have come, in turn with one that only grows: rows with their outcomes a second.")
  }

  private static let steadyHead = ["replaced", "rows/s", "trim", "share", "MB", "free MB", "rows"]

  private static func row(_ steady: RetentionSteady, _ index: Int) -> [String] {
    let (keeping, trimming) = (steady.keepingRowsPerSecond[index], steady.trimmingRowsPerSecond[index])
    return [
      "\(index + 1) x", "\(Int(keeping.rounded()))", "\(Int(trimming.rounded()))",
      SpeedText.significant(trimming / keeping), SpeedText.significant(Double(steady.bytes[index]) / 1e6),
      SpeedText.significant(Double(steady.freeBytes[index]) / 1e6), "\(steady.rows[index])",
    ]
  }

  private static func middle(_ rounds: [RetentionRound], _ figure: (RetentionRound) -> Double) -> String {
    SpeedText.significant(median(rounds.map(figure)))
  }
}
