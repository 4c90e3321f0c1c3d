import Domain
import Engine
import Testing

private let anna = Principal(uid: 1000, login: "anna")
private let daemon = Principal(uid: 999, login: "kaizend")

private func definition(outcomes: Bool = true) throws -> LineDefinition {
  LineDefinition(
    id: try LineID("press-1"), schema: try GroupSchema(attributes: ["product"], includesOutcome: outcomes),
    featureNames: ["x"], classNames: ["good", "bad"])
}

private func pair(_ product: String, _ outcome: Int?, of total: Int, wins: Int, losses: Int) -> PairedCounts {
  PairedCounts(
    group: GroupKey(cell: Cell([product]), outcome: outcome), total: total, championCorrect: 50,
    challengerCorrect: 50 + wins - losses, wins: wins, losses: losses)
}

private func report(_ pairs: [PairedCounts]) -> TrainingReport {
  TrainingReport(
    folds: [FoldCounts(group: GroupKey(cell: Cell(["B"])), train: 300, select: 100, heldOut: 200)],
    teacher: TeacherExamination(name: "t", scores: [], verdict: .trusted, sentence: "it may be trusted"),
    arms: [
      ArmReport(
        name: RetrainSpec.previousArm, skipped: nil, selectScore: 0.7, selectScores: [], steps: 0, seconds: 0,
        weights: [], reasons: []),
      ArmReport(
        name: RetrainSpec.headArm, skipped: nil, selectScore: 0.9, selectScores: [], steps: 400, seconds: 2.5,
        weights: [], reasons: ["product=B: weight 1"]),
    ], chosenArm: RetrainSpec.headArm, heldOutScores: [], pairs: pairs, seed: 1, instructionSet: "avx2", seconds: 9,
    remarks: [])
}

private func run(_ state: RunState, scope: RetrainScope = .scoped, report: TrainingReport? = nil) throws -> RunRecord {
  RunRecord(
    number: 7, line: try LineID("press-1"), kind: .retrain, state: state, cells: [Cell(["B"])], groups: ["product=B"],
    causes: ["product=B: accuracy is below the target"], since: Timestamp(seconds: 0),
    startedAt: Timestamp(seconds: 86_400),
    endedAt: Timestamp(seconds: 172_800), by: daemon, report: report,
    verdict: ["promoted: 12 newly right, 2 newly wrong"],
    promoted: ModelVersion(4), scope: scope, rows: 600)
}

private func entry(_ number: Int, _ event: AuditEvent, _ sentence: String, by actor: Principal = daemon) throws
  -> AuditEntry
{
  var entry = AuditEntry(
    time: Timestamp(seconds: 200_000), actor: actor, event: event, line: try LineID("press-1"), group: nil, run: 7,
    sentence: sentence)
  entry.sequence = number
  return entry
}

@Suite struct ExplanationTests {
  @Test func `the story of a run goes from its cause over who approved to what became of its student`() throws {
    let gate = "promoted: 12 newly right, 2 newly wrong"
    let audit = [
      try entry(1, .retrainStarted, "run 7 starts"), try entry(2, .retrainWeights, "run 7 trained own head"),
      try entry(3, .promotionAwaits, "student 4 waits for approval: \(gate); parts below 0.9 go to manual check"),
      try entry(4, .promotionApproved, "student 4 was approved by anna: seen on the wall", by: anna),
      try entry(5, .modelPromoted, "student 4 now serves product=B, all others stay: approved by anna"),
      try entry(6, .modelRolledBack, "product=B went back: student 4 was worse than student 1 on 9 of 11 parts"),
    ]
    var record = try run(.rolledBack, report: report([pair("B", nil, of: 200, wins: 12, losses: 2)]))
    record.verdict = [gate, gate, "approved by anna", "student 4 was worse than student 1 on 9 of 11 parts"]
    let story = explain(record, audit: audit, definition: try definition(outcomes: false), settings: LineSettings())
    let text = story.joined(separator: "\n")
    let order = [
      "Run 7 retrained product=B of line press-1, started by the daemon itself", "Why: product=B: accuracy",
      "Rows: 300 to train, 100 to choose, 200 that came later to judge.", "Teacher: it may be trusted.",
      "Arm the student before: worst group on the select rows 70.0 % (shrunk), no training steps.",
      "Arm own head: worst group on the select rows 90.0 % (shrunk), chosen, 400 steps in 2.5 s.", "How: product=B",
      "serving student 50, challenger 60 right of 200; 12 newly right, 2 newly wrong.", "Gate: promoted",
      "Recorded 1970-01-03T07:33:20Z: student 4 waits for approval.",
      "Recorded 1970-01-03T07:33:20Z by anna (uid 1000): student 4 was approved by anna: seen on the wall.",
      "Student 4 was put into service for product=B at 1970-01-03T00:00:00Z; all other parts kept",
      "student 4 was worse than student 1 on 9 of 11 parts.", "Its student was taken back",
    ]
    var rest = Substring(text)
    for words in order {
      let found = try #require(rest.firstRange(of: words), "\(words) in its place of\n\(text)")
      rest = rest[found.upperBound...]
    }
    #expect(!text.contains("run 7 starts") && !text.contains("Gate: approved"))
    #expect(text.ranges(of: "Gate: ").count == 1 && text.ranges(of: gate).count == 1, "nothing is told twice")
  }

  @Test func `a student for the whole line is told through shadow and canary`() throws {
    let gate = "promoted: no group is worse"
    let audit = [
      try entry(3, .trialAdvanced, "student 4 (run 7) is compared with what serves line press-1: \(gate)"),
      try entry(4, .trialAdvanced, "student 4 (run 7) answers 10 % of the parts of line press-1: evidence 24 of 20"),
      try entry(5, .modelPromoted, "student 4 now serves every part, in the place of 1, 2: it answered 90 parts"),
      try entry(6, .trialEnded, "student 4 is trusted from now on: 14 days of watch are over"),
    ]
    var record = try run(.promoted, scope: .whole)
    record.verdict = [gate, "evidence 24 of 20", "it answered 90 parts", "14 days of watch are over"]
    let story = explain(record, audit: audit, definition: try definition(), settings: LineSettings())
    let time = "Recorded 1970-01-03T07:33:20Z:"
    #expect(
      Array(story.dropFirst(2)) == [
        "Gate: \(gate).", "\(time) student 4 (run 7) is compared with what serves line press-1.",
        "\(time) student 4 (run 7) answers 10 % of the parts of line press-1: evidence 24 of 20.",
        "\(time) it answered 90 parts.", "Student 4 was put into service for every part at 1970-01-03T00:00:00Z.",
        "\(time) student 4 is trusted from now on: 14 days of watch are over.",
      ])
  }

  @Test func `a run stands as it stands`() throws {
    let definition = try definition()
    func last(_ state: RunState) throws -> String {
      explain(try run(state), definition: definition, settings: LineSettings()).last ?? ""
    }
    #expect(try last(.awaiting).contains("'kaizenctl approve 7' lets it go on"))
    #expect(try last(.shadow).contains("nobody gets them"))
    #expect(try last(.canary).contains("a share of the parts"))
    #expect(try last(.rejected).contains("rejected"))
    #expect(try last(.kept).contains("a normal end"))
    #expect(try last(.promoted).contains("Student 4 was put into service for product=B"))
    let whole = explain(try run(.promoted, scope: .whole), definition: definition, settings: LineSettings())
    #expect(whole.first?.contains("trained one student for every part of line press-1") == true)
    #expect(whole.last == "Student 4 was put into service for every part at 1970-01-03T00:00:00Z.")
  }

  @Test func `what a job took and what else was compared is told where it was measured`() throws {
    var full = report([])
    full.unlabelledRows = 900
    full.teacherPairs = [pair("B", 1, of: 80, wins: 5, losses: 1)]
    full.resumedArms = [RetrainSpec.previousArm]
    full.cost = TrainingCost(cpuSeconds: 41.2, pausedSeconds: 12, peakBytes: 310_000_000)
    let story = explain(try run(.kept, report: full), definition: try definition(), settings: LineSettings())
    #expect(story.contains("Arms that learn from the teacher also saw 900 parts without a label."))
    #expect(
      story.contains(
        "The teacher itself on later parts of product=B,outcome=bad: 54 right of 80, the serving student 50."))
    #expect(story.contains("The job was broken off in between; the student before had been finished before."))
    #expect(
      story.contains(
        "It took 41 s of processor time and at most 310 MB of memory; it stood still for 12 s so that answers came in "
          + "time."))
  }

  @Test func `a trade-off tells both directions of every outcome of a cell, the largest loss first`() throws {
    let pairs = [
      pair("A", 0, of: 160, wins: 9, losses: 1), pair("B", 0, of: 160, wins: 1, losses: 3),
      pair("B", 1, of: 40, wins: 12, losses: 2), pair("C", 0, of: 0, wins: 0, losses: 0),
      pair("D", 1, of: 30, wins: 0, losses: 2),
    ]
    #expect(
      tradeOff(report(pairs), definition: try definition()) == [
        "product=D: of 30 truly bad 0 newly right and 2 newly wrong",
        "product=A: of 160 truly good 9 newly right and 1 newly wrong",
        "product=B: of 160 truly good 1 newly right and 3 newly wrong, of 40 truly bad 12 newly right and 2 newly wrong; "
          + "together 13 newly right and 5 newly wrong of 200",
      ])
    let plain = tradeOff(
      report([pair("B", nil, of: 150, wins: 43, losses: 12)]), definition: try definition(outcomes: false))
    #expect(plain == ["product=B: of 150 later parts 43 newly right and 12 newly wrong"])
    let many = tradeOff(
      report((0..<40).map { pair("P\($0)", nil, of: 10, wins: 2, losses: 1) }),
      definition: try definition(outcomes: false))
    #expect(many.count == 13)
    #expect(many.last == "28 further cells together: 56 newly right and 28 newly wrong of 280")
    #expect(tradeOff(report([]), definition: try definition()).isEmpty)
  }
}
