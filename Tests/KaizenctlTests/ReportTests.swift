import Domain
import Foundation
import Testing
import Wire

private func reply(_ line: LineID) -> ReportReply {
  var series = ReportSeries()
  for week in 0..<4 {
    series.days.append("2026-03-\(["02", "09", "16", "23"][week])")
    series.versions.append(week < 2 ? 1 : 2)
    series.parts.append(120)
    series.labelled.append(100)
    series.judged.append(100)
    series.right.append(week < 2 ? 70 : 95)
  }
  let cell = Cell(["A7", "2"])
  let report = TrainingReport(
    folds: [FoldCounts(group: GroupKey(cell: cell), train: 80, select: 20, heldOut: 100)],
    teacher: TeacherExamination(
      name: "press.onnx",
      scores: [GroupScore(group: GroupKey(cell: cell), correct: 90, total: 100, lower: nil, upper: nil)],
      verdict: .trusted, sentence: "the teacher is trusted"),
    arms: [
      ArmReport(
        name: "labels-only clone", skipped: nil, selectScore: 0.9, selectScores: [], steps: 20, seconds: 2,
        weights: [10, 20].map {
          WeightRecord(
            step: $0, group: GroupKey(cell: cell), rows: 5, loss: 1, relativeLoss: 1, weight: 1, limit: .none,
            selectCorrect: 9, selectTotal: 10)
        }, reasons: [])
    ], chosenArm: "labels-only clone", heldOutScores: [],
    pairs: [
      PairedCounts(
        group: GroupKey(cell: cell), total: 100, championCorrect: 70, challengerCorrect: 95, wins: 26, losses: 1)
    ], seed: 1, instructionSet: "avx2", seconds: 65, remarks: [])
  let name = "product=A7,camera=2"
  let run = RunRow(
    run: 2, line: line.text, kind: "retrain", state: "promoted", groups: [name], cells: [name],
    startedAt: "2026-03-15T10:00:00Z", endedAt: "2026-03-15T10:01:05Z", by: "kaizend", chosenArm: "labels-only clone",
    version: 2, progress: nil, sentence: "s")
  var reply = ReportReply(
    line: line.text, mode: "auto", time: "clock", attributes: ["product", "camera"], outcomeInGroups: false,
    classes: ["good", "dent"], champion: 1, now: "2026-03-31T00:00:00Z", until: "2026-03-30T00:00:00Z", periodDays: 7,
    groups: [ReportGroupRow(group: name, cell: name, state: "ok", target: 0.9, series: series)],
    dropped: DroppedRows(predictions: 0, outcomes: 0, features: 0), waiting: 0, channels: [], silentChannels: [],
    runs: [
      ReportRun(
        run: run, since: "2026-03-02T00:00:00Z", causes: ["it fell behind"], verdict: ["better"], scope: "scoped",
        report: report)
    ], audit: [])
  reply.since = nil
  return reply
}

@Suite struct ReportTests {
  private let script: ScriptedDaemon.Script = { call throws(WireFault) in
    guard case .report(let line, _) = call else { return try Plant.script(call) }
    return OperatorCoding.response(reply(line))
  }

  @Test func `the summary is printed, the page is written, and the start reaches the daemon`() async throws {
    try await ScriptedDaemon.with(script) { daemon in
      let page = daemon.folder.appending(path: "page.html")
      try Data("old".utf8).write(to: page)
      let ended = try await daemon.command("report", "press-3", "--html", page.path, "--since", "2026-03-01")
      #expect(ended.code == 0, "\(ended.errors)")
      #expect(ended.output.hasPrefix("From 2 March 2026 to 29 March 2026 the line answered 480 parts of 1 group;"))
      #expect(ended.output.contains("better by +25.0 points"))
      #expect(ended.output.hasSuffix("page: \(page.path)\n"))
      #expect(ended.output.split(separator: "\n").dropLast().allSatisfy { $0.count <= 80 })
      let html = try String(contentsOf: page, encoding: .utf8)
      for words in ["<html lang=\"en\">", "product=A7,", "labels-only clone", "it fell behind", "1 min 5 s"] {
        #expect(html.contains(words), "\(words) is missing")
      }
      let mode = try FileManager.default.attributesOfItem(atPath: page.path)[.posixPermissions] as? NSNumber
      #expect(mode?.intValue == 0o644)
      #expect(daemon.calls == [.report(try LineID("press-3"), since: Timestamp("2026-03-01"))])
      let left = try FileManager.default.contentsOfDirectory(atPath: daemon.folder.path)
      #expect(left.sorted() == ["page.html", "run"])
    }
  }

  @Test func `the language is that of the locale unless one is asked for`() async throws {
    try await ScriptedDaemon.with(script) { daemon in
      var command = daemon.command
      command.environment["LC_ALL"] = "ja_JP.UTF-8"
      #expect(try await command("report").output.contains("再学習を1回行いました"), "the machine's only line")
      #expect(try await command("report", "--lang", "en").output.contains("1 retraining:"))
      command.environment["LC_ALL"] = "C.UTF-8"
      #expect(try await command("report", "--lang", "ja").output.contains("2026年3月2日"))
      let json = try #require(jsonObject(try await command("report", "--json").output))
      #expect(json["schema"] as? Int == 1 && json["period_days"] as? Int == 7)
    }
  }

  @Test func `a page that cannot be written is said so, and nothing of it is left`() async throws {
    try await ScriptedDaemon.with(script) { daemon in
      let ended = try await daemon.command("report", "press-3", "--html", "\(daemon.folder.path)/no/such/page.html")
      #expect(ended.code == 74 && ended.output.isEmpty)
      #expect(ended.errors.contains("the page cannot be written to"), "\(ended.errors)")
    }
  }

  @Test func `a series with gaps is no page`() async throws {
    let script: ScriptedDaemon.Script = { call throws(WireFault) in
      guard case .report(let line, _) = call else { return try Plant.script(call) }
      var broken = reply(line)
      broken.groups[0].series.right.removeLast()
      return OperatorCoding.response(broken)
    }
    try await ScriptedDaemon.with(script) { daemon in
      let ended = try await daemon.command("report", "press-3")
      #expect(ended.code == 70 && ended.errors.contains("a series of counts has gaps"), "\(ended.errors)")
    }
  }

  @Test(arguments: [
    (["--lang", "de"], "'en' and 'ja'"), (["--html", ""], "--html needs a file"),
    (["--since", "spring"], "--since is a date"),
  ])
  func `wrong usage ends with 64`(words: [String], reason: String) async throws {
    let ended = try await Command()(["report", "press-3"] + words)
    #expect(ended.code == 64 && ended.errors.contains(reason), "\(ended.errors)")
  }
}
