import NeuralNet

/// Draws row indices, with replacement: first a slot, then a row of it.
public struct BatchDrawer: Sendable {
  private let rowsOfSlot: [[Int]]
  /// Running sums of the slots' shares; the last is 1.
  private let bounds: [Double]

  /// - Parameter slots: slot of every row, nil for rows never drawn.
  public init(slots: [Int?], slotCount: Int, draw: BatchDraw) {
    var rowsOfSlot = [[Int]](repeating: [], count: slotCount)
    for (row, slot) in slots.enumerated() {
      if let slot { rowsOfSlot[slot].append(row) }
    }
    rowsOfSlot.removeAll(where: \.isEmpty)
    let shares = rowsOfSlot.map { rows -> Double in
      switch draw {
      case .uniform: Double(rows.count)
      case .squareRoot: Double(rows.count).squareRoot()
      case .balanced: 1
      }
    }
    let total = shares.reduce(0, +)
    var sum = 0.0
    bounds = shares.map { share in
      sum += share / total
      return sum
    }
    self.rowsOfSlot = rowsOfSlot
  }

  /// Every group equally often, whatever numbers the groups have.
  public init(groups: [Int]) {
    let numbers = Set(groups).sorted()
    let slotOfGroup = Dictionary(uniqueKeysWithValues: zip(numbers, numbers.indices))
    self.init(slots: groups.map { slotOfGroup[$0] }, slotCount: numbers.count, draw: .balanced)
  }

  /// Appends `count` row indices to `rows`.
  public func draw(_ count: Int, into rows: inout [Int], random: inout Generator) {
    for _ in 0..<count {
      let point = random.uniform()
      let slot = bounds.firstIndex { point < $0 } ?? bounds.count - 1
      rows.append(rowsOfSlot[slot][random.index(below: rowsOfSlot[slot].count)])
    }
  }
}
