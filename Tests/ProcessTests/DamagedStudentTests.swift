import Domain
import NeuralNet
import Testing
import UnixSocket
import Wire

extension ProcessTests {
  /// Bytes of a student that are no longer what was stored: its line says so, and nobody else notices.
  @Suite struct DamagedStudentTests {
    /// Adds a byte to a stored student, or takes it away again.
    private func alter(_ folder: Folder, line: String, version: Int, mend: Bool = false) async throws {
      let program = try #require(Programs.installed("sqlite3"), "make setup installs sqlite3")
      let bytes = mend ? "substr(bytes, 1, length(bytes) - 1)" : "CAST(bytes || x'00' AS BLOB)"
      let ran = try await run(
        program,
        [
          "-cmd", ".timeout 5000", folder.file("state.db"),
          "UPDATE model SET bytes = \(bytes) WHERE line = '\(line)' AND version = \(version)",
        ])
      try #require(ran.end == .exited(0), "\(ran.errors)")
    }

    private func ask(_ daemon: TestedDaemon, _ part: String, line: String = "press-1") async throws -> WireResponse {
      let request = InferRequest(id: part, parameters: ["product": .text("A")], inputs: [TestLine.features([0.8])])
      return try await daemon.ask(.infer(try LineID(line), nil, request))
    }

    /// The index, an entry a text; whoever is not ready says why, as a request for it would be told.
    private func states(_ daemon: TestedDaemon, readyOnly: Bool = false) async throws -> [String] {
      let answer = try await daemon.ask(.repositoryIndex(readyOnly: readyOnly))
      let entries = try #require(try JSONValue(parsing: answer.body).elements)
      return entries.map { entry in
        let (state, reason) = (entry["state"]?.text ?? "", entry["reason"]?.text ?? "")
        #expect(state == "READY" ? reason.isEmpty : reason.contains("is out of service"), "\(reason)")
        return "\(entry["name"]?.text ?? "") \(entry["version"]?.text ?? "") \(state)"
      }
    }

    @Test func `a line whose student is damaged at the start is out of service alone, and a reload brings it back`()
      async throws
    {
      let folder = try Folder()
      let first = try TestedDaemon(folder)
      try await first.ready()
      for name in ["press-1", "press-2"] {
        try await first.add(
          TestLine.addition(LineSettings(mode: .observe), name: name, width: name == "press-1" ? nil : 8))
      }
      #expect(try await first.stop() == .exited(0))
      try await alter(folder, line: "press-2", version: 1)

      let daemon = try TestedDaemon(folder)
      try await daemon.ready()
      #expect(try PartAnswer(try await ask(daemon, "a")).label == "good")
      let refused = try await ask(daemon, "b", line: "press-2")
      #expect(refused.status == 503)
      #expect(refused.errorSentence.contains("line press-2 is out of service"), "\(refused.errorSentence)")
      #expect(try await daemon.ask(.modelReady(try LineID("press-2"), nil)).status == 503)
      #expect(try await states(daemon) == ["press-1 1 READY", "press-2 1 UNAVAILABLE"])
      #expect(try await states(daemon, readyOnly: true) == ["press-1 1 READY"])
      let outcome = InferenceCall.outcomes(try LineID("press-2"), [OutcomeItem(id: "b", label: .text("good"))])
      #expect(try await daemon.ask(outcome).status == 503, "it may be sent again")
      let status = try await daemon.status()
      #expect(status.outOfService?.count == 1 && status.lines.map(\.line) == ["press-1"])
      #expect(status.headline.hasPrefix("1 line out of service (press-2)"), "\(status.headline)")
      #expect(try await kaizenctl(folder, "runs").end == .exited(0))
      #expect(
        try await daemon.answer(to: .addLine(try TestLine.addition(LineSettings(), name: "press-2"))).status == 409)
      let still: ReloadReply = try await daemon.operate(.reload)
      #expect(still.reopened.isEmpty && still.problems.count == 1)
      #expect(try await states(daemon) == ["press-1 1 READY", "press-2 1 UNAVAILABLE"])

      try await alter(folder, line: "press-2", version: 1, mend: true)
      let reply: ReloadReply = try await daemon.operate(.reload)
      #expect(reply.reopened == ["press-2"] && reply.problems.isEmpty)
      #expect(try await states(daemon) == ["press-1 1 READY", "press-2 1 READY"])
      #expect(try await ask(daemon, "b", line: "press-2").status == 200)
      #expect(try await daemon.status().outOfService == nil)
      #expect(try await daemon.stop() == .exited(0))
    }

    @Test func `a student damaged while it serves goes on serving, and a reload says so`() async throws {
      try await withDaemon { daemon in
        try await alter(daemon.folder, line: "press-1", version: 1)
        let reply: ReloadReply = try await daemon.operate(.reload)
        #expect(reply.problems.count == 1)
        #expect(reply.problems.first?.contains("the one in memory serves on") == true, "\(reply.problems)")
        #expect(try PartAnswer(try await ask(daemon, "a")).label == "good")
      }
    }

    @Test func `a damaged student that was activated by hand gives its parts back at the start, durably and audited`()
      async throws
    {
      let folder = try Folder()
      let first = try TestedDaemon(folder)
      try await first.ready()
      try await first.add(TestLine.addition(LineSettings(mode: .observe)))
      let student = Student(
        shape: try StudentShape(inputCount: 2, hiddenWidths: [4], classCount: 2),
        standardizer: Standardizer(identity: 2),
        seed: 1)
      let id = try TestLine.id()
      let request = ImportModelRequest(
        student: OperatorCoding.base64(student.bytes), source: "a test", sha256: String(repeating: "0", count: 64))
      let _: ImportModelReply = try await first.operate(.importModel(id, request))
      let _: PromoteReply = try await first.operate(.promote(id, PromoteRequest(version: 2, reason: nil)))
      #expect(try PartAnswer(try await ask(first, "a")).version == "2")
      #expect(try await first.stop() == .exited(0))
      try await alter(folder, line: "press-1", version: 2)

      for round in 1...2 {
        let daemon = try TestedDaemon(folder)
        try await daemon.ready()
        #expect(try PartAnswer(try await ask(daemon, "b\(round)")).version == "1")
        let audit: AuditReply = try await daemon.operate(.audit(line: id, run: nil, group: nil, limit: 100))
        let told = audit.entries.filter { $0.event == "model_rolled_back" }
        #expect(told.count == 1 && told.first?.login == "kaizend", "told once, also after another start")
        #expect(told.first?.sentence.contains("given back from student 2 to student 1") == true)
        #expect(try await kaizenctl(folder, "audit", "verify").end == .exited(0))
        #expect(try await daemon.stop() == .exited(0))
      }
    }
  }
}
