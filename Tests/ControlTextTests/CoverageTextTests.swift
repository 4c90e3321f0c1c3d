import ControlText
import Testing
import Wire

private func row(_ group: String?, _ predictions: Int, _ outcomes: Int, _ counts: [Int]) -> CoverageRow {
  let hours: [Double] = [1, 8, 24, 72, 168, 720]
  return CoverageRow(
    group: group, predictions: predictions, outcomes: outcomes,
    coverage: predictions > 0 ? Double(outcomes) / Double(predictions) : nil, n: outcomes,
    within: zip(hours, counts).map {
      DelayShare(hours: $0, count: $1, share: outcomes > 0 ? Double($1) / Double(outcomes) : nil)
    })
}

@Test func `coverage shows groups, delays, channels and what they mean for maturity`() {
  let reply = CoverageReply(
    line: "press-3", maturityHours: 24, total: row(nil, 5000, 1000, [500, 700, 880, 990, 1000, 1000]),
    groups: [
      row("product=A7", 4000, 1000, [500, 700, 880, 990, 1000, 1000]), row("product=B1", 1000, 0, [0, 0, 0, 0, 0, 0]),
    ],
    channels: [
      ChannelRow(channel: "audit", declared: true, samplingProbability: 0.05, outcomes: 200, conflicts: 0),
      ChannelRow(channel: "", declared: false, samplingProbability: nil, outcomes: 900, conflicts: 12),
    ], waiting: 3,
    sentence: "12 % of outcomes come later than maturity_hours = 24 and are not counted; 72 would lose 1 %")
  #expect(
    reply.text(plain) == """
      press-3: 1,000 of 5,000 parts have an outcome (20.0 %)
      group       parts  outcomes   share  <1h  <8h  <1d  <3d   <7d  <30d
      product=A7  4,000     1,000  25.0 %  50%  70%  88%  99%  100%  100%
      product=B1  1,000         0   0.0 %    -    -    -    -     -     -
      all         5,000     1,000  20.0 %  50%  70%  88%  99%  100%  100%

      channel                            samples  parts  disagrees
      audit                                5.0 %    200          0
      (none named), not in the settings        -    900         12

      3 more outcomes wait for a part.
      12 % of outcomes come later than maturity_hours = 24 and are not counted; 72
      would lose 1 %.
      """)
  #expect(widest(reply.text(plain)) <= 80)
}
