import Glibc
import NeuralNet
import Statistics

/// A plant under the detector, as `monitoring.md` 6.3 simulates it: 50 groups of log-normal volume (median 150 parts a
/// day, half of them labelled, labels log-normal with a median of 8 hours late), accuracy .95 known, a look every hour.
///
/// Groups never meet but in the alarm level, so they are simulated one after the other.
struct MonitorSimulation: Hashable, Sendable {
  /// What happens to the groups on `changeDay`.
  enum Story: Hashable, Sendable {
    /// Nothing, to any of them, in `days` days.
    case null
    /// Three of them fall to .88; the others are not simulated.
    case drop
  }

  let story: Story
  /// Correlation of two outcomes of a group's day: its accuracy that day is Beta distributed. 0: independent outcomes.
  let correlation: Double

  /// What one plant showed.
  enum Run: Sendable, Equatable {
    /// Under `.null`: whether any group was declared lagging.
    case quarter(isAccused: Bool)
    /// Under `.drop`: days and labels from the change to LAGGING, for the groups that were not accused before it.
    case drops([Delay])
  }

  struct Delay: Sendable, Equatable {
    let days: Double
    let labels: Int
  }

  static let groups = 50
  static let droppedGroups = 3
  static let days = 90
  static let changeDay = 30
  /// By then even the smallest group has been found out.
  static let lastDay = 365
  static let accuracy = 0.95
  static let droppedAccuracy = 0.88
  static let labelsPerDay = 75.0
  static let volumeSpread = 0.8
  static let delayHours = 8.0

  func work(_ size: AcceptanceSize) -> [AcceptanceWork] {
    AcceptanceSize.blocks(size.plants).enumerated().map { .monitoring(self, block: $0, runs: $1) }
  }

  /// - Parameter block: part of the seed.
  func runs(_ count: Int, block: Int) -> [Run] {
    var random = Generator(seed: UInt64(block) &* 4 &+ (story == .null ? 0 : 1) &+ (correlation > 0 ? 2 : 0))
    return (0..<count).map { _ in
      switch story {
      case .null:
        let isAccused = (0..<Self.groups).contains { _ in group(days: Self.days, random: &random) != nil }
        return .quarter(isAccused: isAccused)
      case .drop:
        return .drops(
          (0..<Self.droppedGroups).compactMap { _ in
            group(days: Self.lastDay, random: &random).flatMap { $0.days > 0 ? $0 : nil }
          })
      }
    }
  }

  /// The first LAGGING of one group, counted from the change; nil when there is none.
  private func group(days: Int, random: inout Generator) -> Delay? {
    let labels = max(1, Int(Self.labelsPerDay * exp(Self.volumeSpread * random.normal())))
    // Outcomes cluster as much as the design effect is told: what an estimate of it costs is not measured here.
    let inflation =
      correlation > 0 ? DesignEffect(correlation: correlation).inflation(labelsPerActiveDay: Double(labels)) : 1
    let level = alarmLevel(detectors: Self.groups, days: 365)
    var detector = ShiryaevRobertsDetector(nullAccuracy: Self.accuracy)
    var arriving = ArrivingOutcomes()
    var sinceChange = 0
    for day in 0..<days {
      let mean = story == .drop && day >= Self.changeDay ? Self.droppedAccuracy : Self.accuracy
      let today = correlation > 0 ? random.beta(mean: mean, correlation: correlation) : mean
      for _ in 0..<labels {
        let hour = Double(day * 24) + 24 * random.uniform() + Self.delayHours * exp(random.normal())
        arriving.add(hour: Int(hour), isCorrect: random.uniform() < today)
      }
      for hour in day * 24..<(day + 1) * 24 {
        guard let (correct, wrong) = arriving.take(hour: hour) else { continue }
        detector.observe(day: Int64(day), correct: correct, wrong: wrong, designEffect: inflation)
        if story == .drop, day >= Self.changeDay { sinceChange += correct + wrong }
        if detector.logEvidence >= level {
          return Delay(days: Double(hour + 1) / 24 - Double(Self.changeDay), labels: sinceChange)
        }
      }
    }
    return nil
  }
}

/// Outcomes by the hour they become known.
private struct ArrivingOutcomes {
  /// Labels later than this many hours are left out: one in a thousand.
  private static let horizon = 8 * 24
  private var counts = [(correct: Int, wrong: Int)](repeating: (0, 0), count: horizon)

  mutating func add(hour: Int, isCorrect: Bool) {
    if isCorrect { counts[hour % Self.horizon].correct += 1 } else { counts[hour % Self.horizon].wrong += 1 }
  }

  /// Nil without any.
  mutating func take(hour: Int) -> (correct: Int, wrong: Int)? {
    let found = counts[hour % Self.horizon]
    guard found.correct + found.wrong > 0 else { return nil }
    counts[hour % Self.horizon] = (0, 0)
    return found
  }
}

extension Generator {
  /// A Beta distributed number with this mean and variance mean (1 - mean) correlation.
  mutating func beta(mean: Double, correlation: Double) -> Double {
    let concentration = 1 / correlation - 1
    let first = gamma(mean * concentration)
    return first / (first + gamma((1 - mean) * concentration))
  }

  /// A Gamma distributed number of this shape, at least 1, and scale 1 (Marsaglia and Tsang 2000).
  private mutating func gamma(_ shape: Double) -> Double {
    precondition(shape >= 1, "the method needs a shape of at least 1")
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normal()
      let v = (1 + c * x) * (1 + c * x) * (1 + c * x)
      if v > 0, log(1 - uniform()) < 0.5 * x * x + d - d * v + d * log(v) { return d * v }
    }
  }
}
