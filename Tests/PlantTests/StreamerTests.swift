import Domain
import NeuralNet
import Synchronization
import Testing
import PlantSimulation
import kaizen_plant

/// A daemon in memory: answers class 0, keeps what it was told, and trains for as many questions as it is set to.
private final class FakeDaemon: Sendable {
  struct State {
    var asked: [String] = []
    /// Outcomes with the count of parts asked about when they came.
    var outcomes: [(outcome: PendingOutcome, after: Int)] = []
    var largestBatch = 0
    var trainingQuestions = 0
    var questionsUntilTrained: Int
    var pauses = 0
  }

  let state: Mutex<State>

  init(trainingFor questions: Int = 0) {
    state = Mutex(State(questionsUntilTrained: questions))
  }

  var calls: DaemonCalls {
    DaemonCalls(
      infer: { _, part in
        self.state.withLock { $0.asked.append(part.id) }
        return Answer(predictedClass: 0, version: 1)
      },
      outcomes: { _, batch in
        self.state.withLock { state in
          let count = state.asked.count
          state.outcomes += batch.map { ($0, count) }
          state.largestBatch = max(state.largestBatch, batch.count)
        }
        return batch.map { _ in .joined }
      },
      isTraining: {
        self.state.withLock { state in
          state.trainingQuestions += 1
          state.questionsUntilTrained -= 1
          return state.questionsUntilTrained >= 0
        }
      },
      pause: { self.state.withLock { $0.pauses += 1 } })
  }
}

private func stream(
  _ daemon: FakeDaemon, plan: OutcomePlan, pausesMaximum: Int = 1000, days: Int = 5
) async throws -> (parts: [Part], result: StreamResult) {
  let scenario = try #require(Scenario.all.first { $0.name == "small" }).lasting(days: days)
  let generated = SimulatedLine(scenario: scenario, index: 0, seed: 3)
  let shape = try StudentShape(inputCount: 6, hiddenWidths: [], classCount: 2)
  let line = StreamedLine(
    name: "press-1", attributes: Scenario.attributeNames, classNames: scenario.classNames, frozenVersion: 1,
    frozen: Student(shape: shape, standardizer: Standardizer(identity: 6), seed: 1))
  let streamer = Streamer(
    lines: [line], calls: daemon.calls, plan: plan, seed: 8, pausesMaximum: pausesMaximum)
  let parts = Array(DayByDay([generated], idPrefix: ""))
  return (parts, try await streamer.run(parts))
}

@Test func `every part is asked about once and every outcome is either sent or lost`() async throws {
  let daemon = FakeDaemon()
  let (parts, result) = try await stream(daemon, plan: OutcomePlan(medianHours: 8, loss: 0.2))
  let state = daemon.state.withLock { $0 }
  #expect(state.asked == parts.map(\.id))
  #expect(result.parts.map(\.label) == parts.map(\.label))
  #expect(result.outcomesSent + result.outcomesLost == parts.count)
  #expect(result.outcomesSent == state.outcomes.count && result.outcomesStored == result.outcomesSent)
  #expect(result.outcomesLost > 0)
  let truth = Dictionary(uniqueKeysWithValues: parts.map { ($0.id, $0.label) })
  #expect(state.outcomes.allSatisfy { truth[$0.outcome.part] == $0.outcome.label })
}

@Test func `an outcome comes when event time has reached it, and soon after that`() async throws {
  let daemon = FakeDaemon()
  let (parts, _) = try await stream(daemon, plan: OutcomePlan(medianHours: 8, loss: 0))
  let state = daemon.state.withLock { $0 }
  let midStream = state.outcomes.filter { $0.after < parts.count }
  #expect(midStream.count > parts.count / 2)
  for (outcome, count) in midStream {
    #expect(outcome.observedAt <= parts[count].time)
    #expect(parts[count - 1].time.hours(since: outcome.observedAt) < 1)
  }
}

@Test func `outcomes name the channel they come by`() async throws {
  let daemon = FakeDaemon()
  let plan = OutcomePlan(
    medianHours: 8, loss: 0, labelled: .init(right: 0.2, wrong: 0.2),
    channel: OutcomeChannel(name: "audit", samplingProbability: 0.2))
  let (parts, result) = try await stream(daemon, plan: plan, days: 14)
  let sources = daemon.state.withLock { $0.outcomes.map(\.outcome.source) }
  #expect(Set(sources) == ["audit"])
  #expect(abs(Double(sources.count) / Double(parts.count) - 0.2) < 0.05)
  #expect(result.outcomesSent + result.outcomesLost == parts.count)
}

@Test func `a request never holds more outcomes than it may`() async throws {
  let daemon = FakeDaemon()
  _ = try await stream(daemon, plan: OutcomePlan(medianHours: 50_000, spread: 0, loss: 0), days: 14)
  let largest = daemon.state.withLock { $0.largestBatch }
  #expect(largest == Streamer.outcomesPerRequest)
}

@Test func `an hour goes on only when the retraining has ended`() async throws {
  let daemon = FakeDaemon(trainingFor: 7)
  let (parts, result) = try await stream(daemon, plan: OutcomePlan(medianHours: 8, loss: 0))
  let state = daemon.state.withLock { $0 }
  #expect(state.pauses == 7)
  // Before and after the first part of each hour and once at the end, and once more for each pause.
  let hours = Set(parts.map { $0.time.microseconds / Timestamp.microsecondsPerHour })
  #expect(state.trainingQuestions == 2 * hours.count + 1 + 7)
  #expect(!result.gaveUpWaiting)
}

@Test func `a retraining that does not end holds the stream up only so long`() async throws {
  let daemon = FakeDaemon(trainingFor: .max)
  let (parts, result) = try await stream(daemon, plan: OutcomePlan(medianHours: 8, loss: 0), pausesMaximum: 3)
  #expect(result.gaveUpWaiting)
  #expect(result.parts.count == parts.count)
  #expect(daemon.state.withLock { $0.pauses } == 3)
}

@Test func `an outcome says what somebody thinks the part is, and the truth is counted`() async throws {
  let daemon = FakeDaemon()
  let scenario = try #require(Scenario.named("label-noise")).lasting(days: 19)
  let generated = SimulatedLine(scenario: scenario, index: 0, seed: 3)
  let shape = try StudentShape(inputCount: scenario.featureCount, hiddenWidths: [], classCount: 3)
  let line = StreamedLine(
    name: "press-1", attributes: Scenario.attributeNames, classNames: scenario.classNames, frozenVersion: 1,
    frozen: Student(shape: shape, standardizer: Standardizer(identity: scenario.featureCount), seed: 1))
  let streamer = Streamer(
    lines: [line], calls: daemon.calls, plan: OutcomePlan(medianHours: 8, loss: 0), seed: 8, pausesMaximum: 10)
  let parts = generated.parts(day: 18)
  let result = try await streamer.run(parts)
  let told = Dictionary(
    uniqueKeysWithValues: daemon.state.withLock { $0.outcomes }.map { ($0.outcome.part, $0.outcome.label) })
  #expect(parts.contains { $0.reportedLabel != $0.label })
  #expect(parts.allSatisfy { told[$0.id] == $0.reportedLabel })
  #expect(result.parts.map(\.label) == parts.map(\.label))
}
