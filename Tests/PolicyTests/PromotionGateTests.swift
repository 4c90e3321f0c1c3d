import Domain
import Policy
import Testing

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
    #expect(decision.findings.last == "passed: every condition of the gate is met")
  }

  @Test func `a gain that may be chance is not`() {
    let decision = gate([pair("A", total: 200, wins: 6, losses: 3)], lagging: [a])
    #expect(!decision.promote)
    #expect(decision.findings.last?.contains("may be chance") == true)
  }

  @Test func `where people choose what they label, two newly right parts to one newly wrong are no gain`() {
    func chosen(_ wins: Int, _ losses: Int, selection: Double) -> GateDecision {
      promotionGate(
        GateQuestion(
          pairs: [pair("A", total: 400, wins: wins, losses: losses)], lagging: [a], attempt: 1,
          settings: LineSettings(),
          selection: selection, name: { _ in "A" }))
    }
    #expect(chosen(60, 30, selection: 1).promote)
    let decision = chosen(60, 30, selection: 2.2)
    #expect(!decision.promote)
    #expect(decision.findings.contains { $0.contains("2.2 times as often") })
    #expect(decision.findings.last?.contains("A may have got worse: 60 parts newly right, 30 newly wrong") == true)
    #expect(chosen(120, 12, selection: 2.2).promote)
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
