import Domain

/// Which sets of parts a line watches (`monitoring.md` 6.6): each costs alarm level for all others.
public struct NodePlan: Sendable, Equatable {
  /// A cell of the partition with the labels it had in the last week, by true class where groups hold that.
  public struct Member: Sendable, Equatable {
    public let group: GroupKey
    public let weeklyLabels: Int
    /// Of the last four weeks.
    public let monthlyLabels: Int

    public init(group: GroupKey, weeklyLabels: Int, monthlyLabels: Int = 0) {
      self.group = group
      self.weeklyLabels = weeklyLabels
      self.monthlyLabels = max(weeklyLabels, monthlyLabels)
    }
  }

  /// In the order in which they were taken.
  public let slices: [PartSlice]
  /// Groups that are counted with the nodes above them alone.
  public let backedOff: [GroupKey]

  /// Watched at once on a line.
  public static let maximumNodes = 200
  /// Labels a week below which a node above the groups says nothing that its groups do not.
  public static let weeklyLabelsMinimum = 30
  /// Labels in four weeks below which a node that is watched is given up again.
  public static let monthlyLabelsMinimum = 40
  /// True classes that are watched for themselves.
  public static let maximumClasses = 12

  public init(slices: [PartSlice], backedOff: [GroupKey]) {
    self.slices = slices
    self.backedOff = backedOff
  }
}

/// Groups first, the busiest first, then adopted slices, the line, single values, true classes and pairs, as far as there
/// is room.
///
/// A node that holds the same groups as one taken before is left out: it would say the same twice.
/// - Parameters:
///   - classes: true classes that have been seen; watched where groups do not hold the class themselves.
///   - watched: nodes that are watched now: they stay until their labels have been few for four weeks.
///   - alarming: sets whose alarm must not vanish.
public func planNodes(
  _ members: [NodePlan.Member], schema: GroupSchema, adopted: [PartSlice], classes: [Int], retired: Set<PartSlice>,
  watched: Set<PartSlice> = [], alarming: Set<PartSlice> = []
) -> NodePlan {
  let wanted = members.filter { !retired.contains(PartSlice($0.group)) }
    .sorted {
      let (mine, other) = (alarming.contains(PartSlice($0.group)), alarming.contains(PartSlice($1.group)))
      return mine == other ? ($1.weeklyLabels, $0.group) < ($0.weeklyLabels, $1.group) : mine
    }
  // What an operator adopted, and what is in alarm, is never pushed out.
  let groups = Set(members.map { PartSlice($0.group) })
  let kept = Set(adopted).union(alarming.subtracting(groups)).subtracting(retired).sorted().prefix(
    NodePlan.maximumNodes)
  let room = NodePlan.maximumNodes - kept.count
  var slices = wanted.prefix(room).map { PartSlice($0.group) }
  let backedOff = wanted.dropFirst(room).map(\.group)
  var contents = Set(slices.map { Set([$0]) })
  slices += kept
  for node in candidates(members, schema: schema, classes: classes) where slices.count < NodePlan.maximumNodes {
    guard !retired.contains(node.slice), !slices.contains(node.slice) else { continue }
    if node.isClass {
      slices.append(node.slice)
    } else if node.weeklyLabels >= NodePlan.weeklyLabelsMinimum
      || watched.contains(node.slice) && node.monthlyLabels >= NodePlan.monthlyLabelsMinimum,
      contents.insert(node.groups).inserted
    {
      slices.append(node.slice)
    }
  }
  return NodePlan(slices: slices, backedOff: backedOff)
}

private struct Candidate {
  let slice: PartSlice
  var groups: Set<PartSlice> = []
  var weeklyLabels = 0
  var monthlyLabels = 0
  var isClass = false
}

/// Nodes above the groups, wider ones first and the busier of equally wide ones before the others.
private func candidates(_ members: [NodePlan.Member], schema: GroupSchema, classes: [Int]) -> [Candidate] {
  var nodes: [PartSlice: Candidate] = [:]
  let count = schema.attributes.count
  let places = 0..<count
  let subsets =
    [[]] + places.map { [$0] } + places.flatMap { first in (first + 1..<max(count, first + 1)).map { [first, $0] } }
  for member in members {
    for fixed in subsets where fixed.count < count {
      let slice = PartSlice(
        values: places.map { fixed.contains($0) ? member.group.cell.values[$0] : nil }, outcome: member.group.outcome)
      nodes[slice, default: Candidate(slice: slice)].groups.insert(PartSlice(member.group))
      nodes[slice]?.weeklyLabels += member.weeklyLabels
      nodes[slice]?.monthlyLabels += member.monthlyLabels
    }
  }
  if !schema.includesOutcome, classes.count <= NodePlan.maximumClasses {
    for outcome in classes {
      let slice = PartSlice(values: places.map { _ in nil }, outcome: outcome)
      nodes[slice] = Candidate(slice: slice, isClass: true)
    }
  }
  return nodes.values.sorted {
    $0.slice.depth == $1.slice.depth
      ? ($1.weeklyLabels, $0.slice) < ($0.weeklyLabels, $1.slice) : $0.slice.depth < $1.slice.depth
  }
}
