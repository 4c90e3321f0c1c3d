import GroupDistil
import NeuralNet

/// Rows of uniform features in -1...1 with the class that `label` gives them; groups are 0 unless told.
func treeRows(
  _ count: Int, features: Int = 4, classes: Int = 2, groups: Int = 1, seed: UInt64,
  group: ([Float]) -> Int = { _ in 0 }, label: ([Float]) -> Int
) throws -> TrainingRows {
  var random = Generator(seed: seed)
  var inputs: [Float] = []
  var labels: [Int] = []
  var rowGroups: [Int] = []
  for _ in 0..<count {
    let row = (0..<features).map { _ in Float(2 * random.uniform() - 1) }
    inputs += row
    labels.append(label(row))
    rowGroups.append(group(row))
  }
  return try TrainingRows(
    inputs: inputs, featureCount: features, labels: labels, classCount: classes, groups: rowGroups, groupCount: groups)
}

/// Correct of all rows.
func accuracy(_ trees: BoostedTrees, _ rows: TrainingRows) -> Double {
  overallAccuracy(tally(logits: trees.logits(rows.inputs, rowCount: rows.count), rows: rows))
}
