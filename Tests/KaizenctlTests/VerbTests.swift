import ControlText
import Domain
import Foundation
import Synchronization
import Testing
import Wire

private let plain = TextStyle(colours: false)

@Suite struct VerbTests {
  @Test func `status is the text of the reply, and its very bytes as JSON`() async throws {
    try await ScriptedDaemon.with(Plant.script) { daemon in
      let text = try await daemon.command("status")
      #expect(text.code == 0)
      #expect(text.output == Plant.status.text(plain) + "\n")
      #expect(text.errors.isEmpty)
      let json = try await daemon.command("status", "--json")
      #expect(json.output == String(decoding: try OperatorCoding.bytes(Plant.status), as: UTF8.self) + "\n")
      let quiet = try await daemon.command("status", "--quiet")
      #expect(quiet.code == 0)
      #expect(quiet.output.isEmpty)
    }
  }

  @Test(arguments: [
    ["status", "press-3"], ["groups"], ["groups", "press-3"], ["lines"], ["lines", "press-3"],
    ["retrain", "press-3"], ["retrain", "press-3", "--wait"], ["runs"], ["models"], ["models", "press-3"],
    ["promote", "press-3", "2", "--reason", "trial"], ["rollback", "press-3"], ["approve", "7"],
    ["reject", "7", "--reason", "not before the audit"], ["retrain", "press-3", "--whole", "--dry-run"],
    ["explain", "7"],
    ["explain", "press-3", "product=A7"], ["why", "product=A7"], ["alarms"], ["alarms", "press-3"],
    ["groups", "--all"], ["groups", "aliases"], ["groups", "retire", "press-3", "product=A7", "--reason", "r"],
    ["groups", "unalias", "press-3", "product=A7-b", "--reason", "r"],
    ["alarms", "unsilence", "press-3", "product=A7", "--reason", "r"], ["audit", "show"], ["audit", "verify"],
    ["reload"], ["outcomes", "coverage"], ["outcomes", "coverage", "press-3"], ["slices"],
    ["slices", "press-3", "--by"],
    ["slices", "press-3", "--adopt", "product=A7,heat>=60.5", "--reason", "asked for"],
  ])
  func `every verb gives one JSON object with its schema, or lines within 80 columns`(arguments: [String]) async throws
  {
    try await ScriptedDaemon.with(Plant.script) { daemon in
      let json = try await daemon.command(arguments + ["--json"])
      #expect(json.code == 0, "\(json.errors)")
      #expect(jsonObject(json.output)?["schema"] as? Int == 1)
      let text = try await daemon.command(arguments)
      #expect(text.code == 0)
      #expect(!text.output.isEmpty)
      #expect(!text.output.contains("\u{1B}"), "no colours where nobody looks")
      #expect(text.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }
  }

  @Test func `a line that is not there is 66, with the lines that are`() async throws {
    try await ScriptedDaemon.with(Plant.script) { daemon in
      for arguments in [
        ["status", "weld"], ["lines", "weld"], ["predict", "weld", "heat=1"], ["outcomes", "import", "weld", "x.csv"],
      ] {
        let ended = try await daemon.command(arguments)
        #expect(ended.code == 66)
        #expect(ended.errors.contains("its lines are press-3"))
        #expect(ended.errors.contains("Next: kaizenctl lines"))
      }
    }
  }

  @Test(arguments: [
    (WireFault.badMessage("the group is not one"), 65), (.forbidden("only operators may"), 77),
    (.unknownLine("press-3"), 66), (.refused("run 11 is training already"), 75),
    (.internalFailure("the disk broke"), 70), (.queueFull(retryAfterSeconds: 2), 75),
    (.deadlinePassed(milliseconds: 5), 75),
  ])
  func `what the daemon refuses is said in its words with a code of its own`(fault: WireFault, code: Int) async throws {
    let script: ScriptedDaemon.Script = { _ throws(WireFault) in throw fault }
    try await ScriptedDaemon.with(script) { daemon in
      let ended = try await daemon.command("retrain", "press-3", "--json")
      #expect(Int(ended.code) == code)
      #expect(ended.output.isEmpty)
      #expect(ended.errors.contains(fault.sentence))
    }
  }

  @Test func `a reload tells what changed, and a wrong configuration is 78 with every fault on a line of its own`()
    async throws
  {
    try await ScriptedDaemon.with(Plant.script) { daemon in
      let text = try await daemon.command("reload")
      #expect(
        text.output == """
          The configuration was read again: 1 setting changed.
          changed: limits.connections_max: 256 -> 8
          lines with new settings: press-3
          needs a restart: sockets.infer.path: "/run/a" -> "/run/b"

          """)
      #expect(daemon.calls == [.reload])
    }
    let faults = "the configuration is wrong:\na.toml:1 mode: must be one of two\nb.toml:2 modes: unknown key"
    try await ScriptedDaemon.with({ _ throws(WireFault) in throw .refused(faults) }) { daemon in
      let ended = try await daemon.command("reload")
      #expect(ended.code == 78)
      #expect(ended.errors == "kaizenctl: \(faults).\n")
    }
  }

  @Test func `words of the command line arrive as they were typed`() async throws {
    try await ScriptedDaemon.with(Plant.script) { daemon in
      let line = try LineID("press-3")
      let group = "product=A7%20long,camera=2&x=ü"
      _ = try await daemon.command("explain", "press-3", group, "--json")
      _ = try await daemon.command("audit", "show", "--line", "press-3", "--run", "4", "--group", group, "--limit", "7")
      _ = try await daemon.command("audit", "show")
      _ = try await daemon.command("retrain", "press-3", "--group", group, "--group", "b", "--dry-run")
      _ = try await daemon.command("rollback", "press-3", "--cell", group, "--reason", "too many false alarms")
      _ = try await daemon.command("runs", "press-3")
      _ = try await daemon.command("retrain", "press-3", "--whole")
      _ = try await daemon.command("approve", "7")
      _ = try await daemon.command("approve", "8", "--reason", "seen on the wall")
      _ = try await daemon.command("reject", "9", "--reason", "not before the audit")
      _ = try await daemon.command("promote", "press-3", "2", "--reason", "trial")
      _ = try await daemon.command(
        "promote", "press-3", "3", "--cell", group, "--cell", "product=B", "--reason", "trial")
      #expect(
        daemon.calls == [
          .explainGroup(line, group: group), .audit(line: line, run: 4, group: group, limit: 7),
          .audit(line: nil, run: nil, group: nil, limit: OperatorCall.auditLimitDefault),
          .retrain(line, RetrainRequest(groups: [group, "b"], dryRun: true)),
          .rollback(line, RollbackRequest(cell: group, reason: "too many false alarms")), .runs(line),
          .retrain(line, RetrainRequest(groups: [], dryRun: false, scope: .whole)),
          .approve(run: 7, ApproveRequest(reason: nil)),
          .approve(run: 8, ApproveRequest(reason: "seen on the wall")),
          .reject(run: 9, RejectRequest(reason: "not before the audit")),
          .promote(line, PromoteRequest(version: 2, reason: "trial")),
          .promote(line, PromoteRequest(version: 3, cells: [group, "product=B"], reason: "trial")),
        ])
    }
  }

  @Test(arguments: [
    ("promoted", 0), ("kept", 0), ("awaiting", 0), ("shadow", 0), ("failed", 70), ("interrupted", 70),
  ])
  func `waiting follows a job to its end, and no trial after it`(end: String, code: Int) async throws {
    let looks = Mutex(0)
    let script: ScriptedDaemon.Script = { call throws(WireFault) in
      guard case .runs = call else { return try Plant.script(call) }
      let look = looks.withLock { count in
        count += 1
        return count
      }
      return OperatorCoding.response(RunsReply(runs: [Plant.run(look == 1 ? "training" : end)]))
    }
    try await ScriptedDaemon.with(script) { daemon in
      let ended = try await daemon.command("retrain", "press-3", "--wait")
      #expect(Int(ended.code) == code)
      let told = end == "awaiting" ? "waits for approval" : end
      #expect(ended.output.contains("run 12  press-3  retrain  \(told)"))
      #expect(ended.errors.contains("training"))
      #expect(looks.withLock { $0 } == 2)
      let json = try await daemon.command("retrain", "press-3", "--wait", "--json")
      let object = try #require(jsonObject(json.output))
      #expect(object["schema"] as? Int == 1)
      #expect((object["retrain"] as? [String: Any])?["run"] as? Int == 12)
      #expect((object["run"] as? [String: Any])?["state"] as? String == end)
    }
  }

  @Test func `what is decided about a run says what to look at next`() async throws {
    try await ScriptedDaemon.with(Plant.script) { daemon in
      let approved = try await daemon.command("approve", "7")
      #expect(approved.output == "Student 4 goes into shadow.\nNext: kaizenctl status press-3\n")
      let rejected = try await daemon.command("reject", "7", "--reason", "no")
      #expect(rejected.output == "Student 4 was given up.\nNext: kaizenctl explain 7\n")
      let served = try await daemon.command("promote", "press-3", "4", "--cell", "product=A7", "--reason", "trial")
      #expect(served.output == "It serves.\n    product=A7: v1 -> v4\n")
    }
  }

  @Test(arguments: [
    (WireFault.unknownRun(7), 66, "kaizenctl runs"),
    (
      .refused("run 7 does not wait for approval: it was promoted; 'kaizenctl explain 7' tells its story"), 65,
      "explain 7"
    ),
  ])
  func `a run that cannot be approved is told with the next command`(fault: WireFault, code: Int, next: String)
    async throws
  {
    try await ScriptedDaemon.with({ _ throws(WireFault) in throw fault }) { daemon in
      for words in [["approve", "7"], ["reject", "7", "--reason", "no"]] {
        let ended = try await daemon.command(words)
        #expect(Int(ended.code) == code)
        #expect(ended.errors.contains(next), "\(ended.errors)")
      }
    }
  }

  @Test func `a broken audit log ends with 65 after its reply`() async throws {
    let script: ScriptedDaemon.Script = { _ throws(WireFault) in
      OperatorCoding.response(
        AuditVerifyReply(intact: false, rows: 9, firstBrokenSeq: 4, sentence: "The chain breaks."))
    }
    try await ScriptedDaemon.with(script) { daemon in
      let ended = try await daemon.command("audit", "verify", "--json")
      #expect(ended.code == 65)
      #expect(jsonObject(ended.output)?["first_broken_seq"] as? Int == 4)
    }
  }

  @Test func `lines names features and classes of the one line asked for`() async throws {
    var other = Plant.row
    other.line = "weld"
    other.features = ["current"]
    let rows = [Plant.row, other]
    let script: ScriptedDaemon.Script = { _ throws(WireFault) in OperatorCoding.response(LinesReply(lines: rows)) }
    try await ScriptedDaemon.with(script) { daemon in
      let text = try await daemon.command("lines", "weld").output
      #expect(text.contains("\nfeatures: current\nclasses: good, scratch, dent\n"))
      #expect(!text.contains("press-3"))
      let json = try await daemon.command("lines", "weld", "--json")
      #expect((jsonObject(json.output)?["lines"] as? [[String: Any]])?.map { $0["line"] as? String } == ["weld"])
    }
  }

  @Test(arguments: ["groups", "models"])
  func `a verb wants a name where there are several lines`(verb: String) async throws {
    var other = Plant.row
    other.line = "weld"
    let rows = [Plant.row, other]
    let script: ScriptedDaemon.Script = { _ throws(WireFault) in OperatorCoding.response(LinesReply(lines: rows)) }
    try await ScriptedDaemon.with(script) { daemon in
      let ended = try await daemon.command(verb)
      #expect(ended.code == 64)
      #expect(ended.errors.contains("press-3, weld"))
      #expect(ended.errors.contains("Next: kaizenctl \(verb) press-3"))
    }
  }

  @Test func `an answer that is no reply is 70 and blames no one's data`() async throws {
    let script: ScriptedDaemon.Script = { _ throws(WireFault) in WireResponse(body: Array("{\"schema\":1}".utf8)) }
    try await ScriptedDaemon.with(script) { daemon in
      let ended = try await daemon.command("status")
      #expect(ended.code == 70)
      #expect(ended.errors.contains("version"))
    }
  }
}
