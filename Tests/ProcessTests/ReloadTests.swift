import Domain
import Glibc
import Testing
import UnixSocket
import Wire

extension ProcessTests {
  @Suite struct ReloadTests {
    private func settingsEntries(_ daemon: TestedDaemon) async throws -> [AuditRow] {
      let audit: AuditReply = try await daemon.operate(.audit(line: nil, run: nil, group: nil, limit: 1000))
      return audit.entries.filter { $0.event == "settings_changed" }
    }

    @Test func `a reload changes what it can, says what waits for a restart, and the audit names who asked`()
      async throws
    {
      try await withDaemon { daemon in
        try daemon.folder.write(
          "config/kaizend.toml",
          """
          log_level = "warning"
          [sockets.infer]
          path = "\(daemon.folder.file("other.sock"))"
          [limits]
          body_bytes_max = 2048
          connections_max = 2
          queue_rows_max = 16
          [defaults]
          target_accuracy = 0.9
          """)
        let told = try await kaizenctl(daemon.folder, "reload", "--json")
        #expect(told.end == .exited(0), "\(told.errors)")
        let reply: ReloadReply = try OperatorCoding.message(from: Array(told.output.utf8))
        #expect(
          reply.changes.map(\.key) == [
            "log_level", "limits.body_bytes_max", "limits.connections_max", "limits.queue_rows_max",
            "defaults.target_accuracy",
          ])
        #expect(reply.needsRestart.map(\.key) == ["sockets.infer.path"])
        #expect(reply.lines == ["press-1"])
        try await holds(daemon)

        let again: ReloadReply = try await daemon.operate(.reload)
        #expect(again.changes.isEmpty && again.lines.isEmpty)
        #expect(again.needsRestart.map(\.key) == ["sockets.infer.path"], "still waiting")
        let entries = try await settingsEntries(daemon)
        #expect(entries.map(\.line) == [nil, "press-1"])
        #expect(entries.allSatisfy { $0.uid == Int(getuid()) && $0.login != "kaizend" })
        #expect(entries.first?.sentence.contains("limits.connections_max: 256 -> 2") == true)
        #expect(entries.last?.sentence.contains("target_accuracy 0.9") == true)
      }
    }

    /// The new limits, on connections made after the reload.
    private func holds(_ daemon: TestedDaemon) async throws {
      let lines: LinesReply = try await daemon.operate(.lines)
      #expect(lines.lines.first?.targetAccuracy == 0.9)
      let large = try TestLine.infer(String(repeating: "p", count: 4096), x: 1)
      #expect(try await daemon.ask(large).status == 413)
      // The daemon's own connection is one of the two.
      let busy = try await eventually("a refused connection") { () -> WireResponse? in
        let clients = [try await daemon.client(), try await daemon.client(), try await daemon.client()]
        var refused: WireResponse?
        for client in clients {
          let answer = try? await client.send(InferenceCall.live.outgoing)
          if answer?.status == 503 { refused = answer }
        }
        for client in clients { await client.close() }
        return refused
      }
      #expect(busy.errorSentence.contains("all 2 connections"))
    }

    @Test func `a wrong configuration is refused whole, with every fault, and the one before stays in force`()
      async throws
    {
      try await withDaemon { daemon in
        try daemon.folder.write("config/kaizend.toml", "log_level = \"loud\"\n[limits]\nconnections_max = 1\n")
        try daemon.folder.write("config/lines.d/press-1.toml", "target_accuracy = 7\nmode = \"propose\"\n")
        let told = try await kaizenctl(daemon.folder, "reload")
        #expect(told.end == .exited(78))
        #expect(told.errors.contains("kaizend.toml:1 log_level"), "\(told.errors)")
        #expect(told.errors.contains("press-1.toml:1 target_accuracy"), "\(told.errors)")
        // Sound by itself, but not with what the line was added with.
        try daemon.folder.write("config/kaizend.toml", "")
        try daemon.folder.write("config/lines.d/press-1.toml", "gate_rows_minimum = 5000\n")
        let conflict = try await daemon.answer(to: .reload)
        #expect(conflict.status == 409)
        #expect(conflict.errorSentence.contains("line press-1: gate_rows_minimum"), "\(conflict.errorSentence)")
        let lines: LinesReply = try await daemon.operate(.lines)
        #expect(lines.lines.first?.mode == "observe")
        #expect(try await settingsEntries(daemon).isEmpty, "nothing changed, so nothing is audited")
        #expect(daemon.log.contains("event=reload_refused"))
      }
    }

    @Test func `SIGHUP is a reload by the daemon itself, told to systemd as RELOADING with its time and then READY`()
      async throws
    {
      let folder = try Folder()
      let socket = try NotifySocket(folder.file("notify"))
      let daemon = try TestedDaemon(folder, environment: ["NOTIFY_SOCKET": socket.path])
      _ = try await socket.waitFor("READY=1")
      try await daemon.add(TestLine.addition(LineSettings(mode: .observe)))
      try folder.write("config/lines.d/press-1.toml", "mode = \"propose\"\n")
      daemon.child.signal(SIGHUP)
      let reloading = try await socket.waitFor("RELOADING=1\nMONOTONIC_USEC=")
      let time = reloading.message.split(separator: "=").last.flatMap { Int64($0) }
      #expect((time ?? 0) > 0)
      _ = try await socket.waitFor("READY=1")
      let lines: LinesReply = try await daemon.operate(.lines)
      #expect(lines.lines.first?.mode == "propose", "READY comes when the new settings hold")
      #expect(try await settingsEntries(daemon).map(\.login) == ["kaizend"])
      // A refused one ends with READY too: the daemon serves on.
      try folder.write("config/lines.d/press-1.toml", "mode = \"never\"\n")
      daemon.child.signal(SIGHUP)
      _ = try await socket.waitFor("RELOADING=1")
      _ = try await socket.waitFor("READY=1")
      #expect(try await daemon.stop() == .exited(0))
    }
  }
}
