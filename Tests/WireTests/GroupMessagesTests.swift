import Domain
import Testing
import Wire

private func roundTrip<Message: Codable & Equatable>(_ message: Message) throws -> String {
  let bytes = try OperatorCoding.bytes(message)
  #expect(try OperatorCoding.message(Message.self, from: bytes) == message)
  return String(decoding: bytes, as: UTF8.self)
}

private let plainRow = GroupRow(
  group: "mold=1", state: "lagging", modelVersion: 2, accuracy: 0.8, lower: nil, upper: 0.9, n: 10, matured: 12,
  labelled: 11, target: nil, evidence: 1.25, why: "because")

private let fullRow: GroupRow = {
  var row = plainRow
  row.kind = "group"
  row.since = "2026-11-03T00:00:00Z"
  row.coverage = 0.9
  row.lowest = 0.7
  row.highest = 0.8
  row.shrunk = 0.82
  row.trailsRest = true
  row.certain = false
  row.explainedBy = "mold=1,shift=day"
  row.days = [DayRow(day: "2026-11-03", correct: 4, wrong: 1)]
  row.channels = [
    GroupChannelRow(
      channel: "audit", sampling: "weighted", maturityHours: 24, labelled: 5, matured: 9, voidSince: "2026-11-02")
  ]
  row.signs = [SignRow(kind: "drift", day: "2026-11-01", sentence: "s")]
  row.estimate = EstimateRow(accuracy: 0.75, parts: 40)
  row.acknowledged = MarkRow(by: "anna", at: "2026-11-03T00:00:00Z", reason: "r")
  row.silenced = row.acknowledged
  row.silencedUntil = "2026-12-01T00:00:00Z"
  return row
}()

@Suite struct GroupMessageTests {
  @Test func `all that is known of a group comes back, and what is not known is absent`() throws {
    let text = try roundTrip(fullRow)
    for key in [
      #""since":"2026-11-03T00:00:00Z""#, #""trails_rest":true"#, #""explained_by":"mold=1,shift=day""#,
      #""days":[{"correct":4,"day":"2026-11-03","wrong":1}]"#, #""maturity_hours":24"#,
      #""void_since":"2026-11-02""#, #""silenced_until":"2026-12-01T00:00:00Z""#, #""kind":"group""#,
      #""estimate":{"accuracy":0.75,"parts":40}"#,
    ] {
      #expect(text.contains(key), "\(key) in \(text)")
    }
    let bare = try roundTrip(plainRow)
    for key in ["kind", "days", "channels", "acknowledged", "null"] { #expect(!bare.contains(key)) }
    #expect(fullRow.isVoid && fullRow.isAlarm && !plainRow.isVoid && plainRow.isAlarm)
  }

  @Test func `answers about alarms, marks and aliases come back with the schema`() throws {
    #expect(try roundTrip(AlarmsReply(alarms: [AlarmRow(line: "l", group: fullRow)])).contains(#""schema":1"#))
    #expect(try roundTrip(MarkReply(line: "l", group: "g", sentence: "s")).contains(#""schema":1"#))
    #expect(
      try roundTrip(AliasReply(line: "l", attribute: "a", value: "v", sentence: "s")).contains(#""schema":1"#))
    let aliases = try roundTrip(
      AliasesReply(
        line: "l",
        aliases: [AliasRow(attribute: "a", value: "v", standsFor: "w", by: "b", at: "t", reason: "r")]))
    #expect(aliases.contains(#""stands_for":"w""#))
    var story = ExplainReply(subject: "s", sentences: [], run: nil, report: nil, audit: [])
    #expect(try !roundTrip(story).contains("group"))
    story.group = fullRow
    story.runs = []
    _ = try roundTrip(story)
  }

  @Test func `calls about groups arrive as they were sent`() throws {
    let line = try LineID("press-3")
    let group = "product=A7%20long,camera=2&x=ü"
    let calls: [OperatorCall] = [
      .alarms(nil), .alarms(line), .aliases(line), .metrics(.openMetrics), .metrics(.prometheus),
      .setAlarm(line, AlarmRequest(group: group, action: .acknowledge, reason: "seen")),
      .setAlarm(line, AlarmRequest(group: group, action: .silence, until: "2026-12-01T06:00:00Z", reason: "trial")),
      .setAlarm(line, AlarmRequest(group: group, action: .unsilence, reason: "over")),
      .markGroup(line, GroupMarkRequest(group: group, action: .retire, reason: "not made any more")),
      .setAlias(line, AliasRequest(attribute: "product", value: "A7-b", standsFor: "A7", reason: "renamed")),
      .setAlias(line, AliasRequest(attribute: "product", value: "A7-b", standsFor: nil, reason: "back")),
    ]
    for call in calls {
      let sent = try call.outgoing()
      let request = try WireRequest(method: sent.method, target: sent.path, body: sent.body)
      #expect(try OperatorCall.decode(request) == call)
    }
  }

  @Test func `requests that mean nothing are refused with the reason`() throws {
    func sentence(_ path: String, _ body: String) -> String? {
      do {
        _ = try OperatorCall.decode(try WireRequest(method: .post, target: path, body: Array(body.utf8)))
        return nil
      } catch { return error.sentence }
    }
    let alarms = "/v1/lines/press-3/alarms"
    #expect(sentence(alarms, #"{"group":"g","action":"acknowledge","reason":"r"}"#) == nil)
    for (body, word) in [
      (#"{"group":"g","action":"acknowledge"}"#, "reason"), (#"{"group":"g","action":"shout","reason":"r"}"#, "action"),
      (#"{"group":"g","action":"silence","reason":"r"}"#, "until"),
      (#"{"group":"g","action":"silence","until":"soon","reason":"r"}"#, "2026-12-01T06:00:00Z"),
      (#"{"group":"g","action":"reopen","until":"2026-12-01","reason":"r"}"#, "silence"),
      (#"{"group":"g","action":"reopen","reason":"  "}"#, "says nothing"),
      (#"{"group":"g","action":"reopen","reason":"a\u001bb"}"#, "control characters"),
    ] {
      #expect(sentence(alarms, body)?.contains(word) == true, "\(sentence(alarms, body) ?? "taken")")
    }
    #expect(
      sentence(
        "/v1/lines/press-3/aliases", #"{"attribute":"a","value":"v","stands_for":"v","reason":"r"}"#)?.contains(
          "itself")
        == true)
    #expect(throws: WireFault.self) {
      try OperatorCall.decode(try WireRequest(method: .get, target: "/metrics?format=xml"))
    }
    #expect(throws: WireFault.self) { try OperatorCall.decode(try WireRequest(method: .post, target: "/metrics")) }
  }
}
