import Domain
import Foundation
import Testing
import Wire

/// What operators ask and say of groups, alarms and metrics.
@Suite struct GroupVerbTests {
  @Test func `marks and aliases arrive as they were typed`() async throws {
    try await ScriptedDaemon.with(Plant.script) { daemon in
      let line = try LineID("press-3")
      let group = "product=A7%20long,camera=2&x=ü"
      let reason = ["--reason", "the lamp is on its way"]
      for words in [
        ["alarms", "ack", "press-3", group], ["alarms", "reopen", "press-3", group],
        ["alarms", "silence", "press-3", group, "--until", "2026-12-01"],
        ["alarms", "unsilence", "press-3", group], ["groups", "retire", "press-3", group],
        ["groups", "restore", "press-3", group], ["groups", "alias", "press-3", "product=A=b", "A7"],
        ["groups", "unalias", "press-3", "product=A=b"],
      ] {
        let ended = try await daemon.command(words + reason)
        #expect(ended.code == 0, "\(ended.errors)")
        #expect(ended.output == "It is as you said.\n")
      }
      let text = reason[1]
      #expect(
        daemon.calls == [
          .setAlarm(line, AlarmRequest(group: group, action: .acknowledge, reason: text)),
          .setAlarm(line, AlarmRequest(group: group, action: .reopen, reason: text)),
          .setAlarm(line, AlarmRequest(group: group, action: .silence, until: "2026-12-01T00:00:00Z", reason: text)),
          .setAlarm(line, AlarmRequest(group: group, action: .unsilence, reason: text)),
          .markGroup(line, GroupMarkRequest(group: group, action: .retire, reason: text)),
          .markGroup(line, GroupMarkRequest(group: group, action: .restore, reason: text)),
          .setAlias(line, AliasRequest(attribute: "product", value: "A=b", standsFor: "A7", reason: text)),
          .setAlias(line, AliasRequest(attribute: "product", value: "A=b", standsFor: nil, reason: text)),
        ])
    }
  }

  @Test func `a silence in hours ends that many hours from now`() async throws {
    try await ScriptedDaemon.with(Plant.script) { daemon in
      let before = Date()
      _ = try await daemon.command(
        "alarms", "silence", "press-3", "product=A7", "--hours", "1.5", "--reason", "trial")
      guard case .setAlarm(_, let request) = daemon.calls.first else {
        Issue.record("no call")
        return
      }
      let until = try #require(request.until.flatMap { Timestamp($0) })
      let seconds = Double(until.microseconds) / 1e6 - before.timeIntervalSince1970
      #expect(seconds > 5398 && seconds < 5400 + Date().timeIntervalSince(before))
    }
  }

  @Test func `why and explain show the same of a group, in depth`() async throws {
    let script: ScriptedDaemon.Script = { call throws(WireFault) in
      guard case .explainGroup(_, let group) = call else { return try Plant.script(call) }
      var reply = ExplainReply(subject: group, sentences: ["It lags."], run: nil, report: nil, audit: [])
      reply.group = Plant.lagging
      reply.runs = []
      return OperatorCoding.response(reply)
    }
    try await ScriptedDaemon.with(script) { daemon in
      let why = try await daemon.command("why", "press-3", "product=A7")
      #expect(why.output.hasPrefix("press-3 product=A7 is LAGGING\n"))
      #expect(why.output.contains("81.2 % [75.0, 86.0] of the newest 212 labelled parts were right"))
      let explained = try await daemon.command("explain", "press-3", "product=A7")
      #expect(why.output == explained.output)
      let short = try await daemon.command("why", "product=A7")
      #expect(why.output == short.output, "the machine's only line")
    }
  }

  @Test func `plots are ASCII where the locale is`() async throws {
    let script: ScriptedDaemon.Script = { call throws(WireFault) in
      guard case .groups(let line) = call else { return try Plant.script(call) }
      var row = Plant.lagging
      row.days = [
        DayRow(day: "2026-11-01", correct: 9, wrong: 1), DayRow(day: "2026-11-03", correct: 10, wrong: 0),
      ]
      return OperatorCoding.response(GroupsReply(line: line.text, groups: [row]))
    }
    try await ScriptedDaemon.with(script) { daemon in
      func text(_ variables: [String: String]) async throws -> String {
        var command = daemon.command
        command.environment.merge(variables) { $1 }
        return try await command("groups").output
      }
      for variables in [["LC_ALL": "C.UTF-8"], ["LC_ALL": "", "LC_CTYPE": "de_DE.utf8"]] {
        let blocks = try await text(variables)
        #expect(blocks.contains("▁ █"))
      }
      for variables in [["LC_ALL": "C"], ["LC_ALL": "C.UTF-8", "TERM": "dumb"]] {
        let ascii = try await text(variables)
        #expect(ascii.contains("0 9"))
        #expect(ascii.unicodeScalars.allSatisfy { $0.isASCII })
      }
    }
  }

  @Test func `metrics are written in one step, for everyone to read, and nothing is left beside them`() async throws {
    try await ScriptedDaemon.with(Plant.script) { daemon in
      let printed = try await daemon.command("metrics")
      #expect(printed.output == metricsText(Plant.metrics, format: .openMetrics))
      let folder = daemon.folder.appending(path: "text")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let file = folder.appending(path: "kaizen.prom")
      try Data("old".utf8).write(to: file)
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
      let written = try await daemon.command("metrics", "--textfile", file.path)
      #expect(written.code == 0, "\(written.errors)")
      #expect(written.output.isEmpty)
      let text = try String(contentsOf: file, encoding: .utf8)
      #expect(text == metricsText(Plant.metrics, format: .prometheus))
      let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
      #expect(mode == 0o644)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["kaizen.prom"])
      let nowhere = try await daemon.command("metrics", "--textfile", "/nowhere/kaizen.prom")
      #expect(nowhere.code == 74)
      #expect(nowhere.errors.contains("/nowhere/kaizen.prom"))
    }
  }
}
