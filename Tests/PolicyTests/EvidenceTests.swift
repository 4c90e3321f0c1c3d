import Domain
import Policy
import Statistics
import Testing

/// Feeds `days` days of `perDay` labels at `accuracy`, spread without randomness.
func feed(
  _ evidence: inout GroupEvidence, days: Range<Int64>, perDay: Int, accuracy: Double, levels: AlarmLevels? = nil
) {
  for day in days {
    let correct = Int((Double(perDay) * accuracy).rounded())
    absorb(&evidence, day: day, correct: correct, wrong: perDay - correct)
    if let levels { evidence.enter(assess(evidence, levels: levels).state, at: Timestamp(seconds: day * 86400)) }
  }
}

/// One look of one channel.
func absorb(
  _ evidence: inout GroupEvidence, day: Int64, correct: Int, wrong: Int, unlabelled: Int = 0, channel: String = "",
  sampling: ChannelSampling = .representative
) {
  var counts = ChannelCounts(day: day)
  counts.correct = correct
  counts.wrong = wrong
  counts.unlabelled = unlabelled
  evidence.count(matured: counts.parts, labelled: correct + wrong)
  evidence.absorb(counts, channel: channel, sampling: sampling, inflation: .none)
}

@Suite struct AssessmentTests {
  let levels = AlarmLevels(primary: 20, falseAlarmsPerYear: 1)

  @Test func `a group without labels is unknown, not zero`() {
    let evidence = GroupEvidence(version: ModelVersion(1), target: nil)
    let assessment = assess(evidence, levels: levels)
    #expect(assessment.state == .unknown)
    #expect(assessment.evidence == nil)
    #expect(assessment.sentence.contains("no labelled parts yet"))
  }

  @Test func `unlabelled parts are matured parts and nothing more`() {
    var evidence = GroupEvidence(version: ModelVersion(1), target: 0.9)
    absorb(&evidence, day: 1, correct: 0, wrong: 0, unlabelled: 500)
    #expect(evidence.matured == 500)
    #expect(evidence.labelled == 0)
    #expect(assess(evidence, levels: levels).state == .unknown)
  }

  @Test func `a group at its target stays ok through a year`() {
    var evidence = GroupEvidence(version: ModelVersion(1), target: 0.95)
    feed(&evidence, days: 0..<365, perDay: 80, accuracy: 0.95, levels: levels)
    #expect(evidence.state == .ok)
  }

  @Test func `a drop below the target passes watch, then lags, and names the day it began`() {
    var evidence = GroupEvidence(version: ModelVersion(1), target: 0.95)
    feed(&evidence, days: 0..<60, perDay: 80, accuracy: 0.97, levels: levels)
    #expect(evidence.state == .ok)
    var states: [GroupState] = []
    for day in Int64(60)..<85 {
      feed(&evidence, days: day..<day + 1, perDay: 20, accuracy: 0.85, levels: levels)
      states.append(evidence.state)
    }
    #expect(states.contains(.watch))
    #expect(states.last == .lagging)
    let assessment = assess(evidence, levels: levels)
    #expect((59...61).contains(assessment.suspectedChangeDay ?? 0))
    #expect(assessment.sentence.contains("below the target of 95.0 %"))
  }

  @Test func `without a target the group's own beginning is the null, armed at 200 labels`() {
    var evidence = GroupEvidence(version: ModelVersion(1), target: nil)
    feed(&evidence, days: 0..<4, perDay: 49, accuracy: 0.95)
    #expect(evidence.armedDetectors.isEmpty)
    feed(&evidence, days: 4..<5, perDay: 10, accuracy: 1)
    #expect(evidence.armedDetectors.map(\.null) == [.ownBaseline])
    let null = evidence.armedDetectors[0].nullAccuracy
    #expect(null < 0.95 && null > 0.9)
    feed(&evidence, days: 5..<40, perDay: 80, accuracy: 0.95, levels: levels)
    #expect(evidence.state == .ok)
    feed(&evidence, days: 40..<50, perDay: 80, accuracy: 0.75, levels: levels)
    #expect(evidence.state == .lagging)
    #expect(assess(evidence, levels: levels).sentence.contains("its own earlier level"))
  }

  @Test func `lagging is left only below the watch level`() {
    var evidence = GroupEvidence(version: ModelVersion(1), target: 0.95)
    feed(&evidence, days: 0..<12, perDay: 80, accuracy: 0.85, levels: levels)
    #expect(evidence.state == .lagging)
    var before = GroupState.lagging
    for day in Int64(12)..<300 {
      feed(&evidence, days: day..<day + 1, perDay: 80, accuracy: 0.99, levels: levels)
      if before == .lagging && evidence.state != .lagging {
        #expect(evidence.state == .ok)
      }
      before = evidence.state
    }
    #expect(evidence.state == .ok)
  }

  @Test func `the window holds the newest thousand labels`() {
    var evidence = GroupEvidence(version: ModelVersion(1), target: 0.9)
    feed(&evidence, days: 0..<20, perDay: 100, accuracy: 0.5)
    feed(&evidence, days: 20..<30, perDay: 100, accuracy: 1)
    #expect(evidence.window.correct == 1000)
    #expect(evidence.window.wrong == 0)
    #expect(evidence.window.firstDay == 20)
    #expect(evidence.channels[0].correct == 2000)
  }

  @Test func `alarm levels rise with every armed detector`() {
    let few = AlarmLevels(primary: 1, falseAlarmsPerYear: 1)
    let many = AlarmLevels(primary: 50, falseAlarmsPerYear: 1)
    #expect(many.primary.lagging > few.primary.lagging)
    #expect(few.primary.watch < few.primary.lagging)
  }
}
