import Domain
import NeuralNet
import Testing
import PlantSimulation
import kaizen_plant

/// A Wednesday, at noon.
private let noon = Timestamp(seconds: 1_736_337_600)

private func observed(
  _ plan: OutcomePlan, answeredRight: Bool, at time: Timestamp = noon, count: Int = 8000
) -> [Timestamp?] {
  var generator = Generator(seed: 4)
  return (0..<count).map { _ in plan.observation(of: time, answeredRight: answeredRight, with: &generator) }
}

private func share(_ moments: [Timestamp?]) -> Double { Double(moments.count { $0 != nil }) / Double(moments.count) }

@Suite struct LabellingTests {
  @Test func `right and wrong answers are labelled by their own shares, of what is not lost`() {
    let plan = OutcomePlan(medianHours: 8, loss: 0.1, labelled: .init(right: 0.45, wrong: 0.9))
    let (right, wrong) = (observed(plan, answeredRight: true), observed(plan, answeredRight: false))
    #expect(abs(share(right) - 0.9 * 0.45) < 0.02)
    #expect(abs(share(wrong) - 0.9 * 0.9) < 0.02)
    // Who is labelled when right is labelled when wrong: the answer takes no draw of its own.
    #expect(zip(right, wrong).allSatisfy { $0 == nil || $0 == $1 })
  }

  @Test func `without shares the same parts are lost as ever`() {
    let plain = observed(OutcomePlan(medianHours: 8, loss: 0.25), answeredRight: true)
    let named = observed(
      OutcomePlan(medianHours: 8, loss: 0.25, labelled: .init(right: 1, wrong: 0), channel: OutcomeChannel(name: "x")),
      answeredRight: true)
    #expect(plain == named)
  }

  @Test func `nothing is observed at weekends, and nothing is observed earlier for that`() throws {
    let resting = observed(
      OutcomePlan(medianHours: 24, errorMedianHours: 2, loss: 0, restsAtWeekends: true), answeredRight: true)
    let plain = observed(OutcomePlan(medianHours: 24, errorMedianHours: 2, loss: 0), answeredRight: true)
    let weekend: Set<Int64> = [5, 6]
    var moved = 0
    for (moment, before) in zip(resting, plain) {
      let (moment, before) = (try #require(moment), try #require(before))
      #expect(!weekend.contains((moment.day + 3) % 7))
      if weekend.contains((before.day + 3) % 7) {
        moved += 1
        #expect((moment.day + 3) % 7 == 0 && (24...48).contains(moment.hours(since: before)))
      } else {
        #expect(moment == before)
      }
    }
    #expect(moved > 100)
  }

  @Test func `from its day on a change holds for parts made then, whenever they are labelled`() {
    let plan = OutcomePlan(
      medianHours: 8, loss: 0, change: .init(time: noon, labelled: .init(right: 0.2, wrong: 1)))
    let before = noon.advanced(hours: -0.01)
    #expect(share(observed(plan, answeredRight: true, at: before)) == 1)
    #expect(abs(share(observed(plan, answeredRight: true)) - 0.2) < 0.02)
    #expect(share(observed(plan, answeredRight: false)) == 1)
  }
}
