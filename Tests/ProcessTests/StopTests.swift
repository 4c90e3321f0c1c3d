import Domain
import Foundation
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
      #expect(daemon.log.contains("everything answered is recorded"))

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

    /// A pipeline is read ahead of its answers, so a stop in the middle of one is where an answer could get lost.
    @Test func `SIGTERM in the middle of pipelines answers exactly the parts that are stored`() async throws {
      for round in 0..<5 {
        let folder = try Folder()
        let daemon = try TestedDaemon(folder)
        try await daemon.ready()
        try await daemon.add(TestLine.addition(LineSettings(mode: .observe)))
        let sockets = (0..<8).compactMap { _ in RawSocket(daemon.infer) }
        for (number, socket) in sockets.enumerated() {
          socket.write(try (0..<60).map { try TestLine.pipelined("p\(number)-\($0)") }.joined())
        }
        if round > 0 { try await eventually("a stored part") { try await daemon.predictions() > 0 ? true : nil } }
        daemon.child.signal(SIGTERM)
        let answered = sockets.map { $0.readAll().components(separatedBy: "HTTP/1.1 200 ").count - 1 }
        #expect(try await daemon.child.ended() == .exited(0))
        let again = try TestedDaemon(folder)
        try await again.ready()
        #expect(try await again.predictions() == answered.reduce(0, +), "answered: \(answered)")
        try await again.stop()
      }
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
