import Domain
import Glibc
import NeuralNet
import Policy
import Statistics

/// Champion and challenger on gate rows, as `monitoring.md` 7 simulates them: three lagging groups that a good
/// challenger takes from .88 to .94 (7.5 % of the rows newly right, 1.5 % newly wrong).
struct PromotionSimulation: Hashable, Sendable {
  enum Scope: Hashable, Sendable {
    /// 150 gate rows in each lagging group; the others are not touched. `Policy.promotionGate` decides.
    case lagging
    /// 50 groups, gate rows log-normal with a median of 150, 1.5 % of the healthy groups' rows newly right and as many
    /// newly wrong (3 % churn). Decided by rule P2: `Policy.promotionGate` on the lagging groups, and from Statistics
    /// the non-inferiority of all healthy rows together within half a point and no healthy group harmed by BH at .10.
    case everyGroup
  }

  let scope: Scope
  /// False: the lagging groups churn like the healthy ones.
  let isGood: Bool

  static let laggingGroups = 3
  static let groups = 50
  static let gateRows = 150
  static let gateRowsSpread = 0.8
  static let gain = (wins: 0.075, losses: 0.015)
  static let churn = 0.03
  static let pooledLossAllowed = 0.005
  static let harmRate = 0.10
  /// Runs of one piece of work.
  private static let blockRuns = 100

  func work(_ size: AcceptanceSize) -> [AcceptanceWork] {
    AcceptanceSize.blocks(size.plants * AcceptanceSize.promotionFactor, of: Self.blockRuns).enumerated()
      .map { .promotion(self, block: $0, runs: $1) }
  }

  /// - Parameter block: part of the seed.
  func runs(_ count: Int, block: Int) -> [Bool] {
    var random = Generator(seed: UInt64(block) &* 4 &+ (scope == .lagging ? 0 : 1) &+ (isGood ? 2 : 0))
    return (0..<count).map { _ in isPromoted(&random) }
  }

  private func isPromoted(_ random: inout Generator) -> Bool {
    let groupCount = scope == .lagging ? Self.laggingGroups : Self.groups
    let pairs = (0..<groupCount).map { number in
      let spread = scope == .lagging ? 1 : exp(Self.gateRowsSpread * random.normal())
      let rates = isGood && number < Self.laggingGroups ? Self.gain : (wins: Self.churn / 2, losses: Self.churn / 2)
      return Self.pair(
        GroupKey(cell: Cell(["\(number)"])), rows: max(1, Int(Double(Self.gateRows) * spread)), rates: rates,
        random: &random)
    }
    let lagging = Array(pairs.prefix(Self.laggingGroups))
    let gate = promotionGate(
      GateQuestion(
        pairs: lagging, lagging: Set(lagging.map(\.group)), attempt: 1, settings: LineSettings(),
        name: { $0.cell.values.joined() }))
    return gate.promote && (scope == .lagging || Self.sparesHealthy(Array(pairs.dropFirst(Self.laggingGroups))))
  }

  private static func sparesHealthy(_ pairs: [PairedCounts]) -> Bool {
    func sum(_ count: (PairedCounts) -> Int) -> Int { pairs.reduce(0) { $0 + count($1) } }
    let bound = nonInferiorityLower(wins: sum(\.wins), losses: sum(\.losses), total: sum(\.total))
    let harm = pairs.map { mcnemarExact(wins: $0.losses, losses: $0.wins) }
    return bound > -pooledLossAllowed && !benjaminiHochberg(harm, rate: harmRate).contains(true)
  }

  private static func pair(
    _ group: GroupKey, rows: Int, rates: (wins: Double, losses: Double), random: inout Generator
  ) -> PairedCounts {
    var wins = 0
    var losses = 0
    for _ in 0..<rows {
      let point = random.uniform()
      if point < rates.wins { wins += 1 } else if point < rates.wins + rates.losses { losses += 1 }
    }
    // Rows that both get right are of no interest to the gate.
    let both = (rows - wins - losses) * 9 / 10
    return PairedCounts(
      group: group, total: rows, championCorrect: both + losses, challengerCorrect: both + wins, wins: wins,
      losses: losses)
  }
}
