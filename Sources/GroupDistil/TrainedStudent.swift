import NeuralNet

/// What a run tells at every evaluation.
public struct TrainingStep: Sendable, Equatable {
  /// Steps done, of `stepCount`.
  public let step: Int
  public let stepCount: Int
  /// The select fold's verdict now, and the best so far.
  public let score: Double
  public let bestScore: Double
}

/// The caller's answer: go on, or hand back the best student so far.
public enum Continuation: Sendable, Equatable {
  case more, stop
}

/// Why a run ended.
public enum TrainingEnd: Sendable, Equatable {
  case allSteps
  /// Too many evaluations without gain.
  case noGain
  /// The caller said so.
  case stopped
}

/// The weight of one group at one evaluation, with its cause; fields as `Domain.WeightRecord`, the group by its index.
public struct GroupWeightRecord: Sendable, Equatable {
  public let step: Int
  public let group: Int
  /// Training rows.
  public let rows: Int
  /// Running mean loss, shrunk to the mean of all groups; 0 while none of its rows was drawn.
  public let loss: Double
  /// r_g in 0...3.
  public let relativeLoss: Double
  /// The group's part of its slot's weight by rows; all groups of one step sum to 1.
  public let weight: Double
  public let limit: GroupWeights.Bound
  public let selectCorrect: Int
  public let selectTotal: Int
}

/// The best checkpoint of a run, and how it came about.
public struct TrainedStudent: Sendable {
  public let student: Student
  /// `selectScore` of the kept checkpoint.
  public let score: Double
  /// Optimizer steps until the kept checkpoint.
  public let steps: Int
  /// Optimizer steps of the whole run.
  public let stepsRun: Int
  public let end: TrainingEnd
  /// Steps left out because loss or gradient was not finite.
  public let skippedSteps: Int
  /// Per group, of the kept checkpoint.
  public let selectTallies: [GroupTally]
  /// One record per evaluation and group with training rows.
  public let trace: [GroupWeightRecord]
  /// One sentence per group: why it had its weight.
  public let reasons: [String]
  public let instructionSet: InstructionSet
}
