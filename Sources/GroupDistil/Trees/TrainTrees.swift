import Glibc
import NeuralNet

/// Boosted trees and how they came about.
public struct TrainedTrees: Sendable {
  /// Those up to the round with the smallest loss of the select rows.
  public let trees: BoostedTrees
  /// Mean loss in nats after every round that was run, by the weights of the rows; of the select rows by theirs.
  public let trainLosses: [Double]
  public let selectLosses: [Double]

  public var roundsRun: Int { trainLosses.count }
}

/// Trains boosted trees for the classes of `rows`, down the gradient of the cross-entropy (Friedman 2001, on
/// histograms); `select` says how many rounds are enough.
///
/// Pure and synchronous: the same arguments give the same bits.
/// - Parameters:
///   - seed: draws the features of a tree where there are more than it looks at.
///   - progress: called after every round with the share done.
/// - Throws: `DistilError`; `.stoppedEarly` when `progress` says stop.
public func trainTrees(
  rows: TrainingRows, select: TrainingRows, parameters: TreeParameters = TreeParameters(), seed: UInt64,
  progress: (Double) -> Continuation = { _ in .more }
) throws(DistilError) -> TrainedTrees {
  try parameters.validate()
  if case .perGroup(let weights) = parameters.weighting {
    guard weights.count == rows.groupCount, weights.allSatisfy({ $0 >= 0 && $0.isFinite }),
      rows.groups.contains(where: { weights[$0] > 0 })
    else {
      throw .invalidParameters("every group needs a weight that is not negative, and one with rows a positive one")
    }
  }
  guard (1...TreeParameters.rowCountLimit).contains(rows.count), select.count > 0 else {
    throw .invalidRows("there are \(rows.count) training rows and \(select.count) select rows for trees")
  }
  guard rows.featureCount == select.featureCount, rows.classCount == select.classCount,
    rows.groupCount == select.groupCount
  else { throw .invalidRows("training and select rows have different features, classes or groups") }
  guard rows.featureCount <= TreeParameters.featureCountLimit, rows.classCount <= TreeParameters.classCountLimit else {
    throw .invalidRows(
      "trees know \(TreeParameters.featureCountLimit) features and \(TreeParameters.classCountLimit)"
        + " classes at most")
  }
  var run = BoostingRun(rows: rows, select: select, parameters: parameters, seed: seed)
  for round in 1...parameters.roundCount {
    run.round()
    if progress(Double(round) / Double(parameters.roundCount)) == .stop { throw .stoppedEarly(step: round) }
    if run.isDone { break }
  }
  return run.result
}

/// A boosting under way.
private struct BoostingRun {
  private let select: TrainingRows
  private let parameters: TreeParameters
  private let outputCount: Int
  private let baseScores: [Float]
  private var grower: TreeGrower
  private var trees: [DecisionTree] = []
  private var train: ScoredRows
  private var held: ScoredRows
  private var trainLosses: [Double] = []
  private var selectLosses: [Double] = []
  private var bestRound = 0
  private var bestLoss: Double

  init(rows: TrainingRows, select: TrainingRows, parameters: TreeParameters, seed: UInt64) {
    self.select = select
    self.parameters = parameters
    outputCount = BoostedTrees.outputCount(classCount: rows.classCount)
    let weights = rows.treeWeights(parameters.weighting)
    baseScores = rows.baseScores(weights: weights)
    let binned = BinnedRows(
      inputs: rows.inputs, rowCount: rows.count, featureCount: rows.featureCount, binCount: parameters.binCount)
    grower = TreeGrower(rows: binned, parameters: parameters, seed: seed)
    train = ScoredRows(rows, weights: weights, baseScores: baseScores)
    held = ScoredRows(select, weights: select.treeWeights(parameters.weighting), baseScores: baseScores)
    train.differentiate()
    held.differentiate()
    bestLoss = held.loss
  }

  var isDone: Bool { selectLosses.count - bestRound >= parameters.patience }

  mutating func round() {
    for output in 0..<outputCount {
      let tree = grower.grow(
        weighed: train.weighed, weights: train.weights, gradients: train.gradients, curvatures: train.curvatures,
        scores: &train.scores,
        output: output, of: outputCount)
      tree.add(
        to: &held.scores, output: output, of: outputCount, inputs: select.inputs,
        featureCount: select.featureCount)
      trees.append(tree)
    }
    train.differentiate()
    held.differentiate()
    trainLosses.append(train.loss)
    selectLosses.append(held.loss)
    if held.loss < bestLoss {
      bestLoss = held.loss
      bestRound = selectLosses.count
    }
  }

  var result: TrainedTrees {
    TrainedTrees(
      trees: BoostedTrees(
        featureCount: select.featureCount, classCount: select.classCount, baseScores: baseScores,
        trees: Array(trees.prefix(bestRound * outputCount))),
      trainLosses: trainLosses, selectLosses: selectLosses)
  }
}

/// Rows with their scores and the derivatives of their loss.
private struct ScoredRows {
  private let labels: [Int]
  let weights: [Float]
  private let outputCount: Int
  private let mass: Double
  /// Rows whose weight is not 0.
  let weighed: [Int32]
  /// [rowCount, outputCount].
  var scores: [Float]
  private(set) var gradients: [Float]
  private(set) var curvatures: [Float]
  private(set) var loss = 0.0

  init(_ rows: TrainingRows, weights: [Float], baseScores: [Float]) {
    labels = rows.labels
    self.weights = weights
    outputCount = baseScores.count
    mass = weights.reduce(0) { $0 + Double($1) }
    weighed = weights.indices.filter { weights[$0] > 0 }.map { Int32($0) }
    scores = rows.labels.flatMap { _ in baseScores }
    gradients = scores
    curvatures = scores
  }

  /// Derivatives at the present scores, and the mean loss.
  mutating func differentiate() {
    let total = softmaxGradients(
      scores: scores, labels: labels, weights: weights, outputCount: outputCount, gradients: &gradients,
      curvatures: &curvatures)
    loss = mass > 0 ? total / mass : 0
  }
}

extension TrainingRows {
  /// Weights of the rows, 1 on average.
  fileprivate func treeWeights(_ weighting: TreeParameters.RowWeighting) -> [Float] {
    switch weighting {
    case .uniform: return Array(repeating: 1, count: count)
    case .perGroup(let weights):
      let usual = groups.reduce(0) { $0 + weights[$1] } / Double(count)
      return groups.map { usual > 0 ? Float(weights[$0] / usual) : 0 }
    case .balanced: return balancedWeights
    }
  }

  private var balancedWeights: [Float] {
    let slots = WeightSlots(self)
    let soft = slots.shares(softGroups)
    func shares(_ row: Int) -> [GroupShare] {
      if softGroups[row] != nil { return soft[row] ?? [] }
      return slots.slotOfGroup[groups[row]].map { [GroupShare(group: $0, share: 1)] } ?? []
    }
    var mass = [Double](repeating: 0, count: slots.rowCounts.count)
    for row in 0..<count {
      for share in shares(row) { mass[share.group] += share.share }
    }
    let usual = Double(count) / Double(max(mass.count, 1))
    return (0..<count).map { row in
      Float(shares(row).reduce(0) { $0 + $1.share * usual / mass[$1.group] })
    }
  }

  /// Scores that give every class its share of the weight, as though half a row more of each had been seen.
  fileprivate func baseScores(weights: [Float]) -> [Float] {
    var mass = [Double](repeating: 0.5, count: classCount)
    for (label, weight) in zip(labels, weights) { mass[label] += Double(weight) }
    let total = mass.reduce(0, +)
    let scores = mass.map { Float(log($0 / total)) }
    return classCount == 2 ? [scores[1] - scores[0]] : scores
  }
}
