import Domain
import NeuralNet
import Policy
import Statistics

/// Searches for slices as `monitoring.md` 3 simulates them: 6 attributes of 6, 8, 3, 4, 5 and 4 values, all equally
/// likely, 5 % of parts wrong, and where `isPlanted` 20 % of those that have one value of the first attribute and one of
/// the fifth, which are 1 in 30.
struct SliceSimulation: Hashable, Sendable {
  /// Labelled parts of one search.
  let parts: Int
  let isPlanted: Bool

  static let valueCounts = [6, 8, 3, 4, 5, 4]
  static let baseRate = 0.05
  static let plantedRate = 0.2
  /// Attribute and value.
  static let planted = [0: "2", 4: "1"]

  /// What one search under one rule gave.
  struct Outcome: Sendable, Equatable {
    let isFound: Bool
    let reported: Int
    /// Whether a slice was named that is wrong no more often than the others.
    let hasFalse: Bool
    let milliseconds: Double
  }

  /// One world, searched under each rule, in the order of `DiscoveryRule.allCases`.
  func run(seed: UInt64) -> [Outcome] {
    // Worlds of different sizes and kinds share no numbers.
    var random = Generator(seed: (seed &* 1_000_003 &+ UInt64(parts)) &* 2 &+ (isPlanted ? 1 : 0))
    let table = world(&random)
    return DiscoveryRule.allCases.map { rule in
      var report: SliceReport?
      let time = ContinuousClock().measure { report = searchSlices(table, settings: SliceSettings(rule: rule)) }
      let findings = report?.findings ?? []
      return Outcome(
        isFound: isPlanted && findings.contains { $0.slice == Self.plantedSlice }, reported: findings.count,
        hasFalse: findings.contains { !isPlanted || !Self.holdsPlanted($0.slice) },
        milliseconds: time / .milliseconds(1))
    }
  }

  private func world(_ random: inout Generator) -> SliceTable {
    var codes = Self.valueCounts.map { _ in [UInt16]() }
    var wrong: [Bool] = []
    for _ in 0..<parts {
      for (attribute, count) in Self.valueCounts.enumerated() {
        codes[attribute].append(UInt16(random.index(below: count)))
      }
      let isInside = isPlanted && Self.planted.allSatisfy { "\(codes[$0.key][wrong.count])" == $0.value }
      wrong.append(random.uniform() < (isInside ? Self.plantedRate : Self.baseRate))
    }
    return SliceTable(valueCounts: Self.valueCounts, codes: codes, wrong: wrong)
  }

  private static let plantedSlice = PartSlice(values: valueCounts.indices.map { planted[$0] })

  /// Whether planted parts are more common in a slice than in the whole, so that it is truly worse: it names a planted
  /// value and no other of that attribute.
  private static func holdsPlanted(_ slice: PartSlice) -> Bool {
    let named = planted.filter { slice.values[$0.key] != nil }
    return !named.isEmpty && named.allSatisfy { slice.values[$0.key] == $0.value }
  }
}
