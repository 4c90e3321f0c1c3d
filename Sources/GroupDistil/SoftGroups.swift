import Domain

/// The chance that a row is of a group.
public struct GroupShare: Sendable, Equatable {
  public let group: Int
  /// 0...1.
  public let share: Double

  public init(group: Int, share: Double) {
    self.group = group
    self.share = share
  }
}

/// Which groups the rows of a group with a missing attribute may belong to: every group that agrees with it in all
/// that is known (the true class too), in proportion to its rows. Source: PG-DRO (Ghosal and Li 2023), with the
/// empirical distribution in place of a model of the attribute.
///
/// - Parameters:
///   - groups: keys of the group numbers; `GroupSchema.missingValue` stands for what is missing.
///   - sizes: training rows per group.
/// - Returns: per group its shares, summing to 1; nil for a group that misses nothing or that no other agrees with.
public func plausibleGroups(_ groups: [GroupKey], sizes: [Int]) -> [[GroupShare]?] {
  precondition(groups.count == sizes.count, "one size a group")
  func isWhole(_ key: GroupKey) -> Bool { !key.cell.values.contains(GroupSchema.missingValue) }
  return groups.map { key in
    guard !isWhole(key) else { return nil }
    let candidates = groups.indices.filter { index in
      let other = groups[index]
      return sizes[index] > 0 && isWhole(other) && other.outcome == key.outcome
        && zip(key.cell.values, other.cell.values).allSatisfy { $0 == GroupSchema.missingValue || $0 == $1 }
    }
    let total = candidates.reduce(0) { $0 + sizes[$1] }
    guard total > 0 else { return nil }
    return candidates.map { GroupShare(group: $0, share: Double(sizes[$0]) / Double(total)) }
  }
}

extension TrainingRows {
  /// The same rows, those of groups with a missing attribute counted for the groups they may belong to.
  public func withPlausibleGroups(_ groups: [GroupKey]) throws(DistilError) -> TrainingRows {
    let plausible = plausibleGroups(groups, sizes: groupSizes)
    guard plausible.contains(where: { $0 != nil }) else { return self }
    var softGroups: [Int: [GroupShare]] = [:]
    for (row, group) in self.groups.enumerated() {
      if let shares = plausible[group] { softGroups[row] = shares }
    }
    return try with(softGroups: softGroups)
  }
}
