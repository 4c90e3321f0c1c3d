import Domain
import Glibc
import Store
import Testing
import UnixSocket
import Wire

extension ProcessTests {
  @Suite struct StartTests {
    @Test func `a second daemon on one directory is refused with a sentence, and the first notices nothing`()
      async throws
    {
      try await withDaemon { first in
        let second = try TestedDaemon(Folder(sharing: first.folder))
        #expect(try await second.child.ended() == .exited(75))
        #expect(first.log.contains("another kaizend runs on \(first.folder.path)"))
        #expect(first.folder.has("run/infer.sock"))
        #expect(first.folder.has("run/control.sock"))
        let answer = try await first.ask(try TestLine.infer("p", x: 1))
        #expect(answer.status == 200)
        #expect(try PartAnswer(answer).recorded)
      }
    }

    @Test func `socket files of a killed daemon do not stop the next`() async throws {
      let folder = try Folder()
      let first = try TestedDaemon(folder)
      try await first.ready()
      try await first.stop(SIGKILL)
      #expect(folder.has("run/infer.sock"), "a killed daemon cannot remove its sockets")
      let second = try TestedDaemon(folder)
      try await second.ready()
      #expect(try await second.stop() == .exited(0))
    }

    @Test func `a state database of a newer version ends the start with 78`() async throws {
      let folder = try Folder()
      do { _ = try SQLiteRegistry.open(stateDirectory: folder.path) }
      var bytes = try folder.bytes(StoreFile.state)
      // PRAGMA user_version stands big-endian at byte 60 of the header (sqlite.org/fileformat2.html, 1.3).
      bytes.replaceSubrange(60..<64, with: [0, 0, 3, 231])
      try folder.write(StoreFile.state, bytes)
      let daemon = try TestedDaemon(folder)
      #expect(try await daemon.child.ended() == .exited(78))
      #expect(daemon.log.contains("newer kaizend"), "\(daemon.log)")
      #expect(try folder.bytes(StoreFile.state) == bytes)
    }

    @Test func `a state database of garbage ends the start with a sentence and stays as it is`() async throws {
      let folder = try Folder()
      let garbage = (0..<8192).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ ($0 >> 5)) }
      try folder.write(StoreFile.state, garbage)
      let daemon = try TestedDaemon(folder)
      let end = try await daemon.child.ended()
      #expect(end == .exited(74))
      #expect(daemon.log.contains("\(folder.path)/state.db"), "\(daemon.log)")
      #expect(try folder.bytes(StoreFile.state) == garbage)
      #expect(!folder.has("run/infer.sock"))
    }

    @Test func `a ledger of garbage is put into quarantine and serving goes on`() async throws {
      let folder = try Folder()
      let first = try TestedDaemon(folder)
      try await first.ready()
      try await first.add(TestLine.addition(LineSettings(mode: .observe)))
      #expect(try await first.stop() == .exited(0))
      let garbage = [UInt8](repeating: 0x5A, count: 12_288)
      for name in ["ledger.db-wal", "ledger.db-shm"] { unlink(folder.file(name)) }
      try folder.write(StoreFile.ledger, garbage)
      let second = try TestedDaemon(folder)
      try await second.ready()
      let answer = try await second.ask(try TestLine.infer("p", x: 1))
      #expect(try PartAnswer(answer).recorded)
      #expect(second.log.contains("the ledger was damaged"))
      let kept = try Folder.names(folder.file(StoreFile.quarantine)).filter { $0.hasSuffix("ledger.db") }
      #expect(kept.count == 1)
      #expect(try folder.bytes("\(StoreFile.quarantine)/\(kept.first ?? "")") == garbage)
      #expect(try await second.stop() == .exited(0))
    }

    @Test func `a bad configuration is told whole, with file and line, and a good one ends with 0`() async throws {
      let folder = try Folder()
      try folder.write(
        "config/kaizend.toml",
        """
        log_level = "loud"
        [limits]
        connections_max = 0
        conections_max = 5
        """)
      try folder.write("config/lines.d/press-1.toml", "mode = \"sometimes\"\ntarget_accuracy = 1.5\n")
      let program = try Programs.path("kaizend")
      let bad = try await run(program, ["--state-dir", folder.path, "--check-config"])
      #expect(bad.end == .exited(78))
      let places = [
        "kaizend.toml:1", "kaizend.toml:3", "kaizend.toml:4", "lines.d/press-1.toml:1", "lines.d/press-1.toml:2",
      ]
      for place in places { #expect(bad.errors.contains(folder.file("config/\(place)")), "\(place): \(bad.errors)") }
      #expect(!folder.has(StoreFile.state), "a check makes nothing")

      let start = try await run(program, ["--state-dir", folder.path])
      #expect(start.end == .exited(78))
      try folder.write("config/kaizend.toml", "log_level = \"notice\"\n[limits]\nconnections_max = 8\n")
      try folder.write("config/lines.d/press-1.toml", "mode = \"propose\"\ntarget_accuracy = 0.9\n")
      let good = try await run(program, ["--state-dir", folder.path, "--check-config"])
      #expect(good.end == .exited(0))
      #expect(good.output.contains("valid"))
    }
  }
}
