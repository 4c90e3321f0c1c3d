import Domain
import Policy

/// The sets of parts that a line watches, with their evidence, and which of them a part belongs to.
struct WatchedSets: Sendable, Equatable {
  private(set) var slices: [PartSlice] = []
  var evidence: [GroupEvidence] = []
  private var places: [PartSlice: Int] = [:]
  /// By cell, the sets that hold its parts or some of them.
  private var membership: [Cell: [Int]] = [:]
  private(set) var hasRanges = false

  static func == (left: Self, right: Self) -> Bool { left.slices == right.slices && left.evidence == right.evidence }

  func evidence(of slice: PartSlice) -> GroupEvidence? { places[slice].map { evidence[$0] } }

  func contains(_ slice: PartSlice) -> Bool { places[slice] != nil }

  var count: Int { slices.count }

  mutating func add(_ slice: PartSlice, _ new: GroupEvidence) {
    guard places[slice] == nil else { return }
    places[slice] = slices.count
    slices.append(slice)
    evidence.append(new)
    membership = [:]
    hasRanges = hasRanges || slice.hasRanges
  }

  mutating func keep(_ wanted: Set<PartSlice>) {
    guard slices.contains(where: { !wanted.contains($0) }) else { return }
    let kept = zip(slices, evidence).filter { wanted.contains($0.0) }
    self = WatchedSets()
    for (slice, evidence) in kept { add(slice, evidence) }
  }

  /// Calls `body` with every set that the part belongs to.
  ///
  /// - Parameter label: the true class; nil where nobody knows, and then sets by class do not hold it.
  mutating func forEach(of cell: Cell, label: Int?, inputs: [Float], _ body: (Int) -> Void) {
    let members: [Int]
    if let known = membership[cell] {
      members = known
    } else {
      members = slices.indices.filter { slices[$0].covers(cell) }
      membership[cell] = members
    }
    for index in members {
      if let outcome = slices[index].outcome, outcome != label { continue }
      if hasRanges, slices[index].hasRanges, !slices[index].admits(inputs) { continue }
      body(index)
    }
  }
}
