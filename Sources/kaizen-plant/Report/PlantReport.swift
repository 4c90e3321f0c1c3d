import Domain
import PlantSimulation
import Wire

/// What a stream came to, as `--json` prints it (keys in snake_case) and as the tables are made from.
public struct PlantReport: Codable, Sendable, Equatable {
  public var schema = 1
  public var parts: Int
  public var outcomesSent: Int
  public var outcomesLost: Int
  /// Outcomes sent by what the daemon said of them.
  public var outcomeStatuses: [String: Int]
  /// Rows the ledger has more than before the stream.
  public var ledgerPredictions: Int
  public var ledgerOutcomes: Int
  public var ledgerAgrees: Bool
  public var seconds: Double
  public var lines: [LineReport]

  public init(
    parts: Int, outcomesSent: Int, outcomesLost: Int, outcomeStatuses: [String: Int], ledgerPredictions: Int,
    ledgerOutcomes: Int, ledgerAgrees: Bool, seconds: Double, lines: [LineReport]
  ) {
    self.parts = parts
    self.outcomesSent = outcomesSent
    self.outcomesLost = outcomesLost
    self.outcomeStatuses = outcomeStatuses
    self.ledgerPredictions = ledgerPredictions
    self.ledgerOutcomes = ledgerOutcomes
    self.ledgerAgrees = ledgerAgrees
    self.seconds = seconds
    self.lines = lines
  }
}

public struct LineReport: Codable, Sendable, Equatable {
  public var line: String
  /// The student that served at the start; its answers are computed beside the daemon's.
  public var frozenVersion: Int
  /// Parts the frozen student answered otherwise here than in the daemon: 0 unless one computes wrongly.
  public var disagreements: Int
  public var groups: [GroupReport]
  public var groupsByOutcome: [GroupReport]
  public var story: FailureStory?
  /// Largest change of a group that never failed, against the frozen student on the same parts.
  public var healthyChange: Double
  public var advice: AdviceTally
  public var runs: [RunRow]
}

public struct GroupReport: Codable, Sendable, Equatable {
  public var group: String
  public var n: Int
  public var accuracy: Double
  public var frozenAccuracy: Double
  public var change: Double
  /// Parts that another student than the frozen one answered.
  public var rerouted: Int
}

/// The group that failed: served accuracy before the failure, from it to the promotion, and after.
public struct FailureStory: Codable, Sendable, Equatable {
  public var group: String
  public var failedAt: String
  public var promotedAt: String?
  public var before: PhaseReport?
  public var during: PhaseReport?
  public var after: PhaseReport?
  /// The worst of all groups in each of the three times.
  public var worstBefore: PhaseReport?
  public var worstDuring: PhaseReport?
  public var worstAfter: PhaseReport?
}

public struct PhaseReport: Codable, Sendable, Equatable {
  public var group: String
  public var n: Int
  public var accuracy: Double
  public var frozenAccuracy: Double
}

extension LineReport {
  /// Sums up the parts of one line; `failure` names the cell that fails and when, where that is known.
  public init(
    _ parts: [StreamedPart], index: Int, line: StreamedLine, schema: GroupSchema,
    failure: (cell: Cell, time: Timestamp)?, runs: [RunRow]
  ) {
    func groups(withOutcome: Bool) -> [GroupReport] {
      Accounting.byGroup(parts, line: index, frozenVersion: line.frozenVersion, withOutcome: withOutcome).map {
        GroupReport(schema.text($0.group, classNames: line.classNames), $0.tally)
      }
    }
    self.init(
      line: line.name, frozenVersion: line.frozenVersion,
      disagreements: Accounting.disagreements(parts, line: index, frozenVersion: line.frozenVersion),
      groups: groups(withOutcome: false), groupsByOutcome: groups(withOutcome: true),
      story: failure.map { failure in
        FailureStory(
          parts, index: index, frozenVersion: line.frozenVersion, schema: schema, cell: failure.cell,
          failure: failure.time)
      },
      healthyChange: Accounting.healthyChange(
        parts, line: index, frozenVersion: line.frozenVersion, failing: failure?.cell),
      advice: AdviceTally(parts.lazy.filter { $0.line == index }), runs: runs)
  }
}

extension GroupReport {
  init(_ group: String, _ tally: Tally) {
    self.init(
      group: group, n: tally.count, accuracy: tally.servedAccuracy ?? 0, frozenAccuracy: tally.frozenAccuracy ?? 0,
      change: tally.change ?? 0, rerouted: tally.rerouted)
  }
}

extension FailureStory {
  init(
    _ parts: [StreamedPart], index: Int, frozenVersion: Int, schema: GroupSchema, cell: Cell, failure: Timestamp
  ) {
    let phases = Accounting.byPhase(
      parts, line: index, cell: cell, failure: failure, frozenVersion: frozenVersion)
    let promotion = Accounting.firstRerouted(parts, line: index, cell: cell, frozenVersion: frozenVersion)
    let name = schema.text(cell)
    func phase(_ phase: Phase) -> PhaseReport? { phases[phase].map { PhaseReport(name, $0) } }
    func worst(from start: Timestamp?, before end: Timestamp?) -> PhaseReport? {
      Accounting.worstCell(parts, line: index, from: start, before: end, frozenVersion: frozenVersion)
        .map { PhaseReport(schema.text($0.cell), $0.tally) }
    }
    self.init(
      group: name, failedAt: "\(failure)", promotedAt: promotion.map { "\($0)" }, before: phase(.before),
      during: phase(.during), after: phase(.after), worstBefore: worst(from: nil, before: failure),
      worstDuring: worst(from: failure, before: promotion),
      worstAfter: promotion.flatMap { worst(from: $0, before: nil) })
  }
}

extension PhaseReport {
  init(_ group: String, _ tally: Tally) {
    self.init(
      group: group, n: tally.count, accuracy: tally.servedAccuracy ?? 0, frozenAccuracy: tally.frozenAccuracy ?? 0)
  }
}
