import Domain
import Foundation
import Testing
import Wire

/// `kaizenctl check` as a monitoring system runs it.
@Suite struct CheckTests {
  private static func script(_ status: StatusReply, _ rows: [GroupRow]) -> ScriptedDaemon.Script {
    { call throws(WireFault) in
      switch call {
      case .status: OperatorCoding.response(status)
      case .alarms:
        OperatorCoding.response(AlarmsReply(alarms: rows.map { AlarmRow(line: "press-3", group: $0) }))
      default: throw .unknownPath("scripted")
      }
    }
  }

  @Test func `a lagging group is 2 with its figures`() async throws {
    try await ScriptedDaemon.with(Self.script(Plant.laggingStatus, [Plant.lagging])) { daemon in
      for arguments in [["check"], ["check", "press-3"], ["check", "press-3", "--timeout", "5"]] {
        let ended = try await daemon.command(arguments)
        #expect(ended.code == 2)
        #expect(ended.errors.isEmpty)
        let lines = ended.output.split(separator: "\n")
        let expected =
          "KAIZEN CRITICAL - press-3 product=A7 81.2% < 85% (n=212) | wga=0.812;;0.85:;0;1 lagging=1;;;0 "
          + "watch=0;;;0 unlabelled=0.31;;;0;1 ledger=4096B;;;0"
        #expect(String(lines.first ?? "") == expected)
        #expect(lines.count == 2)
      }
      let json = try await daemon.command("check", "--json")
      #expect(json.code == 2)
      #expect(jsonObject(json.output)?["schema"] as? Int == 1)
      #expect(jsonObject(json.output)?["word"] as? String == "CRITICAL")
    }
  }

  @Test func `watch is 1, silence and order are 0, no evidence is 3`() async throws {
    var watch = Plant.lagging
    watch.state = "watch"
    try await ScriptedDaemon.with(Self.script(Plant.laggingStatus, [watch])) { daemon in
      for (ranges, code) in [([], 1), (["--critical", "0.85:"], 2), (["-w", "0.5:", "-c", "0.4:"], 1)] {
        let ended = try await daemon.command(["check"] + ranges)
        #expect(Int(ended.code) == code)
      }
    }
    var silenced = Plant.lagging
    silenced.silencedUntil = "2026-12-01T00:00:00Z"
    try await ScriptedDaemon.with(Self.script(Plant.laggingStatus, [silenced])) { daemon in
      let ended = try await daemon.command("check")
      #expect(ended.code == 0)
      #expect(ended.output.hasPrefix("KAIZEN OK - worst press-3 product=A7 81.2% (n=212) (1 silenced"))
      #expect(ended.output.contains("\nLAGGING press-3 product=A7"))
    }
    var known = Plant.lagging
    known.acknowledged = MarkRow(by: "anna", at: "2026-11-24T08:00:00Z", reason: "lamp")
    try await ScriptedDaemon.with(Self.script(Plant.laggingStatus, [known])) { daemon in
      let counted = try await daemon.command("check")
      let left = try await daemon.command("check", "--leave-out-acknowledged")
      #expect((counted.code, left.code) == (2, 0))
    }
    try await ScriptedDaemon.with(Self.script(Plant.status, [])) { daemon in
      let ended = try await daemon.command("check")
      #expect(ended.code == 3)
      #expect(ended.output.hasPrefix("KAIZEN UNKNOWN - no group has enough labels to be judged | lagging=0"))
      let other = try await daemon.command("check", "weld")
      #expect(other.code == 3)
    }
  }

  @Test func `whatever goes wrong is 3 and one line on standard output`() async throws {
    for arguments in [
      ["check"], ["check", "--warning", "high"], ["check", "--timeout", "0"], ["check", "Press 3"],
      ["--state-dir", "/nowhere", "check", "--nonsense"],
    ] {
      let ended = try await Command(environment: ["KAIZEN_STATE_DIR": "/nowhere/env"])(arguments)
      #expect(ended.code == 3)
      #expect(ended.output.hasPrefix("KAIZEN UNKNOWN - "), "\(ended.output)")
      #expect(ended.output.split(separator: "\n").count == 1)
    }
    let refusing: ScriptedDaemon.Script = { _ throws(WireFault) in throw .forbidden("only operators may") }
    try await ScriptedDaemon.with(refusing) { daemon in
      let ended = try await daemon.command("check")
      #expect(ended.code == 3)
      #expect(ended.output == "KAIZEN UNKNOWN - only operators may.\n")
    }
  }
}
