import ControlText
import Domain
import Testing
import Wire

/// Compares line by line, so that a failure shows the line.
func expectLines(_ subject: some TerminalText, _ expected: String, location: SourceLocation = #_sourceLocation) {
  let text = subject.text(plain)
  #expect(text == expected, sourceLocation: location)
  #expect(widest(text) <= 80, sourceLocation: location)
}

@Test func `status has a headline, a table of lines, the job and the ledger`() {
  expectLines(
    status,
    """
    2 lines, 41 groups; worst press-3 product=A7,camera=2 88.1 % (n=212, lagging)

    line     student  groups  lagging  watch  worst group [95 % interval] n
    press-3  v3 +1        41        1      2  product=A7,camera=2
                                               88.1 % [83.2, 91.9] n=212
    weld     v1            0        0      0  not enough labels yet

    press-3: 3.1 % of the last 1,000 parts to manual check
    press-3: collecting 120 of 375 labelled rows for product=A7,camera=2
    job: run 12 of press-3 is training (42.5 %) for product=A7,camera=2, since
      2026-11-23T06:31:07Z, by kaizend
    ledger: 58,802 predictions, 41,000 outcomes, 31.2 MB
    daemon: kaizend 0.1.0, up since 2026-11-20T05:00:00Z
    """)
}

@Test func `an empty machine is told how to make its first line`() {
  var empty = status
  empty.headline = "No lines yet."
  empty.lines = []
  empty.job = nil
  expectLines(
    empty,
    """
    No lines yet.

    There are no lines yet. Make one from a file of labelled parts:
      kaizenctl line add NAME --data FILE.csv --label COLUMN --groups COLUMN,...

    job: no retraining runs now
    ledger: 58,802 predictions, 41,000 outcomes, 31.2 MB
    daemon: kaizend 0.1.0, up since 2026-11-20T05:00:00Z
    """)
}

@Test func `a ledger that cannot be written is said and coloured`() {
  var broken = status
  broken.ledger = LedgerStatus(
    writable: false, predictions: 1, outcomes: 0, bytes: 4096, unrecordedPredictions: 17, problem: "the disk is full")
  let text = broken.text(plain)
  #expect(
    text.contains(
      "ledger: 1 prediction, 0 outcomes, 4.1 kB, 17 answers not recorded; NOT WRITABLE:\n  the disk is full"))
  #expect(broken.text(TextStyle(colours: true)).contains("\u{1B}[31mledger: 1 prediction"))
}

@Test func `one line on its own`() {
  expectLines(
    LineStatusText(press),
    """
    press-3
    student      v3; some cells by v4
    mode         auto, times by this machine's clock
    groups       41, of these 1 lagging and 2 on watch
    worst group  product=A7,camera=2 88.1 % [83.2, 91.9] n=212
    parts        58,802
    labelled     69.1 % of the matured parts
    last part    2026-11-23T06:30:00Z
    advice       3.1 % of the last 1,000 parts to manual check (low confidence
                  2.0 %, new group 0.9 %, out of range 0.2 %)
    now          collecting 120 of 375 labelled rows for product=A7,camera=2

    student 3: parts below a confidence of 0.8312 go to manual check

    Next: kaizenctl groups press-3
    """)
}

@Test func `a line without parts shows no number it does not know`() {
  expectLines(
    LineStatusText(quiet),
    """
    weld
    student      v1
    mode         observe, times as the events say
    groups       0, of these 0 lagging and 0 on watch
    worst group  not enough labels yet
    parts        0
    labelled     none matured yet
    last part    none yet

    Next: kaizenctl groups weld
    """)
}

@Test func `groups stand worst state first and say why`() {
  expectLines(
    GroupsReply(line: "press-3", groups: [unknown, healthy, lagging]),
    """
    press-3              state    accuracy [95 %]            n  evidence
    product=A7,camera=2  lagging  88.1 % [83.2, 91.9]      212      1.20
    product=A7,camera=1  ok       100.0 % [98.2, 100.0]  1,000     0.010
    product=B1,camera=2  unknown  not enough labels yet      0         -

    product=A7,camera=2: 88.1 % of 212 labelled parts were right, under the target
      of 90.0 %; evidence 1.2 times the lagging threshold.

    Next: kaizenctl why press-3 product=A7,camera=2
    """)
}

@Test func `a long group is wrapped after its commas and the table keeps 80 columns`() {
  var long = lagging
  long.group = "product=A7-long-range-edition,camera=2,shift=night,operator=42,outcome=scratched"
  let text = GroupsReply(line: "press-3", groups: [long]).text(plain)
  #expect(widest(text) <= 80, "\(text)")
  #expect(text.contains("camera=2,"))
}

@Test func `models newest first, with what each serves`() {
  let digest = String(repeating: "0123456789abcdef", count: 4)
  let models = [
    ModelRow(
      version: 3, role: "champion", cells: [], createdAt: "2026-11-01T00:00:00Z", run: 1, arm: nil, parameters: 4421,
      sha256: digest, by: "anna"),
    ModelRow(
      version: 4, role: "scoped", cells: ["product=A7,camera=2"], createdAt: "2026-11-22T00:00:00.25Z", run: 11,
      arm: "clone", parameters: 4421, sha256: digest, by: "kaizend"),
  ]
  expectLines(
    ModelsReply(line: "press-3", models: models),
    """
    v4  scoped  2026-11-22T00:00:00Z
        made by kaizend in run 11, arm clone, 4,421 parameters
        serves product=A7,camera=2
        sha256 \(digest)
    v3  champion  2026-11-01T00:00:00Z
        made by anna in run 1, 4,421 parameters
        serves every cell without a student of its own
        sha256 \(digest)
    """)
}

@Test func `lines show how they are set up`() {
  expectLines(
    LinesReply(lines: [definitionRow]),
    """
    line     groups by               part      classes  mode  time   target  student
    press-3  product,camera,outcome  vector 2        2  auto  clock  90.0 %       v3

    features: x1, x2
    classes: good, bad
    """)
  #expect(!LinesReply(lines: [definitionRow, definitionRow]).text(plain).contains("features:"), "a table alone")
  expectLines(LinesReply(lines: []), "There are no lines yet. Next: kaizenctl line add --help")
}

@Test func `a run says what it is for and how far it is`() {
  expectLines(
    RunsReply(runs: [job]),
    """
    run 12  press-3  retrain  training 42.5 %  2026-11-23T06:31:07Z  by kaizend
        for product=A7,camera=2
        Training on 412 labelled rows of one cell.
    """)
  #expect(!job.hasEndedTraining)
  for state in ["awaiting", "shadow", "canary", "promoted", "kept", "rejected", "rolled_back", "failed", "interrupted"]
  {
    var ended = job
    ended.state = state
    #expect(ended.hasEndedTraining)
  }
}

@Test func `a run that waits for approval says what to type`() {
  var waiting = job
  waiting.state = "awaiting"
  waiting.progress = nil
  waiting.version = 4
  waiting.chosenArm = "own head"
  waiting.sentence = "43 newly right and 12 newly wrong of 150 later parts"
  expectLines(
    RunsReply(runs: [waiting]),
    """
    run 12  press-3  retrain  waits for approval  2026-11-23T06:31:07Z  by kaizend
        student v4 by the arm own head
        for product=A7,camera=2
        43 newly right and 12 newly wrong of 150 later parts
        kaizenctl approve 12
        kaizenctl reject 12 --reason TEXT
    """)
}

@Test func `a dry run of a retraining promises nothing`() {
  let reply = RetrainReply(
    run: nil, line: "press-3", cells: ["product=A7,camera=2"], since: "2026-11-01T00:00:00Z",
    rows: [PlannedRows(group: "product=A7,camera=2", labelled: 1412)], arms: ["labels", "clone"], ready: false,
    estimatedMinutes: 2.5, sentences: ["The gate would see the latest 150 rows."])
  expectLines(
    RetrainText(reply, groups: []),
    """
    A dry run: nothing was started.
    The job would be refused now; why stands below.

    cells: product=A7,camera=2
    rows since: 2026-11-01T00:00:00Z
    arms: labels, clone
    expected to take: 2 min 30 s

    group                labelled rows
    product=A7,camera=2          1,412

    The gate would see the latest 150 rows.

    Next: kaizenctl retrain press-3
    """)
  let named = RetrainText(reply, groups: ["product=A7,camera=2", "product=long one"]).text(plain)
  #expect(
    named.hasSuffix(
      "Next: kaizenctl retrain press-3 --group product=A7,camera=2 --group 'product=long one'"))
}

@Test func `a dry run tells the gate's power and what holds the daemon up`() {
  var reply = RetrainReply(
    run: nil, line: "press-3", cells: ["product=A7,camera=2"], since: "2026-11-01T00:00:00Z",
    rows: [PlannedRows(group: "product=A7,camera=2", labelled: 412)], arms: ["own head", "GroupDistil clone"],
    ready: true, estimatedMinutes: 2.5, sentences: [])
  reply.estimateBasis = "run 7 took 90 s for 250 parts"
  reply.scope = "scoped"
  reply.power = [
    "with 60 labels a 6-point gain is found with probability .81; 40 more labels give .95"
  ]
  reply.obstacles = ["its last job ended less than 72 h ago (31 h left)"]
  expectLines(
    RetrainText(reply, groups: []),
    """
    A dry run: nothing was started.
    The job could start now.

    cells: product=A7,camera=2
    rows since: 2026-11-01T00:00:00Z
    arms: own head, GroupDistil clone
    expected to take: 2 min 30 s (run 7 took 90 s for 250 parts)

    group                labelled rows
    product=A7,camera=2            412

    what the gate would find
      with 60 labels a 6-point gain is found with probability .81; 40 more labels
        give .95.

    what keeps the daemon from starting it by itself now
      its last job ended less than 72 h ago (31 h left).

    Next: kaizenctl retrain press-3
    """)
}

@Test func `a dry run for the whole line goes on as one`() {
  var reply = RetrainReply(
    run: nil, line: "press-3", cells: (0..<40).map { "product=A\($0)" }, since: "2026-11-01T00:00:00Z", rows: [],
    arms: ["consolidated"], ready: true, estimatedMinutes: nil, sentences: [])
  reply.scope = "whole"
  let text = RetrainText(reply, groups: []).text(plain)
  #expect(text.contains("one student for every part of the line, taught by those that serve now"))
  #expect(!text.contains("product=A1"))
  #expect(text.hasSuffix("Next: kaizenctl retrain press-3 --whole"))
}

@Test func `a finished retraining is one object with its start and its end`() throws {
  let start = RetrainReply(
    run: 12, line: "press-3", cells: [], since: "2026-11-01T00:00:00Z", rows: [], arms: [], ready: true,
    estimatedMinutes: nil, sentences: [])
  let bytes = try OperatorCoding.bytes(FinishedRetraining(retrain: start, run: job))
  let json = String(decoding: bytes, as: UTF8.self)
  #expect(json.hasPrefix(#"{"retrain":{"#) && json.hasSuffix(#","schema":1}"#), "\(json)")
  #expect(try OperatorCoding.message(FinishedRetraining.self, from: bytes).run == job)
}

@Test func `a rollback names every route that moved`() {
  expectLines(
    RollbackReply(
      line: "press-3", changes: [RouteChange(cell: "product=A7,camera=2", from: 4, to: 3)],
      sentence: "One cell goes back."),
    """
    One cell goes back.
        product=A7,camera=2: v4 -> v3
    """)
}

@Test func `an audit entry says when, what, who, about what`() {
  let entry = AuditRow(
    seq: 17, time: "2026-11-23T06:31:07.5Z", uid: 998, login: "kaizend", event: "run.started", line: "press-3",
    group: "product=A7,camera=2", run: 12, sentence: "Started.", hash: "ab")
  expectLines(
    AuditReply(entries: [entry]),
    """
    17  2026-11-23T06:31:07Z  run.started  kaizend (uid 998)
        press-3 product=A7,camera=2 run 12
        Started.
    """)
  expectLines(AuditReply(entries: []), "No audit entries match.")
}

@Test func `a broken audit log names its first broken entry in red`() {
  let broken = AuditVerifyReply(intact: false, rows: 20, firstBrokenSeq: 7, sentence: "The chain is broken.")
  expectLines(broken, "The chain is broken. The first broken entry is 7.")
  #expect(broken.text(TextStyle(colours: true)).hasPrefix("\u{1B}[31m"))
}

@Test func `colours never change the words`() {
  let coloured = status.text(TextStyle(colours: true))
  let stripped = coloured.replacing(/\u{1B}\[[0-9]*m/, with: "")
  #expect(coloured != stripped)
  #expect(stripped == status.text(plain))
}

@Test func `a name that steers the terminal is shown and not obeyed`() {
  var hostile = job
  hostile.by = "anna\u{1B}[2J"
  hostile.sentence = "done\r\u{1B}]0;owned\u{07}"
  let text = RunsReply(runs: [hostile]).text(plain)
  #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
}
