import Domain
import Foundation
import Settings
import Testing

@Suite struct FaultTests {
  /// What a wrong configuration is told, with the directory's path cut off.
  func complaints(_ files: [String: String]) throws -> [String] {
    let directory = try ConfigurationDirectory(files)
    return complaints(directory)
  }

  func complaints(_ directory: ConfigurationDirectory) -> [String] {
    do {
      _ = try DaemonSettings.load(over: .service, from: directory.path)
      return []
    } catch {
      return error.description.split(separator: "\n").map {
        $0.replacingOccurrences(of: directory.path + "/", with: "")
      }
    }
  }

  @Test func `what the ledger keeps must make sense together`() throws {
    #expect(
      try complaints(["kaizend.toml": "[ledger]\nkeep_days = 30\n"])
        == ["kaizend.toml:2 ledger.keep_days: must be 0 (for ever) or at least 31 (got 30)"])
    #expect(
      try complaints(["kaizend.toml": "[ledger]\nkeep_days = 40\nkeep_inputs_days = 41\n"])
        == ["kaizend.toml:3 ledger.keep_inputs_days: must be at most ledger.keep_days, which is 40 (got 41)"])
    #expect(try complaints(["kaizend.toml": "[ledger]\nkeep_days = 0\nkeep_inputs_days = 4000\n"]).isEmpty)
    #expect(try complaints(["kaizend.toml": "[ledger]\ninputs_per_group = 499\n"]).count == 1)
  }

  @Test func `what a retraining may take is bounded on both sides`() throws {
    #expect(
      try complaints(["kaizend.toml": "[training]\nmemory_bytes_max = 1000\npause_p99_ms = -1\n"])
        == [
          "kaizend.toml:2 training.memory_bytes_max: must be a whole number of bytes from 268435456 to "
            + "1125899906842624 (got 1000)",
          "kaizend.toml:3 training.pause_p99_ms: must be a number of milliseconds from 0 (never) to 60000 (got -1)",
        ])
    #expect(
      try complaints(["lines.d/a.toml": "quiet_hours = \"ten to six\"\n"])
        == [
          "lines.d/a.toml:1 quiet_hours: must be two different times of day such as \"22:00-06:00\", or \"\" for none "
            + "(got \"ten to six\")"
        ])
    #expect(try complaints(["lines.d/a.toml": "pause_p99_ms = 5\n"]).count == 1, "the machine's, not a line's")
  }

  @Test func `every fault of every file is told at once, with line, rule and value`() throws {
    let told = try complaints([
      "kaizend.toml": """
      # a comment
      state_directory = "var/lib"
      log_levle = "info"

      [limits]
      queue_rows_max = 3
      body_bytes_max = 1.5
      [defaults]
      target_accuracy = 95
      maturity_hours = "long"
      mode = "automatic"
      """,
      "conf.d/a.toml": "\n\nsockets.infer.mode = \"0777 \"\n",
      "lines.d/press.toml": "job_rows_minimum = true\ncooldown_hours = 3\n",
    ])
    #expect(
      told == [
        "kaizend.toml:2 state_directory: must be an absolute path (got \"var/lib\")",
        "kaizend.toml:3 log_levle: unknown key; did you mean log_level? (got \"info\")",
        "kaizend.toml:6 limits.queue_rows_max: must be a whole number of rows from 16 to 1000000 (got 3)",
        "kaizend.toml:7 limits.body_bytes_max: must be a whole number of bytes from 1024 to 268435456 (got 1.5)",
        "kaizend.toml:9 defaults.target_accuracy: must be a number above 0 and below 1 (got 95)",
        "kaizend.toml:10 defaults.maturity_hours: must be a number of hours from 0 to 720 (got \"long\")",
        "kaizend.toml:11 defaults.mode: must be one of \"observe\", \"propose\", \"auto\" (got \"automatic\")",
        "conf.d/a.toml:3 sockets.infer.mode: must be four octal digits in quotes, such as \"0660\", that let the owner "
          + "read and write (got \"0777 \")",
        "lines.d/press.toml:1 job_rows_minimum: must be a whole number of rows from 2 to 1000000 (got true)",
        "lines.d/press.toml:2 cooldown_hours: unknown key; did you mean cool_down_hours? (got 3)",
      ])
  }

  @Test(arguments: [
    ("target_accuracy = 0", "0"), ("target_accuracy = 1.0", "1.0"), ("target_accuracy = nan", "nan"),
    ("maturity_hours = 720.1", "720.1"), ("maturity_hours = -1", "-1"), ("maturity_hours = inf", "inf"),
    ("cool_down_hours = -0.1", "-0.1"), ("job_rows_minimum = 1", "1"),
    ("gate_rows_minimum = 0", "0"), ("maximum_cell_loss = 1.01", "1.01"), ("advice_error_max = 0", "0"),
    ("advice_range = \"no\"", "\"no\""), ("advice_lagging = true", "true"),
    ("quiet_hours = \"22-6\"", "\"22-6\""), ("quiet_hours = \"22:00-24:01\"", "\"22:00-24:01\""),
    ("quiet_hours = \"06:00-06:00\"", "\"06:00-06:00\""), ("quiet_hours = 22", "22"),
    ("retrain_after_days = 0.5", "0.5"), ("retrain_after_days = -1", "-1"), ("retrain_after_days = 3651", "3651"),
    ("latency_ms_max = 0", "0"), ("latency_ms_max = 1001", "1001"), ("latency_ms_max = inf", "inf"),
    ("mode = 3", "3"),
    ("time = [\"clock\"]", "[\"clock\"]"), ("time = [1]", "an array"),
    ("channels = \"audit\"", "\"audit\""), ("channels = [\"audit=0\"]", "[\"audit=0\"]"),
    ("channels = [\"audit\", \"audit=0.1\"]", "[\"audit\", \"audit=0.1\"]"), ("channels = [\"\"]", "[\"\"]"),
    ("channels = [\"(other)\"]", "[\"(other)\"]"), ("channels = [\"audit\", 3]", "an array"),
    ("time = 1979-05-27", "a date or time"), ("mode = {}", "an empty section"),
    ("job_rows_minimum = 9223372036854775807", "9223372036854775807"),
  ])
  func `values outside their range are refused`(text: String, got: String) throws {
    let told = try complaints(["lines.d/a.toml": text])
    #expect(told.count == 1)
    #expect(told.first?.hasPrefix("lines.d/a.toml:1 ") == true && told.first?.hasSuffix("(got \(got))") == true)
    #expect(try complaints(["kaizend.toml": "[defaults]\n" + text]).count == 1)
  }

  @Test func `sockets must differ and fit the kernel`() throws {
    let same = try complaints(["kaizend.toml": "[sockets.infer]\npath = \"/run/kaizend/control.sock\"\n"])
    #expect(
      same == [
        "kaizend.toml:2 path: must differ from the other socket's path (got \"/run/kaizend/control.sock\")"
          .replacingOccurrences(of: " path:", with: " sockets.infer.path:")
      ])
    let long = "/" + String(repeating: "a", count: 107)
    #expect(try complaints(["kaizend.toml": "sockets.control.path = \"\(long)\""]).count == 1)
    #expect(try complaints(["kaizend.toml": "sockets.control.path = \"\(long.dropLast())\""]) == [])
    #expect(try complaints(["kaizend.toml": "sockets.control.group = \"Bad Group\""]).count == 1)
  }

  @Test func `the gate leaves rows to train on`() throws {
    let told = try complaints(["kaizend.toml": "[defaults]\njob_rows_minimum = 150\n"])
    #expect(
      told == [
        "kaizend.toml:2 defaults.job_rows_minimum: gate_rows_minimum must be less than job_rows_minimum, "
          + "which is 150 (got 150)"
      ])
    let line = try complaints(["lines.d/a.toml": "gate_rows_minimum = 90\njob_rows_minimum = 80\n"])
    #expect(line.count == 1 && line.first?.hasPrefix("lines.d/a.toml:1 gate_rows_minimum: ") == true)
  }

  @Test func `a section is no value and an unknown section is an unknown key`() throws {
    #expect(
      try complaints(["kaizend.toml": "limits = 3"]) == ["kaizend.toml:1 limits: must be a section, [limits] (got 3)"])
    #expect(try complaints(["kaizend.toml": "[limits]\n[defaults]\n"]) == [])
    let unknown = try complaints(["kaizend.toml": "[limit]\nqueue_rows_max = 100\n[teacher]\n"])
    #expect(
      unknown == [
        "kaizend.toml:2 limit.queue_rows_max: unknown key; did you mean limits.queue_rows_max? (got 100)",
        "kaizend.toml:3 teacher: unknown key (got an empty section)",
      ])
  }

  @Test func `text that is not TOML is told with its line, and the other files are read on`() throws {
    let told = try complaints([
      "kaizend.toml": "log_level = \"info\"\nlog_level = \"debug\"\n",
      "conf.d/a.toml": "a = = 3\n",
      "lines.d/x.toml": "mode = \"x\"\n",
    ])
    #expect(told.count == 3)
    #expect(told[0].hasPrefix("kaizend.toml:2: not valid TOML: ") && told[1].hasPrefix("conf.d/a.toml:1: not valid"))
    #expect(told[2].hasPrefix("lines.d/x.toml:1 mode: "))
  }

  @Test func `files of lines are named after lines`() throws {
    let told = try complaints(["lines.d/Press 3.toml": "", "lines.d/.toml": "broken"])
    #expect(told.count == 1 && told.first?.hasSuffix("(got \"Press 3\")") == true)
  }

  @Test func `bytes that are no text, pipes, directories and huge files are refused in words`() throws {
    let directory = try ConfigurationDirectory(["conf.d/c.toml/inner": ""])
    try directory.write("kaizend.toml", Data([0x61, 0xFF, 0xFE]))
    try directory.write("conf.d/a.toml", Data("a = \"\0\"".utf8))
    try directory.write("conf.d/b.toml", Data(repeating: 0x23, count: 1_048_577))
    #expect(mkfifo(directory.path + "/conf.d/d.toml", 0o600) == 0)
    #expect(
      complaints(directory) == [
        "kaizend.toml: must be text in UTF-8",
        "conf.d/a.toml: must be plain text, without zero bytes",
        "conf.d/b.toml: must not be larger than 1048576 bytes",
        "conf.d/c.toml: must be a regular file",
        "conf.d/d.toml: must be a regular file",
      ])
  }

  @Test func `no bytes crash the reader`() throws {
    var state: UInt64 = 9
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let seeds = ["[defaults]\nmode = \"auto\"\n", "a.b = [1, {c = 2}]\n", "x = '''\n[y]\n'''\n", "\"k\\u0000\" = 1\n"]
    let letters = Array("[]{}=.'\"\n#\\\t \r0aé".utf8)
    let directory = try ConfigurationDirectory()
    for _ in 0..<300 {
      var bytes = seeds.flatMap { random(2) == 0 ? Array($0.utf8) : [] }
      for _ in 0..<random(8) { bytes.insert(letters[random(letters.count)], at: random(bytes.count + 1)) }
      try directory.write("kaizend.toml", Data(bytes))
      for complaint in complaints(directory) { #expect(complaint.hasPrefix("kaizend.toml")) }
    }
    try directory.write("kaizend.toml", Data(("a = " + String(repeating: "[", count: 100_000)).utf8))
    #expect(complaints(directory).count == 1)
  }

  @Test func `lines are found behind strings of several lines and quoted names`() throws {
    let told = try complaints([
      "kaizend.toml": "log_level = '''\nlimits = 3\n[defaults]\n'''\n[ \"limits\" ]\n'queue_rows_max' = 1\n"
    ])
    #expect(told.map { String($0.prefix { $0 != " " }) } == ["kaizend.toml:1", "kaizend.toml:6"])
  }

  @Test func `control characters of a value do not reach the terminal`() throws {
    let told = try complaints(["kaizend.toml": "log_level = \"\\u001b[31m\\n\(String(repeating: "x", count: 500))\""])
    #expect(told.count == 1)
    #expect(told.first?.contains("\u{1B}") == false && (told.first?.count ?? 1000) < 300)
  }

  @Test func `settings that come over a socket are held to the same rules`() {
    #expect(problems(of: LineSettings()) == [])
    let wrong = LineSettings(targetAccuracy: 2, maturityHours: .nan, jobRowsMinimum: 10, gateRowsMinimum: 10)
    #expect(
      problems(of: wrong) == [
        "target_accuracy: must be a number above 0 and below 1 (got 2.0)",
        "maturity_hours: must be a number of hours from 0 to 720 (got nan)",
        "gate_rows_minimum must be less than job_rows_minimum, which is 10 (got 10)",
      ])
  }
}
