import Domain
import Testing
import Wire

extension ProcessTests {
  @Suite struct ApprovalTests {
    private func retraining(_ daemon: TestedDaemon, _ state: String) async throws -> RunRow {
      let id = try TestLine.id()
      return try await eventually(within: .seconds(120), "a run in the state \(state)") {
        let reply: RunsReply = try await daemon.operate(.runs(id))
        return reply.runs.first { $0.kind == "retrain" && $0.state == state }
      }
    }

    /// The student that answers a part of product B.
    private func server(_ daemon: TestedDaemon, _ part: String) async throws -> String? {
      try PartAnswer(try await daemon.ask(try TestLine.infer(part, x: 0.8, product: "B"))).version
    }

    private func succeeding(_ daemon: TestedDaemon, _ words: String...) async throws -> String {
      let ended = try await kaizenctl(daemon.folder, words)
      #expect(ended.end == .exited(0), "\(words): \(ended.errors)")
      return ended.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    @Test func `in mode propose a challenger waits, and serves once an operator says yes, until one takes it back`()
      async throws
    {
      var settings = PlantDays.settings
      settings.mode = .propose
      let trainer = "trainer_path = \"\(try Programs.path("kaizen-trainer"))\"\n"
      try await withDaemon(config: trainer, line: settings) { daemon in
        var days = PlantDays(daemon)
        try await days.stream(days: 8, flipped: false)
        try await days.stream(days: 8, flipped: true)
        let run = try await retraining(daemon, "awaiting")
        #expect(try await server(daemon, "before") == "1", "nobody has said yes")
        #expect(try await succeeding(daemon, "status").contains("waits for approval since"))
        let status = try await succeeding(daemon, "status", "press-1")
        #expect(status.contains("product=B: of ") && status.contains(" newly right and "), "\(status)")
        #expect(status.contains("kaizenctl approve \(run.run)"))
        #expect(try await succeeding(daemon, "models").contains("v2 trial"))
        let waiting = try await succeeding(daemon, "explain", "\(run.run)")
        #expect(waiting.contains("it waits for approval: kaizenctl approve \(run.run)"), "\(waiting)")

        let approved = try await succeeding(daemon, "approve", "\(run.run)", "--reason", "seen on the wall")
        #expect(approved.hasSuffix("Next: kaizenctl status press-1"), "\(approved)")
        #expect(try await server(daemon, "after") == "2")
        #expect(try await succeeding(daemon, "status").contains("student 2 serves product=B and is watched since"))
        let again = try await kaizenctl(daemon.folder, "approve", "\(run.run)")
        #expect(again.end == .exited(65) && again.errors.contains("kaizenctl explain \(run.run)"), "\(again.errors)")
        let late = try await kaizenctl(daemon.folder, "reject", "\(run.run)", "--reason", "no")
        #expect(late.end == .exited(65) && late.errors.contains("kaizenctl rollback press-1"), "\(late.errors)")
        let unknown = try await kaizenctl(daemon.folder, "approve", "99")
        #expect(unknown.end == .exited(66) && unknown.errors.contains("kaizenctl runs"), "\(unknown.errors)")

        _ = try await succeeding(daemon, "rollback", "press-1", "--cell", "product=B", "--reason", "trial over")
        #expect(try await server(daemon, "back") == "1")
        #expect(try await succeeding(daemon, "runs").contains("rolled back"))
        let story = try await succeeding(daemon, "explain", "\(run.run)")
        #expect(story.contains("seen on the wall") && story.contains("Its student was taken back"), "\(story)")
        _ = try await succeeding(
          daemon, "promote", "press-1", "2", "--cell", "product=B", "--reason", "second thoughts")
        #expect(try await server(daemon, "by hand") == "2")

        let trail = try await succeeding(daemon, "audit", "show")
        for event in ["promotion_awaits", "promotion_approved", "model_promoted", "model_rolled_back", "trial_ended"] {
          #expect(trail.contains(" \(event) "), "\(event)")
        }
        let metrics = try await succeeding(daemon, "metrics")
        #expect(metrics.contains(#"kaizen_line_promotions_total{line="press-1"} 2 "#), "\(metrics)")
        #expect(metrics.contains(#"kaizen_line_rollbacks_total{line="press-1"} 1 "#))
        #expect(try await kaizenctl(daemon.folder, "audit", "verify").end == .exited(0))
      }
    }
  }
}
