import Domain
import NeuralNet
import PlantSimulation

/// A line as the streamer knows it: how to ask about its parts, and the student that served it at the start.
public struct StreamedLine: Sendable {
  public let name: String
  public let attributes: [String]
  public let classNames: [String]
  public let frozenVersion: Int
  public let frozen: Student
  /// The dimensions of one part, as the line's metadata has them.
  public var shape: [Int] { frozen.shape.input.sizes }

  public init(name: String, attributes: [String], classNames: [String], frozenVersion: Int, frozen: Student) {
    self.name = name
    self.attributes = attributes
    self.classNames = classNames
    self.frozenVersion = frozenVersion
    self.frozen = frozen
  }

  /// The class the frozen student gives `features`.
  public func frozenClass(_ features: [Float]) -> Int {
    let logits = frozen.logits(features, rowCount: 1)
    return logits.indices.max { logits[$0] < logits[$1] } ?? 0
  }
}

/// The daemon's answer to one part.
public struct Answer: Sendable, Equatable {
  public let predictedClass: Int
  public let version: Int
  /// 0...1; nil where the answer says none.
  public let confidence: Double?
  /// What the answer advises to do with the part.
  public let advice: Advice

  public init(predictedClass: Int, version: Int, confidence: Double? = nil, advice: Advice = []) {
    self.predictedClass = predictedClass
    self.version = version
    self.confidence = confidence
    self.advice = advice
  }
}

/// What the streamer asks of a daemon; tests put functions of their own in their place.
public struct DaemonCalls: Sendable {
  public let infer: @Sendable (StreamedLine, Part) async throws -> Answer
  /// One status per outcome, in order.
  public let outcomes: @Sendable (StreamedLine, [PendingOutcome]) async throws -> [OutcomeStatus]
  /// True while a retraining computes; one that still collects rows needs the stream to go on.
  public let isTraining: @Sendable () async throws -> Bool
  public let pause: @Sendable () async throws -> Void

  public init(
    infer: @escaping @Sendable (StreamedLine, Part) async throws -> Answer,
    outcomes: @escaping @Sendable (StreamedLine, [PendingOutcome]) async throws -> [OutcomeStatus],
    isTraining: @escaping @Sendable () async throws -> Bool, pause: @escaping @Sendable () async throws -> Void
  ) {
    self.infer = infer
    self.outcomes = outcomes
    self.isTraining = isTraining
    self.pause = pause
  }
}

/// All that a stream brought back.
public struct StreamResult: Sendable, Equatable {
  public var parts: [StreamedPart] = []
  public var outcomes: [OutcomeStatus: Int] = [:]
  public var outcomesLost = 0
  /// True when a retraining took longer than the streamer was willing to wait; later ones are not waited for.
  public var gaveUpWaiting = false

  public init() {}

  /// Outcomes the daemon has taken into its ledger.
  public var outcomesStored: Int {
    outcomes[.joined, default: 0] + outcomes[.heldUnknownID, default: 0]
  }
  public var outcomesSent: Int { outcomes.values.reduce(0, +) }
}

/// Sends parts in event time and their outcomes when they fall due. The daemon looks at a line once an hour of the line's
/// time; whatever that starts is waited for, so that event time does not run away from the trainer's real time and the
/// same seed gives the same weeks.
public struct Streamer: Sendable {
  public let lines: [StreamedLine]
  public let calls: DaemonCalls
  public let plan: OutcomePlan
  public let seed: UInt64
  /// Pauses to wait for one retraining before going on without it.
  public let pausesMaximum: Int

  /// Outcomes are sent together when the earliest has been due for this long.
  public static let outcomeLag: Int64 = 10 * 60 * 1_000_000
  /// Outcomes of one request: well below what one request may hold.
  public static let outcomesPerRequest = 500

  public init(lines: [StreamedLine], calls: DaemonCalls, plan: OutcomePlan, seed: UInt64, pausesMaximum: Int) {
    self.lines = lines
    self.calls = calls
    self.plan = plan
    self.seed = seed
    self.pausesMaximum = pausesMaximum
  }

  /// Streams `parts`, which come in order of time, and returns when all outcomes that are not lost are delivered.
  ///
  /// - Parameter progress: called at each day's end with the result so far.
  public func run(
    _ parts: some Sequence<Part>, progress: (_ day: Int64, _ result: StreamResult) -> Void = { _, _ in }
  ) async throws -> StreamResult {
    var result = StreamResult()
    var queue = OutcomeQueue()
    var generator = Generator(seed: seed)
    var day: Int64?
    var hour: Int64?
    for part in parts {
      let startsHour = hour != Self.hour(part.time)
      if startsHour {
        hour = Self.hour(part.time)
        try await deliver(&queue, until: part.time, into: &result)
        try await waitForTraining(&result)
      }
      if let lastDay = day, part.time.day > lastDay { progress(lastDay, result) }
      day = part.time.day
      if let earliest = queue.earliest, earliest.microseconds + Self.outcomeLag <= part.time.microseconds {
        try await deliver(&queue, until: part.time, into: &result)
      }
      let answered = try await ask(part)
      if startsHour { try await waitForTraining(&result) }
      result.parts.append(answered)
      // Whoever writes the outcome goes by what they think the part is.
      let right = answered.servedClass == part.reportedLabel
      if let moment = plan.observation(of: part.time, answeredRight: right, with: &generator) {
        queue.insert(
          PendingOutcome(
            line: part.line, part: part.id, label: part.reportedLabel, observedAt: moment,
            source: plan.channel?.name ?? ""))
      } else {
        result.outcomesLost += 1
      }
    }
    try await deliver(&queue, until: nil, into: &result)
    try await waitForTraining(&result)
    if let day { progress(day, result) }
    return result
  }

  private static func hour(_ time: Timestamp) -> Int64 { time.microseconds / Timestamp.microsecondsPerHour }

  private func ask(_ part: Part) async throws -> StreamedPart {
    let line = lines[part.line]
    let answer = try await calls.infer(line, part)
    return StreamedPart(
      line: part.line, cell: part.cell, time: part.time, label: part.label, servedClass: answer.predictedClass,
      servedVersion: answer.version, frozenClass: line.frozenClass(part.features), confidence: answer.confidence,
      advice: answer.advice)
  }

  private func deliver(_ queue: inout OutcomeQueue, until moment: Timestamp?, into result: inout StreamResult)
    async throws
  {
    let due = queue.take(until: moment)
    for (index, line) in lines.enumerated() {
      let own = due.filter { $0.line == index }
      for start in stride(from: 0, to: own.count, by: Self.outcomesPerRequest) {
        let batch = Array(own[start..<min(start + Self.outcomesPerRequest, own.count)])
        for status in try await calls.outcomes(line, batch) {
          result.outcomes[status, default: 0] += 1
        }
      }
    }
  }

  private func waitForTraining(_ result: inout StreamResult) async throws {
    var pauses = 0
    while !result.gaveUpWaiting, try await calls.isTraining() {
      guard pauses < pausesMaximum else {
        result.gaveUpWaiting = true
        return
      }
      pauses += 1
      try await calls.pause()
    }
  }
}
