/// Everything that decides a training run besides its data and seed.
///
/// This is a *reconstruction* of GroupDistil (Vilouras et al., arXiv 2311.00476), of which only the abstract could be
/// had: a distillation loss per group, and group weights updated from those losses at every step as Group DRO does
/// (Sagawa et al. 2020, algorithm 1), here by default with a step that does not depend on the scale of the loss.
///
/// | symbol | here | meaning |
/// |---|---|---|
/// | α | `alpha` | share of the teacher in the loss; 0 trains on labels alone |
/// | τ, T | `temperature` | softens both answers inside the KL divergence |
/// | ℓ | `DistillationLoss` | (1 - α) cross-entropy + α τ² KL(teacher ‖ student) |
/// | g, G | group index, `GroupWeights.weights.count` | groups with enough rows; small ones share one slot |
/// | n_g | `rowCounts` | training rows of a group |
/// | L_g | `losses` in `GroupWeights.update` | mean ℓ of the group's rows in the batch |
/// | Λ̄_g | `GroupWeights.meanLosses` | running mean of L_g |
/// | κ | `shrinkage` | rows' worth of pull of Λ̄_g towards the mean of all groups |
/// | r_g | `GroupWeights.relativeLosses` | shrunk loss over its mean, 0...3 |
/// | q_g | `GroupWeights.weights` | weight of the group, Σ q = 1 |
/// | c | `GroupWeighting.scaleFree(strength:)` | how far log weights may part during a run |
/// | η | `GroupWeighting.raw(step:)` | Group DRO's step size |
/// | C | `adjustment` | Group DRO's C / √n_g, added to the loss a weight is moved by |
/// | p_ig | `GroupShare` | chance that row i, its group not known for sure, is of group g (PG-DRO) |
/// | u | `unlabelledShare` | share of the unlabelled rows in the objective |
/// | B, T, lr, λ | `batchSize`, `stepCount`, `learningRate`, `weightDecay` | AdamW, cosine to 0 |
public struct DistilParameters: Sendable, Equatable {
  public var alpha: Float = 0.9
  public var temperature: Float = 4
  public var learningRate: Float = scratchLearningRate
  public var weightDecay: Float = 1e-4
  public var batchSize = 128
  public var stepCount = 1000
  /// Longer gradients are shortened to this.
  public var clipNorm: Float = 5
  public var weighting = GroupWeighting.scaleFree(strength: 10)
  /// Share of the weight dealt out evenly.
  public var floor = 0.1
  /// A weight is at most this many times 1 / G.
  public var capFactor = 4.0
  /// κ, in rows.
  public var shrinkage = 20.0
  /// C of C / √n_g.
  public var adjustment = 0.0
  public var batches = BatchDraw.squareRoot
  /// Used only where unlabelled rows are given.
  public var unlabelledShare = 0.5
  /// Rows of groups with fewer training rows than this are mixed with another row of their group and class before
  /// every step; 0 never does. Helps tables and pictures a little, harms signals (`learning.md` 5).
  public var mixupBelow = 0
  public var checkpoint = CheckpointRule.worstGroup
  /// The select fold is asked every so many steps.
  public var evaluationInterval = 50
  /// Stop after so many evaluations without gain...
  public var patience = 8
  /// ...but never before this step.
  public var minimumStepCount = 200

  /// From a random student.
  public static let scratchLearningRate: Float = 2e-3
  /// From a serving student: a timid warm start leaves lagging groups behind (`learning.md` 5).
  public static let warmLearningRate: Float = 3e-3
  /// Groups with fewer training rows have no weight of their own.
  public static let minimumGroupRows = 20
  /// More skipped steps end the run.
  public static let maximumSkippedSteps = 5
  /// What `mixupBelow` is where mixup is wanted: larger groups lost by it.
  public static let usualMixupBelow = 200
  /// An hour on one core for the largest student; a retraining is meant to take minutes.
  public static let maximumStepCount = 100_000
  /// A batch has to fit the cache of a small machine.
  public static let maximumBatchSize = 4096

  public init() {}

  /// α = 0: the arm every distillation has to beat.
  public static var labelsOnly: DistilParameters {
    var parameters = DistilParameters()
    parameters.alpha = 0
    return parameters
  }

  func validate() throws(DistilError) {
    guard (0...1).contains(alpha) else { throw .invalidParameters("alpha is in 0...1, got \(alpha)") }
    guard temperature.isFinite, temperature > 0 else {
      throw .invalidParameters("the temperature is positive, got \(temperature)")
    }
    guard learningRate.isFinite, learningRate > 0, weightDecay.isFinite, weightDecay >= 0, clipNorm > 0 else {
      throw .invalidParameters("learning rate and clip norm are positive, weight decay is not negative")
    }
    guard (1...Self.maximumBatchSize).contains(batchSize), (1...Self.maximumStepCount).contains(stepCount) else {
      throw .invalidParameters(
        "a batch has 1 to \(Self.maximumBatchSize) rows and a run 1 to \(Self.maximumStepCount) steps")
    }
    guard (0..<1).contains(floor), capFactor >= 1, shrinkage >= 0, adjustment >= 0, weighting.isValid else {
      throw .invalidParameters("floor is in 0..<1, the cap at least 1, shrinkage, adjustment and step not negative")
    }
    guard (0...1).contains(unlabelledShare), evaluationInterval > 0, patience > 0, minimumStepCount >= 0 else {
      throw .invalidParameters("the unlabelled share is in 0...1, interval and patience are positive")
    }
    guard mixupBelow >= 0 else { throw .invalidParameters("rows to mix below are not negative, got \(mixupBelow)") }
  }
}

/// How group weights move.
public enum GroupWeighting: Sendable, Equatable {
  /// By the group's loss relative to the mean of all groups, `strength` (c) spread over the run; floored and capped.
  case scaleFree(strength: Double)
  /// By the loss itself times `step` (η), as Group DRO does; neither floor nor cap.
  case raw(step: Double)
  /// By the cross-entropy of rows that are neither trained on nor selected by, times `step`, once every
  /// `GroupWeights.heldOutInterval` steps; floored and capped. Needs such rows.
  case heldOut(step: Double)
  /// All rows of a batch count the same.
  case none

  var isValid: Bool {
    switch self {
    case .scaleFree(let strength): strength.isFinite && strength >= 0
    case .raw(let step), .heldOut(let step): step.isFinite && step >= 0
    case .none: true
    }
  }
}

/// What the best checkpoint is best at on the select fold.
public enum CheckpointRule: Sendable, Equatable {
  /// The shrunk accuracy of the worst group.
  case worstGroup
  /// The share of all rows that are right.
  case average
}

/// How often a group's rows are drawn into a batch (with replacement).
public enum BatchDraw: Sendable, Equatable {
  /// Every row equally often.
  case uniform
  /// A group in proportion to the square root of its rows: the default that loses least anywhere it was measured.
  case squareRoot
  /// Every group equally often.
  case balanced
}
