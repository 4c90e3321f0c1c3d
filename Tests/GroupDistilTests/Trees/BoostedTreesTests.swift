import GroupDistil
import NeuralNet
import Testing

@Suite struct BoostedTreesTests {
  private func xor(_ count: Int, seed: UInt64) throws -> TrainingRows {
    try treeRows(count, seed: seed) { $0[0] * $0[1] > 0 ? 1 : 0 }
  }

  @Test func `a product of signs, which no single split explains, is learned`() throws {
    let rows = try xor(800, seed: 1)
    let trained = try trainTrees(rows: rows, select: try xor(300, seed: 2), seed: 1)
    #expect(accuracy(trained.trees, rows) == 1)
    #expect(accuracy(trained.trees, try xor(2000, seed: 3)) > 0.97)
  }

  @Test func `a rule along the axes is learned but for the gap that no row was seen in`() throws {
    func rule(_ row: [Float]) -> Int { row[0] <= 0.25 ? 0 : row[2] <= -0.5 ? 1 : 2 }
    let rows = try treeRows(1500, classes: 3, seed: 4, label: rule)
    let trained = try trainTrees(rows: rows, select: rows, seed: 1)
    #expect(accuracy(trained.trees, rows) == 1)
    #expect(accuracy(trained.trees, try treeRows(4000, classes: 3, seed: 5, label: rule)) > 0.995)
  }

  @Test(arguments: [1, 3]) func `derivatives are those of the loss by finite differences`(outputCount: Int) {
    let labels = [0, 1, outputCount == 1 ? 1 : 2, 0]
    let weights: [Float] = [1, 0.5, 2, 0]
    var random = Generator(seed: 6)
    let scores = (0..<4 * outputCount).map { _ in Float(2 * random.normal()) }
    func derivatives(_ scores: [Float]) -> (loss: Double, first: [Float], second: [Float]) {
      var (first, second) = (scores, scores)
      let loss = softmaxGradients(
        scores: scores, labels: labels, weights: weights, outputCount: outputCount, gradients: &first,
        curvatures: &second)
      return (loss, first, second)
    }
    let own = derivatives(scores)
    for index in scores.indices {
      var (below, above) = (scores, scores)
      below[index] -= 0.01
      above[index] += 0.01
      let width = Double(above[index] - below[index])
      let first = (derivatives(above).loss - derivatives(below).loss) / width
      let second = Double(derivatives(above).first[index] - derivatives(below).first[index]) / width
      #expect(abs(first - Double(own.first[index])) < 1e-3)
      #expect(abs(second - Double(own.second[index])) < 1e-3)
    }
  }

  @Test func `the same rows and seed give the same trees, another seed others`() throws {
    let rows = try treeRows(300, features: 40, seed: 7) { $0[3] + $0[5] > 0 ? 1 : 0 }
    let first = try trainTrees(rows: rows, select: rows, seed: 1)
    let again = try trainTrees(rows: rows, select: rows, seed: 1)
    let other = try trainTrees(rows: rows, select: rows, seed: 2)
    #expect(first.trees == again.trees)
    #expect(first.trees != other.trees)
  }

  @Test(arguments: [2, 4]) func `the training loss never rises`(classes: Int) throws {
    let rows = try treeRows(500, classes: classes, seed: 8) { row in
      min(classes - 1, max(0, Int((row[0] + row[1] * row[2] + 1) * Float(classes) / 2)))
    }
    let losses = try trainTrees(rows: rows, select: rows, seed: 1).trainLosses
    #expect(losses.count > 20)
    #expect(zip(losses, losses.dropFirst()).allSatisfy { $1 <= $0 })
    #expect((losses.last ?? 1) < 0.5 * (losses.first ?? 0))
  }

  @Test func `rows of a group that weighs nothing do not move a split`() throws {
    func group(_ row: [Float]) -> Int { row[3] > 0.4 ? 1 : 0 }
    let rows = try treeRows(600, groups: 2, seed: 9, group: group) { $0[0] > 0.1 ? 1 : 0 }
    var labels = rows.labels
    for row in labels.indices where rows.groups[row] == 1 { labels[row] = 1 - labels[row] }
    let spoiled = try TrainingRows(
      inputs: rows.inputs, featureCount: 4, labels: labels, classCount: 2, groups: rows.groups, groupCount: 2)
    var parameters = TreeParameters()
    parameters.weighting = .perGroup([1, 0])
    let clean = try trainTrees(rows: rows, select: rows, parameters: parameters, seed: 1)
    let other = try trainTrees(rows: spoiled, select: spoiled, parameters: parameters, seed: 1)
    #expect(clean.trees == other.trees)
    parameters.weighting = .perGroup([1, 1])
    let all = try trainTrees(rows: spoiled, select: spoiled, parameters: parameters, seed: 1)
    parameters.weighting = .uniform
    let plain = try trainTrees(rows: spoiled, select: spoiled, parameters: parameters, seed: 1)
    #expect(all.trees == plain.trees)
    #expect(all.trees != clean.trees)
  }

  @Test func `balanced weights make a small group count that contradicts the large one`() throws {
    func rows(_ seed: UInt64) throws -> TrainingRows {
      try treeRows(1000, groups: 2, seed: seed, group: { $0[1] > 0.8 ? 1 : 0 }) { row in
        (row[0] > 0) != (row[1] > 0.8) ? 1 : 0
      }
    }
    let (train, select, test) = (try rows(31), try rows(32), try rows(33))
    func accuracyOfSmall(_ weighting: TreeParameters.RowWeighting) throws -> Double {
      var parameters = TreeParameters()
      parameters.weighting = weighting
      // Stumps add up: they cannot say that the sign of one feature depends on another.
      parameters.leafCountMaximum = 2
      let trees = try trainTrees(rows: train, select: select, parameters: parameters, seed: 1).trees
      return tally(logits: trees.logits(test.inputs, rowCount: test.count), rows: test)[1].accuracy ?? 0
    }
    #expect(try accuracyOfSmall(.uniform) < 0.1)
    #expect(try accuracyOfSmall(.balanced) > 0.25)
  }

  @Test func `boosting ends where the select rows stop gaining, and keeps the best round`() throws {
    var random = Generator(seed: 11)
    let noisy = try treeRows(400, seed: 12) { row in random.uniform() < 0.3 ? 0 : row[0] > 0 ? 1 : 0 }
    let select = try treeRows(400, seed: 13) { $0[0] > 0 ? 1 : 0 }
    var parameters = TreeParameters()
    parameters.patience = 5
    let trained = try trainTrees(rows: noisy, select: select, parameters: parameters, seed: 1)
    #expect(trained.roundsRun < parameters.roundCount)
    #expect(trained.roundsRun == trained.trees.roundCount + 5)
    #expect(trained.selectLosses.min() == trained.selectLosses[trained.trees.roundCount - 1])
  }

  @Test func `a class without rows is never likely, and constant features change nothing`() throws {
    let rows = try treeRows(300, classes: 3, seed: 14) { $0[0] > 0 ? 2 : 0 }
    let trained = try trainTrees(rows: rows, select: rows, seed: 1)
    let logits = trained.trees.logits(rows.inputs, rowCount: rows.count)
    #expect((0..<rows.count).allSatisfy { logits[$0 * 3 + 1] < max(logits[$0 * 3], logits[$0 * 3 + 2]) })
    let constant = try TrainingRows(
      inputs: Array(repeating: 2.5, count: 60), featureCount: 2, labels: (0..<30).map { $0 % 3 == 0 ? 1 : 0 },
      classCount: 2, groups: Array(repeating: 0, count: 30), groupCount: 1)
    let blind = try trainTrees(rows: constant, select: constant, seed: 1).trees
    let answer = blind.logits([1, 1, 9, 9], rowCount: 2)
    #expect(answer[0] > answer[1] && answer[0] == answer[2])
  }

  @Test func `huge and equal values neither trap nor hide a split`() throws {
    let huge = Float.greatestFiniteMagnitude
    let firsts: [Float] = [-huge, huge, 0]
    let inputs = (0..<90).flatMap { row -> [Float] in [firsts[row % 3], Float(row % 2)] }
    let rows = try TrainingRows(
      inputs: inputs, featureCount: 2, labels: (0..<90).map { $0 % 3 }, classCount: 3,
      groups: Array(repeating: 0, count: 90), groupCount: 1)
    let trees = try trainTrees(rows: rows, select: rows, seed: 1).trees
    #expect(accuracy(trees, rows) == 1)
  }

  @Test func `impossible parameters and rows are refused, and a stop ends the work`() throws {
    let rows = try xor(60, seed: 15)
    for change in [
      { $0.roundCount = 0 }, { $0.learningRate = .nan }, { $0.leafCountMaximum = 1 }, { $0.depthMaximum = 0 },
      { $0.binCount = 1 }, { $0.columnShare = 0 }, { $0.penalty = -1 }, { $0.patience = 0 },
      { $0.weighting = .perGroup([]) }, { $0.weighting = .perGroup([0]) },
    ] as [(inout TreeParameters) -> Void] {
      var parameters = TreeParameters()
      change(&parameters)
      #expect(throws: DistilError.self) { try trainTrees(rows: rows, select: rows, parameters: parameters, seed: 1) }
    }
    #expect(throws: DistilError.self) { try trainTrees(rows: rows, select: rows.subset([]), seed: 1) }
    #expect(throws: DistilError.self) {
      try trainTrees(rows: rows, select: try treeRows(9, features: 3, seed: 1) { _ in 0 }, seed: 1)
    }
    var told: [Double] = []
    #expect(throws: DistilError.stoppedEarly(step: 3)) {
      try trainTrees(rows: rows, select: rows, seed: 1) { done in
        told.append(done)
        return told.count == 3 ? .stop : .more
      }
    }
    #expect(told == [1, 2, 3].map { $0 / 200 })
  }
}
