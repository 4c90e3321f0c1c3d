import ControlText
import Testing
import Wire

@Test func `a command repeats the state directory it needs, and help needs none`() {
  let commands = CommandText(stateDirectory: "/tmp/try out")
  #expect(commands.text("explain", "7") == "kaizenctl explain 7 --state-dir '/tmp/try out'")
  #expect(commands.text("line", "add", "--help") == "kaizenctl line add --help")
  #expect(CommandText().text("lines") == "kaizenctl lines")
}

@Test(arguments: [
  ("press-3", "press-3"), ("product=A7,camera=2", "product=A7,camera=2"), ("größe=ü1", "größe=ü1"),
  ("", "''"), ("a b", "'a b'"), ("it's", #"'it'\''s'"#), ("$(reboot)", "'$(reboot)'"), ("a;b", "'a;b'"),
  ("*", "'*'"), ("~", "'~'"), ("a\\b", "'a\\b'"), ("x\u{1B}[2J", "'x\u{FFFD}[2J'"),
])
func `words are quoted where a shell would take them apart`(word: String, quoted: String) {
  #expect(CommandText.quoted([word]) == quoted)
}

@Test func `hints of every text carry the state directory`() throws {
  let elsewhere = TextStyle(colours: false, commands: CommandText(stateDirectory: "/tmp/k"))
  var empty = status
  empty.lines = []
  let texts = [empty.text(elsewhere), LineStatusText(press).text(elsewhere)]
  for text in texts {
    let hints = text.split(separator: "\n").filter { $0.contains("kaizenctl ") }
    #expect(hints.count == 1)
    #expect(hints.allSatisfy { $0.hasSuffix(" --state-dir /tmp/k") }, "\(text)")
  }
}
