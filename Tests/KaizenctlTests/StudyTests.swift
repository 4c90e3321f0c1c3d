import Domain
import Foundation
import Testing

/// A copy of kaizenctl with a scripted training process beside it; there is no daemon.
private struct Workshop {
  let folder: URL

  /// - Parameter script: what the training process does, in sh; `$out` is its folder.
  init(script: String) throws {
    folder = try temporaryFolder()
    for name in ["bin", "tmp"] {
      try FileManager.default.createDirectory(at: folder.appending(path: name), withIntermediateDirectories: true)
    }
    try FileManager.default.copyItem(at: Command.built, to: folder.appending(path: "bin/kaizenctl"))
    let text = """
      #!/bin/sh
      printf '%s\\n' "$@" > \(folder.path)/arguments
      for word in "$@"; do case "$word" in --out=*) out="${word#--out=}";; esac; done
      \(script)
      """
    let trainer = folder.appending(path: "bin/kaizen-trainer")
    try Data(text.utf8).write(to: trainer)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: trainer.path)
  }

  var command: Command {
    Command(
      program: folder.appending(path: "bin/kaizenctl"), environment: ["TMPDIR": folder.appending(path: "tmp").path])
  }

  /// What is left in the temporary folder.
  var leftovers: [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "tmp").path)) ?? ["?"]
  }

  func arguments() throws -> [String] {
    try String(contentsOf: folder.appending(path: "arguments"), encoding: .utf8).split(separator: "\n").map(String.init)
  }

  func remove() { try? FileManager.default.removeItem(at: folder) }
}

private let file = ["--data", "p.csv", "--label", "y", "--groups", "camera"]

@Suite struct StudyTests {
  private static func report() throws -> String {
    let erm = StudyResult(
      method: .erm, meanAccuracy: StudyMeasure(mean: 0.9, sd: nil),
      worstGroupAccuracy: StudyMeasure(mean: 0.7, sd: nil), worstGroup: "camera=2", worstGroupN: 50, seconds: 0.5,
      perSeed: [],
      groups: [
        StudyGroupResult(
          group: "camera=2", accuracy: StudyMeasure(mean: 0.7, sd: nil), lower: 0.55, upper: 0.82)
      ])
    let report = StudyReport(
      results: [erm], chosen: nil, differences: [], sentences: ["Only one method was run."], file: "p.csv",
      groups: [StudyGroup(name: "camera=2", train: 100, select: 50, test: 50, teacherAccuracy: nil)],
      student: StudyStudent(description: "vector 2", parameters: 6), teacher: nil, seeds: [1], weights: [],
      instructionSet: "avx2", seconds: 2, remarks: [])
    return String(decoding: try JSONEncoder().encode(report), as: UTF8.self)
  }

  @Test func `the file's options and the study's reach the training process, and its report is shown`() async throws {
    let shop = try Workshop(
      script: """
        echo '{"stage":"seed 1 of 1","fraction":0.5,"secondsLeft":3}'
        cat > "$out/study.json" <<'END'
        \(try Self.report())
        END
        """)
    defer { shop.remove() }
    let words =
      ["study"] + file + [
        "--methods", "erm, groupdistil", "--seeds", "2", "--steps", "80", "--html", "-page.html", "--outcome-in-groups",
        "--teacher", "dro", "--seed", "4",
      ]
    let ended = try await shop.command(words.map { $0 == "-page.html" ? "./-page.html" : $0 })
    #expect(ended.code == 0, "\(ended.errors)")
    #expect(
      try shop.arguments().dropLast() == [
        "study", "--data=p.csv", "--label=y", "--groups=camera", "--teacher=dro", "--seed=4", "--outcome-in-groups",
        "--method=erm", "--method=groupdistil", "--seeds=2", "--steps=80", "--html=./-page.html", "--line=study",
      ])
    #expect(ended.errors == "50.0 % seed 1 of 1, about 3 s left\n")
    #expect(ended.output.hasPrefix("study of p.csv: 1 method, 1 seed;"))
    #expect(ended.output.contains("Only one method was run."))
    #expect(ended.output.hasSuffix("page: ./-page.html\n"))
    #expect(shop.leftovers.isEmpty)

    let json = try await shop.command(["study", "--json", "--quiet"] + file)
    #expect(json.errors.isEmpty)
    let object = try #require(jsonObject(json.output))
    #expect(object["schema"] as? Int == 1)
    #expect(object["chosen"] is NSNull)
    #expect(try shop.arguments().filter { $0.hasPrefix("--method=") }.count == 6, "the short list")
    _ = try await shop.command(["study", "--methods", "all"] + file)
    #expect(
      try shop.arguments().filter { $0.hasPrefix("--method=") }
        == StudyMethod.allCases.map { "--method=\($0.rawValue)" })
  }

  @Test(arguments: [
    (["--methods", "erm,groupdistill"], "did you mean \"groupdistil\"?"),
    (["--methods", "boosting"], "there are erm, balanced,"), (["--methods", "erm,kd,erm"], "names erm twice"),
    (["--methods", ","], "at least one method"), (["--seeds", "0"], "--seeds is 1 to 100 (got 0)"),
    (["--seeds", "101"], "--seeds is 1 to 100"), (["--steps", "0"], "--steps is 1 to 100000"),
    (["--html", ""], "--html needs a file"), (["--features", "a", "--exclude", "b"], "Take one."),
  ])
  func `wrong usage ends with 64 before anything is read`(words: [String], reason: String) async throws {
    let ended = try await Command()(["study"] + file + words)
    #expect(ended.code == 64)
    #expect(ended.output.isEmpty)
    #expect(ended.errors.hasPrefix("kaizenctl: ") && ended.errors.contains(reason), "\(ended.errors)")
  }

  @Test(arguments: [
    ("echo 'kaizen-trainer: row 17 is wrong' >&2; exit 65", Int32(65), "kaizenctl: row 17 is wrong\n"),
    ("echo 'kaizen-trainer: no page there' >&2; exit 73", 74, "kaizenctl: no page there\n"),
    ("exit 9", 70, "kaizenctl: the training process failed (9).\n"), ("kill -SEGV $$", 70, "Nothing was written."),
    ("exit 0", 70, "left no usable study.json"), ("echo '{}' > \"$out/study.json\"", 70, "left no usable study.json"),
  ])
  func `a study that breaks ends with the code and the sentence of its reason`(
    script: String, code: Int32, sentence: String
  ) async throws {
    let shop = try Workshop(script: script)
    defer { shop.remove() }
    let ended = try await shop.command(["study"] + file)
    #expect(ended.code == code)
    #expect(ended.output.isEmpty)
    #expect(ended.errors.contains(sentence), "\(ended.errors)")
    #expect(shop.leftovers.isEmpty)
  }

  @Test func `Ctrl-C ends the study and leaves nothing`() async throws {
    let fifo = try temporaryFolder().appending(path: "started").path
    try #require(mkfifo(fifo, 0o600) == 0)
    let shop = try Workshop(script: "touch \"$out/half\"; echo $$ > \(fifo); exec sleep 600")
    defer { shop.remove() }
    let running = try shop.command.start(["study"] + file)
    let said = try FileHandle(forReadingFrom: URL(filePath: fifo)).readToEnd() ?? Data()
    let trainer = try #require(
      pid_t(String(decoding: said, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)))
    kill(running.process.processIdentifier, SIGINT)
    let ended = try await running.ended()
    #expect(ended.code == 130)
    #expect(ended.errors.contains("interrupted; nothing was written."))
    #expect(kill(trainer, 0) == -1 && errno == ESRCH)
    #expect(shop.leftovers.isEmpty)
  }
}
