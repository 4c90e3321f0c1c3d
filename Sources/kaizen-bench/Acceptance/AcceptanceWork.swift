/// A piece of work that one core does at a time; checks share pieces, and each is done once.
enum AcceptanceWork: Hashable, Sendable {
  case training(BenchTraining, seed: UInt64)
  case drift(seed: UInt64)
  case monitoring(MonitorSimulation, block: Int, runs: Int)
  case promotion(PromotionSimulation, block: Int, runs: Int)
  case trial(TrialSimulation, block: Int, runs: Int)

  /// What a piece found.
  enum Finding: Sendable {
    case scores(BenchTraining.Scores)
    case drift(DriftRetraining.Result)
    case alarms([MonitorSimulation.Run])
    /// Per run whether the challenger was promoted.
    case promotions([Bool])
    case trials([TrialSimulation.Run])
  }

  func run(_ folder: BenchFolder) throws -> Finding {
    switch self {
    case .training(let training, let seed): .scores(try training.run(seed: seed, folder: folder))
    case .drift(let seed): .drift(try DriftRetraining(seed: seed).run(folder))
    case .monitoring(let simulation, let block, let runs): .alarms(simulation.runs(runs, block: block))
    case .promotion(let simulation, let block, let runs): .promotions(simulation.runs(runs, block: block))
    case .trial(let simulation, let block, let runs): .trials(simulation.runs(runs, block: block))
    }
  }
}

/// How often things are repeated.
public struct AcceptanceSize: Sendable, Equatable {
  /// Students trained per way.
  public var seeds: Int
  /// Simulated plants per figure of the monitor; gates and trials are cheaper and simulated more often,
  /// gates `promotionFactor` times.
  public var plants: Int

  public init(seeds: Int, plants: Int) {
    self.seeds = seeds
    self.plants = plants
  }

  static let promotionFactor = 10
  /// Plants of one piece of work.
  private static let blockRuns = 10

  var seedNumbers: [UInt64] { (0..<UInt64(seeds)).map { $0 } }

  /// The same with other numbers of seeds: some figures need more to be told from chance.
  func repeated(_ times: Int) -> AcceptanceSize { AcceptanceSize(seeds: seeds * times, plants: plants) }

  /// Sizes of the blocks that `runs` runs are done in.
  static func blocks(_ runs: Int, of size: Int = blockRuns) -> [Int] {
    stride(from: 0, to: runs, by: size).map { min(size, runs - $0) }
  }
}

/// The findings of all pieces, as the checks ask for them.
struct Findings {
  let size: AcceptanceSize
  private let done: [AcceptanceWork: Result<AcceptanceWork.Finding, BenchFailure>]

  init(size: AcceptanceSize, done: [AcceptanceWork: Result<AcceptanceWork.Finding, BenchFailure>]) {
    self.size = size
    self.done = done
  }

  /// - Throws: `BenchFailure` when this piece came to nothing.
  private subscript(_ work: AcceptanceWork) -> AcceptanceWork.Finding {
    get throws {
      guard let result = done[work] else { throw BenchFailure("\(work) was not done") }
      return try result.get()
    }
  }

  /// Scores of one way, one a seed; `times` as many seeds where the check asked for them.
  func scores(_ training: BenchTraining, times: Int = 1) throws -> [BenchTraining.Scores] {
    try size.repeated(times).seedNumbers.map { seed in
      guard case .scores(let scores) = try self[.training(training, seed: seed)] else { throw BenchFailure.mixedUp }
      return scores
    }
  }

  func worst(_ training: BenchTraining, times: Int = 1) throws -> [Double] {
    try scores(training, times: times).map(\.worst)
  }

  func drifts() throws -> [DriftRetraining.Result] {
    try size.seedNumbers.map { seed in
      guard case .drift(let result) = try self[.drift(seed: seed)] else { throw BenchFailure.mixedUp }
      return result
    }
  }

  func alarms(_ simulation: MonitorSimulation) throws -> [MonitorSimulation.Run] {
    try simulation.work(size).flatMap { work in
      guard case .alarms(let runs) = try self[work] else { throw BenchFailure.mixedUp }
      return runs
    }
  }

  /// 1 for every run that ended in a promotion, else 0.
  func promotions(_ simulation: PromotionSimulation) throws -> [Double] {
    try simulation.work(size).flatMap { work in
      guard case .promotions(let promoted) = try self[work] else { throw BenchFailure.mixedUp }
      return promoted.map { $0 ? 1.0 : 0.0 }
    }
  }

  func trials(_ simulation: TrialSimulation) throws -> [TrialSimulation.Run] {
    try simulation.work(size).flatMap { work in
      guard case .trials(let runs) = try self[work] else { throw BenchFailure.mixedUp }
      return runs
    }
  }
}

extension BenchFailure {
  fileprivate static let mixedUp = BenchFailure("a piece of work answered another question")
}
