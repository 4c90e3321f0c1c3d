import ControlText
import Domain
import Testing
import Wire

private func trial(_ stage: String, cells: [String] = ["product=B2,camera=2"]) -> TrialRow {
  TrialRow(
    run: 7, version: 4, stage: stage, cells: cells, since: "2026-11-23T06:31:07.5Z",
    sentence: "43 newly right, 12 newly wrong; e-value 14 of 20")
}

private func tried(_ trials: [TrialRow]) -> LineStatus {
  var line = quiet
  line.trials = trials
  return line
}

@Test func `status says what is on trial, and how a challenger that waits is let go on`() {
  var reply = status
  reply.lines = [tried([trial("shadow"), trial("approval")])]
  reply.job?.step = "GroupDistil clone"
  reply.job?.secondsLeft = 130
  expectLines(
    reply,
    """
    2 lines, 41 groups; worst press-3 product=A7,camera=2 88.1 % (n=212, lagging)

    line  student  groups  lagging  watch  worst group [95 % interval] n
    weld  v1            0        0      0  not enough labels yet

    weld: run 7: student 4 in shadow since 2026-11-23T06:31:07Z for
      product=B2,camera=2; 43 newly right, 12 newly wrong; e-value 14 of 20
    weld: run 7: student 4 for product=B2,camera=2 waits for approval since
      2026-11-23T06:31:07Z; 43 newly right, 12 newly wrong; e-value 14 of 20
        kaizenctl approve 7
        kaizenctl reject 7 --reason TEXT
    job: run 12 of press-3 is training (42.5 %, GroupDistil clone, about 2 min 10 s
      left) for product=A7,camera=2, since 2026-11-23T06:31:07Z, by kaizend
    ledger: 58,802 predictions, 41,000 outcomes, 31.2 MB
    daemon: kaizend 0.1.0, up since 2026-11-20T05:00:00Z
    """)
}

@Test func `one line shows what an approval would cost, in both directions`() {
  var waiting = trial("approval")
  waiting.sentence = "passed its gate"
  waiting.tradeOff = [
    "product=B2,camera=2: of 40 truly bad 12 newly right and 2 newly wrong, of 160 truly good 1 newly right and 3 "
      + "newly wrong; together 13 newly right and 5 newly wrong of 200"
  ]
  expectLines(
    LineStatusText(tried([waiting])),
    """
    weld
    student      v1
    mode         observe, times as the events say
    groups       0, of these 0 lagging and 0 on watch
    worst group  not enough labels yet
    parts        0
    labelled     none matured yet
    last part    none yet

    weld: run 7: student 4 for product=B2,camera=2 waits for approval since
      2026-11-23T06:31:07Z; passed its gate
        product=B2,camera=2: of 40 truly bad 12 newly right and 2 newly wrong, of
          160 truly good 1 newly right and 3 newly wrong; together 13 newly right
          and 5 newly wrong of 200
        kaizenctl approve 7
        kaizenctl reject 7 --reason TEXT

    Next: kaizenctl explain 7
    """)
}

@Test func `a canary says its share, a watch its end, and many cells are counted`() {
  var canary = trial("canary")
  canary.percent = 10
  var watch = trial("watch", cells: (1...40).map { "product=P\($0)" })
  watch.until = "2026-12-07T06:31:07Z"
  let text = LineStatusText(tried([canary, watch, trial("watch", cells: [])])).text(plain)
  let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  #expect(widest(text) <= 80)
  #expect(words.contains("student 4 answers 10 % of the parts since 2026-11-23T06:31:07Z; 43 newly right"))
  #expect(
    words.contains(
      "student 4 serves product=P1 and product=P2 and product=P3 and 37 more cells and is watched since "
        + "2026-11-23T06:31:07Z until 2026-12-07T06:31:07Z; 43"))
  #expect(words.contains("student 4 serves every part and is watched since"))
  #expect(text.hasSuffix("Next: kaizenctl groups weld"), "nothing is to be decided")
}

@Test func `a group that nothing helps is said in the status, in red`() {
  var line = quiet
  line.hopeless = ["product=B2,camera=2: 3 retrainings in a row found nothing better"]
  var reply = status
  reply.lines = [line]
  #expect(reply.text(plain).contains("\nweld: product=B2,camera=2: 3 retrainings in a row found nothing better\n"))
  #expect(reply.text(TextStyle(colours: true)).contains("\u{1B}[31mweld: product=B2"))
  #expect(LineStatusText(line).text(plain).contains("not helped   product=B2,camera=2: 3 retrainings"))
}

@Test func `the story of a run that waits ends with the commands that decide it`() {
  var waiting = job
  waiting.state = "awaiting"
  var reply = ExplainReply(subject: "run 7", sentences: ["It was so."], run: waiting, report: nil, audit: [])
  reply.trials = [trial("approval")]
  expectLines(
    ExplainText(reply, line: nil),
    """
    run 7

     1. It was so.

    it waits for approval:
      kaizenctl approve 7
      kaizenctl reject 7 --reason TEXT
    """)
  reply.trials = [trial("shadow")]
  #expect(!ExplainText(reply, line: nil).text(plain).contains("approve"))
}
