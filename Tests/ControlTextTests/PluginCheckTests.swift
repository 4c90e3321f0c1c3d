import ControlText
import Domain
import Testing
import Wire

private func check(
  _ rows: [GroupRow], status: StatusReply = quietStatus, _ options: PluginCheck.Options = .init(), line: String? = nil
) -> PluginCheck {
  PluginCheck(
    status, AlarmsReply(alarms: rows.map { AlarmRow(line: "press-3", group: $0) }), line: line, options: options)
}

private let quietStatus: StatusReply = {
  var reply = status
  var line = press
  line.lagging = 0
  line.watch = 0
  line.worst = healthy
  reply.lines = [line]
  return reply
}()

private let laggingStatus: StatusReply = {
  var reply = status
  var worst = lagging
  worst.accuracy = 0.812
  worst.target = 0.85
  worst.group = "product=A7"
  var line = press
  line.watch = 0
  line.worst = worst
  reply.lines = [line]
  return reply
}()

private var laggingRow: GroupRow { laggingStatus.lines[0].worst ?? lagging }

@Test func `the first line is state, finding and performance data`() {
  let result = check(
    [laggingRow], status: laggingStatus, .init(warning: PluginRange("0.88:"), critical: PluginRange("0.85:")))
  #expect(result.state == .critical)
  #expect(
    result.text.split(separator: "\n")[0]
      == "KAIZEN CRITICAL - press-3 product=A7 81.2% < 85% (n=212) and 1 more | wga=0.812;0.88:;0.85:;0;1 lagging=1;;;0 "
      + "watch=0;;;0 unlabelled=0.309;;;0;1 ledger=31240000B;;;0")
  let alone = check([laggingRow], status: laggingStatus)
  #expect(alone.sentence == "press-3 product=A7 81.2% < 85% (n=212)")
  #expect(alone.performance[0] == "wga=0.812;;0.85:;0;1", "the target, for the graph")
  #expect(alone.details == ["LAGGING press-3 product=A7 81.2% < 85% (n=212), interval 83.2% to 91.9%, evidence 1.20"])
}

@Test func `what counts and what does not`() {
  #expect(check([]).state == .ok)
  #expect(check([]).sentence == "worst press-3 product=A7,camera=1 100% (n=1000)")
  var watch = watched
  #expect(check([watch]).state == .ok, "silenced")
  #expect(check([watch]).sentence.hasSuffix("(1 silenced, acknowledged or explained)"))
  watch.silencedUntil = nil
  #expect(check([watch]).state == .warning, "acknowledged alarms count")
  #expect(check([watch], .init(leavesOutAcknowledged: true)).state == .ok)
  #expect(check([above]).state == .ok, "another set explains it, and is in the list itself")
  #expect(check([void]).state == .warning)
  #expect(check([lagging, watch]).state == .critical)
  #expect(check([lagging, lagging]).sentence.hasSuffix(" and 1 more"))
}

@Test func `the machine itself can be critical, and nothing known is unknown`() {
  var broken = quietStatus
  broken.ledger = LedgerStatus(
    writable: false, predictions: 1, outcomes: 0, bytes: 4096, unrecordedPredictions: 17, problem: "the disk is full")
  #expect(check([], status: broken).state == .critical)
  #expect(check([], status: broken).sentence == "answers are not recorded: the disk is full")
  var closed = quietStatus
  closed.outOfService = ["line weld is out of service: its student is damaged"]
  #expect(check([], status: closed).state == .critical)
  var empty = quietStatus
  empty.lines[0].worst = nil
  #expect(check([], status: empty).state == .unknown)
  #expect(check([watched], status: empty, .init()).state == .unknown)
  empty.lines = []
  #expect(check([], status: empty).sentence == "no line is in service")
  #expect(check([], status: empty).performance.first == "lagging=0;;;0")
}

@Test func `a bar or a line feed in a name cannot end the line`() {
  var row = lagging
  row.group = "product=A|7\n| wga=1"
  let text = check([row]).text
  let lines = text.split(separator: "\n")
  #expect(lines.count == 2)
  #expect(lines[0].count { $0 == "|" } == 1)
  #expect(!lines[1].contains("|"))
}

@Test func `ranges alert as the plugins' guidelines say`() throws {
  // Text, a value inside the alert, one outside it.
  let table: [(String, [Double], [Double])] = [
    ("10", [-1, 10.5], [0, 5, 10]), ("10:", [9.9, -1], [10, 1e9]), ("~:10", [10.1], [-1e9, 10]),
    ("10:20", [9, 21], [10, 15, 20]), ("@10:20", [10, 15, 20], [9, 21]), ("0.85:", [0.8499], [0.85, 1]),
    (":5", [-0.1, 5.1], [0, 5]), ("-5:-1", [0, -6], [-3]),
  ]
  for (text, alerting, quiet) in table {
    let range = try #require(PluginRange(text))
    #expect(range.text == text)
    #expect(alerting.allSatisfy { range.alerts($0) }, "\(text)")
    #expect(!quiet.contains { range.alerts($0) }, "\(text)")
  }
  for text in ["", "a", "1:2:3", "5:1", "@", "nan:", "1,5:"] { #expect(PluginRange(text) == nil, "\(text)") }
}
