import Domain

/// How far a study is and how long it still takes, over all seeds and the cores they are trained on.
///
/// Methods differ in time by an order of magnitude, so the time left is added up from what each method has taken so far,
/// and from guesses scaled by it where none of its kind has ended yet; seeds that wait are dealt out to the cores in
/// turn, because the last seed of five leaves one of two cores idle.
public struct StudySchedule: Sendable {
  private struct Seed: Sendable {
    /// Index into `methods`; nil before the first and after the last.
    var method: Int?
    var done = 0.0
    var startedAt = 0.0
    var isOver = false
  }

  private let methods: [StudyMethod]
  private let coreCount: Int
  private var seeds: [Seed]
  /// Seconds of each method that has ended in some seed.
  private var durations: [[Double]]
  private var toldFraction = 0.0

  /// Before this share is done, the time left is a guess and not told.
  private static let toldMinimum = 0.02
  /// From this share of one training on, its own pace says more than its kind's.
  private static let ownPaceMinimum = 0.2

  public init(methods: [StudyMethod], seedCount: Int, coreCount: Int) {
    precondition(seedCount > 0 && coreCount > 0 && !methods.isEmpty, "a study has methods, seeds and cores")
    self.methods = methods
    self.coreCount = coreCount
    seeds = Array(repeating: Seed(), count: seedCount)
    durations = Array(repeating: [], count: methods.count)
  }

  /// One training of a seed is `done` (0...1) at `now` seconds; a new method ends the one before.
  public mutating func advance(seed: Int, method: Int, done: Double, now: Double) {
    if seeds[seed].method != method {
      end(seed, now: now)
      seeds[seed].method = method
      seeds[seed].startedAt = now
    }
    seeds[seed].done = min(max(done, 0), 1)
  }

  public mutating func finish(seed: Int, now: Double) {
    end(seed, now: now)
    seeds[seed].isOver = true
  }

  private mutating func end(_ seed: Int, now: Double) {
    if let method = seeds[seed].method { durations[method].append(max(now - seeds[seed].startedAt, 0)) }
    seeds[seed].method = nil
    seeds[seed].done = 0
  }

  /// The whole study at `now`; its share never goes back, whatever a new estimate says.
  public mutating func progress(now: Double) -> TrainingProgress {
    let running = seeds.filter { $0.method != nil }
    let spent =
      durations.joined().reduce(0, +) + running.reduce(0) { $0 + max(now - $1.startedAt, 0) }
    let lefts = seeds.map { left($0, spent: spent, now: now) }
    let all = spent + lefts.reduce(0, +)
    toldFraction = max(toldFraction, all > 0 ? min(spent / all, 1) : 0)
    return TrainingProgress(
      stage: stage, fraction: toldFraction,
      secondsLeft: toldFraction >= Self.toldMinimum ? timeLeft(lefts) : nil)
  }

  private func left(_ seed: Seed, spent: Double, now: Double) -> Double {
    guard !seed.isOver else { return 0 }
    guard let method = seed.method else {
      return methods.indices.reduce(0) { $0 + expected($1, spent: spent) }
    }
    let later = methods.indices.dropFirst(method + 1).reduce(0) { $0 + expected($1, spent: spent) }
    let soFar = max(now - seed.startedAt, 0)
    let current =
      seed.done >= Self.ownPaceMinimum
      ? soFar * (1 - seed.done) / seed.done : expected(method, spent: spent) * (1 - seed.done)
    return current + later
  }

  private func expected(_ method: Int, spent: Double) -> Double {
    let known = durations[method]
    guard known.isEmpty else { return known.reduce(0, +) / Double(known.count) }
    let ended = methods.indices.reduce(0) { $0 + Double(durations[$1].count) * methods[$1].relativeCost }
    let open = seeds.reduce(0) { sum, seed in
      sum + (seed.method.map { methods[$0].relativeCost * seed.done } ?? 0)
    }
    guard ended + open > 0 else { return methods[method].relativeCost }
    return methods[method].relativeCost * spent / (ended + open)
  }

  /// The core that is free last, when waiting seeds go to whichever core is free first.
  private func timeLeft(_ lefts: [Double]) -> Double {
    var cores = Array(repeating: 0.0, count: coreCount)
    let order = seeds.indices.sorted { (seeds[$0].method != nil ? 0 : 1, $0) < (seeds[$1].method != nil ? 0 : 1, $1) }
    for seed in order where !seeds[seed].isOver {
      let first = cores.indices.min { cores[$0] < cores[$1] } ?? 0
      cores[first] += lefts[seed]
    }
    return cores.max() ?? 0
  }

  private var stage: String {
    let running = seeds.indices.filter { seeds[$0].method != nil }.map { String($0 + 1) }
    guard !running.isEmpty else { return "training" }
    return "seed \(running.joined(separator: " and ")) of \(seeds.count)"
  }
}

extension StudyMethod {
  /// Trainings of one student it takes, roughly: the first guess before one has been timed.
  var relativeCost: Double {
    switch self {
    case .erm, .balanced, .groupDRO: 1
    case .kd, .kdBalanced, .groupDistilRaw, .groupDistil, .dfr: 1.2
    case .groupDistilHeldOut: 1.5
    case .portfolio: 4
    }
  }
}
