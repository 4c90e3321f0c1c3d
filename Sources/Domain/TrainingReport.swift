/// Correct of total on held-out rows, with a 95 % interval; a group with no rows has no interval.
public struct GroupScore: Sendable, Equatable, Codable {
  public let group: GroupKey
  public let correct: Int
  public let total: Int
  /// Clopper-Pearson 95 % bounds, 0...1; nil when `total` is 0.
  public let lower: Double?
  public let upper: Double?

  public init(group: GroupKey, correct: Int, total: Int, lower: Double?, upper: Double?) {
    self.group = group
    self.correct = correct
    self.total = total
    self.lower = lower
    self.upper = upper
  }

  /// Nil when there is nothing to divide by.
  public var accuracy: Double? { total > 0 ? Double(correct) / Double(total) : nil }
}

/// Labelled rows of one group in each fold; no part stands in two folds.
public struct FoldCounts: Sendable, Equatable, Codable {
  public let group: GroupKey
  public let train: Int
  /// Chooses checkpoints and arms.
  public let select: Int
  /// Seen by nothing before the gate (a retraining) or the report (a first student).
  public let heldOut: Int

  public init(group: GroupKey, train: Int, select: Int, heldOut: Int) {
    self.group = group
    self.train = train
    self.select = select
    self.heldOut = heldOut
  }
}

/// The weight of one group at one evaluation, with its cause (`learning.md` 9.2).
public struct WeightRecord: Sendable, Equatable, Codable {
  public let step: Int
  public let group: GroupKey
  public let rows: Int
  /// Running mean of the group's loss, shrunk to the mean of all groups.
  public let loss: Double
  /// That loss over the mean of all groups, clamped to 0...3: what moves the weight.
  public let relativeLoss: Double
  /// q_g after floor and cap; all weights sum to 1.
  public let weight: Double
  public let limit: WeightLimit
  public let selectCorrect: Int
  public let selectTotal: Int

  public init(
    step: Int, group: GroupKey, rows: Int, loss: Double, relativeLoss: Double, weight: Double, limit: WeightLimit,
    selectCorrect: Int, selectTotal: Int
  ) {
    self.step = step
    self.group = group
    self.rows = rows
    self.loss = loss
    self.relativeLoss = relativeLoss
    self.weight = weight
    self.limit = limit
    self.selectCorrect = selectCorrect
    self.selectTotal = selectTotal
  }
}

/// Whether a bound held a weight back.
public enum WeightLimit: String, Sendable, Codable {
  case none, floor, cap
}

/// One way of training that was tried, and what the select fold said of it.
public struct ArmReport: Sendable, Equatable, Codable {
  public let name: String
  /// Why it was not run; nil when it was.
  public let skipped: String?
  /// min over groups of the shrunk select accuracy + 0.001 x their mean (`learning.md` 9.4); nil when skipped.
  public let selectScore: Double?
  public let selectScores: [GroupScore]
  /// Optimizer steps until the kept checkpoint.
  public let steps: Int
  public let seconds: Double
  public let weights: [WeightRecord]
  /// One sentence per group: "outcome=fail: weight 0.21 (2.5x uniform), mean loss 1.8x average over 1000 steps".
  public let reasons: [String]

  public init(
    name: String, skipped: String?, selectScore: Double?, selectScores: [GroupScore], steps: Int, seconds: Double,
    weights: [WeightRecord], reasons: [String]
  ) {
    self.name = name
    self.skipped = skipped
    self.selectScore = selectScore
    self.selectScores = selectScores
    self.steps = steps
    self.seconds = seconds
    self.weights = weights
    self.reasons = reasons
  }
}

/// What the teacher was worth before it was trusted.
public struct TeacherExamination: Sendable, Equatable, Codable {
  public let name: String
  /// Accuracy per group on rows the teacher was not fitted to.
  public let scores: [GroupScore]
  public let verdict: TeacherVerdict
  public let sentence: String
  /// How far its confidence can be believed; nil where it was not examined, and in reports of older versions.
  public let calibration: TeacherCalibration?

  public init(
    name: String, scores: [GroupScore], verdict: TeacherVerdict, sentence: String,
    calibration: TeacherCalibration? = nil
  ) {
    self.name = name
    self.scores = scores
    self.verdict = verdict
    self.sentence = sentence
    self.calibration = calibration
  }
}

/// Whether a teacher is right as often as it is sure to be.
public struct TeacherCalibration: Sendable, Equatable, Codable {
  /// Mean distance of confidence and accuracy over 15 bins of confidence, 0...1 (Naeini et al. 2015).
  public let expectedError: Double
  /// The same after `temperature`.
  public let expectedErrorAfter: Double
  /// What its logits must be divided by to fit the labels best; above 1 it is too sure (Guo et al. 2017).
  public let temperature: Double
  /// The group whose mean confidence is farthest from its accuracy, and by how much: positive where it is too sure
  /// of itself; nil where no group has 20 rows.
  public let worstGroup: GroupKey?
  public let worstGroupExcess: Double?
  public let rows: Int

  public init(
    expectedError: Double, expectedErrorAfter: Double, temperature: Double, worstGroup: GroupKey?,
    worstGroupExcess: Double?, rows: Int
  ) {
    self.expectedError = expectedError
    self.expectedErrorAfter = expectedErrorAfter
    self.temperature = temperature
    self.worstGroup = worstGroup
    self.worstGroupExcess = worstGroupExcess
    self.rows = rows
  }
}

public enum TeacherVerdict: String, Sendable, Codable {
  case trusted
  /// Worse than the labels-only student on the select fold: no arm distilled from it.
  case weaker
  /// No teacher can answer for these rows.
  case absent
}

/// Champion against challenger on the same held-out rows of one group.
public struct PairedCounts: Sendable, Equatable, Codable {
  public let group: GroupKey
  public let total: Int
  public let championCorrect: Int
  public let challengerCorrect: Int
  /// b of McNemar's test: champion wrong, challenger right.
  public let wins: Int
  /// c: champion right, challenger wrong.
  public let losses: Int

  public init(group: GroupKey, total: Int, championCorrect: Int, challengerCorrect: Int, wins: Int, losses: Int) {
    self.group = group
    self.total = total
    self.championCorrect = championCorrect
    self.challengerCorrect = challengerCorrect
    self.wins = wins
    self.losses = losses
  }
}

/// Everything a training process tells about its work; kept with the run for `explain`.
public struct TrainingReport: Sendable, Equatable, Codable {
  public var folds: [FoldCounts]
  public var teacher: TeacherExamination
  public var arms: [ArmReport]
  /// Name of the arm kept; nil when none could be trained.
  public var chosenArm: String?
  /// The kept student on held-out rows.
  public var heldOutScores: [GroupScore]
  /// Against the student that serves the same rows; empty for a line's first student.
  public var pairs: [PairedCounts]
  public var seed: UInt64
  /// Results are bit-identical only on the same one.
  public var instructionSet: String
  public var seconds: Double
  /// Anything a person should know that no number above says.
  public var remarks: [String]
  /// What the kept student's advice rests on; nil without one, and in reports of older versions.
  public var advice: AdviceBounds?
  /// What follows is nil in reports of older versions, and where it was not measured.
  /// How often the kept student answers each class on the gate's rows.
  public var gateClasses: [Int]?
  /// The teacher against the student that serves the same gate rows.
  public var teacherPairs: [PairedCounts]?
  /// Rows without a label that distilled arms learned from.
  public var unlabelledRows: Int?
  public var cost: TrainingCost?
  /// Arms that an earlier process of this run had finished.
  public var resumedArms: [String]?

  public init(
    folds: [FoldCounts], teacher: TeacherExamination, arms: [ArmReport], chosenArm: String?,
    heldOutScores: [GroupScore], pairs: [PairedCounts], seed: UInt64, instructionSet: String, seconds: Double,
    remarks: [String], advice: AdviceBounds? = nil
  ) {
    self.folds = folds
    self.teacher = teacher
    self.arms = arms
    self.chosenArm = chosenArm
    self.heldOutScores = heldOutScores
    self.pairs = pairs
    self.seed = seed
    self.instructionSet = instructionSet
    self.seconds = seconds
    self.remarks = remarks
    self.advice = advice
  }
}

/// What a training process took.
public struct TrainingCost: Sendable, Equatable, Codable {
  public let cpuSeconds: Double
  /// Seconds it stood still so that answers came in time.
  public let pausedSeconds: Double
  /// Memory at its most.
  public let peakBytes: Int

  public init(cpuSeconds: Double, pausedSeconds: Double, peakBytes: Int) {
    self.cpuSeconds = cpuSeconds
    self.pausedSeconds = pausedSeconds
    self.peakBytes = peakBytes
  }
}
