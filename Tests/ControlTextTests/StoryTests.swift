import ControlText
import Domain
import Testing
import Wire

private let audit = AuditRow(
  seq: 17, time: "2026-11-23T06:31:07.5Z", uid: 998, login: "kaizend", event: "run.started", line: "press-3",
  group: nil, run: 12, sentence: "Started.", hash: "ab")

@Test func `a run is explained by numbered sentences, arms, weights, the gate and its audit entries`() {
  let reply = ExplainReply(
    subject: "run 12 of press-3",
    sentences: [
      "The group product=A7,camera=2 fell to 81.2 % [76.1, 85.6] of 212 labelled parts.", "It was retrained.",
    ],
    run: job, report: report, audit: [audit])
  let text = ExplainText(reply, line: definitionRow).text(plain)
  #expect(
    text == """
      run 12 of press-3

       1. The group product=A7,camera=2 fell to 81.2 % [76.1, 85.6] of 212 labelled
          parts.
       2. It was retrained.

      The challenger was distilled with GroupDistil (our reconstruction of arXiv
      2311.00476).

      arm              select score  steps        time
      labels                  0.790    650        12 s
      groupdistil-0.9         0.812  1,000  1 min 15 s  chosen
      unlabelled                  -      0           -  not run
      unlabelled was not run: fewer than 200 unlabelled rows

      group weights of the arm groupdistil-0.9, last step
      group                      rows  weight  x uniform  relative loss  bound  select
      product=A7,camera=2,      1,200   0.800        1.6           1.80  cap    40/50
       outcome=bad
      product=A7,camera=1,      1,200   0.200        0.4           1.80  floor  40/50
       outcome=good

      the gate's parts, both students
      group                              n  champion  challenger  wins  losses
      product=A7,camera=2,outcome=bad  160    62.5 %      81.3 %    40      10
      note: 3 groups had fewer than 20 rows and were merged.

      audit entries of the run: kaizenctl audit show --run 12
        17  2026-11-23T06:31:07Z  run.started  by kaizend
      """)
  #expect(widest(text) <= 80)
}

@Test func `entries under a group's story are said to be the group's, also where a run is named`() {
  var entry = audit
  entry.group = "product=A7,camera=2"
  let reply = ExplainReply(
    subject: "product=A7,camera=2 of press-3", sentences: ["It lags."], run: job, report: nil, audit: [entry])
  let text = ExplainText(reply, line: nil, asked: ("press-3", "camera=2,product=A7")).text(plain)
  #expect(
    text.contains("audit entries of the group: kaizenctl audit show --line press-3 --group product=A7,camera=2\n"))
  #expect(!text.contains("--run"))
}

@Test func `numbers of many sentences stay aligned`() {
  let reply = ExplainReply(
    subject: "x", sentences: (1...10).map { "Sentence \($0)." }, run: nil, report: nil, audit: [])
  let lines = ExplainText(reply, line: nil).text(plain).split(separator: "\n")
  #expect(lines[1] == "  1. Sentence 1.")
  #expect(lines[10] == " 10. Sentence 10.")
}

@Test func `groups of a line that is gone show their values`() {
  let names = GroupNames(nil as LineRow?)
  #expect(names.text(key(["A7", "2"], 1)) == "A7,2,class 1")
  #expect(GroupNames(definitionRow).text(key(["A7", "2"], 1)) == "product=A7,camera=2,outcome=bad")
  #expect(GroupNames(definitionRow).text(key(["A7", "2"], 9)) == "product=A7,camera=2,outcome=class 9")
  #expect(GroupNames(definitionRow).text(key(["A7"])) == "A7")
}

private func firstStudent(_ report: TrainingReport) throws -> String {
  let definition = LineDefinition(
    id: try LineID("press-3"), schema: try GroupSchema(attributes: ["product", "camera"], includesOutcome: true),
    featureNames: ["x1"], classNames: ["good", "bad"])
  let reply = AddLineReply(
    line: "press-3", version: 1, run: 1, sentence: "press-3 is added and serves.",
    advice: ["student 1: no part goes to manual check"])
  return FirstStudentText(reply, definition: definition, report: report).text(plain)
}

@Test func `a first student is shown with the teacher beside it and the reason for its arm`() throws {
  let text = try firstStudent(report)
  #expect(widest(text) <= 80)
  #expect(
    text.hasPrefix(
      """
      press-3 is added and serves.
      student v1, distilled with GroupDistil (our reconstruction of arXiv 2311.00476)

      group                              n  student [95 %]         teacher [95 %]
      product=A7,camera=2,             100  88.0 % [80.0, 93.6]    91.0 % [83.6, 95.8]
       outcome=good
      product=A7,camera=2,outcome=bad    0  not enough labels yet  no teacher

      teacher: A wider network trained here, trusted: no group is more than 1 point
        behind labels.
      chosen arm: groupdistil-0.9, because its worst group did best on the select
        parts (score 0.812 against labels 0.790)
      advice: student 1: no part goes to manual check
      """))
  #expect(
    text.hasSuffix(
      """
      Next:
        kaizenctl explain 1
        kaizenctl status press-3
        kaizenctl predict press-3 --attribute product=... x1=...
      """))
}

@Test func `a first student that no arm could better says so`() throws {
  let lone = TrainingReport(
    folds: [], teacher: TeacherExamination(name: "none", scores: [], verdict: .absent, sentence: "No teacher."),
    arms: [
      ArmReport(
        name: "labels", skipped: nil, selectScore: 0.7, selectScores: [], steps: 1, seconds: 1, weights: [], reasons: []
      )
    ], chosenArm: "labels", heldOutScores: [], pairs: [], seed: 1, instructionSet: "avx2", seconds: 1, remarks: [])
  let text = try firstStudent(lone)
  #expect(text.contains("chosen arm: labels, because no other arm was run"))
  #expect(text.contains("student v1, trained on labels alone"))
  #expect(!text.contains("distilled with GroupDistil"))
}

@Test func `an arm kept by the gate although another scored higher is not said to have done best`() throws {
  func arm(_ name: String, _ score: Double) -> ArmReport {
    ArmReport(
      name: name, skipped: nil, selectScore: score, selectScores: [], steps: 1, seconds: 1, weights: [], reasons: [])
  }
  let kept = TrainingReport(
    folds: [], teacher: TeacherExamination(name: "none", scores: [], verdict: .absent, sentence: "No teacher."),
    arms: [arm("labels, plain training", 0.7), arm("GroupDistil alpha 0.5", 0.8)],
    chosenArm: "labels, plain training", heldOutScores: [], pairs: [], seed: 1, instructionSet: "avx2", seconds: 1,
    remarks: ["plain training is kept: no group lags under it"])
  let words = try firstStudent(kept).split(whereSeparator: \.isWhitespace).joined(separator: " ")
  #expect(words.contains("although another did better on the select parts (score 0.700 against GroupDistil alpha 0.5"))
  #expect(words.contains("the note below says why"))
  #expect(words.contains("note: plain training is kept: no group lags under it"))
}
