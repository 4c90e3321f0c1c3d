/// What a labelled row is used for; no row and no part is used for two.
public enum Fold: String, Sendable, Equatable {
  case train
  /// Chooses checkpoints and arms.
  case select
  /// Seen by nothing before the report (a first student) or the gate (a retraining).
  case heldOut
  /// Of a retraining: later than the gate's first row, and of a part that was trained on or selected by before.
  case unused
}

/// Divides labelled rows, given in time order, into folds; the same rows always get the same folds.
public struct FoldPlan: Sendable, Equatable {
  /// One per row.
  public private(set) var folds: [Fold]

  /// Share of the rows, after the gate's are taken, that chooses checkpoints and arms (`learning.md` 9.4).
  public static let selectShare = 0.15
  /// Share of the rows a first student is reported on.
  public static let heldOutShare = 0.15
  /// Share of the rows of a retraining that the gate gets where its minimum is less.
  public static let gateShare = 0.4
  /// Strata with fewer rows are trained on whole: they could not give a row to every fold.
  static let stratumRowsMinimum = 3

  public func rows(of fold: Fold) -> [Int] { folds.indices.filter { folds[$0] == fold } }

  /// First 70 % of every stratum to train, next 15 % to select, last 15 % held out: what is reported on is later than
  /// what was learned from.
  /// - Parameters:
  ///   - strata: group and class of each row as any number, so that rare outcomes reach every fold.
  ///   - parts: serial numbers; all rows of a part go where its first row goes.
  public static func timeOrdered(strata: [Int], parts: [String]? = nil) -> FoldPlan {
    var plan = FoldPlan(folds: Array(repeating: .train, count: strata.count))
    plan.divide(Array(strata.indices), strata: strata)
    plan.keepTogether(parts)
    return plan
  }

  /// The file's own division, where it says more than `train` of a cell; cells it puts into `train` whole are divided
  /// in time order, because nothing could be chosen or reported there.
  /// - Returns: the plan, and the cells that were divided here.
  public static func given(_ given: [Fold], cells: [Int], strata: [Int], parts: [String]? = nil)
    -> (plan: FoldPlan, dividedCells: [Int])
  {
    var plan = FoldPlan(folds: given)
    let decided = Set(zip(cells, given).filter { $0.1 != .train }.map(\.0))
    let undecided = Set(cells).subtracting(decided)
    plan.divide(cells.indices.filter { undecided.contains(cells[$0]) }, strata: strata)
    plan.keepTogether(parts)
    let divided = Set(
      cells.indices.filter { undecided.contains(cells[$0]) && plan.folds[$0] != .train }.map { cells[$0] })
    return (plan, divided.sorted())
  }

  /// Of rows oldest first, the latest 40 % (at least `gateRowsMinimum`) are held out for the gate; of the others, 15 %
  /// of every stratum, chosen by a hash of the part, select.
  public static func retraining(strata: [Int], parts: [String], gateRowsMinimum: Int) -> FoldPlan {
    let gateCount = min(strata.count, max(gateRowsMinimum, share(of: strata.count, gateShare)))
    let early = strata.count - gateCount
    return laterJudged(strata: strata, parts: parts, isGate: strata.indices.map { $0 >= early })
  }

  /// The same cell by cell: of each the latest 40 % (at least `gateRowsMinimum`, but never more than half) are held out.
  ///
  /// - Parameters:
  ///   - cells: of each row, as any number; rows oldest first.
  ///   - strata: finer than cells.
  public static func consolidation(cells: [Int], strata: [Int], parts: [String], gateRowsMinimum: Int) -> FoldPlan {
    precondition(cells.count == strata.count, "every row has a cell")
    var isGate = Array(repeating: false, count: cells.count)
    for rows in Dictionary(grouping: cells.indices, by: { cells[$0] }).values {
      let wanted = max(share(of: rows.count, gateShare), min(gateRowsMinimum, rows.count / 2))
      for row in rows.suffix(wanted) { isGate[row] = true }
    }
    return laterJudged(strata: strata, parts: parts, isGate: isGate)
  }

  /// Chooses select rows among those that are not the gate's, and keeps every part to one fold without letting a row
  /// that is later than the gate's first be trained on.
  private static func laterJudged(strata: [Int], parts: [String], isGate: [Bool]) -> FoldPlan {
    precondition(strata.count == parts.count, "every row has a part")
    var plan = FoldPlan(folds: isGate.map { $0 ? .heldOut : .train })
    let early = isGate.indices.filter { !isGate[$0] }
    for rows in Dictionary(grouping: early, by: { strata[$0] }).values where rows.count >= stratumRowsMinimum {
      let byHash = rows.sorted { left, right in
        let (first, second) = (stableHash(parts[left]), stableHash(parts[right]))
        return first == second ? left < right : first < second
      }
      for row in byHash.prefix(share(of: rows.count, selectShare)) { plan.folds[row] = .select }
    }
    var foldOfPart: [String: Fold] = [:]
    for row in early {
      if let fold = foldOfPart[parts[row]] { plan.folds[row] = fold } else { foldOfPart[parts[row]] = plan.folds[row] }
    }
    for row in isGate.indices where isGate[row] && foldOfPart[parts[row]] != nil { plan.folds[row] = .unused }
    return plan
  }

  private mutating func divide(_ rows: [Int], strata: [Int]) {
    for members in Dictionary(grouping: rows, by: { strata[$0] }).values where members.count >= Self.stratumRowsMinimum
    {
      let selectCount = Self.share(of: members.count, Self.selectShare)
      let heldOutCount = Self.share(of: members.count, Self.heldOutShare)
      let trainCount = members.count - selectCount - heldOutCount
      for row in members[trainCount..<trainCount + selectCount] { folds[row] = .select }
      for row in members[(trainCount + selectCount)...] { folds[row] = .heldOut }
    }
  }

  private mutating func keepTogether(_ parts: [String]?) {
    guard let parts else { return }
    precondition(parts.count == folds.count, "every row has a part")
    var foldOfPart: [String: Fold] = [:]
    for row in folds.indices {
      if let fold = foldOfPart[parts[row]] { folds[row] = fold } else { foldOfPart[parts[row]] = folds[row] }
    }
  }

  /// At least one: a fold without a stratum cannot tell how it does there.
  private static func share(of count: Int, _ share: Double) -> Int {
    max(1, Int((Double(count) * share).rounded()))
  }
}

/// Which of `foldCount` parts of the training rows a row belongs to, for a teacher that must not answer for rows it was
/// fitted to: rows of a part together, else every group dealt out in turn.
public func teacherFolds(groups: [Int], parts: [String]?, foldCount: Int) -> [Int] {
  if let parts { return parts.map { Int(stableHash($0) % UInt64(foldCount)) } }
  var next: [Int: Int] = [:]
  return groups.map { group in
    let fold = next[group, default: group % foldCount]
    next[group] = (fold + 1) % foldCount
    return fold
  }
}

/// FNV-1a, 64 bits (Fowler, Noll, Vo), its bits mixed once more so that neighbouring numbers part; the same in every
/// process, which Swift's own hash is not.
func stableHash(_ text: String) -> UInt64 {
  var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
  hash = (hash ^ (hash >> 33)) &* 0xFF51_AFD7_ED55_8CCD
  return hash ^ (hash >> 33)
}
