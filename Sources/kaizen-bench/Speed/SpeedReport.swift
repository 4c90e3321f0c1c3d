import Wire

/// What `kaizen-bench train` and `infer` measured, as `--json` prints it (keys in snake_case) and tables are made from.
public struct SpeedReport: Codable, Sendable, Equatable {
  public enum Scenario: String, Codable, Sendable { case train, infer }

  public var schema = 1
  public let scenario: Scenario
  /// Ours.
  public let instructionSet: String
  /// All programs ran on this one; nil where the system did not allow it.
  public let core: Int?
  public let rounds: Int
  /// Of one core with this instruction set, measured in every round.
  public let peakGflops: Double
  public let peers: Peers
  public let results: [SpeedResult]
  public let peakMemoryKilobytes: Int

  /// Whom we are measured beside.
  public struct Peers: Codable, Sendable, Equatable {
    public var torch: String?
    public var onnxruntime: String?
    /// Why some or all are missing: whole sentences.
    public var absent: [String]
    public var peakMemoryKilobytes: Int?

    public init(torch: String? = nil, onnxruntime: String? = nil, absent: [String], peakMemoryKilobytes: Int? = nil) {
      self.torch = torch
      self.onnxruntime = onnxruntime
      self.absent = absent
      self.peakMemoryKilobytes = peakMemoryKilobytes
    }
  }

  public init(
    scenario: Scenario, instructionSet: String, core: Int?, rounds: Int, peakGflops: Double, peers: Peers,
    results: [SpeedResult], peakMemoryKilobytes: Int
  ) {
    self.scenario = scenario
    self.instructionSet = instructionSet
    self.core = core
    self.rounds = rounds
    self.peakGflops = peakGflops
    self.peers = peers
    self.results = results
    self.peakMemoryKilobytes = peakMemoryKilobytes
  }

  public func json() throws -> String { String(decoding: try OperatorCoding.bytes(self), as: UTF8.self) }
}

/// One student with one batch size. Times are of a whole batch, in microseconds of processor time: medians of the rounds.
/// Ratios and shares are medians too, each taken within one round.
public struct SpeedResult: Codable, Sendable, Equatable {
  public let student: String
  public let layers: String
  public let batch: Int
  public let microseconds: Double
  public let gflops: Double
  public let shareOfPeak: Double
  public let torch: Peer?
  public let onnxruntime: Peer?
  public let goals: [SpeedGoal]

  public struct Peer: Codable, Sendable, Equatable {
    public let microseconds: Double
    /// How many times as long as we it took.
    public let ratio: Double
    /// The way of computing it that was the fastest of those tried.
    public let variant: String?

    public init(microseconds: Double, ratio: Double, variant: String?) {
      self.microseconds = microseconds
      self.ratio = ratio
      self.variant = variant
    }
  }

  public init(
    student: String, layers: String, batch: Int, microseconds: Double, gflops: Double, shareOfPeak: Double,
    torch: Peer?, onnxruntime: Peer?, goals: [SpeedGoal]
  ) {
    self.student = student
    self.layers = layers
    self.batch = batch
    self.microseconds = microseconds
    self.gflops = gflops
    self.shareOfPeak = shareOfPeak
    self.torch = torch
    self.onnxruntime = onnxruntime
    self.goals = goals
  }

  public func goal(_ figure: SpeedGoal.Figure) -> SpeedGoal? { goals.first { $0.figure == figure } }
}
