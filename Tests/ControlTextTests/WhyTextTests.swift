import ControlText
import Domain
import Testing
import Wire

private func story(_ group: GroupRow, audit: [AuditRow] = [], runs: [RunRow] = []) -> WhyText? {
  var reply = ExplainReply(subject: group.group, sentences: ["It lags."], run: nil, report: nil, audit: audit)
  reply.group = group
  reply.runs = runs
  return WhyText(reply, line: definitionRow)
}

private let entry = AuditRow(
  seq: 17, time: "2026-11-23T06:31:07.5Z", uid: 998, login: "kaizend", event: "group_lagging", line: "press-3",
  group: "product=A7,camera=2", run: nil, sentence: "product=A7,camera=2 is lagging", hash: "ab")

@Test func `why tells figures, evidence, days, channels, hints, what was done and what to do`() throws {
  let text = try #require(story(fallen, audit: [entry], runs: [job])).text(plain)
  #expect(widest(text) <= 80)
  #expect(
    text == """
      press-3 product=A7,camera=2 is LAGGING since 2026-11-23T06:00:00Z

      88.1 % [83.2, 91.9] of the newest 212 labelled parts were right; its 95 %
      interval stands in brackets.
      Student v4 serves it. The target is 90.0 %.
      980 of 1,240 matured parts have an outcome (79.0 %); whatever the others were,
      the accuracy of all lies between 70.0 % and 91.0 %.
      It is very likely more than 3 points below the other groups together (a ranking,
      no alarm).
      Why: 88.1 % of 212 labelled parts were right, under the target of 90.0 %;
      evidence 1.2 times the lagging threshold.
      Evidence 1.20: 1 is an alarm. A plant in order shows that once a year, or as
      often as its settings allow.
      It is on the list of sets that lag now, of which at most one in ten is wrong on
      average.

       100 % │
        99 % │  ● ●   ●     ● ●   ● ●     ●   ● ●   ●
        96 % │●     ●           ●           ●     ●
        93 % │░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░
        90 % │────────────────────────────────────────────────────────────
        87 % │░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░
        84 % │░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░●░░░░░░░●░░░░░░░●░░░
        81 % │                                          ● ●     ● ●     ●
        78 % │                                              ●       ●
        75 % │
        72 % │
             └────────────────────────────────────────────────────────────
              2026-10-29                                        2026-11-27
              ● a day's accuracy, ░ 95 % interval of all of them, ─ target 90.0 %

      outcomes from  labels   share  counted after  how they are used
      audit             180  14.5 %           24 h  as they are: any part alike
      rework            800  72.7 %          168 h  against their own past only:
                                                     nobody knows how parts are
                                                     chosen; void since 2026-11-20:
                                                     labels another share than before
      (no name)           0       -    30 h 30 min  weighted: each for the parts it
                                                     stands for

      before outcomes come (estimates; nothing is decided by them)
        since 2026-11-18: force is distributed otherwise than before.
        accuracy now about 85.3 %, judged by how sure the student is of 412 newer
          parts.

      what was done
        2026-11-23T06:31:07Z by kaizend: product=A7,camera=2 is lagging.
        run 12, started 2026-11-23T06:31:07Z by kaizend: training; Training on 412
          labelled rows of one cell.

      what to do next
        kaizenctl outcomes coverage press-3
            How many parts each channel labels, and how late.
        kaizenctl retrain press-3 --group product=A7,camera=2 --dry-run
            What a retraining would use; starts nothing.
        kaizenctl alarms ack press-3 product=A7,camera=2 --reason TEXT
            Tells the others that you see to it.
        kaizenctl explain 12
            The latest retraining in full.
        kaizenctl audit show --line press-3 --group product=A7,camera=2
            Everything that was recorded of it.
      """)
}

@Test func `a group that nothing helps says so, and what a person can do`() throws {
  var row = fallen
  row.hopeless =
    "3 retrainings in a row found nothing better; the next is tried with 824 labelled parts (412 now)"
  let text = try #require(story(row)).text(plain)
  #expect(widest(text) <= 80)
  #expect(
    text.contains(
      """
      Retraining does not help it: 3 retrainings in a row found nothing better; the
      next is tried with 824 labelled parts (412 now).
      """))
  for command in ["slices press-3", "export press-3 --group product=A7,camera=2 --to DIR"] {
    #expect(text.contains("  kaizenctl \(command)\n"), "\(command)")
  }
  #expect(text.contains("What one more try would use"))
}

@Test func `the list of groups says what retraining does not help`() {
  var row = lagging
  row.hopeless = "3 retrainings in a row found nothing better for it"
  let text = GroupsReply(line: "press-3", groups: [row]).text(plain)
  #expect(widest(text) <= 80)
  #expect(text.contains("\nproduct=A7,camera=2: retraining does not help it: 3 retrainings in a row found\n"))
}

@Test func `why shows the challenger that waits, and how it is let go on`() throws {
  var reply = ExplainReply(subject: "x", sentences: [], run: nil, report: nil, audit: [])
  reply.group = fallen
  reply.trials = [
    TrialRow(
      run: 7, version: 4, stage: "approval", cells: ["product=A7,camera=2"], since: "2026-11-23T06:31:07.5Z",
      sentence: "43 newly right, 12 newly wrong")
  ]
  let text = try #require(WhyText(reply, line: definitionRow)).text(plain)
  #expect(
    text.contains(
      """
      on trial
        run 7: student 4 for product=A7,camera=2 waits for approval since
          2026-11-23T06:31:07Z; 43 newly right, 12 newly wrong.
      """))
  #expect(text.contains("  kaizenctl approve 7\n"))
}

@Test func `why without Unicode is plain ASCII and as wide`() throws {
  let text = try #require(story(fallen)).text(TextStyle(colours: false, blocks: false))
  #expect(text.unicodeScalars.allSatisfy { $0.isASCII })
  #expect(widest(text) <= 80)
  #expect(text.contains("O a day's accuracy, : 95 % interval of all of them, - target 90.0 %"))
}

@Test func `what is not known is not drawn and not numbered`() throws {
  let text = try #require(story(unknown)).text(plain)
  #expect(text.contains("No labelled part has matured yet, so its accuracy is not known."))
  #expect(!text.contains("│") && !text.contains("Evidence") && !text.contains("outcomes from"))
  #expect(story(unknown)?.text(plain).contains("0.0 %") == true, "0 of 14 have an outcome")
  var reply = ExplainReply(subject: "x", sentences: [], run: nil, report: nil, audit: [])
  #expect(WhyText(reply, line: definitionRow) == nil)
  reply.group = unknown
  #expect(WhyText(reply, line: definitionRow) != nil)
}

@Test func `a plot keeps its frame for every accuracy`() throws {
  for shares: [Double?] in [[0], [1], [0, 1], [0.5], [0.999, nil, 0.001], Array(repeating: 0.97, count: 30)] {
    for labels in [1, 9, 10, 1000] {
      var row = fallen
      row.days = days(shares, labels: labels)
      for target in [nil, 0.5, 0.99] {
        row.target = target
        let text = try #require(story(row)).text(plain)
        let axis = text.split(separator: "\n").filter { $0.contains("│") }
        #expect(axis.count == 11)
        #expect(axis.allSatisfy { $0.count <= 68 })
        let points = axis.joined().count { $0 == "●" || $0 == "○" }
        #expect(points == shares.count { $0 != nil })
      }
    }
  }
}

@Test func `a wider set names the one inside it that lags, first`() throws {
  let text = try #require(story(above)).text(plain)
  #expect(text.hasPrefix("press-3 product=A7 is LAGGING (a set of groups)"))
  #expect(text.contains("what to do next\n  kaizenctl why press-3 product=A7,camera=2\n"))
  #expect(!text.contains("retrain"), "a retraining takes groups")
}
