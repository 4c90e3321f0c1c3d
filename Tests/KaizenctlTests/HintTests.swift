import Domain
import Foundation
import Testing
import Wire

/// What a reader is told to type next must work where it was told.
@Suite struct HintTests {
  /// The commands of kaizenctl in a text, each the rest of its line.
  private func hints(_ text: String) -> [String] {
    text.split(separator: "\n").compactMap { line in
      line.range(of: "kaizenctl ").flatMap { line.hasPrefix("kaizenctl: ") ? nil : String(line[$0.lowerBound...]) }
    }
  }

  @Test(arguments: [
    ["status", "press-3"], ["status", "weld"], ["retrain", "press-3"], ["retrain", "press-3", "--dry-run"],
    ["explain", "7"], ["explain", "press-3", "product=A7"], ["predict", "press-3", "heat=1"],
  ])
  func `a hint repeats --state-dir, unless the environment names the directory`(arguments: [String]) async throws {
    let script: ScriptedDaemon.Script = { call throws(WireFault) in
      guard case .explainGroup = call else {
        guard case .explainRun = call else { return try Plant.script(call) }
        return explanation(Plant.run("kept"))
      }
      return explanation(nil)
    }
    try await ScriptedDaemon.with(script) { daemon in
      let option = ["--state-dir", daemon.folder.path]
      let typed = try await Command()(arguments + option)
      let commands = hints(typed.output + typed.errors)
      #expect(commands.count == 1, "\(typed.output)\(typed.errors)")
      #expect(commands.allSatisfy { $0.hasSuffix(" --state-dir \(daemon.folder.path)") }, "\(commands)")
      for ended in [try await daemon.command(arguments), try await daemon.command(arguments + option)] {
        #expect(hints(ended.output + ended.errors).allSatisfy { !$0.contains("--state-dir") })
      }
      let other = try await Command(environment: ["KAIZEN_STATE_DIR": "/nowhere/env"])(arguments + option)
      #expect(hints(other.output + other.errors) == commands, "the option wins over another directory")
    }
  }

  @Test func `the hint of a dry run keeps its groups as a shell reads them`() async throws {
    try await ScriptedDaemon.with(Plant.script) { daemon in
      let groups = ["product=A7,camera=2", "product=it's new"]
      let ended = try await daemon.command(
        ["retrain", "press-3", "--dry-run"] + groups.flatMap { ["--group", $0] })
      let hint = try #require(hints(ended.output).last)
      let shell = Process()
      let pipe = Pipe()
      shell.executableURL = URL(filePath: "/bin/sh")
      shell.arguments = ["-c", hint.replacingOccurrences(of: "kaizenctl", with: "printf '%s\\n'")]
      shell.standardOutput = pipe
      try shell.run()
      let words = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
      shell.waitUntilExit()
      #expect(
        words.split(separator: "\n").map { String($0) }
          == ["retrain", "press-3", "--group", groups[0], "--group", groups[1]])
    }
  }
}

private func explanation(_ run: RunRow?) -> WireResponse {
  let entry = AuditRow(
    seq: 1, time: "2026-11-23T06:31:07Z", uid: 0, login: "root", event: "group.lagging", line: "press-3",
    group: "product=A7", run: nil, sentence: "It lags.", hash: "ab")
  return OperatorCoding.response(
    ExplainReply(subject: "it", sentences: ["It was so."], run: run, report: nil, audit: [entry]))
}
