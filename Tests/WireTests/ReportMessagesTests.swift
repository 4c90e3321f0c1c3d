import Domain
import Testing
import Wire

@Test func `a report's figures come back from what is sent, column by column`() throws {
  var series = ReportSeries()
  series.days = ["2026-03-02", "2026-03-02"]
  series.versions = [1, 2]
  series.parts = [10, 20]
  series.labelled = [9, 18]
  series.judged = [8, 16]
  series.right = [7, 15]
  #expect(series.isWhole)
  let run = RunRow(
    run: 2, line: "l", kind: "retrain", state: "rolled_back", groups: ["a=1"], cells: ["a=1"], startedAt: "x",
    endedAt: nil, by: "kaizend", chosenArm: "own head", version: 2, progress: nil, sentence: "s")
  var reply = ReportReply(
    line: "l", mode: "auto", time: "clock", attributes: ["a"], outcomeInGroups: false, classes: ["ok", "fail"],
    champion: 1, now: "2026-05-01T00:00:00Z", until: "2026-04-28T00:00:00Z", periodDays: 7,
    groups: [ReportGroupRow(group: "a=1", cell: "a=1", state: "ok", target: 0.9, series: series)],
    dropped: DroppedRows(predictions: 1, outcomes: 2, features: 3), waiting: 4,
    channels: [ChannelRow(channel: "audit", declared: true, samplingProbability: 1, outcomes: 5, conflicts: 0)],
    silentChannels: ["rework"],
    runs: [
      ReportRun(
        run: run, since: "x", causes: ["because"], verdict: ["kept"], scope: "scoped", report: try sampleReport())
    ],
    audit: [])
  reply.others = series
  reply.otherGroups = 3
  reply.youngParts = 6
  reply.activity = "waits"
  let bytes = try OperatorCoding.bytes(reply)
  #expect(try OperatorCoding.message(ReportReply.self, from: bytes) == reply)
  let text = String(decoding: bytes, as: UTF8.self)
  for key in [
    #""schema":1"#, #""period_days":7"#, #""silent_channels":["rework"]"#, #""young_parts":6"#, #""other_groups":3"#,
    #""judged":[8,16]"#,
  ] {
    #expect(text.contains(key), "\(key) is missing")
  }
  series.right.removeLast()
  #expect(!series.isWhole)
}

@Test(arguments: ["yesterday", "2026-13-01", ""])
func `a start that is no time is refused in words`(since: String) throws {
  let request = try WireRequest(
    method: .get, target: "/v1/lines/press-1/report?since=\(since)", headers: WireHeaders(), body: [])
  #expect(throws: WireFault.badMessage("\"since\" is a date or a time in RFC 3339")) {
    try OperatorCall.decode(request)
  }
}
