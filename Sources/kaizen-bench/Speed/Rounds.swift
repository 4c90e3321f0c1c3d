/// One of the programs that take turns: does its work `count` times and says how many seconds of processor time it took.
public struct Contender {
  let name: String
  let run: (Int) throws -> Double

  public init(name: String, run: @escaping (Int) throws -> Double) {
    self.name = name
    self.run = run
  }
}

/// How long and how often everything is measured.
public struct Rounds: Sendable {
  /// Odd, so that a median is one that was measured.
  public let count: Int
  /// Seconds each program works per round; at least one piece of work, however long that takes.
  public let seconds: Double

  public init(count: Int, seconds: Double) {
    self.count = count
    self.seconds = seconds
  }

  public static let usual = Rounds(count: 9, seconds: 0.05)
  /// Proves that everything runs; says nothing about speed.
  public static let quick = Rounds(count: 1, seconds: 0)

  /// Lets the contenders work in turn, so that each meets the same state of the machine.
  ///
  /// - Returns: seconds per piece of work, `[contender][round]`.
  public func measure(_ contenders: [Contender]) throws -> [[Double]] {
    let counts = try contenders.map { try warmedUp($0) }
    var seconds = contenders.map { _ in [Double]() }
    for _ in 0..<count {
      for (index, contender) in contenders.enumerated() {
        seconds[index].append(try contender.run(counts[index]) / Double(counts[index]))
      }
    }
    return seconds
  }

  /// - Returns: how many pieces of work fill `seconds`, found by doubling until they nearly do.
  private func warmedUp(_ contender: Contender) throws -> Int {
    var count = 1
    while true {
      let taken = try contender.run(count)
      if taken >= seconds / 2 { return taken > 0 ? max(1, Int((Double(count) * seconds / taken).rounded())) : count }
      count *= 2
    }
  }
}

/// The middle one; of an even number the higher of the two in the middle. 0 of nothing.
public func median(_ values: [Double]) -> Double {
  values.isEmpty ? 0 : values.sorted()[values.count / 2]
}
