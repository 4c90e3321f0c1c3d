import Domain
import Policy
import Testing

let day0 = Timestamp(seconds: 1_700_000_000)

func laggard(
  _ cell: String, outcome: Int? = nil, rows: [Int: Int] = [0: 300, 1: 200], evidence: Double = 2, servedBy: Int = 1
) -> LaggingGroup {
  LaggingGroup(
    group: GroupKey(cell: Cell([cell]), outcome: outcome), name: "mold=\(cell)", evidence: evidence,
    suspectedChange: day0, sentence: "it fell", labelledRows: rows, servedBy: ModelVersion(servedBy))
}

@Suite struct RetrainDecisionTests {
  let later = day0.advanced(hours: 240)

  func decide(_ lagging: [LaggingGroup], mode: RetrainMode = .auto, history: [PastJob] = []) -> RetrainDecision {
    decideRetraining(lagging: lagging, settings: LineSettings(mode: mode), history: history, now: later)
  }

  @Test func `1 nothing lags, nothing happens`() { #expect(decide([]) == .nothing) }

  @Test func `2 auto starts, propose proposes, observe says`() {
    guard case .start(let plan) = decide([laggard("A")]) else { return #expect(Bool(false), "not started") }
    #expect(plan.cells == [Cell(["A"])])
    #expect(plan.since == day0)
    #expect(plan.reasons == ["mold=A: it fell"])
    guard case .propose = decide([laggard("A")], mode: .propose) else { return #expect(Bool(false), "not proposed") }
    guard case .observe = decide([laggard("A")], mode: .observe) else { return #expect(Bool(false), "not observed") }
  }

  @Test func `3 too few rows wait, with the count`() {
    guard case .wait(let reasons) = decide([laggard("A", rows: [0: 100, 1: 20])]) else {
      return #expect(Bool(false), "did not wait")
    }
    #expect(reasons[0].contains("120 of 375"))
  }

  @Test func `4 rows of one class teach nothing apart`() {
    guard case .wait(let reasons) = decide([laggard("A", rows: [0: 900])]) else {
      return #expect(Bool(false), "did not wait")
    }
    #expect(reasons[0].contains("same outcome"))
  }

  @Test func `5 a lagging outcome needs rows of its own`() {
    guard case .wait(let reasons) = decide([laggard("A", outcome: 1, rows: [0: 900, 1: 12])]) else {
      return #expect(Bool(false), "did not wait")
    }
    #expect(reasons[0].contains("12 of 50"))
  }

  @Test func `5b nothing is tried again on the rows it was tried on`() {
    let stopped = LaggingGroup(
      group: GroupKey(cell: Cell(["A"])), name: "mold=A", evidence: 2, suspectedChange: day0, sentence: "it fell",
      labelledRows: [0: 300, 1: 200], rowsSinceLastJob: 3, servedBy: ModelVersion(1))
    guard case .wait(let reasons) = decide([stopped]) else { return #expect(Bool(false), "did not wait") }
    #expect(reasons[0].contains("3 of 30"))
  }

  @Test func `6 groups of the student with the strongest evidence go together, others wait their turn`() {
    let groups = [
      laggard("A", evidence: 2), laggard("B", evidence: 9, servedBy: 2), laggard("C", evidence: 3, servedBy: 2),
    ]
    guard case .start(let plan) = decide(groups) else { return #expect(Bool(false), "not started") }
    #expect(plan.cells == [Cell(["B"]), Cell(["C"])])
  }

  @Test func `7 a fresh job of the same cell cools down, another cell goes on`() {
    let job = PastJob(cells: [Cell(["A"])], endedAt: later.advanced(hours: -10), reachedVerdict: true)
    guard case .wait(let reasons) = decide([laggard("A")], history: [job]) else {
      return #expect(Bool(false), "did not wait")
    }
    #expect(reasons[0].contains("62 h left"))
    guard case .start = decide([laggard("B")], history: [job]) else { return #expect(Bool(false), "not started") }
  }

  @Test func `8 a job the machine broke off does not count`() {
    let job = PastJob(cells: [Cell(["A"])], endedAt: later.advanced(hours: -1), reachedVerdict: false)
    guard case .start = decide([laggard("A")], history: [job]) else { return #expect(Bool(false), "not started") }
  }

  @Test func `9 the fourth job in 14 days is refused`() {
    let jobs = [-300.0, -200, -100].map {
      PastJob(cells: [Cell(["A"])], endedAt: later.advanced(hours: $0), reachedVerdict: true)
    }
    guard case .wait(let reasons) = decide([laggard("A")], history: jobs) else {
      return #expect(Bool(false), "did not wait")
    }
    #expect(reasons[0].contains("other help"))
  }
}

@Suite struct PromotionGateTests {
  func pair(_ cell: String, outcome: Int? = nil, total: Int, wins: Int, losses: Int) -> PairedCounts {
    PairedCounts(
      group: GroupKey(cell: Cell([cell]), outcome: outcome), total: total, championCorrect: total - wins - 5,
      challengerCorrect: total - losses - 5, wins: wins, losses: losses)
  }

  func gate(_ pairs: [PairedCounts], lagging: [GroupKey], attempt: Int = 1) -> GateDecision {
    promotionGate(
      GateQuestion(
        pairs: pairs, lagging: Set(lagging), attempt: attempt, settings: LineSettings(),
        name: { "\($0.cell.values[0])" + ($0.outcome.map { ":\($0)" } ?? "") }))
  }

  let a = GroupKey(cell: Cell(["A"]))
  let b = GroupKey(cell: Cell(["B"]))

  @Test func `a clear gain is promoted, with every number in the findings`() {
    let decision = gate([pair("A", total: 200, wins: 20, losses: 3)], lagging: [a])
    #expect(decision.promote)
    #expect(decision.findings.first?.contains("20 newly right, 3 newly wrong") == true)
    #expect(decision.findings.last == "promoted: every condition of the gate is met")
  }

  @Test func `a gain that may be chance is not`() {
    let decision = gate([pair("A", total: 200, wins: 6, losses: 3)], lagging: [a])
    #expect(!decision.promote)
    #expect(decision.findings.last?.contains("may be chance") == true)
  }

  @Test func `the same counts that pass a first attempt fail a third`() {
    let pairs = [pair("A", total: 200, wins: 12, losses: 3)]
    #expect(gate(pairs, lagging: [a], attempt: 1).promote)
    #expect(!gate(pairs, lagging: [a], attempt: 3).promote)
  }

  @Test func `no lagging group may pay for another`() {
    let decision = gate(
      [pair("A", total: 200, wins: 40, losses: 3), pair("B", total: 200, wins: 2, losses: 4)], lagging: [a, b])
    #expect(!decision.promote)
    #expect(decision.findings.last?.contains("B got worse by 2 of 200") == true)
  }

  @Test func `too few rows are no evidence`() {
    #expect(!gate([pair("A", total: 100, wins: 30, losses: 0)], lagging: [a]).promote)
    #expect(!gate([], lagging: [a]).promote)
  }

  @Test func `the rest of a cell may lose a point, not two`() {
    let fail = GroupKey(cell: Cell(["A"]), outcome: 1)
    let gain = pair("A", outcome: 1, total: 60, wins: 20, losses: 2)
    #expect(gate([gain, pair("A", outcome: 0, total: 1000, wins: 0, losses: 10)], lagging: [fail]).promote)
    let decision = gate([gain, pair("A", outcome: 0, total: 1000, wins: 0, losses: 20)], lagging: [fail])
    #expect(!decision.promote)
    #expect(decision.findings.last?.contains("2.0 %") == true)
  }

  @Test func `a gate that saw hardly a defect promotes nothing for the good parts`() {
    let pass = GroupKey(cell: Cell(["A"]), outcome: 0)
    let gain = pair("A", outcome: 0, total: 600, wins: 90, losses: 2)
    #expect(!gate([gain, pair("A", outcome: 1, total: 5, wins: 0, losses: 0)], lagging: [pass]).promote)
    #expect(!gate([gain, pair("A", outcome: 1, total: 0, wins: 0, losses: 0)], lagging: [pass]).promote)
    #expect(gate([gain, pair("A", outcome: 1, total: 30, wins: 1, losses: 1)], lagging: [pass]).promote)
  }
}

@Suite struct SentenceTests {
  @Test func `numbers are written the same everywhere`() {
    #expect(percent(0.8814) == "88.1 %")
    #expect(percent(1) == "100.0 %")
    #expect(decimal(-0.04, places: 1) == "0.0")
    #expect(decimal(-1.25, places: 1) == "-1.3")
    #expect(decimal(.nan, places: 1) == "nan")
    #expect(decimal(1.005, places: 2).count == 4)
    #expect(factor(2.5) == "2.50x")
    #expect(factor(1234) == "1234x")
    #expect(dateText(17_918) == "2019-01-22")
  }
}
