import Domain
import Foundation
import NeuralNet
import Testing
import UnixSocket
import Wire

extension ProcessTests {
  /// Students, lines and settings change under load: no answer fails, none is another student's.
  @Suite struct HotSwapTests {
    /// Odd versions say "good" where x > 0, even ones the opposite.
    private func label(_ version: Int, x: Float) -> String { (x > 0) == (version % 2 == 1) ? "good" : "bad" }

    private func student(sign: Float) throws -> ImportModelRequest {
      let shape = try StudentShape(inputCount: 2, hiddenWidths: [], classCount: 2)
      let student = try #require(
        Student(
          shape: shape, standardizer: Standardizer(identity: 2), parameters: [-0.5 * sign, 0.5 * sign, 0, 0, 0, 0]))
      return ImportModelRequest(
        student: OperatorCoding.base64(student.bytes), source: "a test", sha256: String(repeating: "0", count: 64))
    }

    private func expectFlawless(_ load: HotLoad, _ book: ServiceBook) {
      let answers = load.answers
      #expect(load.lost.isEmpty, "\(load.lost.prefix(3))")
      let failed = answers.filter { $0.status != 200 }
      #expect(failed.isEmpty, "\(failed.prefix(3))")
      let unexplained = answers.filter { !book.explains($0) }
      #expect(unexplained.isEmpty, "\(unexplained.count): \(unexplained.prefix(3))")
      let mislabelled = answers.filter { $0.label != label($0.version ?? 0, x: $0.x) }
      #expect(mislabelled.isEmpty, "\(mislabelled.count): \(mislabelled.prefix(3))")
    }

    @Test func `activation, rollback, reload, line add and refused students under load fail and falsify no answer`()
      async throws
    {
      try await withDaemon { daemon in
        let id = try TestLine.id()
        let load = HotLoad(connections: 6)
        let book = ServiceBook()
        async let loading: Void = load.run(daemon)
        defer { load.end() }
        for version in 2...3 {
          let reply: ImportModelReply = try await daemon.operate(
            .importModel(id, try student(sign: version % 2 == 1 ? 1 : -1)))
          #expect(reply.version == version)
        }
        let rounds = 8
        for round in 0..<rounds {
          try await activate(2, daemon, load, book)
          try await activate(3, daemon, load, book)
          // Each goes back to what it took the place of: 3 -> 2 -> 1, 2 or 3 of the round before.
          try await rollBack(to: 2, daemon, load, book)
          try await reload(round, daemon)
          try await refuse(daemon)
          try await rollBack(to: 1, daemon, load, book)
          let name = "extra-\(round)"
          try await daemon.add(TestLine.addition(LineSettings(mode: .observe), name: name, width: 8))
          let metadata = try await daemon.ask(.modelReady(try LineID(name), nil))
          #expect(metadata.status == 200, "a line serves when its addition is answered")
        }
        load.end()
        await loading
        expectFlawless(load, book)
        print("\(load.answers.count) answers over \(rounds * 4) changes of students, none failed, none another's")
        #expect(try await kaizenctl(daemon.folder, "audit", "verify").end == .exited(0))
      }
    }

    private func activate(_ version: Int, _ daemon: TestedDaemon, _ load: HotLoad, _ book: ServiceBook) async throws {
      let id = try TestLine.id()
      try await book.change(to: version) {
        let _: PromoteReply = try await daemon.operate(.promote(id, PromoteRequest(version: version, reason: nil)))
      }
      try await answers(of: version, load)
    }

    private func rollBack(to version: Int, _ daemon: TestedDaemon, _ load: HotLoad, _ book: ServiceBook) async throws {
      let id = try TestLine.id()
      try await book.change(to: version) {
        let reply: RollbackReply = try await daemon.operate(.rollback(id, RollbackRequest(cell: nil, reason: nil)))
        #expect(reply.changes.allSatisfy { $0.to == version })
      }
      try await answers(of: version, load)
    }

    /// Until the student has answered some parts, so that every change is met under way.
    private func answers(of version: Int, _ load: HotLoad) async throws {
      let before = load.count(of: version)
      try await eventually("answers of student \(version)") { load.count(of: version) > before + 20 ? true : nil }
    }

    private func reload(_ round: Int, _ daemon: TestedDaemon) async throws {
      let mode = round % 2 == 0 ? "propose" : "observe"
      try daemon.folder.write(
        "config/kaizend.toml", "[limits]\nconnections_max = \(100 + round)\nrequest_deadline_ms = \(5000 + round)\n")
      try daemon.folder.write("config/lines.d/press-1.toml", "mode = \"\(mode)\"\n")
      let reply: ReloadReply = try await daemon.operate(.reload)
      #expect(
        reply.lines == (round == 0 || reply.changes.contains { $0.key == "lines.press-1.mode" } ? ["press-1"] : []))
      #expect(reply.problems.isEmpty && reply.needsRestart.isEmpty)
      let lines: LinesReply = try await daemon.operate(.lines)
      #expect(lines.lines.first { $0.line == "press-1" }?.mode == mode)
    }

    /// Bytes that are no student, a student of other features, and one that is not there.
    private func refuse(_ daemon: TestedDaemon) async throws {
      let id = try TestLine.id()
      let wide = Student(
        shape: try StudentShape(inputCount: 3, hiddenWidths: [], classCount: 2),
        standardizer: Standardizer(identity: 3),
        seed: 1)
      for bytes in [[UInt8](repeating: 0x5A, count: 4096), [], wide.bytes] {
        let request = ImportModelRequest(
          student: OperatorCoding.base64(bytes), source: "garbage", sha256: String(repeating: "0", count: 64))
        #expect(try await daemon.answer(to: .importModel(id, request)).status == 400)
      }
      let missing = OperatorCall.promote(id, PromoteRequest(version: 99, reason: nil))
      #expect(try await daemon.answer(to: missing).status == 404)
    }

    @Test func `the gate's promotion of a retrained student under load fails and falsifies no answer`() async throws {
      let trainer = "trainer_path = \"\(try Programs.path("kaizen-trainer"))\"\n"
      try await withDaemon(config: trainer, line: PlantDays.settings) { daemon in
        var days = PlantDays(daemon)
        try await days.stream(days: 8, flipped: false)
        let load = HotLoad(connections: 1)
        let book = ServiceBook()
        async let loading: Void = load.run(daemon)
        defer { load.end() }
        try await answers(of: 1, load)
        try await book.change(["B"], to: 2) {
          try await days.stream(days: 8, flipped: true)
          try await eventually(within: .seconds(120), "the promotion") {
            let reply: ModelsReply = try await daemon.operate(.models(try TestLine.id()))
            return reply.models.contains { $0.role == "scoped" } ? true : nil
          }
        }
        try await answers(of: 2, load)
        try await rollBackScoped(daemon, book)
        try await answers(of: 1, load)
        load.end()
        await loading
        expectFlawless(load, book)
        print("\(load.answers.count) answers over a promotion and its rollback, none failed, none another's")
      }
    }

    private func rollBackScoped(_ daemon: TestedDaemon, _ book: ServiceBook) async throws {
      try await book.change(["B"], to: 1) {
        let reply: RollbackReply = try await daemon.operate(
          .rollback(try TestLine.id(), RollbackRequest(cell: "product=B", reason: nil)))
        #expect(reply.changes == [RouteChange(cell: "product=B", from: 2, to: 1)])
      }
    }
  }
}
