/// Gradient-boosted decision trees: a teacher for lists of measurements, where networks are weak.
///
/// Two classes share one output f, their logits being -f/2 and f/2; more classes have an output each.
public struct BoostedTrees: Sendable, Equatable {
  public let featureCount: Int
  public let classCount: Int
  /// What every row scores before the first tree, [outputCount].
  let baseScores: [Float]
  /// Round by round, and in a round output by output.
  let trees: [DecisionTree]

  static func outputCount(classCount: Int) -> Int { classCount == 2 ? 1 : classCount }
  var outputCount: Int { Self.outputCount(classCount: classCount) }
  public var roundCount: Int { trees.count / outputCount }

  /// Logits [rowCount, classCount] of rows [rowCount, featureCount].
  public func logits(_ inputs: [Float], rowCount: Int) -> [Float] {
    precondition(inputs.count == rowCount * featureCount, "inputs are [rowCount, featureCount]")
    var scores: [Float] = []
    scores.reserveCapacity(rowCount * outputCount)
    for _ in 0..<rowCount { scores.append(contentsOf: baseScores) }
    for (index, tree) in trees.enumerated() {
      tree.add(
        to: &scores, output: index % outputCount, of: outputCount, inputs: inputs, featureCount: featureCount)
    }
    guard classCount == 2 else { return scores }
    return scores.flatMap { [-$0 / 2, $0 / 2] }
  }
}

/// One tree; its nodes after their parents, the two children of a node beside each other.
struct DecisionTree: Sendable, Equatable {
  var nodes: [Node]

  struct Node: Sendable, Equatable {
    /// -1: a leaf.
    var feature: Int32
    /// How many nodes further the left child stands; the right one follows it. 0: a leaf.
    var step: Int32
    /// Rows whose feature is at most this go left; a leaf's answer.
    var value: Float

    static func leaf(_ value: Float) -> Node { Node(feature: -1, step: 0, value: value) }
  }

  /// Adds every row's answer to its score [rowCount, outputCount] of `output`.
  func add(
    to scores: inout [Float], output: Int, of outputCount: Int, inputs: [Float], featureCount: Int
  ) {
    let nodes = nodes.span
    let inputs = inputs.span
    var scores = scores.mutableSpan
    var (start, position) = (0, output)
    while position < scores.count {
      var index = 0
      while nodes[index].step > 0 {
        let node = nodes[index]
        index += Int(node.step) + (inputs[start + Int(node.feature)] <= node.value ? 0 : 1)
      }
      scores[position] += nodes[index].value
      start += featureCount
      position += outputCount
    }
  }
}
