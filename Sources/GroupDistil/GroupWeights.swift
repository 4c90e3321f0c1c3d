import Glibc

/// The weights q_g of the groups during one run, in log space and double precision.
///
/// Scale-free exponentiated gradient: a weight is moved by the group's running mean loss *relative* to the mean of all
/// groups, so that a loss ten times larger (temperature, τ²) moves it no further. A group absent from a batch keeps
/// its mean loss; it neither gains nor loses by chance.
public struct GroupWeights: Sendable, Equatable {
  /// Per group, sum 1.
  public private(set) var weights: [Double]
  /// Λ̄_g: .9 of the old and .1 of the new; nil until the group was first seen.
  public private(set) var meanLosses: [Double?]
  /// Running mean shrunk by `shrinkage` rows to the mean of all groups seen; nil until the group was first seen.
  public private(set) var shrunkLosses: [Double?]
  /// r_g in 0...3; 1 until the group was first seen.
  public private(set) var relativeLosses: [Double]
  /// Whether floor or cap held the weight at the last update.
  public private(set) var limits: [Bound]
  public let rowCounts: [Int]
  public let rule: GroupWeighting
  private let bounds: Bounds
  private var logWeights: [Double]

  public enum Bound: Sendable, Equatable {
    case none
    /// At least half of the weight is the evenly dealt share.
    case floor
    case cap
  }

  private struct Bounds: Sendable, Equatable {
    let stepCount: Int
    let floor: Double
    let cap: Double
    let shrinkage: Double
    let adjustment: Double
  }

  /// Weight of the newest batch in the running mean loss.
  static let newShare = 0.1
  /// A mean loss below this is "solved": relative losses stop growing.
  static let smallestMeanLoss = 1e-3
  /// A group's pull is limited to this many times the average group's.
  static let largestRelativeLoss = 3.0
  /// Below this many groups `capFactor` / G would be no bound; one group then has at most this share.
  static let fewGroups = 8
  static let fewGroupsCap = 0.6

  /// Steps between two looks at the held-out rows: each costs a pass over all of them.
  public static let heldOutInterval = 50

  /// - Parameter rowCounts: training rows per group, each positive; a group without rows has no weight.
  public init(rowCounts: [Int], parameters: DistilParameters) {
    precondition(!rowCounts.isEmpty && rowCounts.allSatisfy { $0 > 0 }, "every weighted group has rows")
    let count = rowCounts.count
    self.rowCounts = rowCounts
    rule = parameters.weighting
    bounds = Bounds(
      stepCount: max(parameters.stepCount, 1), floor: parameters.floor,
      cap: Self.cap(groupCount: count, factor: parameters.capFactor), shrinkage: parameters.shrinkage,
      adjustment: parameters.adjustment)
    weights = Array(repeating: 1 / Double(count), count: count)
    logWeights = Array(repeating: -log(Double(count)), count: count)
    meanLosses = Array(repeating: nil, count: count)
    shrunkLosses = Array(repeating: nil, count: count)
    relativeLosses = Array(repeating: 1, count: count)
    limits = Array(repeating: .none, count: count)
  }

  /// The largest weight a group may have; never below 1 / groupCount.
  public static func cap(groupCount: Int, factor: Double) -> Double {
    let even = 1 / Double(groupCount)
    return max(even, groupCount < fewGroups ? fewGroupsCap : min(1, factor * even))
  }

  /// Takes in one batch: the mean loss per group, nil for a group without rows in it.
  public mutating func update(losses: [Double?]) {
    precondition(losses.count == weights.count, "one loss, or nil, a group")
    if case .heldOut = rule { return }
    for (group, loss) in losses.enumerated() {
      guard let loss, loss.isFinite else { continue }
      meanLosses[group] = meanLosses[group].map { $0 * (1 - Self.newShare) + loss * Self.newShare } ?? loss
    }
    refreshRelativeLosses()
    switch rule {
    case .none: return
    case .raw(let step):
      for (group, loss) in losses.enumerated() {
        if let loss, loss.isFinite { logWeights[group] += step * (loss + adjustment(group)) }
      }
      normalise()
      weights = logWeights.map { exp($0) }
    case .scaleFree(let strength):
      for group in logWeights.indices {
        logWeights[group] += strength / Double(bounds.stepCount) * relativeLosses[group]
      }
      normalise()
      bound()
    case .heldOut: return
    }
  }

  /// Takes in held-out rows under `.heldOut`: per group their mean cross-entropy (nil without rows) and number.
  ///
  /// A group's loss is drawn to the mean of all groups by as many rows as `shrinkage` says; groups without held-out
  /// rows are moved by that mean. Relative losses and reasons then speak of these losses, not of the training rows'.
  public mutating func update(heldOut losses: [Double?], rows: [Int]) {
    precondition(losses.count == weights.count && rows.count == weights.count, "one loss, or nil, a group")
    guard case .heldOut(let step) = rule else { return }
    let seen = losses.compactMap(\.self).filter(\.isFinite)
    guard !seen.isEmpty else { return }
    let pooled = seen.reduce(0, +) / Double(seen.count)
    for (group, loss) in losses.enumerated() {
      let count = Double(rows[group])
      let mean = loss.flatMap { $0.isFinite ? $0 : nil } ?? pooled
      meanLosses[group] = mean
      let shrunk = (count * mean + bounds.shrinkage * pooled) / max(count + bounds.shrinkage, 1)
      shrunkLosses[group] = shrunk
      relativeLosses[group] = min(max(shrunk / max(pooled, Self.smallestMeanLoss), 0), Self.largestRelativeLoss)
      logWeights[group] += step * (shrunk + adjustment(group))
    }
    normalise()
    bound()
  }

  private func adjustment(_ group: Int) -> Double {
    bounds.adjustment / Double(rowCounts[group]).squareRoot()
  }

  private mutating func refreshRelativeLosses() {
    let seen = meanLosses.compactMap { $0 }
    guard !seen.isEmpty else { return }
    let pooled = seen.reduce(0, +) / Double(seen.count)
    var sum = 0.0
    for (group, mean) in meanLosses.enumerated() {
      guard let mean else { continue }
      let rows = Double(rowCounts[group])
      let shrunk = (rows * mean + bounds.shrinkage * pooled) / (rows + bounds.shrinkage) + adjustment(group)
      shrunkLosses[group] = shrunk
      sum += shrunk
    }
    let average = max(sum / Double(seen.count), Self.smallestMeanLoss)
    for (group, shrunk) in shrunkLosses.enumerated() {
      relativeLosses[group] = shrunk.map { min(max($0 / average, 0), Self.largestRelativeLoss) } ?? 1
    }
  }

  private mutating func normalise() {
    let highest = logWeights.max() ?? 0
    let total = highest + log(logWeights.reduce(0) { $0 + exp($1 - highest) })
    for group in logWeights.indices { logWeights[group] -= total }
  }

  /// Floor, then cap; the state goes on unbounded.
  ///
  /// Why: carrying the bounded weights over would mix in the floor at every step, which holds every weight within a
  /// few per cent of 1 / G whatever the losses say (measured: 1.0x to 1.1x for c = 3...30).
  private mutating func bound() {
    let even = bounds.floor / Double(weights.count)
    let mixed = logWeights.map { (1 - bounds.floor) * exp($0) + even }
    weights = Self.waterFilled(mixed, cap: bounds.cap)
    for group in weights.indices {
      limits[group] = weights[group] >= bounds.cap && bounds.cap < 1 ? .cap : mixed[group] <= 2 * even ? .floor : .none
    }
  }

  /// Cuts weights to `cap` and hands what was cut to the others in proportion, until none is above it.
  ///
  /// - Precondition: `weights` are positive with sum 1 and `cap` is at least 1 / count.
  static func waterFilled(_ weights: [Double], cap: Double) -> [Double] {
    var result = weights
    var isCapped = Array(repeating: false, count: weights.count)
    while let _ = result.indices.first(where: { !isCapped[$0] && result[$0] > cap }) {
      for index in result.indices where !isCapped[index] && result[index] > cap {
        isCapped[index] = true
        result[index] = cap
      }
      let free = result.indices.filter { !isCapped[$0] }
      let left = 1 - cap * Double(result.count - free.count)
      let sum = free.reduce(0) { $0 + result[$1] }
      guard sum > 0 else { break }
      for index in free { result[index] *= left / sum }
    }
    return result
  }
}
