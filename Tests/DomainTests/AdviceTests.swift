import Domain
import Testing

@Suite struct AdviceTests {
  @Test func `no reason is accept, any reason is manual check`() {
    #expect(Advice().verdict == "accept")
    #expect(Advice().reasonNames == "" && Advice().reasonText == "")
    for reason in Advice.allCases { #expect(reason.verdict == "manual_check") }
  }

  @Test func `reasons are told in one order, for programs and for people`() {
    let advice: Advice = [.outOfRange, .lowConfidence]
    #expect(advice.reasonNames == "low_confidence,out_of_range")
    #expect(advice.reasonText == "low confidence, out of range")
    let all = Advice.allCases.reduce(into: Advice()) { $0.insert($1) }
    #expect(all.reasonNames == "low_confidence,unseen_group,out_of_range,not_a_number,weak_group")
    #expect(all.reasonText == "low confidence, new group, out of range, not a number, group that lags")
  }

  @Test func `every set of reasons reads back`() {
    for bits in UInt8(0)..<32 {
      let advice = Advice(rawValue: bits)
      #expect(Advice(reasonNames: advice.reasonNames) == advice)
    }
    #expect(Advice(reasonNames: "low_confidence,") == nil)
    #expect(Advice(reasonNames: "tired") == nil)
  }

  /// Bits are stored in the ledger: a change here would change what old rows say.
  @Test func `the bits are those of the ledger`() {
    #expect(Advice.allCases.map(\.rawValue) == [1, 2, 4, 8, 16])
  }

  @Test func `bounds that do not fit a part are told`() {
    let input = InputShape.vector(count: 2)
    func bounds(
      lowest: [Float] = [0, 0], highest: [Float] = [1, 1], outside: Int = 0, accepted: Int = 5, wrong: Int = 1
    ) -> AdviceBounds {
      AdviceBounds(
        confidence: ConfidenceLadder(
          rungs: [.init(threshold: 0, accepted: accepted, wrong: wrong)], total: 10),
        range: TrainedRange(
          lowest: lowest, highest: highest, margin: 0.1, heldOut: 10, outside: outside, ignored: []))
    }
    #expect(bounds().misfit(input) == nil)
    #expect(bounds(lowest: [0], highest: [1]).misfit(input) == nil, "one range for all")
    for wrong in [
      bounds(lowest: [0, 0, 0], highest: [1, 1, 1]), bounds(lowest: [0, 2]), bounds(highest: [1, .infinity]),
      bounds(outside: 11), bounds(accepted: 11), bounds(wrong: 6),
    ] {
      #expect(wrong.misfit(input) != nil)
    }
  }
}
