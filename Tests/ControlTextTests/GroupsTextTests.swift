import ControlText
import Domain
import Testing
import Wire

@Test func `groups show their days on one scale, sets only where there is something to say`() {
  var steady = healthy
  steady.days = days(Array(repeating: 1, count: 30))
  expectLines(
    GroupsReply(line: "press-3", groups: [whole, unknown, steady, above, fallen]),
    """
    press-3              state    accuracy [95 %]            n  evidence  days
    product=A7,camera=2  lagging  88.1 % [83.2, 91.9]      212      1.20  ▇▇█▇█▇▅▁▂▁
    product=A7,camera=1  ok       100.0 % [98.2, 100.0]  1,000     0.010  ██████████
    product=B1,camera=2  unknown  not enough labels yet      0         -

    Sets of groups  state    accuracy [95 %]          n  evidence  days
    product=A7      lagging  93.0 % [90.0, 95.0]  1,000      1.05           ▆

    days: accuracy per 3 days to 2026-11-27, ▁ = 80 % to █ = 100 %; gap: no labels

    product=A7,camera=2: 88.1 % of 212 labelled parts were right, under the target
      of 90.0 %; evidence 1.2 times the lagging threshold.
    product=A7,camera=2: early sign since 2026-11-18: force is distributed otherwise
      than before.
    product=A7: its lagging is that of product=A7,camera=2.

    Next: kaizenctl why press-3 product=A7,camera=2
    """)
}

@Test func `all sets are there for whoever asks`() {
  let text = GroupsText(GroupsReply(line: "press-3", groups: [whole, fallen]), all: true).text(plain)
  #expect(text.contains("\nSets of groups  "))
  #expect(text.contains("\nall  "))
  #expect(!GroupsReply(line: "press-3", groups: [whole, fallen]).text(plain).contains("Sets of groups"))
}

@Test func `a terminal without Unicode gets digits, and a gap stays a gap`() {
  let ascii = TextStyle(colours: false, blocks: false)
  var row = healthy
  row.days = days([1, nil, 0.95, 0.9, 0.5])
  let text = GroupsReply(line: "press-3", groups: [row]).text(ascii)
  #expect(text.contains("     9 870"), "\(text)")
  #expect(text.contains("accuracy per day to 2026-11-27, 0 = 50 % to 9 = 100 %"))
  #expect(text.unicodeScalars.allSatisfy { $0.isASCII })
}

@Test func `notes say why, what explains it, what hints at it and what was said of it`() {
  let text = GroupsReply(line: "press-3", groups: [above, fallen, watched, void]).text(plain)
  #expect(widest(text) <= 80)
  let flat = text.split { $0.isWhitespace }.joined(separator: " ")
  #expect(flat.contains("product=A7: its lagging is that of product=A7,camera=2."))
  #expect(
    flat.contains("product=A7,camera=2: early sign since 2026-11-18: force is distributed otherwise than before."))
  #expect(flat.contains("product=C3,camera=1: acknowledged by anna at 2026-11-24T08:00:00Z: new lamp is on its way"))
  #expect(flat.contains("product=C3,camera=1: silenced until 2026-12-01T06:00:00Z by anna: until the lamp is here"))
  #expect(flat.contains("product=B1,camera=1: channel rework labels 80 % of its parts instead of 30 %."))
  #expect(text.hasSuffix("Next: kaizenctl why press-3 product=A7,camera=2"))
}

@Test func `order: lagging, what another explains, watch, void, in order, unknown`() {
  let rows = [unknown, healthy, void, watched, above, fallen]
  let names = rows.sorted { $0.rank < $1.rank }.map(\.group)
  #expect(names == [fallen, above, watched, void, healthy, unknown].map(\.group))
}

@Test func `alarms say since when, how sure, who knows and until when it is silent`() {
  expectLines(
    AlarmsReply(alarms: [
      AlarmRow(line: "press-3", group: fallen), AlarmRow(line: "press-3", group: watched),
      AlarmRow(line: "weld", group: void),
    ]),
    """
    press-3 product=A7,camera=2
        LAGGING since 2026-11-23T06:00:00Z, 88.1 % [83.2, 91.9] n=212, evidence 1.20
        88.1 % of 212 labelled parts were right, under the target of 90.0 %;
          evidence 1.2 times the lagging threshold.

    press-3 product=C3,camera=1
        WATCH, 91.2 % [88.0, 94.0] n=400, evidence 0.40
        acknowledged by anna at 2026-11-24T08:00:00Z: new lamp is on its way
        silenced until 2026-12-01T06:00:00Z by anna: until the lamp is here

    weld product=B1,camera=1
        UNKNOWN, not enough labels yet, evidence -
        channel rework labels 80 % of its parts instead of 30 %

    Next: kaizenctl why press-3 product=A7,camera=2
    """)
  expectLines(
    AlarmsReply(alarms: []), "No alarm: nothing lags, is on watch, or has outcomes that count no more.")
}

@Test func `aliases are a table`() {
  expectLines(
    AliasesReply(
      line: "press-3",
      aliases: [
        AliasRow(
          attribute: "product", value: "A7-b", standsFor: "A7", by: "anna", at: "2026-11-24T08:00:00Z",
          reason: "the gateway was renamed")
      ]),
    """
    comes as      stands for  since       by    why
    product=A7-b  product=A7  2026-11-24  anna  the gateway was renamed
    """)
  expectLines(AliasesReply(line: "press-3", aliases: []), "No value of press-3 stands for another.")
  expectLines(
    MarkReply(line: "press-3", group: "g", sentence: "group g is silenced until tomorrow"),
    "Group g is silenced until tomorrow.")
  expectLines(MarkReply(line: "press-3", group: "g", sentence: "a=b is announced again"), "a=b is announced again.")
}

@Test func `status tells of groups that nobody can judge any more`() {
  var line = press
  line.remarks = ["product=B1,camera=1 is UNKNOWN: channel rework labels another share of its parts than before"]
  var reply = status
  reply.lines = [line]
  #expect(reply.text(plain).contains("\n\npress-3: product=B1,camera=1 is UNKNOWN: channel rework labels"))
  #expect(LineStatusText(line).text(plain).contains("\nunknown      product=B1,camera=1 is UNKNOWN"))
}
