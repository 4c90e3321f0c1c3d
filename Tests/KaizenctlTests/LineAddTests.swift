import Domain
import Foundation
import Synchronization
import Testing
import Wire

/// A copy of kaizenctl with a scripted training process beside it.
private struct Workshop {
  let folder: URL
  let daemon: ScriptedDaemon

  /// - Parameter script: what the training process does, in sh; `$out` is its folder.
  init(_ daemon: ScriptedDaemon, script: String?) throws {
    self.daemon = daemon
    folder = daemon.folder.appending(path: "bin")
    for name in ["bin", "tmp", "result"] {
      try FileManager.default.createDirectory(
        at: daemon.folder.appending(path: name), withIntermediateDirectories: true)
    }
    try FileManager.default.copyItem(at: Command.built, to: folder.appending(path: "kaizenctl"))
    guard let script else { return }
    let text = """
      #!/bin/sh
      printf '%s\\n' "$@" > \(daemon.folder.path)/arguments
      for word in "$@"; do case "$word" in --out=*) out="${word#--out=}";; esac; done
      \(script)
      """
    let trainer = folder.appending(path: "kaizen-trainer")
    try Data(text.utf8).write(to: trainer)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: trainer.path)
  }

  var command: Command {
    Command(
      program: folder.appending(path: "kaizenctl"),
      environment: ["KAIZEN_STATE_DIR": daemon.folder.path, "TMPDIR": daemon.folder.appending(path: "tmp").path])
  }

  /// What is left in the temporary folder.
  var leftovers: [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: daemon.folder.appending(path: "tmp").path)) ?? ["?"]
  }

  func text(_ name: String) throws -> String {
    try String(contentsOf: daemon.folder.appending(path: name), encoding: .utf8)
  }

  var registered: [AddLineRequest] {
    daemon.calls.compactMap { if case .addLine(let request) = $0 { request } else { nil } }
  }
}

@Suite struct LineAddTests {
  private static let script: ScriptedDaemon.Script = { call throws(WireFault) in
    guard case .addLine(let request) = call else { return try Plant.script(call) }
    return OperatorCoding.response(
      AddLineReply(
        line: request.definition.id.text, version: 1, run: 1, sentence: "\(request.definition.id) is added and serves.")
    )
  }

  private static let words = [
    "line", "add", "weld", "--data", "parts.csv", "--label", "y", "--groups", "product", "--target", "0.9", "--mode",
    "propose", "--time", "event", "--maturity-hours", "6", "--seed", "7", "--outcome-in-groups", "--rows", "1:900",
    "--channels", "audit=0.2,rework",
  ]

  /// The files a training process leaves.
  private static func write(_ folder: URL) throws -> (LineDefinition, TrainingReport) {
    let definition = LineDefinition(
      id: try LineID("weld"), schema: try GroupSchema(attributes: ["product"], includesOutcome: true),
      featureNames: ["heat"], classNames: ["good", "bad"])
    let group = GroupKey(cell: Cell(["A7"]), outcome: 1)
    let score = GroupScore(group: group, correct: 45, total: 50, lower: 0.782, upper: 0.967)
    let report = TrainingReport(
      folds: [], teacher: TeacherExamination(name: "own", scores: [score], verdict: .trusted, sentence: "Trusted."),
      arms: [
        ArmReport(
          name: "groupdistil", skipped: nil, selectScore: 0.9, selectScores: [score], steps: 200, seconds: 3,
          weights: [], reasons: [])
      ], chosenArm: "groupdistil", heldOutScores: [score], pairs: [], seed: 7, instructionSet: "avx2", seconds: 4,
      remarks: [])
    let encoder = JSONEncoder()
    try encoder.encode(definition).write(to: folder.appending(path: "definition.json"))
    try encoder.encode(report).write(to: folder.appending(path: "report.json"))
    try encoder.encode(TeacherSource.trained(file: "teacher.bin")).write(to: folder.appending(path: "teacher.json"))
    try Data("TEACHER".utf8).write(to: folder.appending(path: "teacher.bin"))
    try Data([0, 1, 2, 255]).write(to: folder.appending(path: "student.bin"))
    return (definition, report)
  }

  private static func copying(_ daemon: ScriptedDaemon) -> String {
    """
    echo '{"stage":"reading","fraction":0.1,"secondsLeft":30}'
    echo 'a line that is no progress'
    echo '{"stage":"groupdistil","fraction":0.6,"secondsLeft":9}'
    cp \(daemon.folder.path)/result/* "$out"/
    """
  }

  @Test func `a line is trained, registered whole and shown`() async throws {
    try await ScriptedDaemon.with(Self.script) { daemon in
      let shop = try Workshop(daemon, script: Self.copying(daemon))
      let (definition, report) = try Self.write(daemon.folder.appending(path: "result"))
      let ended = try await shop.command(Self.words)
      #expect(ended.code == 0, "\(ended.errors)")
      let words = try shop.text("arguments").split(separator: "\n").map { String($0) }
      #expect(
        words.dropLast() == [
          "distill", "--data=parts.csv", "--label=y", "--groups=product", "--rows=1:900", "--seed=7",
          "--outcome-in-groups", "--line=weld",
        ])
      let request = try #require(shop.registered.first)
      #expect(request.definition == definition)
      #expect(request.report == report)
      #expect(request.student == Data([0, 1, 2, 255]).base64EncodedString())
      #expect(request.teacher == .trained(Data("TEACHER".utf8).base64EncodedString()))
      #expect(
        request.settings
          == LineSettings(
            mode: .propose, time: .event, targetAccuracy: 0.9, maturityHours: 6,
            channels: [OutcomeChannel(name: "audit", samplingProbability: 0.2), OutcomeChannel(name: "rework")]))
      #expect(request.source == "parts.csv, rows 1:900, label y, groups product")
      #expect(ended.output.contains("our reconstruction of arXiv 2311.00476"))
      #expect(ended.output.contains("product=A7,outcome=bad  50  90.0 % [78.2, 96.7]  90.0 % [78.2, 96.7]"))
      #expect(ended.errors == "10.0 % reading, about 30 s left\n60.0 % groupdistil, about 9 s left\n")
      #expect(shop.leftovers.isEmpty)
    }
  }

  private static let check = LineCheck(
    groups: [NamedFolds(name: "product=A7", train: 70, select: 15, heldOut: 15)],
    classes: [
      NamedFolds(name: "good", train: 60, select: 12, heldOut: 13),
      NamedFolds(name: "bad", train: 10, select: 3, heldOut: 2),
    ], unlabelledRows: 0, input: .window(channels: 2, length: 16),
    student: StudentFigures(layers: "conv16k3,mean", parameters: 1234, megaflops: 0.05),
    latency: LatencyFigures(
      predictedMicroseconds: 1.5, referenceGigaflopsPerSecond: 40, medianMicroseconds: 2.25, p99Microseconds: 3,
      passes: 500), teacher: "a wider network", trainingSeconds: nil, warnings: ["few are bad"])

  @Test func `what the file makes is said before the training is over`() async throws {
    try await ScriptedDaemon.with(Self.script) { daemon in
      let script = """
        cp \(daemon.folder.path)/result/check.json "$out/check.json"
        \(Self.copying(daemon))
        """
      let shop = try Workshop(daemon, script: script)
      let result = daemon.folder.appending(path: "result")
      _ = try Self.write(result)
      try JSONEncoder().encode(Self.check).write(to: result.appending(path: "check.json"))
      let ended = try await shop.command(Self.words + ["--input", "window:2x16", "--student", "conv16k3,mean"])
      #expect(ended.code == 0, "\(ended.errors)")
      #expect(ended.output.hasPrefix("parts.csv: 100 labelled rows, 2 classes, 1 group\n"), "\(ended.output)")
      #expect(ended.output.contains("student: conv16k3,mean (1,234 parameters, 0.0500 megaflops a part)"))
      #expect(ended.output.contains("weld is added and serves."))
      let words = try shop.text("arguments").split(separator: "\n")
      #expect(words.contains("--input=window:2x16") && words.contains("--student=conv16k3,mean"))
      let silent = try await shop.command(Self.words + ["--json"])
      #expect(jsonObject(silent.output)?["line"] as? String == "weld", "the reply alone: \(silent.output)")
    }
  }

  @Test func `a file is checked without a daemon, and nothing is left`() async throws {
    try await ScriptedDaemon.with(Self.script) { daemon in
      let shop = try Workshop(daemon, script: "cp \(daemon.folder.path)/result/check.json \"$out/check.json\"")
      let result = daemon.folder.appending(path: "result")
      try JSONEncoder().encode(Self.check).write(to: result.appending(path: "check.json"))
      let words = ["line", "check", "--data", "a/parts.csv", "--label", "y", "--groups", "product", "--seed", "7"]
      var command = shop.command
      command.environment["KAIZEN_STATE_DIR"] = "/nowhere"
      let ended = try await command(words)
      #expect(ended.code == 0, "\(ended.errors)")
      #expect(
        try shop.text("arguments").split(separator: "\n").dropLast()
          == ["check", "--data=a/parts.csv", "--label=y", "--groups=product", "--seed=7"])
      #expect(ended.output.contains("  1. few are bad") || ended.output.contains(" 1. few are bad"), "\(ended.output)")
      let json = try #require(jsonObject(try await command(words + ["--json"]).output))
      #expect(json["schema"] as? Int == 1)
      #expect((json["check"] as? [String: Any])?["shape"] as? [Int] == [2, 16])
      #expect(daemon.calls.isEmpty)
      #expect(shop.leftovers.isEmpty)
    }
  }

  @Test func `a check that fails says so in the training process's words, and of no line`() async throws {
    try await ScriptedDaemon.with(Self.script) { daemon in
      let shop = try Workshop(daemon, script: "echo 'kaizen-trainer: no such column' >&2; exit 65")
      let ended = try await shop.command(["line", "check", "--data", "p.csv", "--label", "y", "--groups", "product"])
      #expect(ended.code == 65)
      #expect(ended.errors == "kaizenctl: no such column\n")
    }
  }

  @Test func `JSON of a new line is the daemon's reply alone`() async throws {
    try await ScriptedDaemon.with(Self.script) { daemon in
      let shop = try Workshop(daemon, script: Self.copying(daemon))
      _ = try Self.write(daemon.folder.appending(path: "result"))
      let ended = try await shop.command(Self.words + ["--json", "--quiet"])
      #expect(jsonObject(ended.output)?["line"] as? String == "weld")
      #expect(ended.errors.isEmpty)
    }
  }

  @Test func `a bad file is 65 in the training process's own words, and no line`() async throws {
    try await ScriptedDaemon.with(Self.script) { daemon in
      let script = "echo 'kaizen-trainer: row 17, column \"heat\": \"hot\" is not a number' >&2; exit 65"
      let shop = try Workshop(daemon, script: script)
      let ended = try await shop.command(Self.words)
      #expect(ended.code == 65)
      #expect(ended.errors.contains("kaizenctl: row 17, column \"heat\": \"hot\" is not a number"))
      #expect(shop.registered.isEmpty)
      #expect(shop.leftovers.isEmpty)
    }
  }

  @Test(arguments: ["exit 9", "kill -SEGV $$", "exit 0", "rm -rf \"$out\""])
  func `a training process that breaks is 70, and no line`(script: String) async throws {
    try await ScriptedDaemon.with(Self.script) { daemon in
      let shop = try Workshop(daemon, script: script)
      let ended = try await shop.command(Self.words)
      #expect(ended.code == 70, "\(ended.errors)")
      #expect(ended.errors.hasPrefix("kaizenctl: the training process"))
      #expect(shop.registered.isEmpty)
      #expect(shop.leftovers.isEmpty)
    }
  }

  @Test func `files of another folder are never read as a teacher`() async throws {
    try await ScriptedDaemon.with(Self.script) { daemon in
      let shop = try Workshop(daemon, script: Self.copying(daemon))
      let result = daemon.folder.appending(path: "result")
      _ = try Self.write(result)
      try JSONEncoder().encode(TeacherSource.onnx(file: "../../../etc/passwd"))
        .write(to: result.appending(path: "teacher.json"))
      let ended = try await shop.command(Self.words)
      #expect(ended.code == 70)
      #expect(shop.registered.isEmpty)
    }
  }

  @Test func `a name that is taken is refused before any training`() async throws {
    try await ScriptedDaemon.with(Self.script) { daemon in
      let shop = try Workshop(daemon, script: "exit 0")
      let ended = try await shop.command(["line", "add", "press-3"] + Self.words.dropFirst(3))
      #expect(ended.code == 65)
      #expect(ended.errors.contains("there is a line \"press-3\" already"))
      #expect((try? shop.text("arguments")) == nil)
    }
  }

  @Test func `without the training program it is 78 with the places looked at`() async throws {
    try await ScriptedDaemon.with(Self.script) { daemon in
      let shop = try Workshop(daemon, script: nil)
      let ended = try await shop.command(Self.words)
      #expect(ended.code == 78)
      #expect(ended.errors.contains("\(shop.folder.path)/kaizen-trainer"))
      #expect(ended.errors.contains("/usr/libexec/kaizend/kaizen-trainer"))
    }
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func `Ctrl-C ends the training and leaves nothing`(signal: Int32) async throws {
    try await ScriptedDaemon.with(Self.script) { daemon in
      let fifo = daemon.folder.appending(path: "started").path
      try #require(mkfifo(fifo, 0o600) == 0)
      // The open of a pipe by name waits for the other side: no guess at how long a start takes.
      let shop = try Workshop(daemon, script: "touch \"$out/half\"; echo $$ > \(fifo); exec sleep 600")
      let running = try shop.command.start(Self.words)
      let said = try FileHandle(forReadingFrom: URL(filePath: fifo)).readToEnd() ?? Data()
      let trainer = try #require(
        pid_t(String(decoding: said, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)))
      kill(running.process.processIdentifier, signal)
      let ended = try await running.ended()
      #expect(ended.code == 130)
      #expect(ended.errors.contains("interrupted; no line was added."))
      #expect(kill(trainer, 0) == -1 && errno == ESRCH)
      #expect(shop.registered.isEmpty)
      #expect(shop.leftovers.isEmpty)
    }
  }
}
