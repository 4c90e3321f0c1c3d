import NeuralNet

/// Grows one tree after another on the same rows: best split first, from histograms of gradients.
///
/// A node's smaller child is counted, the larger one's histogram is the parent's without it (Ke et al. 2017). Gradients
/// are counted in whole numbers (as Shi et al. 2022): sums are exact, whatever order they are taken in, and so is the
/// difference.
struct TreeGrower {
  private let rows: BinnedRows
  private let parameters: TreeParameters
  private var random: Generator
  /// Rows, those of one leaf together.
  private var order: [Int32]
  /// Per row: gradient, weight, 1, 0.
  private var counted: [Sums]
  /// Those of a leaf's rows, in the leaf's order.
  private var gathered: [Sums]
  private var spare: [Int32]
  /// Features this tree looks at, and where each one's bins begin in a histogram.
  private var columns: [Int] = []
  private var starts: [Int] = []
  private var histogramSize = 0
  /// The columns' numbers, in the order they are looked at.
  private var visits: [Int] = []
  /// Fixed-point units in 1.
  private var scale = 1.0

  typealias Sums = SIMD4<Int32>

  private struct Split {
    let gain: Double
    let column: Int
    let bin: Int
    let left: Sums
  }

  private struct Leaf {
    let node: Int
    let depth: Int
    let range: Range<Int>
    let sums: Sums
    var histogram: [Sums]
    var split: Split?
  }

  /// Less than this is rounding.
  private static let gainMinimum = 1e-6
  /// No tree moves a score by more than this before the learning rate: what lies beyond is a division by almost 0.
  static let leafValueMaximum = 10.0

  init(rows: BinnedRows, parameters: TreeParameters, seed: UInt64) {
    self.rows = rows
    self.parameters = parameters
    random = Generator(seed: seed)
    order = []
    counted = Array(repeating: Sums(), count: rows.rowCount)
    gathered = counted
    spare = Array(repeating: 0, count: rows.rowCount)
  }

  /// Grows a tree down these gradients and adds its answers to the rows' scores.
  ///
  /// - Parameters:
  ///   - weighed: rows whose weight is not 0, ascending; others have no say.
  ///   - weights: [rowCount].
  ///   - gradients, curvatures, scores: [rowCount, outputCount], of which `output` is looked at.
  mutating func grow(
    weighed: [Int32], weights: [Float], gradients: [Float], curvatures: [Float], scores: inout [Float], output: Int,
    of outputCount: Int
  ) -> DecisionTree {
    drawColumns()
    order = weighed
    count(weights, gradients, output: output, of: outputCount)
    var tree = DecisionTree(nodes: [.leaf(0)])
    var leaves = [root()]
    while leaves.count < parameters.leafCountMaximum {
      var best: (index: Int, gain: Double)?
      for index in leaves.indices {
        if let gain = leaves[index].split?.gain, gain > best?.gain ?? 0 { best = (index, gain) }
      }
      guard let best, let split = leaves[best.index].split else { break }
      let feature = columns[split.column]
      let left = tree.nodes.count
      let node = leaves[best.index].node
      tree.nodes[node] = DecisionTree.Node(
        feature: Int32(feature), step: Int32(left - node),
        value: threshold(leaves[best.index].range, feature: feature, bin: split.bin))
      tree.nodes.append(.leaf(0))
      tree.nodes.append(.leaf(0))
      let parent = leaves.remove(at: best.index)
      // The last leaves are not split again: nobody needs to know how.
      let isLast = leaves.count + 2 == parameters.leafCountMaximum
      leaves += children(
        of: parent, by: split, node: left, isCounted: !isLast && parent.depth + 1 < parameters.depthMaximum)
    }
    for leaf in leaves {
      let value = answer(leaf.range, gradients, curvatures, output: output, of: outputCount)
      tree.nodes[leaf.node].value = value
      for position in leaf.range { scores[Int(order[position]) * outputCount + output] += value }
    }
    return tree
  }

  private mutating func drawColumns() {
    let featureCount = rows.cuts.count
    columns = Array(0..<featureCount)
    random.shuffle(&columns)
    columns = columns.prefix(parameters.columnCount(of: featureCount)).sorted()
    // A constant feature splits nothing.
    columns.removeAll { rows.cuts[$0].isEmpty }
    visits = Array(columns.indices)
    starts = []
    histogramSize = 0
    for column in columns {
      starts.append(histogramSize)
      histogramSize += rows.cuts[column].count + 1
    }
  }

  /// Gradients as whole numbers, as fine as the sum of all of them allows in 32 bits.
  private mutating func count(_ weights: [Float], _ gradients: [Float], output: Int, of outputCount: Int) {
    var (first, second) = (0.0, 0.0)
    for row in order {
      let index = Int(row) * outputCount + output
      first += Double(abs(gradients[index]))
      second += Double(weights[Int(row)])
    }
    scale = Double(Int32.max - Int32(order.count)) / max(first, second, 1)
    for row in order {
      let index = Int(row) * outputCount + output
      counted[Int(row)] = Sums(
        Int32((Double(gradients[index]) * scale).rounded()), Int32((Double(weights[Int(row)]) * scale).rounded()), 1, 0)
    }
  }

  private mutating func root() -> Leaf {
    var sums = Sums()
    for row in order { sums &+= counted[Int(row)] }
    let histogram = histogram(0..<order.count)
    return Leaf(
      node: 0, depth: 0, range: 0..<order.count, sums: sums, histogram: histogram, split: bestSplit(histogram, sums))
  }

  private mutating func children(of parent: Leaf, by split: Split, node: Int, isCounted: Bool) -> [Leaf] {
    let middle = part(parent.range, column: split.column, bin: split.bin)
    let ranges = [parent.range.lowerBound..<middle, middle..<parent.range.upperBound]
    let sums = [split.left, parent.sums &- split.left]
    guard isCounted else {
      return (0..<2).map {
        Leaf(node: node + $0, depth: parent.depth + 1, range: ranges[$0], sums: sums[$0], histogram: [], split: nil)
      }
    }
    let smaller = ranges[0].count <= ranges[1].count ? 0 : 1
    let counted = histogram(ranges[smaller])
    let rest = difference(parent.histogram, counted)
    let histograms = smaller == 0 ? [counted, rest] : [rest, counted]
    var leaves: [Leaf] = []
    for side in 0..<2 {
      leaves.append(
        Leaf(
          node: node + side, depth: parent.depth + 1, range: ranges[side], sums: sums[side],
          histogram: histograms[side], split: bestSplit(histograms[side], sums[side])))
    }
    return leaves
  }

  /// Sums per bin of every column, of the rows at these positions of `order`.
  private mutating func histogram(_ range: Range<Int>) -> [Sums] {
    var result = [Sums](repeating: Sums(), count: histogramSize)
    for (index, position) in range.enumerated() { gathered[index] = counted[Int(order[position])] }
    var sums = result.mutableSpan
    let own = order.span.extracting(range)
    let values = gathered.span
    for (column, feature) in columns.enumerated() {
      let start = starts[column]
      let bins = rows.bins.span.extracting(feature * rows.rowCount..<(feature + 1) * rows.rowCount)
      for index in 0..<own.count {
        sums[start + Int(bins[Int(own[index])])] &+= values[index]
      }
    }
    return result
  }

  private func difference(_ whole: [Sums], _ part: [Sums]) -> [Sums] {
    var result = whole
    var sums = result.mutableSpan
    let part = part.span
    for index in 0..<part.count { sums[index] &-= part[index] }
    return result
  }

  /// The split that explains most of the gradients, every row by its weight (Friedman 2001).
  ///
  /// Not the second-order gain of Chen and Guestrin (2016): sure rows would hardly count, and the few rows of a small
  /// group are soon sure.
  private mutating func bestSplit(_ histogram: [Sums], _ total: Sums) -> Split? {
    let minimum = Int32(clamping: parameters.leafRowsMinimum)
    guard total.z >= 2 * Int64(minimum) else { return nil }
    let penalty = parameters.penalty * scale
    func worth(_ sums: Sums) -> Double { Double(sums.x) * Double(sums.x) / (Double(sums.y) + penalty) }
    let unsplit = worth(total)
    var best: Split?
    var bestGain = Self.gainMinimum * scale
    let histogram = histogram.span
    // Equal splits are common where rows are few and features alike: which one is taken is drawn, not the first.
    random.shuffle(&visits)
    for column in visits {
      let start = starts[column]
      var left = Sums()
      for bin in 0..<rows.cuts[columns[column]].count {
        let own = histogram[start + bin]
        guard own.z > 0 else { continue }
        left &+= own
        let right = total &- left
        guard right.z >= minimum else { break }
        guard left.z >= minimum else { continue }
        let gain = worth(left) + worth(right) - unsplit
        guard gain > bestGain else { continue }
        bestGain = gain
        best = Split(gain: gain, column: column, bin: bin, left: left)
      }
    }
    return best
  }

  /// Brings the rows that go left before the others, both in their order; where the others begin.
  private mutating func part(_ range: Range<Int>, column: Int, bin: Int) -> Int {
    let base = columns[column] * rows.rowCount
    var (next, aside) = (range.lowerBound, 0)
    for position in range {
      let row = order[position]
      if Int(rows.bins[base + Int(row)]) <= bin {
        order[next] = row
        next += 1
      } else {
        spare[aside] = row
        aside += 1
      }
    }
    for index in 0..<aside { order[next + index] = spare[index] }
    return next
  }

  /// In the middle of the gap between these rows' values on both sides: a part unlike all others is as likely to be on
  /// either side of it.
  private func threshold(_ range: Range<Int>, feature: Int, bin: Int) -> Float {
    var (low, high) = (-Float.infinity, Float.infinity)
    for position in range {
      let row = Int(order[position])
      let value = rows.inputs[row * rows.cuts.count + feature]
      if Int(rows.bins[feature * rows.rowCount + row]) <= bin { low = max(low, value) } else { high = min(high, value) }
    }
    return BinnedRows.between(low, high)
  }

  /// The Newton step of these rows, times the learning rate.
  private func answer(
    _ range: Range<Int>, _ gradients: [Float], _ curvatures: [Float], output: Int, of outputCount: Int
  ) -> Float {
    var (first, second) = (0.0, parameters.penalty)
    for position in range {
      let index = Int(order[position]) * outputCount + output
      first += Double(gradients[index])
      second += Double(curvatures[index])
    }
    guard second > 0 else { return 0 }
    let step = min(max(-first / second, -Self.leafValueMaximum), Self.leafValueMaximum)
    return Float(parameters.learningRate * step)
  }
}
