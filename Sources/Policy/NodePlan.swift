import Domain

/// Which sets of parts a line watches (`monitoring.md` 6.6): each costs alarm level for all others.
public struct NodePlan: Sendable, Equatable {
  /// A cell of the partition with the labels it had in the last week, by true class where groups hold that.
  public struct Member: Sendable, Equatable {
    public let group: GroupKey
    public let weeklyLabels: Int

    public init(group: GroupKey, weeklyLabels: Int) {
      self.group = group
      self.weeklyLabels = weeklyLabels
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
public func planNodes(
  _ members: [NodePlan.Member], schema: GroupSchema, adopted: [PartSlice], classes: [Int], retired: Set<PartSlice>
) -> NodePlan {
  let wanted = members.filter { !retired.contains(PartSlice($0.group)) }
    .sorted { ($1.weeklyLabels, $0.group) < ($0.weeklyLabels, $1.group) }
  // A slice an operator adopted is never pushed out.
  let adopted = adopted.filter { !retired.contains($0) }
  let room = NodePlan.maximumNodes - min(adopted.count, NodePlan.maximumNodes)
  var slices = wanted.prefix(room).map { PartSlice($0.group) }
  let backedOff = wanted.dropFirst(room).map(\.group)
  var contents = Set(slices.map { Set([$0]) })
  slices += adopted
  for node in candidates(members, schema: schema, classes: classes) where slices.count < NodePlan.maximumNodes {
    guard !retired.contains(node.slice), !slices.contains(node.slice) else { continue }
    if node.isClass {
      slices.append(node.slice)
    } else if node.weeklyLabels >= NodePlan.weeklyLabelsMinimum, contents.insert(node.groups).inserted {
      slices.append(node.slice)
    }
  }
  return NodePlan(slices: slices, backedOff: backedOff)
}

private struct Candidate {
  let slice: PartSlice
  var groups: Set<PartSlice> = []
  var weeklyLabels = 0
  var isClass = false
}

/// Nodes above the groups, wider ones first and the busier of equally wide ones before the others.
private func candidates(_ members: [NodePlan.Member], schema: GroupSchema, classes: [Int]) -> [Candidate] {
  var nodes: [PartSlice: Candidate] = [:]
  let count = schema.attributes.count
  let places = 0..<count
  let subsets = [[]] + places.map { [$0] } + places.flatMap { first in (first + 1..<max(count, first + 1)).map { [first, $0] } }
  for member in members {
    for fixed in subsets where fixed.count < count {
      let slice = PartSlice(
        values: places.map { fixed.contains($0) ? member.group.cell.values[$0] : nil }, outcome: member.group.outcome)
      nodes[slice, default: Candidate(slice: slice)].groups.insert(PartSlice(member.group))
      nodes[slice]?.weeklyLabels += member.weeklyLabels
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
