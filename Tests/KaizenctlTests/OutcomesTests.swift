import ControlText
import Domain
import Foundation
import Synchronization
import Testing
import Wire

@Suite struct OutcomesTests {
  /// Joins everything but `conflict-...` and labels that are no class.
  private static let script: ScriptedDaemon.Script = { call throws(WireFault) in
    switch call {
    case .outcomes(_, let items), .checkOutcomes(_, let items): return answer(items)
    default: return try Plant.script(call)
    }
  }

  private static func answer(_ items: [OutcomeItem]) -> WireResponse {
    let rows = items.map { item in
      let status: OutcomeStatus =
        item.id.hasPrefix("conflict")
        ? .conflict : Plant.row.classes.contains(item.label.text) ? .joined : .unknownLabel
      return OutcomesReply.Row(id: item.id, status: status)
    }
    return OutcomesReply(rows: rows).response
  }

  /// Answers so many batches, then says that it is not ready.
  private static func script(batches: Int, thenRefusing refusals: Int) -> ScriptedDaemon.Script {
    let asked = Mutex(0)
    return { call throws(WireFault) in
      guard case .outcomes(_, let items) = call else { return try script(call) }
      let number = asked.withLock { count in
        count += 1
        return count
      }
      if number > batches && number <= batches + refusals { throw .notReady("the disk is full.") }
      return answer(items)
    }
  }

  private func tried(_ daemon: ScriptedDaemon) -> [[OutcomeItem]] {
    daemon.calls.compactMap { if case .checkOutcomes(_, let items) = $0 { items } else { nil } }
  }

  private func sent(_ daemon: ScriptedDaemon) -> [[OutcomeItem]] {
    daemon.calls.compactMap { if case .outcomes(_, let items) = $0 { items } else { nil } }
  }

  private func write(_ text: String, _ name: String, _ daemon: ScriptedDaemon) throws -> String {
    let file = daemon.folder.appending(path: name)
    try Data(text.utf8).write(to: file)
    return file.path
  }

  @Test func `a file goes out in batches of 2000 and its rows are counted by status`() async throws {
    try await ScriptedDaemon.with(Self.script) { daemon in
      let rows = (1...4203).map { "S-\($0),\($0.isMultiple(of: 2) ? "good" : "dent"),2026-11-01" }
      let file = try write("part,truth,when\n" + rows.joined(separator: "\n"), "out.csv", daemon)
      let ended = try await daemon.command(
        "outcomes", "import", "press-3", file, "--id-column", "part", "--label-column", "truth", "--observed-at-column",
        "when", "--source", "audit", "--amend")
      #expect(ended.code == 0, "\(ended.errors)")
      #expect(ended.output.contains("4,203 joined to their predictions"))
      let batches = sent(daemon)
      #expect(batches.map(\.count) == [2000, 2000, 203])
      #expect(
        batches[1][0]
          == OutcomeItem(
            id: "S-2001", label: .text("dent"), observedAt: Timestamp("2026-11-01T00:00:00Z"), source: "audit",
            amends: true))
    }
  }

  @Test func `rows the daemon does not store are listed with their numbers, and the end is 65`() async throws {
    try await ScriptedDaemon.with(Self.script) { daemon in
      let file = try write("id,label\nS-1,good\nconflict-2,good\nS-3,godo\n", "out.csv", daemon)
      let ended = try await daemon.command("outcomes", "import", "press-3", file)
      #expect(ended.code == 65)
      #expect(ended.output.contains("row 2 (conflict-2): another label is in force"))
      #expect(ended.output.contains("row 3 (S-3): \"godo\" is not a class"))
      let json = try await daemon.command("outcomes", "import", "press-3", file, "--json")
      let object = try #require(jsonObject(json.output))
      #expect(object["schema"] as? Int == 1)
      #expect(object["rejected_rows"] as? Int == 2)
      #expect((object["statuses"] as? [[String: Any]])?.count == 3)
    }
  }

  @Test func `a dry run asks what each row would become and stores nothing`() async throws {
    try await ScriptedDaemon.with(Self.script) { daemon in
      let good = try write("id,label\nS-1,good\n", "good.csv", daemon)
      let bad = try write("id,label\nS-1,good\nS-2,x\n,good\nS-3,dent\nS-1,dent\n", "bad.csv", daemon)
      let passed = try await daemon.command("outcomes", "import", "press-3", good, "--dry-run")
      #expect(passed.code == 0)
      #expect(passed.output.contains("1 outcome of"))
      let failed = try await daemon.command("outcomes", "import", "press-3", bad, "--dry-run")
      #expect(failed.code == 65)
      #expect(failed.output.contains("2 rows would not be taken"))
      #expect(failed.output.contains("row 3: the part's id is empty"))
      #expect(sent(daemon).isEmpty)
      #expect(
        tried(daemon).map { $0.map(\.id) } == [["S-1"], ["S-2", "S-3"], ["S-1", "S-1"]], "one part, one request")
    }
  }

  @Test func `wrong rows are passed over where that is asked for, and every refused row is in the report`() async throws
  {
    try await ScriptedDaemon.with(Self.script) { daemon in
      let file = try write(
        "id,label,way,p\nS-1,good,audit,0.05\n,good,,\nS-3,\"a,\"\"b\"\"\",audit,\nS-4,good,audit,7\nconflict-5,dent,,\n"
          + "S-6,dent\n", "out.csv", daemon)
      let report = daemon.folder.appending(path: "report.csv").path
      let refused = try await daemon.command("outcomes", "import", "press-3", file, "--probability-column", "p")
      #expect(refused.code == 65)
      #expect(refused.errors.contains("row 2: the part's id is empty, the first of 3 such rows. Nothing was sent"))
      #expect(sent(daemon).isEmpty)
      let ended = try await daemon.command(
        "outcomes", "import", "press-3", file, "--skip-bad", "--report", report, "--channel-column", "way",
        "--probability-column", "p", "--source", "customer")
      #expect(ended.code == 65)
      #expect(ended.output.contains("3 that are no outcomes, passed over"))
      #expect(ended.errors.contains("5 rows of \(file) were not taken"))
      let items = try #require(sent(daemon).first)
      #expect(items.map(\.source) == ["audit", "audit", "customer"])
      #expect(items.map(\.samplingProbability) == [0.05, nil, nil])
      let lines = try String(contentsOfFile: report, encoding: .utf8).split(separator: "\n").map(String.init)
      #expect(lines.first == "row,id,label,channel,status,why")
      #expect(lines.dropFirst().map { $0.prefix(while: { $0 != "," }) } == ["2", "4", "6", "3", "5"])
      #expect(lines.contains { $0.hasPrefix("3,S-3,\"a,\"\"b\"\"\",audit,unknown_label,") })
      #expect(lines.contains { $0.hasPrefix("5,conflict-5,dent,customer,conflict,") })
    }
  }

  @Test func `an import that cannot go on says where it stands and how to go on`() async throws {
    let rows = (1...5000).map { "S-\($0),good" }.joined(separator: "\n")
    try await ScriptedDaemon.with(Self.script(batches: 2, thenRefusing: 1)) { daemon in
      let file = try write("part,label\n" + rows, "it's.csv", daemon)
      let command = ["outcomes", "import", "press-3", file, "--id-column", "part", "--source", "audit", "--skip-bad"]
      let ended = try await daemon.command(command + ["--retry-seconds", "0"])
      #expect(ended.code == 75)
      #expect(ended.output.contains("4,000 joined"))
      #expect(ended.errors.contains("the disk is full. The rows before row 4001 of"))
      #expect(
        ended.errors.contains(
          "Next: kaizenctl outcomes import press-3 '\(daemon.folder.path)/it'\\''s.csv' --id-column part "
            + "--source audit --skip-bad --from-row 4001"), "\(ended.errors)")
      let rest = try await daemon.command(command + ["--from-row", "4001"])
      #expect(rest.code == 0)
      #expect(rest.output.contains("1,000 joined"))
      #expect(sent(daemon).last?.first?.id == "S-4001")
    }
  }

  @Test func `a daemon that is away for a moment is asked again`() async throws {
    try await ScriptedDaemon.with(Self.script(batches: 1, thenRefusing: 2)) { daemon in
      let rows = (1...3000).map { "S-\($0),good" }.joined(separator: "\n")
      let file = try write("id,label\n" + rows, "out.csv", daemon)
      let ended = try await daemon.command("outcomes", "import", "press-3", file)
      #expect(ended.code == 0, "\(ended.errors)")
      #expect(ended.output.contains("3,000 joined"))
      #expect(sent(daemon).map(\.count) == [2000, 1000, 1000, 1000])
    }
  }

  @Test func `Ctrl-C ends an import with the row it stands at`() async throws {
    try await ScriptedDaemon.with(Self.script(batches: 1, thenRefusing: .max - 1)) { daemon in
      let rows = (1...3000).map { "S-\($0),good" }.joined(separator: "\n")
      let file = try write("id,label\n" + rows, "out.csv", daemon)
      let running = try daemon.command.start(["outcomes", "import", "press-3", file])
      while sent(daemon).count < 2 { try await Task.sleep(for: .milliseconds(2)) }
      running.process.interrupt()
      let ended = try await running.ended()
      #expect(ended.code == 130)
      #expect(ended.errors.contains("--from-row 2001"), "\(ended.errors)")
    }
  }

  @Test func `lines of JSON may write ids and labels as numbers and leave times out`() async throws {
    try await ScriptedDaemon.with(Self.script) { daemon in
      let text = """
        {"id": 8412, "label": "good", "observed_at": "2026-11-01T06:00:00+01:00", "note": [1, 2]}

        {"id": "S-2", "label": "dent", "observed_at": null}
        """
      let file = try write(text, "out.jsonl", daemon)
      let ended = try await daemon.command("outcomes", "import", "press-3", file)
      #expect(ended.code == 0, "\(ended.errors)")
      #expect(
        sent(daemon) == [
          [
            OutcomeItem(id: "8412", label: .text("good"), observedAt: Timestamp("2026-11-01T05:00:00Z")),
            OutcomeItem(id: "S-2", label: .text("dent")),
          ]
        ])
    }
  }

  @Test func `lines of JSON may be compressed`() async throws {
    try await ScriptedDaemon.with(Self.script) { daemon in
      let plain = try write(
        "{\"id\": \"S-1\", \"label\": \"good\", \"by\": \"audit\", \"p\": 0.5}\n", "out.jsonl", daemon)
      let gzip = Process()
      gzip.executableURL = URL(filePath: "/bin/gzip")
      gzip.arguments = [plain]
      try gzip.run()
      gzip.waitUntilExit()
      let ended = try await daemon.command(
        "outcomes", "import", "press-3", plain + ".gz", "--channel-column", "by", "--probability-column", "p")
      #expect(ended.code == 0, "\(ended.errors)")
      #expect(
        sent(daemon) == [
          [OutcomeItem(id: "S-1", label: .text("good"), source: "audit", samplingProbability: 0.5)]
        ])
    }
  }

  @Test(arguments: [
    ("a.csv", "id,label\nS-1,good\n,good\n", "row 2"), ("b.csv", "id,label\nS-1,good\nS-2\n", "row 2"),
    ("c.csv", "id,label\nS-1,\n", "row 1"), ("d.csv", "part,label\nS-1,good\n", "\"id\""),
    ("e.csv", "id,label,observed_at\nS-1,good,yesterday\n", "row 1"), ("f.csv", "", "empty"),
    ("g.jsonl", "{\"id\": \"S-1\", \"label\": \"good\"}\n{\"id\": \"S-2\"}\n", "row 2"),
    ("h.jsonl", "{\"id\": \"S-1\", \"label\": \"good\"", "row 1"), ("i.jsonl", "[1]\n", "row 1"),
    ("j.jsonl", "{\"id\": \"S-1\", \"label\": \"good\", \"observed_at\": 7}", "row 1"),
    ("k.jsonl", String(repeating: "x", count: 200_000), "longer than"),
    ("l.csv", "id,label\n" + String(repeating: "S", count: 129) + ",good\n", "longer than 128"),
  ])
  func `a wrong row is 65 with its number, and nothing is sent`(name: String, text: String, sentence: String)
    async throws
  {
    try await ScriptedDaemon.with(Self.script) { daemon in
      let ended = try await daemon.command("outcomes", "import", "press-3", try write(text, name, daemon))
      #expect(ended.code == 65, "\(ended.errors)")
      #expect(ended.errors.contains(sentence), "\(ended.errors)")
      #expect(sent(daemon).isEmpty)
    }
  }

  @Test func `a file that is not there is 66, one of an unknown kind 64`() async throws {
    try await ScriptedDaemon.with(Self.script) { daemon in
      for name in ["/nowhere/x.csv", "/nowhere/x.jsonl"] {
        let missing = try await daemon.command("outcomes", "import", "press-3", name)
        #expect(missing.code == 66)
      }
      let unknown = try await daemon.command("outcomes", "import", "press-3", "/nowhere/x.xlsx")
      #expect(unknown.code == 64)
    }
  }
}
