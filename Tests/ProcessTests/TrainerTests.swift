import Domain
import Foundation
import Glibc
import Synchronization
import Testing
import UnixSocket
import Wire

/// Asks one part of each product without pause and keeps what was answered.
private final class Watch: Sendable {
  private let answers = Mutex<Set<String>>([])
  private let isOver = Atomic(false)

  var distinct: Set<String> { answers.withLock { $0 } }
  func end() { isOver.store(true, ordering: .releasing) }

  func run(_ daemon: TestedDaemon) async throws {
    let client = try await daemon.client()
    var number = 0
    while !isOver.load(ordering: .acquiring) {
      for product in ["A", "B"] {
        let answer = try await client.send(
          try TestLine.infer("watch-\(product)\(number)", x: 0.8, product: product).outgoing)
        let told = try? PartAnswer(answer)
        let text = "\(product) \(answer.status) \(told?.label ?? "-") \(told?.version ?? "-")"
        answers.withLock { _ = $0.insert(text) }
      }
      number += 1
    }
    await client.close()
  }
}

extension ProcessTests {
  @Suite struct TrainerTests {
    /// - Parameter script: stands in for `kaizen-trainer`.
    private func withPlant(
      trainer script: String? = nil, _ body: (TestedDaemon, inout PlantDays) async throws -> Void
    ) async throws {
      let scripts = try Folder()
      var program = try Programs.path("kaizen-trainer")
      if let script {
        try scripts.write("trainer", "#!/bin/sh\n\(script)\n")
        program = scripts.file("trainer")
        chmod(program, 0o700)
      }
      try await withDaemon(config: "trainer_path = \"\(program)\"\n", line: PlantDays.settings) { daemon in
        var days = PlantDays(daemon)
        try await days.stream(days: 8, flipped: false)
        #expect(try await runs(daemon).isEmpty, "nothing lags while nothing is wrong")
        try await body(daemon, &days)
      }
    }

    private func runs(_ daemon: TestedDaemon) async throws -> [RunRow] {
      let reply: RunsReply = try await daemon.operate(.runs(try TestLine.id()))
      return reply.runs.filter { $0.kind == "retrain" }
    }

    private func endedRun(_ daemon: TestedDaemon) async throws -> RunRow {
      try await eventually(within: .seconds(120), "the end of a run") {
        try await runs(daemon).first { $0.endedAt != nil }
      }
    }

    private func models(_ daemon: TestedDaemon) async throws -> [ModelRow] {
      let reply: ModelsReply = try await daemon.operate(.models(try TestLine.id()))
      return reply.models
    }

    @Test func `a trainer that is killed ends its run as failed, and serving does not notice`() async throws {
      try await withPlant(trainer: "kill -KILL $$") { daemon, days in
        let watch = Watch()
        async let watching: Void = watch.run(daemon)
        try await days.stream(days: 6, flipped: true)
        let run = try await endedRun(daemon)
        watch.end()
        try await watching
        #expect(run.state == "failed")
        #expect(run.cells == ["product=B"])
        #expect(run.sentence.contains("signal 9"), "\(run.sentence)")
        #expect(watch.distinct == ["A 200 good 1", "B 200 good 1"])
        #expect(try await models(daemon).map(\.role) == ["champion"])
        let told = try await kaizenctl(daemon.folder, "explain", "\(run.run)")
        #expect(told.end == .exited(0))
        #expect(told.output.replacing("\n", with: " ").contains("signal 9"), "\(told.output)")
        #expect(try await kaizenctl(daemon.folder, "audit", "verify").end == .exited(0))
      }
    }

    @Test(arguments: [SIGTERM, SIGKILL])
    func `a run that the daemon's stop broke off is told as interrupted, one that its death broke off goes on`(
      signal: Int32
    )
      async throws
    {
      try await withPlant(trainer: "echo $$ > \"$3/pid\"; exec sleep 1000") { daemon, days in
        try await days.stream(days: 6, flipped: true)
        let pid = try await eventually("the trainer's start") { () -> pid_t? in
          let text = try? daemon.folder.text("pid")
          return text.flatMap { pid_t($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
        }
        if signal == SIGTERM {
          #expect(try await daemon.stop() == .exited(0))
        } else {
          try await daemon.stop(SIGKILL)
          // The real trainer sees that its daemon is gone; this one does not look.
          kill(pid, SIGKILL)
        }
        try await eventually("the trainer's end") { kill(pid, 0) != 0 ? true : nil }
        let again = try TestedDaemon(daemon.folder)
        try await again.ready()
        let run = try #require(try await runs(again).last)
        #expect(run.state == (signal == SIGTERM ? "interrupted" : "training"))
        #expect(try await models(again).map(\.role) == ["champion"])
        let part = try PartAnswer(try await again.ask(try TestLine.infer("after", x: 0.8, product: "B")))
        #expect(part.version == "1")
        let trail: AuditReply = try await again.operate(.audit(line: nil, run: run.run, group: nil, limit: 100))
        #expect(trail.entries.last?.event == (signal == SIGTERM ? "retrain_ended" : "retrain_resumed"))
        #expect(try await kaizenctl(again.folder, "audit", "verify").end == .exited(0))
        #expect(try await again.stop() == .exited(0))
      }
    }

    @Test func `the real trainer learns what changed, for the lagging cell alone, and explain says why`() async throws {
      try await withPlant { daemon, days in
        try await days.stream(days: 8, flipped: true)
        let start = ContinuousClock.now
        let run = try await endedRun(daemon)
        print("the job ended as \(run.state) within \(ContinuousClock.now - start) of its last part")
        let told = try await kaizenctl(daemon.folder, "explain", "\(run.run)")
        try #require(run.state == "promoted", "\(told.output)")
        #expect(run.groups == ["product=B"])
        #expect(run.version == 2)
        let rows = try await models(daemon).sorted { $0.version < $1.version }
        #expect(rows.map(\.role) == ["champion", "scoped"])
        #expect(rows.last?.cells == ["product=B"])
        let healthy = try PartAnswer(try await daemon.ask(try TestLine.infer("after-a", x: 0.8, product: "A")))
        #expect(healthy.version == "1")
        #expect(healthy.label == "good")
        let mended = try PartAnswer(try await daemon.ask(try TestLine.infer("after-b", x: 0.8, product: "B")))
        #expect(mended.version == "2")
        #expect(mended.label == "bad")
        #expect(told.end == .exited(0))
        let story = told.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        for words in ["product=B", "newly right", "McNemar", "promoted"] {
          #expect(story.contains(words), "\(words) is missing: \(story)")
        }

        #expect(try await daemon.stop() == .exited(0))
        let again = try TestedDaemon(daemon.folder)
        try await again.ready()
        let kept = try PartAnswer(try await again.ask(try TestLine.infer("again-b", x: 0.8, product: "B")))
        #expect(kept.version == "2", "the route is there after a restart")
        #expect(try await kaizenctl(again.folder, "audit", "verify").end == .exited(0))
        try await again.stop()
      }
    }
  }
}
