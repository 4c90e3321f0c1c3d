import Domain
import Foundation
import Settings
import Testing

/// The reader of TOML, seen through the settings it reads. Expectations agree with Python's tomllib.
@Suite struct TomlTests {
  func load(_ text: String) throws -> DaemonSettings {
    let directory = try ConfigurationDirectory(["kaizend.toml": text])
    return try DaemonSettings.load(over: .service, from: directory.path)
  }

  func problems(_ text: String) throws -> [SettingsProblem] {
    do {
      _ = try load(text)
      return []
    } catch let fault as SettingsFault {
      return fault.problems
    }
  }

  @Test(arguments: [
    (#""/a""#, "/a"), (#"'/a\n'"#, #"/a\n"#), (#""/a\"b\\c""#, #"/a"b\c"#), (#""/\u00e9\U0001F600""#, "/é😀"),
    ("\"\"\"/a\"\"\"", "/a"), ("\"\"\"\n/a\"\"\"", "/a"), ("'''/a''b'''", "/a''b"), ("'''/a'''''", "/a''"),
    ("\"\"\"/a\\\n   \n  b\"\"\"", "/ab"), ("\"\"\"/a\\  \n b\"\"\"", "/ab"), ("\"/a#b\" # comment", "/a#b"),
    ("'/a'\r\n", "/a"),
  ])
  func `text is read as written`(text: String, expected: String) throws {
    #expect(try load("state_directory = \(text)").stateDirectory == expected)
  }

  @Test(arguments: [
    ("1", 1.0), ("+1", 1), ("1_000", 1000), ("0x1F", 31), ("0o17", 15), ("0b101", 5), ("1.5", 1.5), ("1e2", 100),
    ("1.5E+2", 150), ("2_5.2_5", 25.25), ("10e-1", 1),
  ])
  func `numbers are read as written`(text: String, expected: Double) throws {
    #expect(try load("[defaults]\ncool_down_hours = \(text)").defaults.coolDownHours == expected)
  }

  @Test(arguments: [
    "", "# target_accuracy", ",", "]", "01", "1_", "_1", "1__0", "1_.5", "1._5", "1_e5", "1e_5", "0x1_", "0x-1", "1.",
    ".5", "1.e3", "1e", "0x", "0x_1", "+0x1", "0xG",
    "1 2", "tru", "True", "9223372036854775808", "1.5.2", "01.5", "--1", "+", "\"a", "'a", "\"\"\"a", "\"a\nb\"",
    "\"\\q\"", "\"\\u12\"", "\"\\uD800\"", "\"\\U00110000\"", "[1", "[1 2]", "[,]", "{a = 1", "{a = 1,}", "{,}", "{a}",
    "\"a\u{1}\"", "\"a\" \"b\"", "= 3", "\"a\\", "1979-05-27 07:32:00 x",
  ])
  func `a value that is none is told with its line`(text: String) throws {
    let told = try problems("# first\nlog_level = \(text)\n")
    #expect(told.first?.line == 2 && told.first?.rule.hasPrefix("not valid TOML: ") == true, "\(told)")
  }

  @Test(arguments: [
    "[1, 2, # two\n 3,\n]", "[[1], ['a', \"b\"]]", "[]", "1979-05-27", "1979-05-27T07:32:00Z", "07:32:00.5",
    "1979-05-27 07:32:00+01:00",
  ])
  func `values no setting takes are read whole and refused by name`(text: String) throws {
    let told = try problems("mode_x = \(text)\nlog_level = 1\n")
    #expect(told.count == 2)
    #expect(told.first?.key == "mode_x" && told.first?.line == 1)
    #expect(told.last?.key == "log_level")
  }

  @Test(arguments: [
    "[limits]\n[limits]", "limits.queue_rows_max = 99\nlimits.queue_rows_max = 99",
    "limits = {queue_rows_max = 99}\n[limits]", "limits = {queue_rows_max = 99}\nlimits.connections_max = 9",
    "[limits]\nqueue_rows_max = 99\nqueue_rows_max.x = 1", "limits = {queue_rows_max = 99, queue_rows_max = 99}",
    "[limits]\nqueue_rows_max = 99\n[limits.queue_rows_max]", "\"log_level\" = 'info'\nlog_level = 'info'",
  ])
  func `what is said twice is told`(text: String) throws {
    let told = try problems(text)
    #expect(told.count == 1 && told.first?.rule.hasSuffix("stands in this file twice") == true, "\(told)")
  }

  @Test(arguments: [
    "limits.queue_rows_max = 99", "limits . queue_rows_max=99", "[limits]\n'queue_rows_max' = 99",
    "[ limits ] # c\n\tqueue_rows_max = 99", "limits = { queue_rows_max = 99 }", "\u{FEFF}limits.queue_rows_max = 99",
    "[limits]\r\nqueue_rows_max = 99\r\n",
  ])
  func `a key may be written in every way TOML has`(text: String) throws {
    #expect(try load(text).limits.queueRowsMax == 99)
  }

  @Test func `a quoted dot is no section`() throws {
    #expect(try problems("\"limits.queue_rows_max\" = 99").first?.rule.hasPrefix("unknown key") == true)
  }

  @Test func `reading goes on after each mistake, and stops after twenty`() throws {
    let told = try problems("a = ,\nlog_level = 3\nb\n[[x]]\nlog_level = 4\n[limits]\nqueue_rows_max = 1\n")
    #expect(told.map(\.line) == [1, 3, 4, 2, 7])
    #expect(try problems(String(repeating: "a\n", count: 1000)).count == 20)
  }

  @Test func `nesting is bounded`() throws {
    for text in [
      "a = " + String(repeating: "[", count: 50_000), "a = " + String(repeating: "{a=", count: 50_000),
      String(repeating: "a.", count: 50_000) + "a = 1", "[" + String(repeating: "a.", count: 50_000) + "a]",
    ] {
      #expect(try problems(text).count == 1)
    }
  }
}
