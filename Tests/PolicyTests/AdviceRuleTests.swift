import Domain
import Policy
import Testing

private func ladder(_ rungs: [(threshold: Float, accepted: Int, wrong: Int)], total: Int)
  -> ConfidenceLadder
{
  ConfidenceLadder(
    rungs: rungs.map { ConfidenceLadder.Rung(threshold: $0.threshold, accepted: $0.accepted, wrong: $0.wrong) },
    total: total)
}

@Suite struct ConfidenceThresholdTests {
  @Test func `1 the lowest threshold that is shown is taken, with its figures`() {
    let chosen = confidenceThreshold(
      ladder([(0.9, 400, 2), (0.7, 720, 20), (0, 800, 60)], total: 800), errorMax: 0.05)
    #expect(chosen.threshold == 0.7)
    #expect(
      chosen.sentence
        == "parts below a confidence of 0.7000 go to manual check, 10.0 % of 800 held-out parts; of the others 20 of 720 "
        + "were answered wrong, at most 4.0 % (95 % bound, advice_error_max 5.0 %)")
  }

  @Test func `2 a student that is good enough anyway diverts no part`() {
    let chosen = confidenceThreshold(
      ladder([(0.99, 400, 0), (0, 800, 8)], total: 800), errorMax: 0.05)
    #expect(chosen.threshold == nil)
    #expect(
      chosen.sentence.hasPrefix(
        "no part goes to manual check for low confidence: of all 800 held-out parts 8 were answered wrong, at most 1.8 %"
      ))
  }

  @Test func `3 too few parts show nothing, and it is said how many would`() {
    let few = confidenceThreshold(ladder([(0.9, 29, 0), (0, 58, 0)], total: 58), errorMax: 0.05)
    #expect(few.threshold == nil)
    #expect(few.sentence.hasSuffix("58 held-out parts cannot show advice_error_max 5.0 %; 59 without an error could"))
    let strict = confidenceThreshold(ladder([(0, 200, 0)], total: 200), errorMax: 0.01)
    #expect(
      strict.sentence.hasSuffix("200 held-out parts cannot show advice_error_max 1.0 %; 299 without an error could"))
  }

  @Test func `4 a student that is wrong where it is surest diverts no part and says so`() {
    let bad = confidenceThreshold(
      ladder([(0.99, 500, 90), (0.9, 750, 120), (0, 1000, 300)], total: 1000), errorMax: 0.05)
    #expect(bad.threshold == nil)
    #expect(
      bad.sentence.contains("even of the 500 surest of 1000 held-out parts 90 were answered wrong, at most 21.1 %"))
  }

  @Test func `5 an imported or old student says that nobody measured it`() {
    let unknown = confidenceThreshold(nil, errorMax: 0.05)
    #expect(unknown.threshold == nil)
    #expect(unknown.sentence.contains("imported, or of an older version"))
  }

  @Test func `6 an error of 1 is no limit`() {
    let chosen = confidenceThreshold(ladder([(0, 10, 9)], total: 10), errorMax: 1)
    #expect(chosen.threshold == nil)
    #expect(chosen.sentence.contains("accepts any error"))
  }

  /// 93 parts show 5 % with one error: the walk starts where there are as many, and at half of the parts.
  @Test func `7 the walk starts where one unlucky part does not end it`() {
    let rungs = [
      (threshold: Float(0.99), accepted: 60, wrong: 1), (0.8, 96, 1), (0, 120, 9),
    ]
    #expect(confidenceThreshold(ladder(rungs, total: 120), errorMax: 0.05).threshold == 0.8)
    // Fewer than 93 in all: only whether every part may be accepted is asked.
    let few = confidenceThreshold(ladder([(0.99, 35, 0), (0, 70, 0)], total: 70), errorMax: 0.05)
    #expect(few.threshold == nil && few.sentence.contains("of all 70 held-out parts 0"))
    // Whatever the 90 surest of 1000 are, a line is not asked to divert the others.
    let rare = confidenceThreshold(ladder([(0.99, 95, 0), (0.9, 450, 2), (0, 1000, 300)], total: 1000), errorMax: 0.05)
    #expect(rare.threshold == nil && rare.sentence.contains("even of the 1000 surest of 1000"))
  }
}

@Suite struct AdviceRuleTests {
  private let range = TrainedRange(
    lowest: [-1, 0, -.greatestFiniteMagnitude], highest: [1, 10, .greatestFiniteMagnitude], margin: 0.1, heldOut: 100,
    outside: 0, ignored: [2])

  private func advice(_ inputs: [Float], _ rule: AdviceRule) -> Advice { rule.advice(inputs: inputs.span) }

  @Test func `a number beyond its feature's end is out of range, ends themselves are not`() {
    let rule = AdviceRule(threshold: nil, range: range)
    #expect(advice([-1, 10, 5e30], rule) == [])
    #expect(advice([1, 0, -5e30], rule) == [])
    #expect(advice([(-1 as Float).nextDown, 0, 0], rule) == .outOfRange)
    #expect(advice([0, (10 as Float).nextUp, 0], rule) == .outOfRange)
  }

  @Test func `what is no number is told as that, and beside it what is out of range`() {
    let rule = AdviceRule(threshold: nil, range: range)
    for value in [Float.nan, .infinity, -.infinity, .signalingNaN] {
      #expect(advice([value, 5, 0], rule) == .notANumber)
      #expect(advice([0, 5, value], rule) == .notANumber, "also where the range is not looked at")
      #expect(advice([value, 11, 0], rule) == [.notANumber, .outOfRange])
    }
    #expect(advice([.nan, .nan, .nan], rule) == .notANumber)
  }

  @Test func `one range may hold for every number of a picture`() {
    let rule = AdviceRule(
      threshold: nil,
      range: TrainedRange(lowest: [-0.1], highest: [1.1], margin: 0.1, heldOut: 9, outside: 0, ignored: []))
    let picture = (0..<784).map { Float($0) / 783 }
    #expect(advice(picture, rule) == [])
    for index in [0, 1, 400, 783] {
      var other = picture
      other[index] = 1.2
      #expect(advice(other, rule) == .outOfRange)
      other[index] = .nan
      #expect(advice(other, rule) == .notANumber)
    }
  }

  @Test func `a student without a range still tells what is no number`() {
    let rule = AdviceRule(threshold: nil, range: nil)
    #expect(advice([1e38, -1e38], rule) == [])
    #expect(advice([1, .nan], rule) == .notANumber)
  }

  @Test func `less confidence than the threshold is told`() {
    let rule = AdviceRule(threshold: 0.8, range: nil)
    #expect(rule.advice(confidence: 0.8) == [])
    #expect(rule.advice(confidence: 0.79) == .lowConfidence)
    #expect(AdviceRule(threshold: nil, range: nil).advice(confidence: 0) == [])
  }

  @Test func `the range is told with what is not looked at`() {
    let wide = TrainedRange(
      lowest: [0], highest: [1], margin: 0.257, heldOut: 200, outside: 1, ignored: [0, 1, 2, 3, 4, 5, 6])
    #expect(
      rangeSentence(wide) { "f\($0)" }
        == "parts with a number more than 0.26 widths outside the training rows' range go to manual check, 1 of 200 "
        + "held-out parts; not looked at, because they leave it by themselves: f0, f1, f2, f3, f4 and 2 more")
    #expect(rangeSentence(nil) { "\($0)" }.contains("not known of this student"))
  }
}
