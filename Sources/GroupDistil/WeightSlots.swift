/// Which groups have a weight of their own, and which share one because they are too small for it.
public struct WeightSlots: Sendable, Equatable {
  /// Per group its slot; nil for a group without training rows.
  public let slotOfGroup: [Int?]
  /// Rows per slot, each positive.
  public let rowCounts: [Int]
  /// Groups per slot, ascending.
  public let groups: [[Int]]

  /// Slots of the rows whose group is known; rows of uncertain groups make no group large enough for a weight.
  init(_ rows: TrainingRows) {
    var sizes = rows.groupSizes
    for row in rows.softGroups.keys { sizes[rows.groups[row]] -= 1 }
    self.init(groupSizes: sizes)
  }

  /// Groups with fewer than `minimumGroupRows` rows share one slot; if that is still too small, it is joined to the
  /// smallest group that is not.
  public init(groupSizes: [Int]) {
    let minimum = DistilParameters.minimumGroupRows
    let present = groupSizes.indices.filter { groupSizes[$0] > 0 }
    let small = present.filter { groupSizes[$0] < minimum }
    var slots = present.filter { groupSizes[$0] >= minimum }.map { [$0] }
    let smallRows = small.reduce(0) { $0 + groupSizes[$1] }
    let smallest = slots.indices.min { groupSizes[slots[$0][0]] < groupSizes[slots[$1][0]] }
    if smallRows > 0, smallRows < minimum, let smallest {
      slots[smallest] = (slots[smallest] + small).sorted()
    } else if !small.isEmpty {
      slots.append(small)
    }
    var slotOfGroup = [Int?](repeating: nil, count: groupSizes.count)
    for (slot, members) in slots.enumerated() {
      for group in members { slotOfGroup[group] = slot }
    }
    self.slotOfGroup = slotOfGroup
    groups = slots
    rowCounts = slots.map { members in members.reduce(0) { $0 + groupSizes[$1] } }
  }

  /// Shares in groups as shares in slots (in `group`), summing to 1; rows whose groups all lack a slot are left out.
  func shares(_ softGroups: [Int: [GroupShare]]) -> [Int: [GroupShare]] {
    softGroups.compactMapValues { shares in
      var sums: [Int: Double] = [:]
      for share in shares {
        if let slot = slotOfGroup[share.group] { sums[slot, default: 0] += share.share }
      }
      let total = shares.reduce(0) { $0 + (slotOfGroup[$1.group] == nil ? 0 : $1.share) }
      guard total > 0 else { return nil }
      return sums.keys.sorted().map { GroupShare(group: $0, share: (sums[$0] ?? 0) / total) }
    }
  }
}
