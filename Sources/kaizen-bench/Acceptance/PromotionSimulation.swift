import Domain
import Glibc
import NeuralNet
import Policy

/// Champion and challenger on gate rows, as `monitoring.md` 7 simulates them; `Policy.promotionGate` decides.
struct PromotionSimulation: Hashable, Sendable {
  enum Scope: Hashable, Sendable {
    /// 150 gate rows in each lagging group; the others are not touched.
    case lagging
    /// 50 groups, gate rows log-normal with a median of 150; what does not lag churns.
    case everyGroup
    /// 8 groups, 150 gate rows in each; none lags, and three have a student of their own that the challenger replaces.
    case consolidation
  }

  enum Challenger: Hashable, Sendable {
    /// Takes the three lagging groups from .88 to .94.
    case better
    /// The lagging groups churn like the others.
    case equal
    /// Better for the lagging groups, and six points worse for one other.
    case harmful
    /// Every group loses a point.
    case worse
  }

  let scope: Scope
  let challenger: Challenger

  static let gateRows = 150
  static let gateRowsSpread = 0.8
  /// Runs of one piece of work.
  private static let blockRuns = 100

  func work(_ size: AcceptanceSize) -> [AcceptanceWork] {
    AcceptanceSize.blocks(size.plants * AcceptanceSize.promotionFactor, of: Self.blockRuns).enumerated()
      .map { .promotion(self, block: $0, runs: $1) }
  }

  /// - Parameter block: part of the seed.
  func runs(_ count: Int, block: Int) -> [Bool] {
    let story =
      switch challenger {
      case .better: 2
      case .equal: 0
      case .harmful: 4
      case .worse: 6
      }
    let place = scope == .lagging ? 0 : scope == .everyGroup ? 1 : 8
    var random = Generator(seed: UInt64(block) &* 16 &+ UInt64(story + place))
    return (0..<count).map { _ in isPromoted(&random) }
  }

  private func isPromoted(_ random: inout Generator) -> Bool {
    let lags = scope != .consolidation
    let groups =
      switch scope {
      case .lagging: SimulatedPairs.laggingGroups
      case .everyGroup: SimulatedPairs.groups
      case .consolidation: SimulatedPairs.fewGroups
      }
    let pairs = (0..<groups).map { number in
      let spread = scope == .everyGroup ? exp(Self.gateRowsSpread * random.normal()) : 1
      return SimulatedPairs.counts(
        number, rows: max(1, Int(Double(Self.gateRows) * spread)), challenger: challenger, random: &random)
    }
    let first = SimulatedPairs.firstGroups
    return promotionGate(
      GateQuestion(
        scope: scope == .lagging ? .scoped : .whole, pairs: pairs, lagging: lags ? first : [],
        scoped: lags ? [] : first, attempt: 1, settings: LineSettings(), name: { $0.cell.values.joined() })
    ).promote
  }
}

/// Groups of a simulated line whose parts two students answer; the first ones lag.
enum SimulatedPairs {
  typealias Rates = (wins: Double, losses: Double)

  static let laggingGroups = 3
  static let groups = 50
  static let fewGroups = 8
  /// From .88 to .94, and back.
  static let gain: Rates = (wins: 0.075, losses: 0.015)
  static let harm: Rates = (wins: 0.015, losses: 0.075)
  /// 3 % of the parts are answered otherwise, half of them rightly now.
  static let churn: Rates = (wins: 0.015, losses: 0.015)
  static let loss: Rates = (wins: 0.01, losses: 0.02)
  /// The group that a harmful challenger harms.
  static let harmedGroup = laggingGroups

  static func key(_ number: Int) -> GroupKey { GroupKey(cell: Cell(["\(number)"])) }
  /// Those that lag, or have a student of their own.
  static let firstGroups = Set((0..<laggingGroups).map(key))

  static func rates(_ number: Int, _ challenger: PromotionSimulation.Challenger) -> Rates {
    switch challenger {
    case .worse: loss
    case .equal: churn
    case .better: number < laggingGroups ? gain : churn
    case .harmful: number < laggingGroups ? gain : number == harmedGroup ? harm : churn
    }
  }

  static func tally(_ rows: Int, _ rates: Rates, random: inout Generator) -> PairedTally {
    var tally = PairedTally(total: rows)
    for _ in 0..<rows {
      let point = random.uniform()
      if point < rates.wins { tally.wins += 1 } else if point < rates.wins + rates.losses { tally.losses += 1 }
    }
    return tally
  }

  static func counts(
    _ number: Int, rows: Int, challenger: PromotionSimulation.Challenger, random: inout Generator
  ) -> PairedCounts {
    let tally = tally(rows, rates(number, challenger), random: &random)
    // Rows that both get right are of no interest to the gate.
    let both = (rows - tally.wins - tally.losses) * 9 / 10
    return PairedCounts(
      group: key(number), total: rows, championCorrect: both + tally.losses, challengerCorrect: both + tally.wins,
      wins: tally.wins, losses: tally.losses)
  }
}
