import Domain
import NeuralNet
import Testing
import PlantSimulation

private let noon = Timestamp(seconds: 1_736_164_800)

private func delays(_ plan: OutcomePlan, answeredRight: Bool, seed: UInt64, count: Int = 8000) -> [Double?] {
  var generator = Generator(seed: seed)
  return (0..<count).map { _ in
    plan.observation(of: noon, answeredRight: answeredRight, with: &generator)?.hours(since: noon)
  }
}

@Test func `delays are log-normal around the median, and the named share is lost`() throws {
  let plan = OutcomePlan(medianHours: 8, loss: 0.25)
  let drawn = delays(plan, answeredRight: true, seed: 4)
  let known = drawn.compactMap { $0 }.sorted()
  #expect(abs(Double(drawn.count - known.count) / 8000 - 0.25) < 0.02)
  #expect(abs(known[known.count / 2] / 8 - 1) < 0.06)
  // One standard deviation of the logarithm: the 84.13 % quantile is e times the median.
  #expect(abs(known[known.count * 8413 / 10_000] / (8 * 2.718_281_8) - 1) < 0.1)
  #expect(known.allSatisfy { $0 > 0 })
}

@Test func `errors come back by their own median, and the same parts are lost whatever was answered`() throws {
  let plan = OutcomePlan(medianHours: 24, errorMedianHours: 2, loss: 0.3)
  let right = delays(plan, answeredRight: true, seed: 9)
  let wrong = delays(plan, answeredRight: false, seed: 9)
  #expect(right.map { $0 == nil } == wrong.map { $0 == nil })
  for (slow, quick) in zip(right, wrong) {
    guard let slow, let quick else { continue }
    #expect(abs(slow / quick - 12) < 0.01)
  }
}

@Test func `no loss means none, whole loss means all`() {
  #expect(delays(OutcomePlan(medianHours: 1, loss: 0), answeredRight: true, seed: 1).allSatisfy { $0 != nil })
  #expect(delays(OutcomePlan(medianHours: 1, loss: 1), answeredRight: true, seed: 1).allSatisfy { $0 == nil })
}

@Test func `a delay beyond all bounds ends at ten years and does not overflow`() throws {
  let far = delays(OutcomePlan(medianHours: 1e300, loss: 0), answeredRight: true, seed: 1, count: 3)
  #expect(far == [OutcomePlan.hoursMaximum, OutcomePlan.hoursMaximum, OutcomePlan.hoursMaximum])
}

@Test func `the queue gives outcomes back in order of time, equal ones in order of arrival`() {
  var generator = Generator(seed: 11)
  var queue = OutcomeQueue()
  var expected: [(time: Int, order: Int)] = []
  for order in 0..<500 {
    let time = generator.index(below: 60)
    expected.append((time, order))
    queue.insert(PendingOutcome(line: 0, part: "\(order)", label: 0, observedAt: Timestamp(seconds: Int64(time))))
  }
  expected.sort { $0 < $1 }
  let early = queue.take(until: Timestamp(seconds: 20))
  #expect(early.allSatisfy { $0.observedAt <= Timestamp(seconds: 20) })
  #expect(queue.earliest.map { $0 > Timestamp(seconds: 20) } == true)
  let late = queue.take(until: nil)
  #expect(queue.count == 0)
  #expect((early + late).map(\.part) == expected.map { "\($0.order)" })
}
