import Domain
import GroupDistil
import Testing

/// The set of Fixtures/boosted_trees.py.
private struct ScikitRows {
  private var state: UInt64 = 2026

  private mutating func draw() -> Double {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Double((z ^ (z >> 31)) >> 11) * 0x1p-53
  }

  mutating func next(_ count: Int) throws -> TrainingRows {
    var (inputs, labels): ([Float], [Int]) = ([], [])
    for _ in 0..<count {
      var row: [Float] = []
      for _ in 0..<6 { row.append(Float(2 * draw() - 1)) }
      var label = row[0] * row[1] > 0.2 ? 2 : row[2] + row[3] / 2 > 0.3 ? 1 : 0
      if draw() < 0.1 { label = Int(3 * draw()) }
      inputs += row
      labels.append(label)
    }
    return try TrainingRows(
      inputs: inputs, featureCount: 6, labels: labels, classCount: 3, groups: Array(repeating: 0, count: count),
      groupCount: 1)
  }
}

@Test func `trees are as good as scikit-learn's, within two standard errors of 4,000 rows`() throws {
  var drawn = ScikitRows()
  let (fit, select, test) = (try drawn.next(1500), try drawn.next(500), try drawn.next(4000))
  let trees = try trainTrees(rows: fit, select: select, seed: 1).trees
  let accuracy = overallAccuracy(tally(logits: trees.logits(test.inputs, rowCount: test.count), rows: test))
  #expect(accuracy > max(ScikitTrees.histogramAccuracy, ScikitTrees.exactAccuracy) - 0.01, "\(accuracy)")
  let calibration = calibration(
    logits: trees.logits(test.inputs, rowCount: test.count), rows: test, groups: [GroupKey(cell: Cell(["all"]))])
  #expect((calibration?.expectedError ?? 1) < 0.05)
}
