/// Keeps what a run did to every group's weight, for the audit and for the sentence at its end.
struct RunRecorder {
  private(set) var trace: [GroupWeightRecord] = []
  var stepsRun = 0
  private let groupSizes: [Int]
  /// Groups whose rows all count for the groups they may be of.
  private let uncertainGroups: Set<Int>
  private let slots: WeightSlots
  private let parameters: DistilParameters
  // Sums over steps, per slot.
  private var stepCount = 0
  private var weightSums: [Double]
  private var relativeSums: [Double]
  private var capSteps: [Int]
  private var floorSteps: [Int]

  init(rows: TrainingRows, slots: WeightSlots, parameters: DistilParameters) {
    groupSizes = rows.groupSizes
    uncertainGroups = Set(rows.softGroups.keys.map { rows.groups[$0] })
    self.slots = slots
    self.parameters = parameters
    let count = slots.rowCounts.count
    weightSums = Array(repeating: 0, count: count)
    relativeSums = weightSums
    capSteps = Array(repeating: 0, count: count)
    floorSteps = capSteps
  }

  mutating func add(_ weights: GroupWeights) {
    stepCount += 1
    for slot in weightSums.indices {
      weightSums[slot] += weights.weights[slot]
      relativeSums[slot] += weights.relativeLosses[slot]
      capSteps[slot] += weights.limits[slot] == .cap ? 1 : 0
      floorSteps[slot] += weights.limits[slot] == .floor ? 1 : 0
    }
  }

  mutating func record(step: Int, weights: GroupWeights, tallies: [GroupTally]) {
    for (group, rows) in groupSizes.enumerated() {
      guard let slot = slots.slotOfGroup[group] else { continue }
      trace.append(
        GroupWeightRecord(
          step: step, group: group, rows: rows, loss: weights.shrunkLosses[slot] ?? 0,
          relativeLoss: weights.relativeLosses[slot],
          weight: weights.weights[slot] * Double(rows) / Double(slots.rowCounts[slot]), limit: weights.limits[slot],
          selectCorrect: tallies[group].correct, selectTotal: tallies[group].total))
    }
  }

  /// One sentence per group, in order of their indices.
  func reasons() -> [String] {
    groupSizes.indices.map { group in
      guard let slot = slots.slotOfGroup[group] else {
        return uncertainGroups.contains(group)
          ? "no weight of its own: an attribute is missing, so its rows count for the groups they may be of"
          : "no weight: it has no training rows"
      }
      return sentence(slot: slot, group: group)
    }
  }

  private func sentence(slot: Int, group: Int) -> String {
    let pool = pooled(slot: slot, group: group)
    guard slots.rowCounts.count > 1 else {
      return "weight 1: there is only one group to weigh" + pool
    }
    guard parameters.weighting != .none else {
      return "no group weights in this run: batches draw \(drawn)" + pool
    }
    let steps = Double(max(stepCount, 1))
    let weight = weightSums[slot] / steps
    let multiple = weight * Double(slots.rowCounts.count)
    return "weight \(fixed(weight, digits: 2)) (\(fixed(multiple, digits: 1))x uniform): mean loss "
      + "\(fixed(relativeSums[slot] / steps, digits: 1))x the average over \(stepCount) steps\(source); \(limits(slot))"
      + pool
  }

  /// Which rows' losses moved the weights, where it is not the training rows.
  private var source: String {
    guard case .heldOut = parameters.weighting else { return "" }
    return " on held-out rows"
  }

  private func limits(_ slot: Int) -> String {
    switch parameters.weighting {
    case .raw, .none: return "no floor or cap in this run"
    case .scaleFree, .heldOut: break
    }
    let cap = capSteps[slot] == 0 ? "cap never active" : "cap active in \(capSteps[slot]) steps"
    return floorSteps[slot] == 0 ? cap : cap + ", held up by the floor in \(floorSteps[slot]) steps"
  }

  private var drawn: String {
    switch parameters.batches {
    case .uniform: "every row equally often"
    case .squareRoot: "groups in proportion to the square root of their rows"
    case .balanced: "every group equally often"
    }
  }

  private func pooled(slot: Int, group: Int) -> String {
    let members = slots.groups[slot]
    guard members.count > 1 else { return "" }
    let others = members.count - 1
    return "; weighed together with \(others) other \(others == 1 ? "group" : "groups") "
      + "(\(slots.rowCounts[slot]) rows in all) because groups of fewer than "
      + "\(DistilParameters.minimumGroupRows) rows have no weight of their own"
  }
}

/// A number that is not negative with this many decimals, without Foundation.
private func fixed(_ value: Double, digits: Int) -> String {
  let scale = digits == 1 ? 10 : 100
  let rounded = Int((value * Double(scale)).rounded())
  let decimals = String(rounded % scale)
  return "\(rounded / scale)." + String(repeating: "0", count: digits - decimals.count) + decimals
}
