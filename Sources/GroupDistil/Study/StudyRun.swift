import Domain
import NeuralNet

/// The rows of a study, the same for every method and seed; all folds number their groups alike.
public struct StudyData: Sendable {
  public let train: TrainingRows
  /// Chooses checkpoints and arms.
  public let select: TrainingRows
  /// Seen by nothing before the result is told.
  public let test: TrainingRows
  /// Inputs [count, featureCount] and groups of rows without a label.
  public let unlabelledInputs: [Float]
  public let unlabelledGroups: [Int]
  /// Keys of the group numbers, and their names for people.
  public let groups: [GroupKey]
  public let groupNames: [String]

  public init(
    train: TrainingRows, select: TrainingRows, test: TrainingRows, unlabelledInputs: [Float], unlabelledGroups: [Int],
    groups: [GroupKey], groupNames: [String]
  ) {
    self.train = train
    self.select = select
    self.test = test
    self.unlabelledInputs = unlabelledInputs
    self.unlabelledGroups = unlabelledGroups
    self.groups = groups
    self.groupNames = groupNames
  }
}

/// What one method gave with one seed.
public struct StudyRun: Sendable, Equatable {
  public let method: StudyMethod
  public let seed: UInt64
  /// Per group.
  public let testTallies: [GroupTally]
  public let selectTallies: [GroupTally]
  public let seconds: Double
  /// Optimizer steps until the kept checkpoint.
  public let steps: Int
  /// Of the default recipe the arm that was kept; nil where plain training stays, and of every other method.
  public let arm: String?
  /// What was kept and why, where the method chooses among arms or declines to distil.
  public let choice: String?
  /// One record per evaluation and group.
  public let trace: [GroupWeightRecord]
  /// One sentence per group: why it had its weight.
  public let reasons: [String]

  public init(
    method: StudyMethod, seed: UInt64, testTallies: [GroupTally], selectTallies: [GroupTally], seconds: Double,
    steps: Int, arm: String? = nil, choice: String?, trace: [GroupWeightRecord], reasons: [String]
  ) {
    self.method = method
    self.seed = seed
    self.testTallies = testTallies
    self.selectTallies = selectTallies
    self.seconds = seconds
    self.steps = steps
    self.arm = arm
    self.choice = choice
    self.trace = trace
    self.reasons = reasons
  }
}
