/// Outcomes of one channel by how long they took, those that said the answer was right and those that said it was wrong.
public struct ChannelDelays: Sendable, Equatable {
  /// One for each of `OutcomeDelay.all`.
  public private(set) var right: [Int]
  public private(set) var wrong: [Int]

  public init() {
    right = OutcomeDelay.all.map { _ in 0 }
    wrong = right
  }

  public init?(right: [Int], wrong: [Int]) {
    guard right.count == OutcomeDelay.all.count, wrong.count == right.count else { return nil }
    self.right = right
    self.wrong = wrong
  }

  public mutating func add(_ count: Int, of delay: OutcomeDelay, isWrong: Bool) {
    if isWrong { wrong[delay.bucket] += count } else { right[delay.bucket] += count }
  }

  public mutating func add(_ other: ChannelDelays) {
    for bucket in right.indices {
      right[bucket] += other.right[bucket]
      wrong[bucket] += other.wrong[bucket]
    }
  }

  public var total: Int { right.reduce(0, +) + wrong.reduce(0, +) }
}
