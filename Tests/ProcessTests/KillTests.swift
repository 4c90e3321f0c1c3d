import Domain
import Engine
import Glibc
import Store
import Testing

extension ProcessTests {
  @Suite struct KillTests {
    /// Nothing answered is lost, nothing is counted twice, and a start needs nobody's help.
    @Test func `kill -9 twenty times under load loses no answered part`() async throws {
      try await kill(times: 20, in: try Folder())
    }

    @Test func `nor does it where each answer waits for the disk`() async throws {
      let folder = try Folder()
      try folder.write("config/kaizend.toml", "[ledger]\ndurability = \"power\"\n")
      try await kill(times: 5, in: folder)
    }

    private func kill(times: Int, in folder: Folder) async throws {
      let load = Load(connections: 4)
      var starts: [Duration] = []
      for round in 0..<times {
        let daemon = try TestedDaemon(folder)
        starts.append(try await daemon.ready())
        if round == 0 { try await daemon.add(TestLine.addition(LineSettings(mode: .observe))) }
        let before = load.answered
        async let streaming: Void = load.stream(at: daemon, prefix: "r\(round)")
        // Early rounds die young, later ones with a log that was folded into the database under way.
        let wanted = 20 + round * 20
        try await eventually("\(wanted) answers in round \(round)") { load.answered >= before + wanted ? true : nil }
        #expect(try await daemon.stop(SIGKILL) == .signaled(SIGKILL))
        await streaming
      }
      let last = try TestedDaemon(folder)
      starts.append(try await last.ready())
      let slowest = try #require(starts.max())
      print("restart after kill -9 under load: slowest of \(starts.count) ready after \(slowest)")
      #expect(slowest < .seconds(5))

      let seen = load.now
      #expect(seen.surprises.isEmpty, "\(seen.surprises.prefix(5))")
      let stored = try await last.predictions()
      #expect(stored >= seen.answers.count)
      #expect(try await load.changedAnswers(at: last).isEmpty)
      #expect(try await last.predictions() == stored, "asking again stored nothing, so every answered part was there")

      let verdict = try await kaizenctl(folder, "audit", "verify")
      #expect(verdict.end == .exited(0), "\(verdict.output)\(verdict.errors)")
      #expect(try await last.stop() == .exited(0))
      try expectOutcomes(seen, in: folder)
      print("\(seen.answers.count) answered parts, \(stored) stored, \(seen.joined.count) outcomes")
    }

    /// Reads the ledger without the daemon: every outcome that was confirmed stands at its part, once.
    private func expectOutcomes(_ seen: Load.Seen, in folder: Folder) throws {
      let reader = try LedgerReader(path: folder.file(StoreFile.ledger))
      let end = try #require(Timestamp("2100-01-01"))
      let rows = try reader.labelledRows(
        line: try TestLine.id(), cells: TestLine.cells, since: Timestamp(microseconds: 0), until: end, limit: 1_000_000)
      let parts = rows.map(\.part)
      #expect(Set(parts).count == parts.count)
      #expect(seen.joined.subtracting(parts).isEmpty)
      let names = try TestLine.definition().classNames
      #expect(rows.filter { names[$0.label] != Load.label($0.part) }.isEmpty)
      #expect(try reader.findings().isEmpty)
    }
  }
}
