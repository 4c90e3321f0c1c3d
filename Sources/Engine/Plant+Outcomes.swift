import Domain

/// Truth about one part, as it came over the wire.
public struct OutcomeReport: Sendable, Equatable {
  public let part: String
  /// Class name.
  public let label: String
  public let observedAt: Timestamp?
  public let source: String
  /// nil: what the line's settings say of the channel.
  public let samplingProbability: Double?
  public let amends: Bool

  public init(
    part: String, label: String, observedAt: Timestamp?, source: String, samplingProbability: Double? = nil,
    amends: Bool
  ) {
    self.part = part
    self.label = label
    self.observedAt = observedAt
    self.source = source
    self.samplingProbability = samplingProbability
    self.amends = amends
  }
}

/// The outcomes of one request.
struct ToldOutcomes: Sendable {
  let line: LineID
  let outcomes: [OutcomeReport]
  let receipt: Receipt
  /// Nothing of them is to stay stored.
  let isTrial: Bool
}

extension Plant {
  /// Inside a ledger transaction.
  func store(_ told: ToldOutcomes) throws(StorageFailure) -> Result<[OutcomeStatus], RecordingFault> {
    let line = told.line
    guard let state = lines[line] else {
      return .failure(closedLines[line].map { .storage($0.sentence) } ?? .unknownLine(line.text))
    }
    try ledger.declare(state.settings.channels, line: line)
    var statuses: [OutcomeStatus] = []
    statuses.reserveCapacity(told.outcomes.count)
    for outcome in told.outcomes {
      guard let label = state.definition.classNames.firstIndex(of: outcome.label) else {
        statuses.append(.unknownLabel)
        continue
      }
      let observedAt = outcome.observedAt ?? state.now(told.receipt.wallClock)
      if !told.isTrial, state.settings.time == .event, let time = outcome.observedAt,
        time <= wallClock().advanced(hours: 1)
      {
        state.clock.advance(to: time)
      }
      let status = try ledger.record(
        Outcome(
          line: line, part: outcome.part, label: label, observedAt: observedAt,
          arrivedAt: state.now(told.receipt.wallClock), source: outcome.source,
          samplingProbability: outcome.samplingProbability ?? state.settings.samplingProbability(of: outcome.source),
          amends: outcome.amends, receipt: told.receipt))
      statuses.append(status)
    }
    return .success(statuses)
  }

  /// What would become of outcomes: stored inside the transaction and undone again, so that it is exactly what storing
  /// them would have said.
  func attempt(_ told: ToldOutcomes) throws(StorageFailure) -> Result<[OutcomeStatus], RecordingFault> {
    var result: Result<[OutcomeStatus], RecordingFault>?
    do {
      try ledger.transaction { () throws(StorageFailure) in
        result = try store(told)
        throw StorageFailure("outcomes of a trial are not kept", mayPass: true)
      }
    } catch {
      if result == nil { throw error }
    }
    guard let result else { preconditionFailure("a trial ends with a throw") }
    return result
  }

  /// How far a line's outcomes cover its parts, and how long they take.
  public func coverage(_ id: LineID) throws(OperatorFault) -> LineCoverage {
    let line = try registered(id)
    let rows = try reading { () throws(StorageFailure) in try ledger.coverage(line: id) }
    return LineCoverage(
      rows, definition: line.definition, settings: line.settings,
      maturityHours: lines[id]?.monitor.maturityHours(line.settings) ?? line.settings.maturityHours)
  }
}
