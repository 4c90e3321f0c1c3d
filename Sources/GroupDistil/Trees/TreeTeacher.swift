import Domain

extension TreeParameters {
  /// Every row counts the same.
  static var plainTeacher: TreeParameters { TreeParameters() }

  /// Every group counts the same.
  static var robustTeacher: TreeParameters {
    var parameters = TreeParameters()
    parameters.weighting = .balanced
    return parameters
  }

  var name: String {
    switch weighting {
    case .uniform: "trained here (boosted trees, plain)"
    case .balanced, .perGroup: "trained here (boosted trees, robust over groups)"
    }
  }

  /// Bins a round of boosting counts, rows x features x outputs, beyond which a teacher of trees would take minutes.
  static let countedBinsMaximum = 10_000_000
}

extension TrainingRows {
  /// Trees ask one feature at a time: right for measurements, hopeless for pictures and signals.
  var isForTrees: Bool {
    guard input == .vector(count: featureCount) else { return false }
    let columns = TreeParameters().columnCount(of: featureCount)
    return count * columns * BoostedTrees.outputCount(classCount: classCount) <= TreeParameters.countedBinsMaximum
      && count <= TreeParameters.rowCountLimit && featureCount <= TreeParameters.featureCountLimit
      && classCount <= TreeParameters.classCountLimit
  }
}

/// Trains trees on all rows, and as many fitted to the other folds as there are folds, whose answers teach.
///
/// Trees know their own rows by heart: what they say of them is their label.
func treeCandidate(
  rows: TrainingRows, select: TrainingRows, folds: [Int], foldCount: Int, parameters: TreeParameters, seed: UInt64,
  progress: (Double) -> Continuation
) throws(DistilError) -> TeacherCandidate {
  let parts = Double(foldCount + 1)
  func fit(_ fitted: TrainingRows, part: Int) throws(DistilError) -> BoostedTrees {
    try trainTrees(rows: fitted, select: select, parameters: parameters, seed: seed &+ UInt64(part)) { done in
      progress((Double(part) + done) / parts)
    }.trees
  }
  var logits = [Float](repeating: 0, count: rows.count * rows.classCount)
  for fold in 0..<foldCount {
    let left = rows.labels.indices.filter { folds[$0] == fold }
    let others = rows.labels.indices.filter { folds[$0] != fold }
    guard !left.isEmpty, !others.isEmpty else { continue }
    let answers = try fit(rows.subset(others), part: fold).logits(rows.subset(left).inputs, rowCount: left.count)
    for (position, row) in left.enumerated() {
      for label in 0..<rows.classCount {
        logits[row * rows.classCount + label] = answers[position * rows.classCount + label]
      }
    }
  }
  let trees = try fit(rows, part: foldCount)
  let tallies = tally(logits: trees.logits(select.inputs, rowCount: select.count), rows: select)
  return TeacherCandidate(
    name: parameters.name, model: .trees(trees), trainLogits: logits, score: selectScore(tallies))
}
