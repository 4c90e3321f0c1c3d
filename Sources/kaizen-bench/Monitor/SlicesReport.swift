import Policy
import Statistics
import Wire

/// What `kaizen-bench slices` simulated, as `--json` prints it (keys in snake_case).
public struct SlicesReport: Codable, Sendable, Equatable {
  public var schema = 1
  public var scenario = "slices"
  public let seed: UInt64
  /// Worlds of each size, with the plant and without.
  public let runs: Int
  public var rows: [SlicesRow] = []
  public var goals: [ServeGoal] = []

  public init(seed: UInt64, runs: Int) {
    self.seed = seed
    self.runs = runs
  }

  public func json() throws -> String { String(decoding: try OperatorCoding.bytes(self), as: UTF8.self) }
}

/// Searches of one size under one rule.
public struct SlicesRow: Codable, Sendable, Equatable {
  public let parts: Int
  /// `BH` or `BY`.
  public let rule: String
  /// Share of worlds in which the planted pair was named.
  public let plantedFound: Double
  /// Slices named in a world with the plant.
  public let meanReported: Double
  /// Share of worlds in which a slice was named that is no worse than the others.
  public let falseWithPlant: Double
  public let falseWithoutPlant: Double
  /// One search, median.
  public let milliseconds: Double
}

extension SlicesReport {
  static let sizes = [1500, 4000, 10_000]
  /// Worlds that one core simulates before it takes the next piece.
  private static let blockRuns = 10

  private struct Piece: Sendable {
    let simulation: SliceSimulation
    let seeds: Range<UInt64>
  }

  /// The same for the same seed, but for the milliseconds.
  static func measured(runs: Int, seed: UInt64) -> SlicesReport {
    var report = SlicesReport(seed: seed, runs: runs)
    let simulations = sizes.flatMap { parts in
      [true, false].map { SliceSimulation(parts: parts, isPlanted: $0) }
    }
    let pieces = simulations.flatMap { simulation in
      stride(from: 0, to: runs, by: blockRuns).map { start in
        let first = seed &* 1_000_000 &+ UInt64(start)
        return Piece(simulation: simulation, seeds: first..<first + UInt64(min(blockRuns, runs - start)))
      }
    }
    let outcomes = onEveryCore(
      pieces, { piece in piece.seeds.map { piece.simulation.run(seed: $0) } }, told: { _ in })
    var worlds: [SliceSimulation: [[SliceSimulation.Outcome]]] = [:]
    for (piece, results) in zip(pieces, outcomes) { worlds[piece.simulation, default: []] += results }
    for parts in sizes {
      for (index, rule) in DiscoveryRule.allCases.enumerated() {
        func found(_ isPlanted: Bool) -> [SliceSimulation.Outcome] {
          (worlds[SliceSimulation(parts: parts, isPlanted: isPlanted)] ?? []).map { $0[index] }
        }
        report.rows.append(SlicesRow(parts: parts, rule: rule, planted: found(true), plain: found(false)))
      }
    }
    report.goals = goals(report)
    return report
  }

  private static func goals(_ report: SlicesReport) -> [ServeGoal] {
    let row = report.rows.first { $0.parts == 4000 && $0.rule == DiscoveryRule.benjaminiHochberg.rawValue }
    return [
      ServeGoal("planted pair found, 4,000 parts, BH", atLeast: 0.9, measured: row?.plantedFound),
      ServeGoal("P(any false slice), 4,000 parts, BH, planted", atMost: 0.25, measured: row?.falseWithPlant),
    ]
  }

  func text() -> String {
    let heading = SpeedText.wrapped(
      "Searches for slices among parts of 6 attributes, 5 % of them wrong; where planted, one pair of values (1 part in"
        + " 30) is 20 % wrong. \(runs) worlds of each kind and size. false: a slice was named that is no worse.")
    let head = ["parts", "rule", "found", "named", "false", "false unplanted", "ms"]
    let lines = rows.map { row in
      [
        "\(row.parts)", row.rule, SpeedText.significant(row.plantedFound), SpeedText.significant(row.meanReported),
        SpeedText.significant(row.falseWithPlant), SpeedText.significant(row.falseWithoutPlant),
        SpeedText.significant(row.milliseconds),
      ]
    }
    return [
      heading, SpeedText.columns([head] + lines), SpeedText.columns([ServeText.goalHead] + goals.map(ServeText.row)),
    ]
    .joined(separator: "\n\n")
  }
}

extension SlicesRow {
  fileprivate init(
    parts: Int, rule: DiscoveryRule, planted: [SliceSimulation.Outcome], plain: [SliceSimulation.Outcome]
  ) {
    func share(_ outcomes: [SliceSimulation.Outcome], _ holds: (SliceSimulation.Outcome) -> Bool) -> Double {
      Double(outcomes.count(where: holds)) / Double(max(1, outcomes.count))
    }
    self.init(
      parts: parts, rule: rule.rawValue, plantedFound: share(planted, \.isFound),
      meanReported: Double(planted.reduce(0) { $0 + $1.reported }) / Double(max(1, planted.count)),
      falseWithPlant: share(planted, \.hasFalse), falseWithoutPlant: share(plain, \.hasFalse),
      milliseconds: median((planted + plain).map(\.milliseconds)))
  }
}
