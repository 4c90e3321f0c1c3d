import Domain
import Policy
import Statistics
import Testing

/// A comparison of `days` days, each with these parts.
func compared(_ total: Int, wins: Int, losses: Int, days: Int = 1) -> PairedEvidence {
  var evidence = PairedEvidence()
  for day in 0..<days { evidence.observe(day: Int64(day), PairedTally(total: total, wins: wins, losses: losses)) }
  return evidence
}

private func key(_ cell: String) -> GroupKey { GroupKey(cell: Cell([cell])) }

private func decide(
  _ stage: TrialStage, scope: RetrainScope = .whole, _ pairs: [String: PairedEvidence], lagging: [String] = ["A"],
  hours: Double = 30, shifts: Int? = nil, live: LiveFindings = LiveFindings()
) -> TrialDecision {
  decideTrial(
    TrialQuestion(
      stage: stage, scope: scope, pairs: Dictionary(uniqueKeysWithValues: pairs.map { (key($0), $1) }),
      lagging: Set(lagging.map(key)), hoursInStage: hours, shiftsSeen: shifts, live: live, settings: LineSettings(),
      name: { "mold=\($0.cell.values[0])" }, className: { ["pass", "fail"][$0] }))
}

private func waits(_ decision: TrialDecision) throws -> String {
  guard case .wait(let sentence) = decision else { throw Surprise("\(decision)") }
  return sentence
}

private func advances(_ decision: TrialDecision) throws -> [String] {
  guard case .advance(let sentences) = decision else { throw Surprise("\(decision)") }
  return sentences
}

private func ends(_ decision: TrialDecision) throws -> [String] {
  guard case .end(let sentences) = decision else { throw Surprise("\(decision)") }
  return sentences
}

@Suite struct ApprovalTests {
  @Test func `1 a person has fourteen days`() throws {
    #expect(
      try waits(decide(.approval, [:], hours: 36))
        == "a person has to say yes or no within 14 days, of which 1.5 have passed")
    #expect(try ends(decide(.approval, [:], hours: 336)) == ["nobody decided within 14 days"])
  }

  @Test func `2 nothing that is seen decides for the person`() throws {
    let harmful = ["A": compared(100, wins: 0, losses: 50)]
    _ = try waits(decide(.approval, harmful, live: LiveFindings(answers: 9, unusable: 9)))
  }
}

@Suite struct ShadowTests {
  /// The mean of 1.2^12 .8, 1.4^12 .6, 1.6^12 .4 and 1.8^12 .2 is 96.3; with 11 wins and 2 losses it is 18.3.
  @Test func `1 it leaves the shadow at an e-value of 20, on the groups that lag alone`() throws {
    let ready = try advances(decide(.shadow, ["A": compared(200, wins: 12, losses: 1)]))
    #expect(
      ready[0]
        == "on the groups that lag, of 200 labelled parts compared 12 are newly right and 1 newly wrong: evidence 96 of "
        + "the 20 it needs")
    #expect(ready.last == "its group shows no harm")
    let sentence = try waits(decide(.shadow, ["A": compared(200, wins: 11, losses: 2)]))
    #expect(sentence.contains("evidence 18 of the 20 it needs"))
    #expect(sentence.hasSuffix("it has not shown yet that it is better"))
  }

  @Test func `2 the wins of groups that do not lag are no reason`() throws {
    let pairs = ["A": compared(200, wins: 3, losses: 3), "B": compared(5000, wins: 90, losses: 10)]
    #expect(try waits(decide(.shadow, pairs)).contains("it has not shown yet"))
  }

  @Test func `3 a day and two shifts are watched, however clear it is`() throws {
    let clear = ["A": compared(200, wins: 40, losses: 1)]
    #expect(try waits(decide(.shadow, clear, hours: 23.9)).hasSuffix("23 of at least 24 h have passed"))
    #expect(try waits(decide(.shadow, clear, hours: 24, shifts: 1)).hasSuffix("1 of at least 2 shifts have run"))
    _ = try advances(decide(.shadow, clear, hours: 24, shifts: 2))
    // A plant with one shift has no other.
    _ = try waits(decide(.shadow, clear, hours: 47.9, shifts: 1))
    _ = try advances(decide(.shadow, clear, hours: 48, shifts: 1))
  }

  @Test func `4 all other groups together have to show that they lose less than half a point`() throws {
    let lagging = compared(200, wins: 20, losses: 1)
    let unseen = try waits(decide(.shadow, ["A": lagging, "B": PairedEvidence()]))
    #expect(unseen.hasSuffix("0 of the 150 parts that these need have been compared"))
    let few = try waits(decide(.shadow, ["A": lagging, "B": compared(100, wins: 0, losses: 0)]))
    #expect(few.hasSuffix("100 of the 150 parts that these need have been compared"))
    let open = try waits(decide(.shadow, ["A": lagging, "B": compared(1000, wins: 15, losses: 15)]))
    #expect(open.contains("on all other groups, of 1000 labelled parts compared 15 are newly right and 15 newly wrong"))
    #expect(open.hasSuffix("more parts have to show that it loses less than 0.5 % there"))
    _ = try advances(decide(.shadow, ["A": lagging, "B": compared(4000, wins: 60, losses: 60)]))
  }

  @Test func `5 where nothing lags no gain is asked for, and no loss allowed`() throws {
    let same = try advances(
      decide(
        .shadow, ["A": compared(2000, wins: 30, losses: 30), "B": compared(2000, wins: 30, losses: 30)], lagging: []))
    #expect(same[0].hasPrefix("on all groups, of 4000 labelled parts compared 60 are newly right and 60 newly wrong"))
    #expect(same[1] == "none of 2 groups shows harm")
    _ = try waits(decide(.shadow, ["A": compared(4000, wins: 40, losses: 70)], lagging: []))
    #expect(
      try waits(decide(.shadow, [:], lagging: [])).hasSuffix("0 of the 150 parts that these need have been compared"))
  }

  @Test func `6 after fourteen days without a proof it goes`() throws {
    let sentences = try ends(decide(.shadow, ["A": compared(200, wins: 5, losses: 4)], hours: 336))
    #expect(sentences[0] == "14 days in the shadow were not enough")
    #expect(sentences[1] == "it has not shown yet that it is better")
    #expect(sentences[2].contains("5 are newly right and 4 newly wrong"))
    _ = try ends(decide(.shadow, [:], lagging: [], hours: 336, shifts: 0))
  }

  @Test func `7 harm of any group ends it at once, with the figures of that group`() throws {
    let pairs = ["A": compared(200, wins: 40, losses: 1), "B": compared(30, wins: 1, losses: 6, days: 5)]
    let sentences = try ends(decide(.shadow, pairs, hours: 1))
    #expect(sentences.count == 1)
    #expect(
      sentences[0].hasPrefix(
        "mold=B: it is worse than the serving student, of 150 labelled parts compared 5 are newly right and 30 newly "
          + "wrong; evidence "))
    #expect(sentences[0].hasSuffix("which chance reaches less often than once in 90 days over 2 groups"))
  }
}

@Suite struct CanaryTests {
  let fine = ["A": compared(100, wins: 8, losses: 1), "B": compared(100, wins: 1, losses: 2)]

  @Test func `1 each step takes two days`() throws {
    let live = LiveFindings(answers: 512)
    let sentence = try waits(decide(.canary(percent: 10), fine, hours: 20.5, live: live))
    #expect(
      sentence == "it answered 512 parts (10 %), of 200 labelled parts compared 9 are newly right and 3 newly wrong; "
        + "28 h are left of this step")
    let done = try advances(decide(.canary(percent: 50), fine, hours: 48, live: live))
    #expect(done.last == "none of 2 groups shows harm")
  }

  @Test func `2 a step in which no part came says nothing, however long it was`() throws {
    #expect(
      try waits(decide(.canary(percent: 10), fine, hours: 400))
        == "it answers 10 % of the parts, and none of these has come yet")
  }

  @Test func `3 answers that are not numbers end it at the first`() throws {
    let live = LiveFindings(answers: 3, unusable: 1)
    #expect(
      try ends(decide(.canary(percent: 10), fine, hours: 0.1, live: live)) == ["1 of its 3 answers are not numbers"])
  }

  @Test func `4 slow answers end it when they are surely more than one in a hundred`() throws {
    func live(_ answers: Int, _ slow: Int) -> LiveFindings { LiveFindings(answers: answers, slow: slow) }
    _ = try waits(decide(.canary(percent: 10), fine, live: live(199, 60)))
    _ = try waits(decide(.canary(percent: 10), fine, live: live(1000, 18)))
    let sentences = try ends(decide(.canary(percent: 10), fine, live: live(1000, 20)))
    #expect(
      sentences == [
        "20 of its 1000 answers took longer than the 10 ms allowed: surely more than 1.1 %, and 1.0 % may"
      ])
  }
}

@Suite struct WatchTests {
  @Test func `1 after fourteen days without harm it is over`() throws {
    let pairs = ["A": compared(100, wins: 8, losses: 2, days: 14)]
    let left = try waits(decide(.watch, scope: .scoped, pairs, hours: 36))
    #expect(left.hasSuffix("12.5 days of the watch are left"))
    let over = try advances(decide(.watch, scope: .scoped, pairs, hours: 336))
    #expect(
      over == [
        "14 days of watch are over: of 1400 labelled parts compared 112 are newly right and 28 newly wrong",
        "its group shows no harm",
      ])
  }

  @Test func `2 a student that harms is taken back by itself, with what it is compared with`() throws {
    let sentences = try ends(
      decide(.watch, scope: .scoped, ["A": compared(75, wins: 1, losses: 6, days: 4)], hours: 96))
    #expect(sentences[0].hasPrefix("mold=A: it is worse than what served before, of 300 labelled parts compared 4 are"))
  }

  @Test func `3 a group that lags again is taken back where the old student was no worse`() throws {
    let live = LiveFindings(answers: 900, laggingAgain: [key("A")])
    let pairs = ["A": compared(300, wins: 5, losses: 5)]
    #expect(
      try ends(decide(.watch, scope: .scoped, pairs, live: live)) == [
        "mold=A lags again, and what served before was no worse: of 300 labelled parts compared 5 are newly right and 5 "
          + "newly wrong"
      ])
  }

  @Test func `4 it stays where the old student would be worse still, and says so`() throws {
    let live = LiveFindings(answers: 900, laggingAgain: [key("A")])
    let sentence = try waits(decide(.watch, scope: .scoped, ["A": compared(300, wins: 9, losses: 5)], live: live))
    #expect(sentence.hasPrefix("mold=A lags again, but what served before would be worse there: of 300"))
    let over = try advances(
      decide(.watch, scope: .scoped, ["A": compared(300, wins: 9, losses: 5)], hours: 340, live: live))
    #expect(over[0].hasPrefix("mold=A lags again, but what served before would be worse"))
  }

  @Test func `5 it stays for the other groups that it helped`() throws {
    let live = LiveFindings(answers: 900, laggingAgain: [key("A")])
    let pairs = ["A": compared(300, wins: 5, losses: 6), "B": compared(300, wins: 30, losses: 4)]
    #expect(try waits(decide(.watch, scope: .scoped, pairs, live: live)).contains("it stays, for over all its groups"))
  }

  @Test func `6 where no part could be compared nothing speaks for the old student`() throws {
    let live = LiveFindings(answers: 900, laggingAgain: [key("A")])
    #expect(
      try waits(decide(.watch, scope: .scoped, ["A": PairedEvidence()], live: live)).hasPrefix(
        "mold=A lags again, and no part of it could be compared"))
  }
}

@Suite struct LiveFindingsTests {
  private func decision(_ classes: [Int], gate: [Int]?) -> TrialDecision {
    let live = LiveFindings(answers: classes.reduce(0, +), classes: classes, gateClasses: gate)
    return decide(.watch, scope: .scoped, ["A": compared(10, wins: 0, losses: 0)], live: live)
  }

  @Test func `1 a class that jumps takes the student back, in the words of the line`() throws {
    #expect(
      try ends(decision([300, 300], gate: [270, 30])) == [
        "it answers pass for 50.0 % of 600 parts, and did for 90.0 % of the 300 at its gate (stability index 0.87, allowed 0.25)"
      ])
  }

  @Test func `2 another mix of products does not`() throws {
    // Twice the failing parts is another week, not another student, however sure the count makes it.
    _ = try waits(decision([18_000, 2_000], gate: [9_500, 500]))
    _ = try waits(decision([140, 60], gate: [170, 30]))
  }

  @Test func `3 few parts are not judged, and rows that were chosen are no measure`() throws {
    _ = try waits(decision([99, 100], gate: [270, 30]))
    _ = try waits(decision([300, 300], gate: [170, 20]))
    _ = try waits(decision([300, 300], gate: nil))
    _ = try waits(decision([300, 300], gate: [300, 100, 100]))
  }

  @Test func `4 equal classes pass the bound in none of 2000 trials`() {
    var random = Seeded(seed: 11)
    for _ in 0..<2000 {
      func draw(_ count: Int) -> [Int] {
        var classes = [0, 0]
        for _ in 0..<count { classes[random.unit() < 0.05 ? 1 : 0] += 1 }
        return classes
      }
      guard case .wait = decision(draw(200), gate: draw(200)) else { return #expect(Bool(false), "cried wolf") }
    }
  }
}

@Suite struct PairedEvidenceTests {
  @Test func `1 counts add up and harm is evidence of losses alone`() {
    var evidence = PairedEvidence()
    evidence.observe(day: 1, PairedTally(total: 50, wins: 3, losses: 1))
    evidence.observe(day: 2, PairedTally(total: 25, wins: 0, losses: 0))
    #expect(evidence.tally == PairedTally(total: 75, wins: 3, losses: 1))
    #expect(evidence.harm.restarts == 1, "a day on which both agree is no day of the detector")
    let before = evidence.harm.logEvidence
    evidence.observe(day: 3, PairedTally(total: 25, wins: 0, losses: 6))
    #expect(evidence.harm.logEvidence > before + 2)
  }

  @Test func `2 what was kept is what comes back, and nonsense does not`() {
    let evidence = compared(75, wins: 2, losses: 1, days: 9)
    #expect(PairedEvidence(tally: evidence.tally, harm: evidence.harm) == evidence)
    #expect(PairedEvidence(tally: PairedTally(total: 2, wins: 2, losses: 1), harm: evidence.harm) == nil)
    #expect(PairedEvidence(tally: PairedTally(total: -1), harm: evidence.harm) == nil)
    let other = ShiryaevRobertsDetector(nullAccuracy: 0.9)
    #expect(PairedEvidence(tally: evidence.tally, harm: other) == nil)
  }
}

@Suite struct CanaryBucketTests {
  @Test func `1 a part's bucket never changes`() {
    // Ids that are being served while a daemon is updated must not move between students.
    #expect(["", "A-1", "A-2", "8412/2026-11-28/000017", "Prüfling"].map(canaryBucket) == [3, 33, 37, 17, 21])
  }

  @Test(arguments: ["P", "2026-11-28-", ""])
  func `2 ids that count up are spread evenly`(prefix: String) {
    var counts = [Int](repeating: 0, count: 100)
    for number in 0..<100_000 { counts[canaryBucket(part: "\(prefix)\(number)")] += 1 }
    // 1000 are expected in each; the standard deviation is 31.
    #expect((counts.min() ?? 0) > 860 && (counts.max() ?? 0) < 1140)
    let tenth = counts[..<10].reduce(0, +)
    #expect((9700...10_300).contains(tenth), "\(tenth) of 100000 in a canary of 10 %")
  }
}

/// SplitMix64.
struct Seeded {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func unit() -> Double {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed &>> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed &>> 27)) &* 0x94D0_49BB_1331_11EB
    return Double((mixed ^ (mixed &>> 31)) &>> 11) * 0x1p-53
  }
}
