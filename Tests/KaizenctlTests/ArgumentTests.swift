import Domain
import Foundation
import Testing

@Suite struct ArgumentTests {
  private static let everyVerb: [[String]] = [
    ["status"], ["status", "press-3"], ["groups"], ["groups", "press-3"], ["lines"], ["retrain", "press-3"],
    ["lines", "press-3"], ["runs"], ["models"], ["models", "press-3"], ["models", "list"],
    ["models", "export", "press-3", "x.onnx"], ["models", "import", "press-3", "x.onnx"],
    ["promote", "press-3", "2", "--reason", "r"], ["approve", "7"], ["reject", "7", "--reason", "r"],
    ["retrain", "press-3", "--whole"], ["rollback", "press-3"], ["explain", "7"],
    ["explain", "press-3", "product=A7"], ["why", "press-3", "product=A7"], ["why", "product=A7"], ["alarms"],
    ["groups", "press-3", "--all"], ["groups", "retire", "press-3", "product=A7", "--reason", "r"],
    ["groups", "alias", "press-3", "product=A7-b", "A7", "--reason", "r"], ["groups", "aliases"],
    ["alarms", "ack", "press-3", "product=A7", "--reason", "r"],
    ["alarms", "silence", "press-3", "product=A7", "--hours", "48", "--reason", "r"],
    ["audit", "show"], ["audit", "verify"], ["predict", "press-3", "heat=1"],
    ["outcomes", "import", "press-3", "x.csv"], ["outcomes", "coverage"], ["outcomes", "coverage", "press-3"],
    ["line", "add", "press-3", "--data", "x.csv", "--label", "y", "--groups", "g"],
  ]

  @Test(arguments: everyVerb)
  func `without a daemon every verb ends with 69 and says how to start it`(arguments: [String]) async throws {
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    for arguments in [arguments + ["--state-dir", folder.path], ["--state-dir", folder.path, "--json"] + arguments] {
      let ended = try await Command()(arguments)
      #expect(ended.code == 69)
      #expect(ended.output.isEmpty)
      #expect(ended.errors.contains("kaizend --state-dir \(folder.path)"), "\(ended.errors)")
    }
  }

  @Test func `the environment names the state directory where no option does`() async throws {
    let ended = try await Command(environment: ["KAIZEN_STATE_DIR": "/nowhere/env"])("status")
    #expect(ended.code == 69)
    #expect(ended.errors.contains("/nowhere/env/run/control.sock"))
    let option = try await Command(environment: ["KAIZEN_STATE_DIR": "/nowhere/env"])(
      "status", "--state-dir", "/nowhere/o")
    #expect(option.errors.contains("/nowhere/o/run/control.sock"))
  }

  @Test(arguments: [
    ["stauts"], ["status", "--lines"], ["status", "--watch", "--json"], ["groups", "Press_3"], ["audit", "shw"],
    ["rollback"],
    ["explain", "press-3"], ["explain", "0"], ["explain", "Press 3", "a=b"],
    ["retrain", "press-3", "--dry-run", "--wait"], ["why"], ["why", "Press 3", "a=b"], ["why", "press-3", "a=b", "c"],
    ["alarms", "ack", "press-3", "a=b"], ["alarms", "ack", "press-3", "a=b", "--reason", ""],
    ["alarms", "silence", "press-3", "a=b", "--reason", "r"],
    ["alarms", "silence", "press-3", "a=b", "--reason", "r", "--hours", "1", "--until", "2026-12-01"],
    ["alarms", "silence", "press-3", "a=b", "--reason", "r", "--hours", "0"],
    ["alarms", "silence", "press-3", "a=b", "--reason", "r", "--hours", "nan"],
    ["alarms", "silence", "press-3", "a=b", "--reason", "r", "--until", "tomorrow"],
    ["groups", "alias", "press-3", "product", "A7", "--reason", "r"],
    ["groups", "alias", "press-3", "product=A7", "A7", "--reason", "r"], ["groups", "retire", "press-3"],
    ["metrics", "--json"], ["metrics", "--textfile", "/tmp/kaizen.txt"],
    ["audit", "show", "--limit", "0"], ["audit", "show", "--limit", "10001"], ["audit", "show", "--run", "x"],
    ["status", "--state-dir", ""], ["predict", "press-3", "--json-inputs", "f.json", "heat=1"],
    ["models", "export", "press-3"], ["models", "export", "press-3", "x.onnx", "--version", "0"],
    ["models", "import", "press-3", "x.onnx", "--reason", "r"], ["models", "activate", "press-3", "1"],
    ["promote", "press-3", "2"], ["promote", "press-3", "-1", "--reason", "r"],
    ["promote", "press-3", "2", "--reason", "r", "--cell", "a=b", "--cell", "a=b"], ["promote", "2", "--reason", "r"],
    ["approve"], ["approve", "0"], ["approve", "7", "--reason", ""], ["reject", "7"], ["reject", "7", "--reason", ""],
    ["retrain", "press-3", "--whole", "--group", "a=b"],
    ["predict", "press-3", "--data", "x.csv"], ["predict", "press-3", "--row", "1"],
    ["predict", "press-3", "--data", "x.csv", "--row", "0"],
    ["predict", "press-3", "--data", "x.csv", "--row", "1", "heat=1"],
    ["line", "add", "press-3"],
    ["line", "add", "press-3", "--data", "x.csv", "--label", "y", "--groups", "g", "--target", "1.5"],
    ["line", "add", "press-3", "--data", "x.csv", "--label", "y", "--groups", "g", "--target", "nan"],
    ["line", "add", "press-3", "--data", "x.csv", "--label", "y", "--groups", "g", "--maturity-hours=-1"],
    ["line", "add", "press-3", "--data", "x.csv", "--label", "y", "--groups", "g", "--mode", "manual"],
    ["line", "add", "press-3", "--data", "x.csv", "--label", "y", "--groups", "g", "--channels", "audit=2"],
    ["line", "add", "press-3", "--data", "x.csv", "--label", "y", "--groups", "g", "--channels", "rework,"],
    ["line", "add", "press-3", "--data", "x.csv", "--label", "y", "--groups", "g", "--channels", "a,a"],
    [
      "line", "add", "press-3", "--data", "x.csv", "--label", "y", "--groups", "g", "--features", "a", "--exclude", "b",
    ],
    [
      "line", "add", "press-3", "--data", "x.csv", "--label", "y", "--groups", "g", "--teacher", "train",
      "--teacher-logits", "t_",
    ],
    ["line", "add", "press-3", "--data", "x.csv", "--label", "y", "--groups", "g", "--input", "image:28"],
    ["line", "check", "--data", "x.csv", "--label", "y", "--groups", "g", "--input", "picture:28x28"],
    ["line", "check", "--data", "x.csv", "--label", "y"],
    ["line", "check", "--data", "x.csv", "--label", "y", "--groups", "g", "--target", "0.9"],
    ["outcomes", "import", "press-3", "x.csv", "--source", String(repeating: "s", count: 65)],
  ])
  func `wrong usage ends with 64 before anyone is asked`(arguments: [String]) async throws {
    let ended = try await Command()(arguments)
    #expect(ended.code == 64, "\(ended.errors)")
    #expect(ended.output.isEmpty)
    #expect(ended.errors.hasPrefix("kaizenctl: "), "\(ended.errors)")
  }

  @Test(arguments: [
    (["stauts"], "did you mean \"status\"?\nNext: kaizenctl status\n"),
    (["--state-dir", "/a b", "aduit", "show"], "\nNext: kaizenctl --state-dir '/a b' audit show\n"),
    (
      ["audit", "shw", "--run", "3"],
      "there is no verb \"shw\"; did you mean \"show\"?\nNext: kaizenctl audit show --run 3\n"
    ),
    (["frobnicate"], "there are status, groups, why, alarms, lines,"),
  ])
  func `a mistyped verb is named, with the whole command put right`(arguments: [String], end: String) async throws {
    let ended = try await Command()(arguments)
    #expect(ended.code == 64)
    #expect(ended.errors.contains(end), "\(ended.errors)")
  }

  @Test func `the version is the product's`() async throws {
    let ended = try await Command()("--version")
    #expect(ended.code == 0)
    #expect(ended.output == productVersion + "\n")
    #expect(productVersion.split(separator: ".").compactMap { Int($0) }.count == 3)
  }

  @Test func `help is no error and names every verb`() async throws {
    let ended = try await Command()("--help")
    #expect(ended.code == 0)
    for verb in Self.everyVerb { #expect(ended.output.contains("  \(verb[0]) ")) }
  }
}
