import Domain
import Glibc
import NeuralNet
import Policy

/// Trials of a challenger on live parts, as `monitoring.md` 7 simulates them; `Policy.decideTrial` decides.
enum TrialSimulation: Hashable, Sendable {
  /// The shadow alone, however long it takes: the labels of three lagging groups come one by one, `labelsMaximum` at
  /// most, 75 of each group a day.
  case shadow(PromotionSimulation.Challenger)
  /// The watch of a student of `groups` groups, 75 labels a day in each. `isHarmful`: one of them loses six points,
  /// and the others, which would only add chance, are silent. Otherwise all are served as well as before.
  case watch(groups: Int, isHarmful: Bool)
  /// Shadow, both steps of the canary and the watch of a student for 50 groups, with a median of 75 labels a day.
  case whole(PromotionSimulation.Challenger)
  /// The same of a student for 8 groups of which none lags, 75 labels a day in each: it has to be no worse.
  case consolidation(PromotionSimulation.Challenger)

  struct Run: Sendable, Equatable {
    /// Labels until the shadow promoted; nil where it did not, and for the other stories.
    var labelsToPromote: Int?
    /// Days from the stage (of a watch) or from the first canary (of a whole line) until the challenger went; nil where
    /// it came through.
    var daysToEnd: Double?
    /// The stage in which it ended; nil where it came through.
    var endedIn: TrialStage?
    /// Days in the shadow before it answered anybody; nil where it did not.
    var daysInShadow: Double?
  }

  static let labelsPerDay = 75
  static let volumeSpread = 0.8
  static let labelsMaximum = 20_000
  /// Looks are taken once a shift.
  static let shiftsPerDay = 3
  /// A watch ends after 14 days; what harms is watched on, to see how long it takes.
  static let daysMaximum = 90
  private static let blockRuns = 20
  /// Trials of whole lines take many times the work of the others.
  private static let wholeFactor = 5

  func work(_ size: AcceptanceSize) -> [AcceptanceWork] {
    let factor =
      switch self {
      case .shadow, .watch: AcceptanceSize.promotionFactor
      case .whole, .consolidation: Self.wholeFactor
      }
    return AcceptanceSize.blocks(size.plants * factor, of: Self.blockRuns).enumerated()
      .map { .trial(self, block: $0, runs: $1) }
  }

  /// - Parameter block: part of the seed.
  func runs(_ count: Int, block: Int) -> [Run] {
    var random = Generator(seed: UInt64(block) &* 16 &+ story)
    return (0..<count).map { _ in
      switch self {
      case .shadow(let challenger): Self.shadow(challenger, &random)
      case .watch(let groups, let isHarmful): Self.watch(groups: groups, isHarmful: isHarmful, &random)
      case .whole(let challenger):
        Self.whole(challenger, groups: SimulatedPairs.groups, lagging: SimulatedPairs.firstGroups, &random)
      case .consolidation(let challenger):
        Self.whole(challenger, groups: SimulatedPairs.fewGroups, lagging: [], &random)
      }
    }
  }

  private var story: UInt64 {
    switch self {
    case .shadow(let challenger): challenger == .better ? 0 : 1
    case .watch(let groups, let isHarmful): (groups == 1 ? 2 : 4) + (isHarmful ? 1 : 0)
    case .whole(let challenger): challenger == .better ? 8 : challenger == .equal ? 9 : 10
    case .consolidation(let challenger): challenger == .equal ? 11 : 12
    }
  }

  private static func question(
    _ stage: TrialStage, _ scope: RetrainScope, _ pairs: [GroupKey: PairedEvidence], hours: Double, shifts: Int,
    answers: Int, lagging: Set<GroupKey> = SimulatedPairs.firstGroups
  ) -> TrialQuestion {
    TrialQuestion(
      stage: stage, scope: scope, pairs: pairs, lagging: lagging, hoursInStage: hours,
      shiftsSeen: shifts, live: LiveFindings(answers: answers), settings: LineSettings(),
      name: { $0.cell.values.joined() })
  }

  private static func shadow(_ challenger: PromotionSimulation.Challenger, _ random: inout Generator) -> Run {
    var pairs = Dictionary(uniqueKeysWithValues: SimulatedPairs.firstGroups.map { ($0, PairedEvidence()) })
    let keys = (0..<SimulatedPairs.laggingGroups).map(SimulatedPairs.key)
    for label in 1...labelsMaximum {
      let number = (label - 1) % keys.count
      let tally = SimulatedPairs.tally(1, SimulatedPairs.rates(number, challenger), random: &random)
      pairs[keys[number]]?.observe(day: Int64(label / (labelsPerDay * keys.count)), tally)
      // A label that both get right, or both wrong, decides nothing.
      guard tally.wins + tally.losses > 0 else { continue }
      switch decideTrial(question(.shadow, .whole, pairs, hours: 24, shifts: 3, answers: label)) {
      case .wait: continue
      case .advance: return Run(labelsToPromote: label)
      case .end: return Run(endedIn: .shadow)
      }
    }
    return Run()
  }

  private static func watch(groups: Int, isHarmful: Bool, _ random: inout Generator) -> Run {
    var pairs = Dictionary(
      uniqueKeysWithValues: (0..<groups).map { (SimulatedPairs.key($0), PairedEvidence()) })
    let perShift = labelsPerDay / shiftsPerDay
    for shift in 0..<(isHarmful ? daysMaximum : Int(watchHours / 24)) * shiftsPerDay {
      for number in 0..<(isHarmful ? 1 : groups) {
        let rates = isHarmful ? SimulatedPairs.harm : SimulatedPairs.churn
        pairs[SimulatedPairs.key(number)]?.observe(
          day: Int64(shift / shiftsPerDay), SimulatedPairs.tally(perShift, rates, random: &random))
      }
      // Before the end of the watch, which is not asked about here.
      if case .end = decideTrial(
        question(
          .watch, groups > SimulatedPairs.laggingGroups ? .whole : .scoped, pairs, hours: 0, shifts: 0, answers: 1))
      {
        return Run(daysToEnd: Double(shift + 1) / Double(shiftsPerDay), endedIn: .watch)
      }
    }
    return Run()
  }

  private static func whole(
    _ challenger: PromotionSimulation.Challenger, groups: Int, lagging: Set<GroupKey>, _ random: inout Generator
  ) -> Run {
    let keys = (0..<groups).map(SimulatedPairs.key)
    let spread = lagging.isEmpty ? 0 : volumeSpread
    let perShift = keys.map { _ in
      Double(labelsPerDay) / Double(shiftsPerDay) * exp(spread * random.normal())
    }
    var run = Run()
    var pairs = Dictionary(uniqueKeysWithValues: keys.map { ($0, PairedEvidence()) })
    var stage = TrialStage.shadow
    var shiftsInStage = 0
    var answers = 0
    var shiftsServed = 0
    let hoursPerShift = 24.0 / Double(shiftsPerDay)
    var shift = 0
    while true {
      for number in keys.indices {
        // The fraction of a part comes now and then.
        let rows = Int(perShift[number] + random.uniform())
        pairs[keys[number]]?.observe(
          day: Int64(shift / shiftsPerDay),
          SimulatedPairs.tally(rows, SimulatedPairs.rates(number, challenger), random: &random))
        answers += rows
      }
      shift += 1
      shiftsInStage += 1
      if stage != .shadow { shiftsServed += 1 }
      let hours = Double(shiftsInStage) * hoursPerShift
      let asked = question(
        stage, .whole, pairs, hours: hours, shifts: shiftsInStage, answers: answers, lagging: lagging)
      switch decideTrial(asked) {
      case .wait: continue
      case .end:
        run.endedIn = stage
        run.daysToEnd = Double(shiftsServed) / Double(shiftsPerDay)
        return run
      case .advance:
        guard let next = stage.next(.whole) else { return run }
        if stage == .shadow { run.daysInShadow = Double(shiftsInStage) / Double(shiftsPerDay) }
        stage = next
        shiftsInStage = 0
        answers = 0
      }
    }
  }
}
