import Domain
import Testing
import Wire

extension ProcessTests {
  /// What monitoring systems ask of a running daemon.
  @Suite struct MetricsTests {
    private func answerParts(_ daemon: TestedDaemon) async throws {
      for index in 0..<3 {
        #expect(try await daemon.ask(try TestLine.infer("part-\(index)", x: 1)).status == 200)
      }
    }

    @Test func `metrics count what was answered, and check says that nothing is known yet`() async throws {
      try await withDaemon { daemon in
        try await answerParts(daemon)
        let answer = try await daemon.answer(to: .metrics(.openMetrics))
        #expect(answer.contentType == MetricsFormat.openMetrics.contentType)
        let text = String(decoding: answer.body, as: UTF8.self)
        #expect(text.contains("\nkaizen_predictions_total 3\n"))
        #expect(text.contains("\nkaizen_serving_latency_seconds_count{stage=\"total\"} 3\n"))
        #expect(text.hasSuffix("\n# EOF\n"))
        let older = try await daemon.answer(to: .metrics(.prometheus))
        #expect(older.contentType == MetricsFormat.prometheus.contentType)
        let check = try await run(
          try Programs.path("kaizenctl"), ["check", "--state-dir", daemon.folder.path], within: .seconds(60))
        #expect(check.end == .exited(3))
        #expect(check.output.hasPrefix("KAIZEN UNKNOWN - no group has enough labels to be judged | "))
      }
    }

    @Test func `a group nobody has seen is refused, and an empty plant has no alarms`() async throws {
      try await withDaemon { daemon in
        try await answerParts(daemon)
        let alarms: AlarmsReply = try await daemon.operate(.alarms(nil))
        #expect(alarms.alarms.isEmpty)
        let aliases: AliasesReply = try await daemon.operate(.aliases(try TestLine.id()))
        #expect(aliases.aliases.isEmpty)
        #expect(try await daemon.answer(to: .explainGroup(try TestLine.id(), group: "product=Z")).status == 404)
        #expect(try await daemon.answer(to: .explainGroup(try TestLine.id(), group: "colour=Z")).status == 400)
        let story: ExplainReply = try await daemon.operate(.explainGroup(try TestLine.id(), group: "product=A"))
        #expect(
          story.sentences.first == "No matured part of product=A has been counted yet, so nothing is known of it.")
      }
    }

    @Test(.enabled(if: ClientProgram.python != nil, ClientProgram.missing))
    func `prometheus_client reads both texts and finds the same samples`() async throws {
      try await withDaemon { daemon in
        try await answerParts(daemon)
        try await ClientProgram.expect(
          "metrics.py", [daemon.control],
          checks: [
            "status", "content type", "types", "histogram", "unit", "older content type", "older samples",
            "predictions",
          ])
      }
    }
  }
}
