import Glibc

/// Times several ways of doing the same, in turns, so that a busy machine is unfair to all alike.
struct Contest {
  /// Turns of each, of which the median counts.
  let rounds: Int
  /// Processor seconds of one turn.
  let seconds: Double

  /// Does its work for about as many processor seconds and returns microseconds for one.
  typealias Turn = (_ seconds: Double) throws -> Double

  /// The median of every one's turns; the first turn of each, where caches are cold, does not count.
  func medians(_ turns: [Turn]) throws -> [Double] {
    for turn in turns { _ = try turn(seconds / 4) }
    var times = [[Double]](repeating: [], count: turns.count)
    for _ in 0..<rounds {
      for (index, turn) in turns.enumerated() { times[index].append(try turn(seconds)) }
    }
    return times.map { $0.sorted()[$0.count / 2] }
  }

  /// A turn of work in this process.
  static func turn(_ work: @escaping () throws -> Void) -> Turn {
    { seconds in
      var count = 1
      while true {
        let start = processorSeconds()
        for _ in 0..<count { try work() }
        let spent = processorSeconds() - start
        if spent >= seconds { return spent / Double(count) * 1e6 }
        count = spent < seconds / 8 ? count * 4 : Int(Double(count) * seconds / spent * 1.1) + 1
      }
    }
  }

  /// What this process used, whatever else the machine did.
  static func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
