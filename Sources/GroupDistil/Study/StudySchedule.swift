import Domain

/// How far a study is and how long it still takes, over all seeds and the cores they are trained on.
///
/// Stages (the teacher, then one a method) differ in time by orders of magnitude, so the time left is added up from what
/// each stage has taken so far, and from guesses scaled by it where none of its kind has ended yet; seeds that wait are
/// dealt out to the cores in turn, because the last seed of five leaves one of two cores idle.
public struct StudySchedule: Sendable {
  private struct Seed: Sendable {
    /// Index into `costs`; nil before the first and after the last.
    var stage: Int?
    var done = 0.0
    var startedAt = 0.0
    var isOver = false
  }

  private let costs: [Double]
  private let coreCount: Int
  private var seeds: [Seed]
  /// Seconds of each stage that has ended in some seed.
  private var durations: [[Double]]
  private var toldFraction = 0.0

  /// Before this share is done, the time left is a guess and not told.
  private static let toldMinimum = 0.02
  /// From this share of one stage on, its own pace says more than its kind's.
  private static let ownPaceMinimum = 0.2

  /// - Parameter costs: of each stage of one seed, in any unit: the first guess before a stage has been timed.
  public init(costs: [Double], seedCount: Int, coreCount: Int) {
    precondition(seedCount > 0 && coreCount > 0 && !costs.isEmpty, "a study has stages, seeds and cores")
    self.costs = costs
    self.coreCount = coreCount
    seeds = Array(repeating: Seed(), count: seedCount)
    durations = Array(repeating: [], count: costs.count)
  }

  /// One stage of a seed is `done` (0...1) at `now` seconds; a new stage ends the one before.
  public mutating func advance(seed: Int, stage: Int, done: Double, now: Double) {
    if seeds[seed].stage != stage {
      end(seed, now: now)
      seeds[seed].stage = stage
      seeds[seed].startedAt = now
    }
    seeds[seed].done = min(max(done, 0), 1)
  }

  public mutating func finish(seed: Int, now: Double) {
    end(seed, now: now)
    seeds[seed].isOver = true
  }

  private mutating func end(_ seed: Int, now: Double) {
    if let stage = seeds[seed].stage { durations[stage].append(max(now - seeds[seed].startedAt, 0)) }
    seeds[seed].stage = nil
    seeds[seed].done = 0
  }

  /// The whole study at `now`; its share never goes back, whatever a new estimate says.
  public mutating func progress(now: Double) -> TrainingProgress {
    let running = seeds.filter { $0.stage != nil }
    let spent =
      durations.joined().reduce(0, +) + running.reduce(0) { $0 + max(now - $1.startedAt, 0) }
    let lefts = seeds.map { left($0, spent: spent, now: now) }
    let all = spent + lefts.reduce(0, +)
    toldFraction = max(toldFraction, all > 0 ? min(spent / all, 1) : 0)
    return TrainingProgress(
      stage: stageText, fraction: toldFraction,
      secondsLeft: toldFraction >= Self.toldMinimum ? timeLeft(lefts) : nil)
  }

  private func left(_ seed: Seed, spent: Double, now: Double) -> Double {
    guard !seed.isOver else { return 0 }
    guard let stage = seed.stage else { return costs.indices.reduce(0) { $0 + expected($1, spent: spent) } }
    let later = costs.indices.dropFirst(stage + 1).reduce(0) { $0 + expected($1, spent: spent) }
    let soFar = max(now - seed.startedAt, 0)
    let current =
      seed.done >= Self.ownPaceMinimum
      ? soFar * (1 - seed.done) / seed.done : expected(stage, spent: spent) * (1 - seed.done)
    return current + later
  }

  private func expected(_ stage: Int, spent: Double) -> Double {
    let known = durations[stage]
    guard known.isEmpty else { return known.reduce(0, +) / Double(known.count) }
    let ended = costs.indices.reduce(0) { $0 + Double(durations[$1].count) * costs[$1] }
    let open = seeds.reduce(0) { sum, seed in sum + (seed.stage.map { costs[$0] * seed.done } ?? 0) }
    guard ended + open > 0 else { return costs[stage] }
    return costs[stage] * spent / (ended + open)
  }

  /// The core that is free last, when waiting seeds go to whichever core is free first.
  private func timeLeft(_ lefts: [Double]) -> Double {
    var cores = Array(repeating: 0.0, count: coreCount)
    let order = seeds.indices.sorted { (seeds[$0].stage != nil ? 0 : 1, $0) < (seeds[$1].stage != nil ? 0 : 1, $1) }
    for seed in order where !seeds[seed].isOver {
      let first = cores.indices.min { cores[$0] < cores[$1] } ?? 0
      cores[first] += lefts[seed]
    }
    return cores.max() ?? 0
  }

  private var stageText: String {
    let running = seeds.indices.filter { seeds[$0].stage != nil }.map { String($0 + 1) }
    guard !running.isEmpty else { return "training" }
    return "seed \(running.joined(separator: " and ")) of \(seeds.count)"
  }
}

extension StudySchedule {
  /// What the stages of one seed cost, in trainings of one student on labels: the preparation, then `methods` in order.
  ///
  /// Methods that are made of others cost little where those have been run: nothing is trained twice in one seed.
  /// - Parameter preparation: teacher and the balanced student it is compared with.
  public static func costs(of methods: [StudyMethod], preparation: Double) -> [Double] {
    var done: Set<StudyMethod> = [.balanced]
    return [preparation]
      + methods.map { method in
        let parts = method.parts.filter { done.insert($0).inserted }
        return parts.reduce(smallestCost) { $0 + $1.singleCost }
      }
  }

  /// Finishing and judging a student.
  private static let smallestCost = 0.05
}

extension StudyMethod {
  /// What has to be trained for it; `portfolio` stands for the arm that is no method of its own.
  fileprivate var parts: [StudyMethod] {
    switch self {
    case .dfr: [.kd, .kdBalanced]
    case .portfolio: [.erm, .groupDRO, .kdBalanced, .groupDistil, .groupDistilHeldOut, .portfolio]
    default: [self]
    }
  }

  fileprivate var singleCost: Double {
    switch self {
    case .groupDistilHeldOut: 1.5
    case .kd, .kdBalanced, .groupDistilRaw, .groupDistil, .portfolio: 1.2
    case .erm, .balanced, .groupDRO, .dfr: 1
    }
  }
}
