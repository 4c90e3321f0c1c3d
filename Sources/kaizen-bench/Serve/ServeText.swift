/// The report as people read it: tables of at most 80 columns.
public enum ServeText {
  public static func text(_ report: ServeReport) -> String {
    var blocks: [String] = []
    if !report.results.isEmpty { blocks += [heading(report), SpeedText.columns([head] + report.results.map(row))] }
    if !report.retraining.isEmpty {
      blocks += [retrainingHeading(report), SpeedText.columns([retrainingHead] + report.retraining.map(row))]
    }
    blocks += [report.memory.map(sentence), report.start.map(sentence)].compactMap { $0.map(SpeedText.wrapped) }
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
        + " servers \(place(placement.serverCore, false)), client"
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

  private static func retrainingHeading(_ report: ServeReport) -> String {
    let cores = median(report.retraining.flatMap(\.trainerCores))
    return SpeedText.wrapped(
      "The same while kaizen-trainer has \(SpeedText.significant(cores)) cores' time, and just before; nobody pinned,"
        + " no priority but the trainer's own. Ratio: within a round.")
  }

  private static let retrainingHead = [
    "", "conn.", "p50 idle", "training", "p99 idle", "training", "ratio", "requests/s idle", "training",
  ]

  private static func row(_ result: RetrainingResult) -> [String] {
    func middle(_ rounds: [ServeRound], _ figure: (ServeRound) -> Double) -> String {
      SpeedText.significant(median(rounds.map(figure)))
    }
    return [
      result.subject.name, "\(result.connections)", middle(result.idle, \.p50), middle(result.during, \.p50),
      middle(result.idle, \.p99), middle(result.during, \.p99), SpeedText.significant(result.ratio(\.p99)),
      middle(result.idle, \.requestsPerSecond), middle(result.during, \.requestsPerSecond),
    ]
  }

  private static func sentence(_ memory: ServeMemory) -> String {
    func megabytes(_ kilobytes: Int) -> String { SpeedText.significant(Double(kilobytes) / 1024) }
    return "Memory of a daemon with \(memory.lines) lines: \(megabytes(memory.idleKilobytes)) MB before,"
      + " \(memory.residentKilobytes.map(megabytes).joined(separator: ", ")) MB after a tenth, half and all of"
      + " \(ServeGoals.count(memory.requests)) requests on \(memory.connections) connections"
      + " (\(SpeedText.significant(memory.seconds)) s), at most \(megabytes(memory.peakKilobytes)) MB in between."
  }

  private static func sentence(_ start: ServeStart) -> String {
    let spread = Spread(start.milliseconds)
    return "Start to ready with \(start.lines) lines and a ledger of \(ServeGoals.count(start.rows)) rows"
      + " (\(SpeedText.significant(Double(start.ledgerBytes) / 1e9)) GB, written in"
      + " \(SpeedText.significant(start.buildSeconds)) s): \(SpeedText.significant(spread.median)) ms"
      + " (\(ends(spread)) of \(start.milliseconds.count)); the first time, with the monitor reading them,"
      + " \(SpeedText.significant(start.firstMilliseconds)) ms."
  }

  static let goalHead = ["goal", "", "measured", ""]

  static func row(_ goal: ServeGoal) -> [String] {
    [
      goal.name, (goal.isAtLeast ? ">= " : "<= ") + number(goal.limit), goal.measured.map(number) ?? "-",
      goal.isMet.map { $0 ? "met" : "missed" } ?? "not measured",
    ]
  }

  private static func number(_ value: Double) -> String { SpeedText.significant(value) }
}
