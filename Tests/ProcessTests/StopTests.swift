import Domain
import Glibc
import Testing
import UnixSocket
import Wire

extension ProcessTests {
  @Suite struct StopTests {
    /// What was read is answered, what is answered is stored, and nothing is stored that was not answered.
    @Test func `SIGTERM under load answers what was read, leaves no socket and serves the same student again`()
      async throws
    {
      let folder = try Folder()
      let load = Load(connections: 16)
      let daemon = try TestedDaemon(folder)
      try await daemon.ready()
      try await daemon.add(TestLine.addition(LineSettings(mode: .observe)))
      let before: ModelsReply = try await daemon.operate(.models(try TestLine.id()))
      async let streaming: Void = load.stream(at: daemon, prefix: "t")
      try await eventually("four hundred answers") { load.answered >= 400 ? true : nil }
      #expect(try await daemon.stop() == .exited(0))
      await streaming
      #expect(!folder.has("run/infer.sock"))
      #expect(!folder.has("run/control.sock"))
      #expect(daemon.log.contains("everything answered is in the ledger"))

      let again = try TestedDaemon(folder)
      try await again.ready()
      let seen = load.now
      #expect(seen.surprises.isEmpty, "\(seen.surprises.prefix(5))")
      #expect(try await again.predictions() == seen.answers.count, "stored and answered are the same parts")
      #expect(try await load.changedAnswers(at: again).isEmpty)
      #expect(try await again.predictions() == seen.answers.count)
      #expect(try await again.operate(.models(try TestLine.id())) == before)
      #expect(try await again.stop() == .exited(0))
    }

    @Test func `SIGTERM while nothing is asked ends within a second, and SIGINT does the same`() async throws {
      for signal in [SIGTERM, SIGINT] {
        try await withDaemon { daemon in
          let idle = try await daemon.client()
          _ = try await idle.send(InferenceCall.live.outgoing)
          let start = ContinuousClock.now
          #expect(try await daemon.stop(signal) == .exited(0))
          // A connection that is open but silent must not hold the daemon up for its whole drain limit of 10 s.
          #expect(ContinuousClock.now - start < .seconds(5))
          await idle.close()
        }
      }
    }
  }
}
