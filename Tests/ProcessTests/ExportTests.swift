import Domain
import Foundation
import Glibc
import Testing
import UnixSocket
import Wire

extension ProcessTests {
  @Suite struct ExportTests {
    private static let python = Programs.installed("python3")

    /// What Python's own readers find: of each file its name, rows, different parts and labelled rows.
    private func read(_ folder: String) async throws -> [String] {
      let python = try #require(Self.python)
      let ran = try await run(
        python, [ClientProgram.file("Tests/ProcessTests/Clients/read_export.py"), folder], within: .seconds(60))
      #expect(ran.end == .exited(0), "\(ran.output)\(ran.errors)")
      return ran.output.split(separator: "\n").map { String($0) }
    }

    @Test(.enabled(if: python != nil, "python3 is not installed"), arguments: ["csv", "jsonl", "parquet-csv"])
    func `every row of the ledger is in the files once, as Python reads them`(_ format: String) async throws {
      try await withDaemon { daemon in
        let folder = daemon.folder
        try await daemon.fill(parts: 12_000)
        // What makes a row hard to read, and outcomes of every kind.
        for part in ["quo\"ted", "com,ma", "two words", "ünï"] {
          _ = try await daemon.ask(try TestLine.infer(part, x: .leastNormalMagnitude, product: "a,b"))
        }
        _ = try await daemon.ask(try TestLine.outcome("never-came", "bad"))
        _ = try await daemon.ask(
          .outcomes(try TestLine.id(), [OutcomeItem(id: "fill-1000000", label: .text("good"), amends: true)]))
        _ = try await daemon.ask(
          .outcomes(try TestLine.id(), [OutcomeItem(id: "fill-1000000", label: .text("bad"), amends: true)]))
        let ran = try await kaizenctl(
          folder, "export", "press-1", "--to", folder.file("e"), "--format", format, "--features", "--outcomes")
        #expect(ran.end == .exited(0), "\(ran.errors)")
        let ledger = try RawRows(folder.file("ledger.db"))
        let parts = try ledger.number("SELECT count(*) FROM prediction")
        let known = try ledger.number("SELECT count(*) FROM outcome")
        let amended = try ledger.number("SELECT count(*) FROM outcome_history")
        #expect(parts == 12_004 && known == 6000 && amended > 0)
        let suffix = format == "jsonl" ? "jsonl" : "csv"
        #expect(
          try await read(folder.file("e")) == [
            "parts.\(suffix) \(parts) \(parts) \(known)",
            "outcomes.\(suffix) \(known + 1 + amended) \(known + 1) \(known + 1 + amended)",
          ])
        let again = try await kaizenctl(folder, "export", "press-1", "--to", folder.file("e"), "--format", format)
        #expect(again.end == .exited(74), "files that are there are not written over")
      }
    }

    @Test(.enabled(if: python != nil, "python3 is not installed"))
    func `time and group choose rows, and what cannot be is refused`() async throws {
      try await withDaemon { daemon in
        let folder = daemon.folder
        try await daemon.fill(parts: 3000)
        let middle = try RawRows(folder.file("ledger.db")).texts(
          "SELECT strftime('%Y-%m-%dT%H:%M:%fZ', time / 1e6 + 0.001, 'unixepoch') FROM prediction WHERE id = 1500")[0]
        for (options, name) in [(["--since", middle], "late"), (["--until", middle], "early")] {
          let ran = try await kaizenctl(folder, ["export", "press-1", "--to", folder.file(name)] + options)
          #expect(ran.end == .exited(0), "\(ran.errors)")
        }
        func rows(_ name: String) async throws -> Int {
          try #require(Int(try await read(folder.file(name))[0].split(separator: " ")[1]))
        }
        #expect(try await rows("late") + rows("early") == 3000)
        let one = try await kaizenctl(
          folder, "export", "press-1", "--to", folder.file("a"), "--group", "product=A", "--outcomes")
        #expect(one.end == .exited(0), "\(one.errors)")
        #expect(try await rows("a") == 1002)
        let wrong = try await kaizenctl(folder, "export", "press-1", "--to", folder.file("b"), "--group", "colour=A")
        #expect(wrong.end == .exited(65), "\(wrong.errors)")
        #expect(try await kaizenctl(folder, "export", "nobody", "--to", folder.file("b")).end == .exited(66))
      }
    }

    @Test(.enabled(if: python != nil, "python3 is not installed"))
    func `an export goes on after a restart of the daemon`() async throws {
      let folder = try Folder()
      let first = try TestedDaemon(folder)
      try await first.ready()
      try await first.add(TestLine.addition(LineSettings(mode: .observe)))
      try await first.fill(parts: 100_000)
      let exporting = try Child(
        try Programs.path("kaizenctl"),
        ["--state-dir", folder.path, "export", "press-1", "--to", folder.file("e"), "--features"],
        output: folder.file("export.out"), errors: folder.file("export.err"))
      try await eventually("the first page") {
        let size = (try? FileManager.default.attributesOfItem(atPath: folder.file("e/parts.csv"))[.size]) as? Int
        return size ?? 0 > 200 ? true : nil
      }
      #expect(try await first.stop(SIGKILL) == .signaled(SIGKILL))
      let wasUnderWay = exporting.end == nil
      let second = try TestedDaemon(folder)
      try await second.ready()
      #expect(try await exporting.ended(within: .seconds(60)) == .exited(0))
      #expect(try await read(folder.file("e")) == ["parts.csv 100000 100000 50000"])
      print("the export was \(wasUnderWay ? "under way" : "over") when the daemon was killed")
      try await second.stop(SIGKILL)
    }

    @Test(.enabled(if: python != nil, "python3 is not installed"))
    func `the audit trail can be proved without kaizend, and against the journal`() async throws {
      let python = try #require(Self.python)
      try await withDaemon { daemon in
        let folder = daemon.folder
        for name in ["two", "three", "four"] {
          try await daemon.add(TestLine.addition(LineSettings(mode: .observe), name: name))
        }
        let ran = try await kaizenctl(folder, "audit", "export", "--to", folder.file("a.jsonl"))
        #expect(ran.end == .exited(0), "\(ran.errors)")
        let script = ClientProgram.file("Tests/ProcessTests/Clients/audit_chain.py")
        let proof = try await run(python, [script, folder.file("a.jsonl")])
        #expect(proof.end == .exited(0) && proof.output == "4 entries fit\n", "\(proof.output)\(proof.errors)")
        let text = try folder.text("a.jsonl")
        try folder.write("b.jsonl", text.replacingOccurrences(of: "line two added", with: "line too added"))
        #expect(try await run(python, [script, folder.file("b.jsonl")]).errors.contains("entry 2 does not fit"))

        // What systemd would have kept of each entry, as `journalctl -o json` writes it.
        let hashes = text.split(separator: "\n").map { $0.suffix(66).prefix(64) }
        func journal(_ lines: [String]) throws { try folder.write("j", lines.joined(separator: "\n") + "\n") }
        func told(_ number: Int, _ hash: some StringProtocol) -> String {
          "{\"MESSAGE\":[1,2],\"KAIZEN_AUDIT_SEQ\":\"\(number)\",\"KAIZEN_AUDIT_HASH\":\"\(hash)\"}"
        }
        let all = hashes.enumerated().map { told($0 + 1, $1) } + ["{\"MESSAGE\":\"other\"}"]
        func verify() async throws -> (Child.End, String) {
          let ran = try await kaizenctl(folder, "audit", "verify", "--journal", folder.file("j"), "--json")
          return (ran.end, ran.output)
        }
        try journal(all)
        var (end, output) = try await verify()
        #expect(end == .exited(0) && output.contains("\"anchors\":4"), "\(output)")
        try journal(all + [told(3, String(repeating: "0", count: 64)), told(9, hashes[0])])
        (end, output) = try await verify()
        #expect(end == .exited(65) && output.contains("\"first_broken_seq\":9"), "the first word of an entry counts")
        try journal([all[0], told(2, String(repeating: "0", count: 64)), all[2]])
        (end, output) = try await verify()
        #expect(end == .exited(65) && output.contains("\"first_broken_seq\":2"), "\(output)")
        try folder.write("j", "no json\n")
        #expect(try await verify().0 == .exited(65))
      }
    }
  }
}
