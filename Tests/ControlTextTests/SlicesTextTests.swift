import ControlText
import Testing
import Wire

private let pair = SliceRow(
  slice: "product=A7,temp_3>=60.5", parts: 214, wrong: 39, wrongShare: 39.0 / 214, lower: 0.133, upper: 0.24,
  restParts: 3786, restWrong: 185, restShare: 0.049, excess: 27.02, p: 1e-9, q: 0.004, wrongAbove: 0,
  reasons: [
    "other parts of product=A7: 5.1 % wrong of 800", "other parts of temp_3>=60.5: 4.8 % wrong of 900",
  ], state: nil)

private func reply(_ findings: [SliceRow], adopted: [AdoptedSliceRow] = [], remarks: [String] = []) -> SlicesReply {
  SlicesReply(
    line: "press-3", rule: "BH", parts: 4000, wrong: 224, tested: 397, significant: 5, rate: 0.1, findings: findings,
    adopted: adopted, remarks: remarks)
}

private func adopted(_ state: String, come: Int?, reason: String = "") -> AdoptedSliceRow {
  AdoptedSliceRow(
    slice: "product=A7,temp_3>=60.5", state: state, adoptedAt: "2026-11-28T06:15:00Z", by: "ida", reason: reason,
    partsNeeded: 100, partsCome: come, decidedAt: state == "candidate" ? nil : "2026-12-02T00:00:00Z",
    detail: "18.2 % wrong of 214 parts, elsewhere 4.9 % of 3786")
}

@Test func `slices are told in sentences, with the command that has the first one monitored`() {
  let text = reply([pair], remarks: ["2 measurements were looked at alone and in no pair; the pairs count as tested"])
    .text(plain)
  #expect(
    text == """
      press-3: 224 of 4,000 labelled parts answered wrongly (5.6 %), 397 slices tested
       1. product=A7,temp_3>=60.5: 18.2 % [13.3, 24.0] wrong of 214 parts, elsewhere
          4.9 % of the other 3,786: 27 wrong parts more than usual, q = 0.004. Other
          parts of product=A7: 5.1 % wrong of 800. Other parts of temp_3>=60.5: 4.8 %
          wrong of 900.
      At most 10.0 % of what is listed is there by chance, on average; q is the rate
      at which a finding would still be listed.
      Note: 2 measurements were looked at alone and in no pair; the pairs count as
        tested.

      Next: kaizenctl slices press-3 --adopt 'product=A7,temp_3>=60.5'
      """)
  #expect(widest(text) <= 80)
}

@Test func `nothing found is said, and what was adopted is shown with how far it is`() {
  let text = reply(
    [],
    adopted: [
      adopted("candidate", come: 37, reason: "asked by shift B"), adopted("monitored", come: nil),
      adopted("rejected", come: nil),
    ]
  ).text(plain)
  #expect(text.contains("No slice is wrong more often than chance explains."))
  #expect(text.contains("37 of 100 have come"))
  #expect(text.contains("asked by shift B"))
  #expect(text.contains("monitored since"))
  #expect(text.contains("not confirmed"))
  #expect(!text.contains("Next:"))
  #expect(widest(text) <= 80)
}

@Test func `a finding that waits already is marked, and the next one offered`() {
  var (known, fresh) = (pair, pair)
  known.state = "candidate"
  fresh.slice = "product=B1"
  fresh.q = 0.00001
  let text = reply([known, fresh]).text(plain)
  #expect(text.contains("(adopted, waits for later parts)"))
  #expect(text.contains("q = under 0.0001"))
  #expect(text.hasSuffix("Next: kaizenctl slices press-3 --adopt product=B1"))
  #expect(widest(text) <= 80)
}

@Test func `an adoption says what it waits for`() {
  let text = AdoptSliceReply(
    line: "press-3", adopted: adopted("candidate", come: 0),
    sentence: "product=A7,temp_3>=60.5 is adopted: its next 100 labelled parts will tell"
  ).text(plain)
  #expect(text.contains("will tell.\nFound: 18.2 % wrong of 214 parts"))
  #expect(text.hasSuffix("Next: kaizenctl slices press-3"))
}
