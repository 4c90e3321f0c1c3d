import Domain
import Testing
import Wire

private func group(_ name: String, _ state: String, accuracy: Double?, evidence: Double? = 0.1) -> GroupRow {
  GroupRow(
    group: name, state: state, modelVersion: 1, accuracy: accuracy, lower: accuracy.map { $0 - 0.05 },
    upper: accuracy.map { min(1, $0 + 0.03) }, n: accuracy == nil ? 0 : 120, matured: 200, labelled: 120, target: 0.9,
    evidence: evidence, why: "so")
}

private func line(_ name: String, worst: GroupRow?) -> LineStatus {
  LineStatus(
    line: name, mode: "auto", time: "clock", champion: 1, scoped: [], groups: 3, lagging: 1, watch: 0,
    predictions: 900, labelCoverage: worst == nil ? nil : 0.69, lastPredictionAt: nil, worst: worst, activity: nil)
}

private let status = StatusReply(
  version: "0.6.0", startedAt: "2026-11-20T05:00:00Z", headline: "h",
  lines: [line("press-3", worst: group("product=A7", "lagging", accuracy: 0.81)), line("weld", worst: nil)], job: nil,
  ledger: LedgerStatus(
    writable: true, predictions: 900, outcomes: 600, bytes: 31_240_000, unrecordedPredictions: 2, problem: nil,
    dropped: DroppedRows(predictions: 100, outcomes: 50, features: 0)))

private func stages() -> [StageRow] {
  var histogram = LatencyHistogram()
  for nanoseconds in [5_000, 90_000, 100_000, 3_000_000, 5_000_000_000] as [Int64] { histogram.record(nanoseconds) }
  return [StageRow(.infer, LatencyHistogram()), StageRow(.total, histogram)]
}

/// The first line with a challenger that waits and one that is watched.
private let tried: StatusReply = {
  var reply = status
  func trial(_ run: Int, _ stage: String) -> TrialRow {
    TrialRow(run: run, version: run, stage: stage, cells: [], since: "x", sentence: "s")
  }
  reply.lines[0].trials = [trial(7, "approval"), trial(8, "watch"), trial(9, "watch")]
  return reply
}()

private func families(_ groups: [GroupsReply] = []) -> [MetricFamily] {
  daemonMetrics(status, groups: groups, stages: stages())
}

private func parsed(_ families: [MetricFamily], _ format: MetricsFormat = .openMetrics) throws -> MetricsParser {
  try MetricsParser(metricsText(families, format: format), isOpenMetrics: format == .openMetrics)
}

@Suite struct MetricsTests {
  @Test func `both texts hold the same samples and pass a strict reader`() throws {
    let all = families([GroupsReply(line: "press-3", groups: [group("product=A7", "lagging", accuracy: 0.81)])])
    let modern = try parsed(all)
    let older = try parsed(all, .prometheus)
    #expect(modern.families.map(\.samples) == older.families.map(\.samples))
    #expect(modern.families.count > 20)
    #expect(modern.families.allSatisfy { $0.name.hasPrefix("kaizen_") })
    let types = Dictionary(uniqueKeysWithValues: modern.families.map { ($0.name, $0.type) })
    #expect(types["kaizen_build"] == "info")
    #expect(types["kaizen_predictions"] == "counter")
    #expect(types["kaizen_serving_latency_seconds"] == "histogram")
    let olderTypes = Dictionary(uniqueKeysWithValues: older.families.map { ($0.name, $0.type) })
    #expect(olderTypes["kaizen_build_info"] == "gauge", "the collector of node_exporter refuses the type info")
    #expect(olderTypes["kaizen_predictions_total"] == "counter")
  }

  @Test func `values are what operators see`() throws {
    let reader = try parsed(
      families([
        GroupsReply(
          line: "press-3",
          groups: [
            group("product=A7", "lagging", accuracy: 0.8125, evidence: 1.5),
            group("product=B1", "unknown", accuracy: nil, evidence: nil),
          ])
      ]))
    func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
      reader.families.flatMap(\.samples).first { $0.name == name && $0.labels == labels }?.value
    }
    let group = ["line": "press-3", "group": "product=A7"]
    #expect(value("kaizen_group_accuracy_ratio", group) == 0.8125)
    #expect(value("kaizen_group_state", group) == 3)
    #expect(value("kaizen_group_evidence_ratio", group) == 1.5)
    #expect(value("kaizen_group_labels", group) == 120)
    let unknown = ["line": "press-3", "group": "product=B1"]
    #expect(value("kaizen_group_accuracy_ratio", unknown) == nil, "not known is no number, never 0")
    #expect(value("kaizen_group_state", unknown) == 0)
    #expect(value("kaizen_predictions_total") == 1000, "retention does not turn a counter back")
    #expect(value("kaizen_outcomes_total") == 650)
    #expect(value("kaizen_unrecorded_total") == 2)
    #expect(value("kaizen_ledger_size_bytes") == 31_240_000)
    #expect(value("kaizen_line_label_coverage_ratio", ["line": "press-3"]) == 0.69)
    #expect(value("kaizen_line_label_coverage_ratio", ["line": "weld"]) == nil)
    #expect(value("kaizen_build_info", ["version": "0.6.0"]) == 1)
    #expect(value("kaizen_start_time_seconds") == 1_795_150_800)
    #expect(value("kaizen_retraining_running") == 0)
    let total = ["stage": "total"]
    #expect(value("kaizen_serving_latency_seconds_count", total) == 5)
    #expect(value("kaizen_serving_latency_seconds_bucket", ["stage": "total", "le": "0.001"]) == 3)
    #expect(value("kaizen_serving_latency_seconds_bucket", ["stage": "total", "le": "+Inf"]) == 5)
    let sum = try #require(value("kaizen_serving_latency_seconds_sum", total))
    #expect(abs(sum - 5.003195) < 1e-9)
  }

  @Test func `trials are counted by stage, each stage with a series of its own`() throws {
    let counted = [ServiceCounts(line: "press-3", promotions: 5, rollbacks: 1)]
    let samples = try parsed(daemonMetrics(tried, groups: [], stages: [], services: counted)).families
      .flatMap(\.samples)
    func value(_ name: String, _ labels: [String: String]) -> Double? {
      samples.first { $0.name == name && $0.labels == labels }?.value
    }
    for (stage, count) in [("approval", 1.0), ("shadow", 0), ("canary", 0), ("watch", 2)] {
      #expect(value("kaizen_line_trials", ["line": "press-3", "stage": stage]) == count)
      #expect(value("kaizen_line_trials", ["line": "weld", "stage": stage]) == 0)
    }
    #expect(value("kaizen_line_promotions_total", ["line": "press-3"]) == 5)
    #expect(value("kaizen_line_rollbacks_total", ["line": "press-3"]) == 1)
    #expect(value("kaizen_line_rollbacks_total", ["line": "weld"]) == nil, "not known is no number, never 0")
  }

  @Test func `series of groups are bounded, and each line keeps its worst`() throws {
    let many = (0..<60).map { group("product=P\($0)", $0 < 5 ? "lagging" : "ok", accuracy: 0.9 + Double($0) / 1000) }
    let replies = [
      GroupsReply(line: "press-3", groups: many),
      GroupsReply(line: "weld", groups: [group("all", "ok", accuracy: 0.999, evidence: 0.001)]),
    ]
    let family = try #require(
      try parsed(families(replies)).families.first { $0.name == "kaizen_group_accuracy_ratio" })
    #expect(family.samples.count == groupSeriesMax + 1)
    #expect(family.samples.contains { $0.labels["line"] == "weld" })
    for index in 0..<5 { #expect(family.samples.contains { $0.labels["group"] == "product=P\(index)" }) }
  }

  @Test func `any name is quoted so that a reader gets it back`() throws {
    for name in [#"a"b"#, #"a\b"#, "a\nb", #"a\"#, #"\n"#, "ä|{}=,", "\"", ""] {
      for format in MetricsFormat.allCases {
        let family = MetricFamily(
          "kaizen_x", .gauge, help: "says \"\(name)\"", [.init([.init("group", name), .init("line", "l")], 1)])
        let read = try parsed([family], format).families[0]
        #expect(read.samples[0].labels["group"] == name)
        #expect(read.help == "says \"\(name)\"")
      }
    }
  }

  @Test func `numbers are told exactly, and families without any are left out`() throws {
    let values: [Double] = [0, -0.0, 1, 0.1, 1e-9, 1e22, 123_456_789_012, 2.5, .infinity]
    for value in values {
      #expect(try parsed([MetricFamily("x", .gauge, help: "h", [.init(value)])]).families[0].samples[0].value == value)
    }
    #expect(metricsText([MetricFamily("x", .gauge, help: "h", [])], format: .openMetrics) == "# EOF\n")
    #expect(metricsText([], format: .prometheus).isEmpty)
  }

  @Test func `the reader is strict`() {
    for text in [
      "# TYPE a gauge\n# HELP a h\na 1\n", "# TYPE a gauge\n# HELP a h\na 1\na 2\n# EOF\n",
      "# TYPE a counter\n# HELP a h\na 1\n# EOF\n", "# TYPE a_b gauge\n# UNIT a_b c\n# HELP a_b h\na_b 1\n# EOF\n",
      "# TYPE a gauge\n# HELP a h\na{b=\"c} 1\n# EOF\n", "# TYPE a gauge\n# HELP a h\na one\n# EOF\n",
    ] {
      #expect(throws: MetricsParser.Fault.self) { try MetricsParser(text, isOpenMetrics: true) }
    }
  }
}
