import Domain
import Policy
import Statistics
import Testing

@Suite struct GatePowerTests {
  private func sentences(_ groups: [LaggingGroup], attempt: Int = 1, settings: LineSettings = LineSettings())
    -> [String]
  {
    gatePower(groups: groups, attempt: attempt, settings: settings)
  }

  /// The number after a word.
  private func number(after word: String, in text: String) -> Double? {
    guard let range = text.firstRange(of: word) else { return nil }
    return Double(text[range.upperBound...].prefix { $0.isNumber || $0 == "." })
  }

  @Test func `1 an operator reads what a job can find before it runs`() {
    #expect(
      sentences([laggard("A", rows: [0: 300, 1: 75])]) == [
        "with 375 labels a 6-point gain is found with probability 0.66; 390 more labels give 0.95",
        "a 3-point gain is found with probability 0.21",
        "150 of these labels are held back for the gate (attempt 1, level 0.0304)",
      ])
  }

  @Test func `2 the rows that meet the gate are the share or the minimum`() {
    #expect(sentences([laggard("A", rows: [0: 800, 1: 200])])[2].hasPrefix("400 of these"))
    #expect(sentences([laggard("A"), laggard("B")])[2].hasPrefix("400 of these"))
  }

  @Test func `3 labels that are there in plenty ask for none`() {
    let text = sentences([laggard("A", rows: [0: 2000, 1: 1000])])
    #expect(text[0] == "with 3000 labels a 6-point gain is found with probability 1.00")
  }

  @Test func `4 a lagging outcome has the rows of its own`() throws {
    let text = sentences([laggard("A", outcome: 1, rows: [0: 900, 1: 100])])
    #expect(text[0].hasPrefix("with 100 labels a 6-point gain"))
    #expect(text[2].hasPrefix("40 of these labels"))
  }

  @Test func `5 where a job cannot start yet, what it needs is taken`() {
    #expect(
      sentences([laggard("A", rows: [0: 30, 1: 10])])[0].hasPrefix("with the 375 labels that a job needs a 6-point"))
    #expect(sentences([laggard("A", rows: [:])])[0].hasPrefix("with the 375 labels that a job needs a 6-point"))
    #expect(sentences([]).isEmpty)
  }

  @Test func `6 each attempt finds less`() throws {
    let powers = try [1, 2, 3].map { attempt in
      try #require(number(after: "probability ", in: sentences([laggard("A")], attempt: attempt)[0]))
    }
    #expect(powers[0] > powers[1] && powers[1] > powers[2])
  }

  @Test func `7 the labels it asks for give what it promises, and ten fewer do not`() throws {
    let group = laggard("A", rows: [0: 300, 1: 75])
    let more = try #require(number(after: "; ", in: sentences([group])[0]).map { Int($0) })
    let enough = sentences([laggard("A", rows: [0: 300 + more, 1: 75])])[0]
    let short = sentences([laggard("A", rows: [0: 290 + more, 1: 75])])[0]
    #expect(!enough.contains("more labels"), "\(enough)")
    #expect(short.hasSuffix("10 more labels give 0.95"), "\(short)")
  }

  @Test func `8 it is what the gate does`() throws {
    // Three groups with 150 labels each, of which 60 meet the gate: .81 in the design's table.
    let settings = LineSettings(jobRowsMinimum: 100, gateRowsMinimum: 100)
    let groups = ["A", "B", "C"].map { laggard($0, rows: [0: 100, 1: 50]) }
    let promised = try #require(number(after: "probability ", in: sentences(groups, settings: settings)[0]))
    var random = Seeded(seed: 3)
    let promoted = (0..<4000).count { _ in
      let pairs = groups.map { group in
        var (wins, losses) = (0, 0)
        for _ in 0..<60 {
          let point = random.unit()
          if point < 0.075 { wins += 1 } else if point < 0.09 { losses += 1 }
        }
        return PairedCounts(
          group: group.group, total: 60, championCorrect: 60 - wins, challengerCorrect: 60 - losses, wins: wins,
          losses: losses)
      }
      return promotionGate(
        GateQuestion(
          pairs: pairs, lagging: Set(groups.map(\.group)), attempt: 1, settings: settings,
          name: { $0.cell.values[0] })
      ).promote
    }
    // The standard deviation is .007; the two conditions help each other, so the product is a little low.
    let share = Double(promoted) / 4000
    #expect(share >= promised - 0.02 && share <= promised + 0.05, "\(share), promised \(promised)")
  }
}
