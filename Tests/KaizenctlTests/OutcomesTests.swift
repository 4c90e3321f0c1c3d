import ControlText
import Domain
import Foundation
import Testing
import Wire

@Suite struct OutcomesTests {
  /// Joins everything but `conflict-...` and labels that are no class.
  private static let script: ScriptedDaemon.Script = { call throws(WireFault) in
    guard case .outcomes(_, let items) = call else { return try Plant.script(call) }
    let rows = items.map { item in
      let status: OutcomeStatus =
        item.id.hasPrefix("conflict")
        ? .conflict : Plant.row.classes.contains(item.label.text) ? .joined : .unknownLabel
      return OutcomesReply.Row(id: item.id, status: status)
    }
    return OutcomesReply(rows: rows).response
  }

  private func sent(_ daemon: ScriptedDaemon) -> [[OutcomeItem]] {
    daemon.calls.compactMap { if case .outcomes(_, let items) = $0 { items } else { nil } }
  }

  private func write(_ text: String, _ name: String, _ daemon: ScriptedDaemon) throws -> String {
    let file = daemon.folder.appending(path: name)
    try Data(text.utf8).write(to: file)
    return file.path
  }

  @Test func `a file goes out in batches of 500 and its rows are counted by status`() async throws {
    try await ScriptedDaemon.with(Self.script) { daemon in
      let rows = (1...1203).map { "S-\($0),\($0.isMultiple(of: 2) ? "good" : "dent"),2026-11-01" }
      let file = try write("part,truth,when\n" + rows.joined(separator: "\n"), "out.csv", daemon)
      let ended = try await daemon.command(
        "outcomes", "import", "press-3", file, "--id-column", "part", "--label-column", "truth", "--observed-at-column",
        "when", "--source", "audit", "--amend")
      #expect(ended.code == 0, "\(ended.errors)")
      #expect(ended.output.contains("1,203 joined to their predictions"))
      let batches = sent(daemon)
      #expect(batches.map(\.count) == [500, 500, 203])
      #expect(
        batches[1][0]
          == OutcomeItem(
            id: "S-501", label: .text("dent"), observedAt: Timestamp("2026-11-01T00:00:00Z"), source: "audit",
            amends: true))
    }
  }

  @Test func `rows the daemon does not store are listed with their numbers, and the end is 65`() async throws {
    try await ScriptedDaemon.with(Self.script) { daemon in
      let file = try write("id,label\nS-1,good\nconflict-2,good\nS-3,godo\n", "out.csv", daemon)
      let ended = try await daemon.command("outcomes", "import", "press-3", file)
      #expect(ended.code == 65)
      #expect(ended.output.contains("row 2 (conflict-2): another label is stored"))
      #expect(ended.output.contains("row 3 (S-3): \"godo\" is not a class"))
      let json = try await daemon.command("outcomes", "import", "press-3", file, "--json")
      let object = try #require(jsonObject(json.output))
      #expect(object["schema"] as? Int == 1)
      #expect(object["rejected_rows"] as? Int == 2)
      #expect((object["statuses"] as? [[String: Any]])?.count == 3)
    }
  }

  @Test func `a dry run checks labels and sends nothing`() async throws {
    try await ScriptedDaemon.with(Self.script) { daemon in
      let good = try write("id,label\nS-1,good\n", "good.csv", daemon)
      let bad = try write("id,label\nS-1,good\nS-2,x\n", "bad.csv", daemon)
      let passed = try await daemon.command("outcomes", "import", "press-3", good, "--dry-run")
      #expect(passed.code == 0)
      #expect(passed.output.contains("1 outcome of"))
      let failed = try await daemon.command("outcomes", "import", "press-3", bad, "--dry-run")
      #expect(failed.code == 65)
      #expect(failed.output.contains("1 row would not be stored"))
      #expect(sent(daemon).isEmpty)
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
