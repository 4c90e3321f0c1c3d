import Domain
import Policy
import Testing

@Suite struct ChannelEvidenceTests {
  let levels = AlarmLevels(primary: 20, labelling: 20, falseAlarmsPerYear: 1)

  private func judge(_ evidence: inout GroupEvidence, day: Int64) {
    evidence.voidMovedChannels(level: levels.labelling)
    var isOpen = false
    if evidence.state != .lagging, Policy.judge(evidence, levels: levels) == .lagging {
      isOpen = !evidence.looksCloser(levels: levels, whole: evidence)
    }
    evidence.enter(
      assess(evidence, levels: levels, isOpen: isOpen).state, at: Timestamp(seconds: day * 86400))
  }

  /// Wrong answers come back twice as often as right ones: 90.5 % of the labelled parts are right, 95 % of all.
  @Test func `chosen parts accuse nobody of missing the target, and a real drop is found among all parts`() {
    var evidence = GroupEvidence(version: ModelVersion(1), target: 0.94)
    for day in Int64(0)..<120 {
      absorb(&evidence, day: day, correct: 43, wrong: 4, unlabelled: 53, channel: "rework", sampling: .chosen)
      judge(&evidence, day: day)
    }
    #expect(evidence.state == .ok)
    #expect(evidence.armedDetectors.map(\.null) == [.targetAtBest, .ownBaseline])
    for day in Int64(120)..<150 {
      absorb(&evidence, day: day, correct: 39, wrong: 13, unlabelled: 48, channel: "rework", sampling: .chosen)
      judge(&evidence, day: day)
    }
    #expect(evidence.state == .lagging)
    #expect(assess(evidence, levels: levels).sentence.contains("by channel rework"))
  }

  @Test func `taken to be like the others the same parts would accuse the group`() {
    var evidence = GroupEvidence(version: ModelVersion(1), target: 0.94)
    for day in Int64(0)..<120 {
      absorb(&evidence, day: day, correct: 43, wrong: 4, unlabelled: 53)
      judge(&evidence, day: day)
    }
    #expect(evidence.state == .lagging)
  }

  @Test func `a channel that labels other parts than before says nothing until its share has settled`() {
    var evidence = GroupEvidence(version: ModelVersion(1), target: nil)
    for day in Int64(0)..<40 {
      absorb(&evidence, day: day, correct: 38, wrong: 2, unlabelled: 40)
      judge(&evidence, day: day)
    }
    #expect(evidence.state == .ok)
    var states: [GroupState] = []
    for day in Int64(40)..<60 {
      absorb(&evidence, day: day, correct: 12, wrong: 2, unlabelled: 66)
      judge(&evidence, day: day)
      states.append(evidence.state)
    }
    let first = states.firstIndex(of: .unknown)
    #expect(first.map { $0 < 10 } == true)
    #expect(!states.contains(.lagging))
    let void = assess(evidence, levels: levels)
    #expect(evidence.channels[0].voidSince == nil, "20 days of 80 parts are enough to settle")
    #expect(!void.sentence.contains("void"))
    for day in Int64(60)..<90 {
      absorb(&evidence, day: day, correct: 12, wrong: 2, unlabelled: 66)
      judge(&evidence, day: day)
    }
    #expect(evidence.state == .ok, "held to its new beginning")
  }

  @Test func `an inspection of so many parts a day is chosen as before when more parts are made`() {
    var evidence = GroupEvidence(version: ModelVersion(1), target: nil)
    for day in Int64(0)..<60 {
      absorb(&evidence, day: day, correct: 38, wrong: 2, unlabelled: day < 30 ? 40 : 400)
      judge(&evidence, day: day)
      #expect(evidence.channels[0].voidSince == nil)
    }
    #expect(evidence.state == .ok)
    for day in Int64(60)..<75 {
      absorb(&evidence, day: day, correct: 30, wrong: 10, unlabelled: 400)
      judge(&evidence, day: day)
    }
    #expect(evidence.state == .lagging)
  }

  @Test func `a declared audit may look at more parts of a group and goes on counting against the target`() {
    var evidence = GroupEvidence(version: ModelVersion(1), target: 0.95)
    for day in Int64(0)..<30 {
      absorb(&evidence, day: day, correct: 19, wrong: 1, unlabelled: 180, channel: "audit")
      judge(&evidence, day: day)
    }
    for day in Int64(30)..<50 {
      absorb(&evidence, day: day, correct: 51, wrong: 9, unlabelled: 140, channel: "audit")
      judge(&evidence, day: day)
    }
    #expect(evidence.state == .lagging)
  }

  @Test func `a beginning takes five days, and counts less where days differ`() {
    var evidence = GroupEvidence(version: ModelVersion(1), target: nil)
    for day in Int64(0)..<4 { absorb(&evidence, day: day, correct: 950, wrong: 50) }
    #expect(evidence.armedDetectors.isEmpty)
    absorb(&evidence, day: 4, correct: 950, wrong: 50)
    let alike = evidence.armedDetectors.first?.nullAccuracy ?? 0
    var clustered = GroupEvidence(version: ModelVersion(1), target: nil)
    for day in Int64(0)..<5 {
      var counts = ChannelCounts(day: day)
      counts.correct = 950
      counts.wrong = 50
      clustered.absorb(
        counts, channel: "", sampling: .assumed, inflation: Inflation(accuracy: 6, parts: 6, labelling: 1))
    }
    let apart = clustered.armedDetectors.first?.nullAccuracy ?? 1
    #expect(alike > 0.94 && apart < alike - 0.003)
  }

  @Test func `who looks closer at a lagging group does not end its alarm`() {
    var evidence = GroupEvidence(version: ModelVersion(1), target: 0.95)
    for day in Int64(0)..<30 {
      absorb(&evidence, day: day, correct: 38, wrong: 2, unlabelled: 40, sampling: .assumed)
      judge(&evidence, day: day)
    }
    for day in Int64(30)..<45 {
      absorb(&evidence, day: day, correct: 28, wrong: 12, unlabelled: 40, sampling: .assumed)
      judge(&evidence, day: day)
    }
    #expect(evidence.state == .lagging)
    for day in Int64(45)..<60 {
      // By now the line's channel counts as one that chooses.
      absorb(&evidence, day: day, correct: 56, wrong: 24, sampling: .chosen)
      // The monitor voids no channel of a set that lags.
      evidence.enter(assess(evidence, levels: levels).state, at: Timestamp(seconds: day * 86400))
    }
    #expect(evidence.state == .lagging)
  }

  @Test func `each channel is held to its own beginning`() {
    var evidence = GroupEvidence(version: ModelVersion(1), target: nil)
    for day in Int64(0)..<30 {
      absorb(&evidence, day: day, correct: 39, wrong: 1, unlabelled: 40, channel: "audit")
      absorb(&evidence, day: day, correct: 20, wrong: 20, unlabelled: 40, channel: "rework")
      judge(&evidence, day: day)
    }
    #expect(evidence.channels.map(\.channel) == ["audit", "rework"])
    #expect(evidence.armedDetectors.count == 2)
    #expect(evidence.state == .ok)
    for day in Int64(30)..<40 {
      absorb(&evidence, day: day, correct: 30, wrong: 10, unlabelled: 40, channel: "audit")
      judge(&evidence, day: day)
    }
    #expect(evidence.state == .lagging)
  }

  @Test func `an early sign puts a group on watch and never further`() {
    var evidence = GroupEvidence(version: ModelVersion(1), target: 0.9)
    for day in Int64(0)..<10 { absorb(&evidence, day: day, correct: 40, wrong: 1) }
    let sign = EarlySign(kind: .drift, day: 9, sentence: "temp_3 is not distributed as it was since 1970-01-10")
    let assessment = assess(evidence, levels: levels, signs: [sign, sign, sign])
    #expect(assessment.state == .watch)
    #expect(assessment.sentence.contains("temp_3"))
    #expect(assess(evidence, levels: levels).state == .ok)
  }

  @Test func `a set by true class sees no parts without a label, and chosen parts are held to no target there`() {
    var evidence = GroupEvidence(version: nil, target: 0.9, seesUnlabelled: false)
    absorb(&evidence, day: 0, correct: 10, wrong: 30, channel: "rework", sampling: .chosen)
    #expect(evidence.armedDetectors.isEmpty)
    #expect(evidence.armedLabelling == 0)
    var known = GroupEvidence(version: nil, target: 0.9, seesUnlabelled: false)
    absorb(&known, day: 0, correct: 10, wrong: 30)
    #expect(known.armedDetectors.map(\.null) == [.target])
  }
}

@Suite struct MaturityRuleTests {
  private func counts(_ right: [(Double, Int)], wrong: [(Double, Int)] = []) -> ChannelDelays {
    var delays = ChannelDelays()
    for (list, isWrong) in [(right, false), (wrong, true)] {
      for (upper, count) in list {
        let bucket = OutcomeDelay.upperHours.firstIndex(of: upper) ?? 0
        delays.add(count, of: OutcomeDelay(bucket: bucket), isWrong: isWrong)
      }
    }
    return delays
  }

  private func hours(_ right: [(Double, Int)], wrong: [(Double, Int)] = [], age: Double) -> Double? {
    var rule = MaturityRule(begun: Timestamp(seconds: 0))
    rule.estimate(counts(right, wrong: wrong), now: Timestamp(seconds: 0).advanced(hours: age))
    return rule.hours
  }

  @Test func `a part counts when all but one in a hundred outcomes have come, never before a day`() {
    #expect(hours([(1, 1000)], age: 700) == 24)
    #expect(hours([(4, 900), (48, 95), (72, 5)], age: 2000) == 48)
    #expect(hours([(4, 900), (72, 100)], age: 2000) == 72)
    #expect(hours([(4, 900), (2160, 100)], age: 9000) == MaturityRule.hoursMaximum)
  }

  @Test func `too few outcomes say nothing, and a week is waited then`() {
    #expect(hours([(1, 99)], age: 700) == MaturityRule.hoursUntold)
    #expect(hours([], age: 700) == MaturityRule.hoursUntold)
  }

  @Test func `a cell whose errors come first is not judged by the delays of the others`() {
    var rule = MaturityRule(begun: Timestamp(seconds: 0))
    let most = counts([(4, 60_000)], wrong: [(4, 3000)])
    let slow = counts([(168, 300)], wrong: [(4, 100)])
    var all = most
    all.add(slow)
    rule.estimate(all, cells: [most, slow], now: Timestamp(seconds: 0).advanced(hours: 4000))
    #expect(rule.hours == 168)
  }

  /// After 8 days the outcomes that take a week are only beginning to come.
  @Test func `outcomes that take long count for those that are still on their way`() {
    let counts: [(Double, Int)] = [(24, 9890), (72, 40), (168, 70)]
    #expect(hours(counts, age: 5000) == 72)
    #expect(hours(counts, age: 170) == 168)
  }

  @Test func `where wrong answers come back no sooner than right ones nobody waits for the last`() {
    let right = [(4.0, 6000), (48, 3000), (168, 1000)]
    #expect(hours(right, wrong: [(4, 600), (48, 300), (168, 100)], age: 5000) == 24)
    #expect(hours(right, wrong: [(4, 900), (48, 90), (168, 10)], age: 5000) == 168, "errors come sooner")
    #expect(hours(right, wrong: [(4, 6), (48, 3), (168, 1)], age: 5000) == 168, "ten errors prove nothing")
    #expect(hours([(4, 4000), (168, 6000)], wrong: [(4, 400), (168, 600)], age: 5000) == 168, "most would be lost")
  }

  @Test func `it is looked at after a week, then each week, and follows what changes`() {
    var rule = MaturityRule(begun: Timestamp(seconds: 0))
    func at(_ hours: Double) -> Timestamp { Timestamp(seconds: 0).advanced(hours: hours) }
    #expect(!rule.isDue(at(167)) && rule.isDue(at(168)))
    rule.estimate(counts([(1, 1000)]), now: at(168))
    #expect(rule.hours == 24)
    #expect(!rule.isDue(at(335)) && rule.isDue(at(336)))
    rule.estimate(counts([(1, 1000), (72, 1000)]), now: at(336))
    #expect(rule.hours == 72)
    for week in 3..<12 {
      rule.estimate(counts([(1, 1000 * (week - 1)), (72, 1000)]), now: at(Double(week) * 168))
    }
    #expect(rule.hours == 24)
  }
}

@Suite struct NodePlanTests {
  private func schema(_ count: Int, outcome: Bool = false) throws -> GroupSchema {
    try GroupSchema(attributes: ["product", "camera", "shift"].prefix(count).map { $0 }, includesOutcome: outcome)
  }

  private func members(_ cells: [([String], Int)]) -> [NodePlan.Member] {
    cells.map { NodePlan.Member(group: GroupKey(cell: Cell($0.0)), weeklyLabels: $0.1) }
  }

  @Test func `groups are watched, then the line and what lies between, as far as it says something of its own`() throws
  {
    let plan = planNodes(
      members([(["A", "1"], 40), (["A", "2"], 50), (["B", "1"], 60)]), schema: try schema(2), adopted: [],
      classes: [0, 1], retired: [])
    let wanted: [PartSlice] = [
      PartSlice(values: ["B", "1"]), PartSlice(values: ["A", "2"]), PartSlice(values: ["A", "1"]),
      PartSlice(values: [nil, nil]), PartSlice(values: [nil, "1"]), PartSlice(values: ["A", nil]),
      PartSlice(values: [nil, nil], outcome: 0), PartSlice(values: [nil, nil], outcome: 1),
    ]
    // product=B is group B,1 and camera=2 is group A,2: they would say the same twice.
    #expect(Set(plan.slices) == Set(wanted))
    #expect(plan.slices.prefix(4) == wanted.prefix(4))
  }

  @Test func `a node with few labels is left out, and so is what an operator retired`() throws {
    let plan = planNodes(
      members([(["A", "1"], 10), (["A", "2"], 9), (["B", "1"], 60), (["B", "2"], 60)]), schema: try schema(2),
      adopted: [], classes: [], retired: [PartSlice(values: ["B", "1"]), PartSlice(values: [nil, nil])])
    #expect(!plan.slices.contains(PartSlice(values: ["A", nil])), "19 labels a week")
    #expect(plan.slices.contains(PartSlice(values: [nil, "2"])))
    #expect(!plan.slices.contains(PartSlice(values: ["B", "1"])))
    #expect(!plan.slices.contains(PartSlice(values: [nil, nil])))
  }

  @Test func `where there are too many groups the busiest are watched, the others with the nodes above them`() throws {
    let cells = (0..<300).map { (["P\($0)", "\($0 % 3)"], $0) }
    let found = PartSlice(values: ["P1", nil], ranges: [FeatureRange(feature: 0, lower: 1, upper: nil)])
    let plan = planNodes(members(cells), schema: try schema(2), adopted: [found], classes: [], retired: [])
    #expect(plan.slices.count == NodePlan.maximumNodes)
    #expect(plan.slices.contains(found))
    #expect(plan.backedOff.count == 101)
    let rare = PartSlice(values: ["P0", "0"])
    let alarming = planNodes(
      members(cells), schema: try schema(2), adopted: [found], classes: [], retired: [], alarming: [rare])
    #expect(alarming.slices.contains(rare) && !plan.slices.contains(rare))
    #expect(plan.backedOff.allSatisfy { Int($0.cell.values[0].dropFirst()).map { $0 <= 100 } == true })
  }

  @Test func `a node that is watched stays until its labels have been few for four weeks, and in alarm in any case`()
    throws
  {
    let members = [(["A", "1"], 8, 60), (["A", "2"], 8, 60), (["B", "1"], 0, 9), (["B", "2"], 0, 9)].map {
      NodePlan.Member(group: GroupKey(cell: Cell($0.0)), weeklyLabels: $0.1, monthlyLabels: $0.2)
    }
    let a = PartSlice(values: ["A", nil])
    let b = PartSlice(values: ["B", nil])
    func plan(watched: Set<PartSlice>, alarming: Set<PartSlice>) throws -> [PartSlice] {
      planNodes(
        members, schema: try schema(2), adopted: [], classes: [], retired: [], watched: watched, alarming: alarming
      ).slices
    }
    #expect(!(try plan(watched: [], alarming: []).contains(a)))
    #expect(try plan(watched: [a, b], alarming: []).contains(a))
    #expect(!(try plan(watched: [a, b], alarming: []).contains(b)))
    #expect(try plan(watched: [a, b], alarming: [b]).contains(b))
  }

  @Test func `where groups hold the true class the nodes above them do too`() throws {
    let members = (0..<4).map {
      NodePlan.Member(group: GroupKey(cell: Cell(["P\($0 / 2)", "1"]), outcome: $0 % 2), weeklyLabels: 100)
    }
    let plan = planNodes(members, schema: try schema(2, outcome: true), adopted: [], classes: [0, 1], retired: [])
    #expect(plan.slices.contains(PartSlice(values: [nil, nil], outcome: 1)))
    #expect(plan.slices.allSatisfy { $0.outcome != nil })
  }
}

@Suite struct ExplainingTests {
  let levels = AlarmLevels(primary: 4, falseAlarmsPerYear: 1)

  private func lagging(_ values: [String?], correct: Int, wrong: Int) -> LaggingSet {
    var evidence = GroupEvidence(version: nil, target: 0.95)
    for day in Int64(0)..<20 { absorb(&evidence, day: day, correct: correct, wrong: wrong) }
    return LaggingSet(
      slice: PartSlice(values: values), evidence: evidence, assessment: assess(evidence, levels: levels))
  }

  @Test func `a set lags because of one inside it, unless the rest lags too`() {
    let group = lagging(["A", "1"], correct: 20, wrong: 20)
    let product = lagging(["A", nil], correct: 58, wrong: 22)
    #expect(explaining(product, among: [group, product]) == group.slice)
    #expect(explaining(group, among: [group, product]) == nil)
    let worse = lagging(["A", nil], correct: 50, wrong: 30)
    #expect(explaining(worse, among: [group, worse]) == nil)
  }
}
