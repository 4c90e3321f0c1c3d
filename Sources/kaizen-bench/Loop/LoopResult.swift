import PlantSimulation

/// What became of one plant of one seed.
struct LoopResult: Sendable {
  let seed: UInt64
  let scores: [Score]
  /// The daemon's retrainings.
  let jobs: [RecordedRun]
  let newcomers: [Judged]
  /// Answers to healthy groups' parts that scoped students changed.
  let healthyChanges: Int
  /// Groups of which the daemon said that nothing helps them, as often as it said so.
  let hopeless: [String]
  let streamSeconds: Double
  let policySeconds: Double

  struct Score: Sendable {
    let policy: LoopPolicy
    let score: CourseScore
    let labels: Int
    let processorSeconds: Double
    let trainings: Int
  }

  /// A student that came to serve a group.
  struct Judged: Sendable {
    let cell: String
    let newcomer: Newcomer
    let run: Int?
    /// The most the group lost on any day it served, 0...1; negative where it always gained.
    let worstLoss: Double
    let isHarmful: Bool
  }

  func score(_ policy: LoopPolicy) -> Score? { scores.first { $0.policy == policy } }

  /// Jobs after which a group was harmed.
  var harmfulJobs: Int { Set(newcomers.filter(\.isHarmful).map { $0.run ?? -$0.newcomer.new }).count }
}

extension PlantRecord {
  /// Groups of which the daemon said that nothing helps them, as often as it said so.
  var hopelessGroups: [String] { remarks.filter { $0.event == "group_hopeless" }.compactMap(\.group) }
}
