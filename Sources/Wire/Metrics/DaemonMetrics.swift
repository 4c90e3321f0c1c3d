import Domain

/// Everything that a monitoring system counts of a daemon, from what its operators see.
///
/// - Parameters:
///   - groups: every line's, in any order. Series are bounded: the worst `groupSeriesMax` of all lines, and the worst
///     of each line.
///   - stages: how long requests take.
///   - services: what the audit trail counts of each line.
public func daemonMetrics(
  _ status: StatusReply, groups: [GroupsReply], stages: [StageRow], services: [ServiceCounts] = []
) -> [MetricFamily] {
  let process: [MetricFamily] = [
    MetricFamily(
      "kaizen_build", .info, help: "The version that runs.", [.init([.init("version", status.version)], 1)]),
    MetricFamily(
      "kaizen_start_time", .gauge, unit: .seconds, help: "When the daemon started, in seconds since 1970.",
      Timestamp(status.startedAt).map { [.init(Double($0.microseconds) / 1e6)] } ?? []),
    MetricFamily(
      "kaizen_retraining_running", .gauge, help: "1 while a retraining runs.", [.init(status.job == nil ? 0 : 1)]),
  ]
  return process + lineMetrics(status) + serviceMetrics(services) + groupMetrics(groups) + ledgerMetrics(status.ledger)
    + [latency(stages)]
}

/// Series of groups over all lines: a plant with thousands of groups must not fill a time-series database, and what
/// nobody will look at first need not be there.
public let groupSeriesMax = 20

private func lineMetrics(_ status: StatusReply) -> [MetricFamily] {
  func each(_ value: (LineStatus) -> Double?) -> [MetricFamily.Point] {
    status.lines.compactMap { line in value(line).map { .init([.init("line", line.line)], $0) } }
  }
  return [
    MetricFamily("kaizen_lines", .gauge, help: "Lines in service.", [.init(Double(status.lines.count))]),
    MetricFamily(
      "kaizen_lines_out_of_service", .gauge, help: "Lines that are registered and cannot serve.",
      [.init(Double(status.outOfService?.count ?? 0))]),
    MetricFamily(
      "kaizen_line_groups", .gauge, help: "Groups of the line that have matured parts.", each { Double($0.groups) }),
    MetricFamily(
      "kaizen_line_lagging", .gauge, help: "Sets of parts that lag, without those that another explains.",
      each { Double($0.lagging) }),
    MetricFamily(
      "kaizen_line_watch", .gauge, help: "Sets of parts on watch, without those that another explains.",
      each { Double($0.watch) }),
    MetricFamily(
      "kaizen_line_worst_accuracy", .gauge, unit: .ratio, help: "Accuracy of the line's worst group.",
      each { $0.worst?.accuracy }),
    MetricFamily(
      "kaizen_line_label_coverage", .gauge, unit: .ratio, help: "Labelled share of the matured parts.",
      each(\.labelCoverage)),
    MetricFamily(
      "kaizen_line_manual_check", .gauge, unit: .ratio, help: "Share of the line's last parts sent to manual check.",
      each { $0.advice?.manualCheckShare }),
    MetricFamily(
      "kaizen_line_trials", .gauge, help: "Challengers of the line by stage: approval, shadow, canary, watch.",
      status.lines.flatMap { line in
        trialStages.map { stage in
          .init(
            [.init("line", line.line), .init("stage", stage)],
            Double((line.trials ?? []).count { $0.stage == stage }))
        }
      }),
    MetricFamily(
      "kaizen_line_parts", .gauge, help: "Parts of the line in the ledger.", each { Double($0.predictions) }),
  ]
}

/// How often the students of a line have changed, since it was added.
public struct ServiceCounts: Sendable, Equatable {
  public let line: String
  /// Students put into service, by their gate or by hand.
  public let promotions: Int
  /// Students taken back, by the daemon or by hand.
  public let rollbacks: Int

  public init(line: String, promotions: Int, rollbacks: Int) {
    self.line = line
    self.promotions = promotions
    self.rollbacks = rollbacks
  }
}

private func serviceMetrics(_ services: [ServiceCounts]) -> [MetricFamily] {
  func each(_ value: (ServiceCounts) -> Int) -> [MetricFamily.Point] {
    services.map { .init([.init("line", $0.line)], Double(value($0))) }
  }
  return [
    MetricFamily(
      "kaizen_line_promotions", .counter, help: "Students put into service, by their gate or by hand.",
      each(\.promotions)),
    MetricFamily(
      "kaizen_line_rollbacks", .counter, help: "Students taken back, by the daemon or by hand.", each(\.rollbacks)),
  ]
}

/// Every stage always has its series: a graph of what waits for approval must show 0 too.
private let trialStages = ["approval", "shadow", "canary", "watch"]

private func groupMetrics(_ replies: [GroupsReply]) -> [MetricFamily] {
  let rows = shownGroups(replies)
  func each(_ value: (GroupRow) -> Double?) -> [MetricFamily.Point] {
    rows.compactMap { row in
      value(row.group).map { .init([.init("line", row.line), .init("group", row.group.group)], $0) }
    }
  }
  return [
    MetricFamily(
      "kaizen_group_accuracy", .gauge, unit: .ratio, help: "Share of right answers among the newest labelled parts.",
      each(\.accuracy)),
    MetricFamily(
      "kaizen_group_accuracy_lower", .gauge, unit: .ratio, help: "Lower end of the 95 % interval of the accuracy.",
      each(\.lower)),
    MetricFamily(
      "kaizen_group_accuracy_upper", .gauge, unit: .ratio, help: "Upper end of the 95 % interval of the accuracy.",
      each(\.upper)),
    MetricFamily(
      "kaizen_group_target", .gauge, unit: .ratio, help: "The accuracy the group is held against.", each(\.target)),
    MetricFamily("kaizen_group_labels", .gauge, help: "Labelled parts behind the accuracy.", each { Double($0.n) }),
    MetricFamily(
      "kaizen_group_state", .gauge, help: "0 unknown, 1 ok, 2 watch, 3 lagging.", each { stateNumber($0.state) }),
    MetricFamily(
      "kaizen_group_evidence", .gauge, unit: .ratio, help: "Evidence of a drop over the alarm level; 1 is an alarm.",
      each(\.evidence)),
    MetricFamily(
      "kaizen_group_label_coverage", .gauge, unit: .ratio, help: "Labelled share of the group's matured parts.",
      each(\.coverage)),
    MetricFamily(
      "kaizen_group_silenced", .gauge, help: "1 while an operator has silenced the group.",
      each { $0.silencedUntil == nil ? 0 : 1 }),
  ]
}

/// The worst of all, and the worst of each line, the worst first.
private func shownGroups(_ replies: [GroupsReply]) -> [AlarmRow] {
  let ranked = replies.flatMap { reply in reply.groups.map { AlarmRow(line: reply.line, group: $0) } }
    .sorted { ($0.group.rank, $0.line, $0.group.group) < ($1.group.rank, $1.line, $1.group.group) }
  var met: Set<String> = []
  return ranked.enumerated().filter { index, row in
    let isFirstOfLine = met.insert(row.line).inserted
    return index < groupSeriesMax || isFirstOfLine
  }.map(\.element)
}

private func stateNumber(_ state: String) -> Double? {
  switch state {
  case "unknown": 0
  case "ok": 1
  case "watch": 2
  case "lagging": 3
  default: nil
  }
}

private func ledgerMetrics(_ ledger: LedgerStatus) -> [MetricFamily] {
  let dropped = ledger.dropped ?? DroppedRows(predictions: 0, outcomes: 0, features: 0)
  return [
    MetricFamily(
      "kaizen_predictions", .counter, help: "Parts recorded, also those that retention has taken away since.",
      [.init(Double(ledger.predictions + dropped.predictions))]),
    MetricFamily(
      "kaizen_outcomes", .counter, help: "Outcomes recorded, also those that retention has taken away since.",
      [.init(Double(ledger.outcomes + dropped.outcomes))]),
    MetricFamily(
      "kaizen_unrecorded", .counter, help: "Answers given without a row since the daemon started.",
      [.init(Double(ledger.unrecordedPredictions))]),
    MetricFamily(
      "kaizen_ledger_size", .gauge, unit: .bytes, help: "The ledger on disk, with its log.",
      [.init(Double(ledger.bytes))]),
    MetricFamily(
      "kaizen_ledger_used", .gauge, unit: .bytes, help: "Bytes of the ledger that rows take.",
      ledger.usedBytes.map { [.init(Double($0))] } ?? []),
    MetricFamily(
      "kaizen_disk_free", .gauge, unit: .bytes, help: "Free bytes of the ledger's disk.",
      ledger.diskFreeBytes.map { [.init(Double($0))] } ?? []),
    MetricFamily(
      "kaizen_ledger_writable", .gauge, help: "0 while answers go out without being recorded.",
      [.init(ledger.writable ? 1 : 0)]),
  ]
}

/// Ends in seconds: from what a small student takes to what nobody should wait.
private let latencyEnds = [
  0.00001, 0.00002, 0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1,
]

private func latency(_ stages: [StageRow]) -> MetricFamily {
  MetricFamily(
    "kaizen_serving_latency", unit: .seconds, help: "Time of infer requests by stage; total is all of it.",
    histograms: stages.map { row in
      let buckets = latencyEnds.map { end in
        (upTo: end, count: row.buckets.reduce(0) { $1.upToUs <= end * 1e6 ? $0 + $1.count : $0 })
      }
      return .init(
        [.init("stage", row.stage.rawValue)], buckets: buckets, count: row.count,
        sum: (row.meanUs ?? 0) * Double(row.count) / 1e6)
    })
}
