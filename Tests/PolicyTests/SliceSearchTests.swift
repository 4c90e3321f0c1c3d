import Domain
import Policy
import Statistics
import Testing

/// Rows written down as counts: value of each attribute, parts, and how many of them are wrong.
private func table(_ valueCounts: [Int], _ rows: [(values: [Int], parts: Int, wrong: Int)]) -> SliceTable {
  var codes = valueCounts.map { _ in [UInt16]() }
  var wrong: [Bool] = []
  for row in rows {
    for index in 0..<row.parts {
      for (attribute, value) in row.values.enumerated() { codes[attribute].append(UInt16(value)) }
      wrong.append(index < row.wrong)
    }
  }
  return SliceTable(valueCounts: valueCounts, codes: codes, wrong: wrong)
}

private func slice(_ values: String?...) -> PartSlice { PartSlice(values: values) }

/// A line with some attributes and measurements, for parts of any rate.
private struct World {
  var random: UInt64

  mutating func unit() -> Double {
    random ^= random << 13
    random ^= random >> 7
    random ^= random << 17
    return Double(random >> 11) * 0x1p-53
  }

  /// Parts of `product` (4 values) and `shift` (2), with `count` uniform measurements.
  mutating func rows(_ parts: Int, measurements count: Int, rate: (Cell, [Float]) -> Double) -> SliceRows {
    var rows = SliceRows(attributeCount: 2, featureCount: count)
    for _ in 0..<parts {
      let cell = Cell(["P\(Int(unit() * 4))", unit() < 0.5 ? "day" : "night"])
      let inputs = (0..<count).map { _ in Float(unit()) }
      rows.add(cell, inputs: inputs, isWrong: unit() < rate(cell, inputs))
    }
    return rows
  }
}

@Suite struct SliceSearchTests {
  @Test func `a pair that alone is bad is named, and neither of its parents`() throws {
    let report = searchSlices(
      table(
        [2, 2],
        [(values: [0, 0], parts: 500, wrong: 25), ([0, 1], 500, 25), ([1, 0], 500, 25), ([1, 1], 100, 25)]))
    let finding = try #require(report.findings.first)
    #expect(report.findings.map(\.slice) == [slice("1", "1")])
    #expect(finding.counts == SliceCounts(parts: 100, wrong: 25, restParts: 1500, restWrong: 75))
    #expect(finding.pValue == hypergeometricUpperTail(atLeast: 25, drawn: 100, marked: 100, of: 1600))
    #expect(finding.qValue >= finding.pValue && finding.qValue < 0.001)
    #expect(finding.interval == clopperPearson(correct: 25, total: 100))
    #expect(abs(finding.excess - 18.75) < 1e-9)
    #expect(finding.parents.map(\.slice) == [slice("1", nil), slice(nil, "1")])
    #expect(finding.parents.map(\.counts.restParts) == [500, 500])
    #expect(report.tested == 8 && report.parts == 1600 && report.wrong == 100 && report.significant >= 3)
  }

  @Test func `a condition that is bad everywhere is named alone, for its pairs add nothing`() throws {
    let report = searchSlices(
      table(
        [2, 2],
        [(values: [0, 0], parts: 500, wrong: 20), ([0, 1], 500, 20), ([1, 0], 200, 40), ([1, 1], 200, 40)]))
    #expect(report.findings.map(\.slice) == [slice("1", nil)])
    #expect(report.findings.first?.parents.isEmpty == true && report.findings.first?.pairsInside == 0)
  }

  @Test func `a condition stays beside the worse pair inside it when the rest of it is bad too`() {
    let report = searchSlices(
      table(
        [2, 2],
        [(values: [0, 0], parts: 2000, wrong: 40), ([0, 1], 2000, 40), ([1, 0], 400, 60), ([1, 1], 400, 200)]))
    #expect(report.findings.map(\.slice) == [slice("1", nil), slice("1", "1")], "the whole has the larger excess")
    #expect(report.findings.map(\.pairsInside) == [1, 0])
    #expect(report.findings.map(\.wrongAbove) == [0, 200])
  }

  @Test func `a pair that is the whole of its parent says nothing new`() {
    // Every part with the second value of one attribute has the second value of the other.
    let report = searchSlices(table([2, 2], [(values: [0, 0], parts: 900, wrong: 30), ([1, 1], 100, 40)]))
    #expect(report.findings.map(\.slice) == [slice("1", nil)], "two names of the same parts are one finding")
  }

  @Test(arguments: [29, 30])
  func `slices of fewer than thirty parts are not tested`(parts: Int) {
    let report = searchSlices(table([2], [(values: [0], parts: 1000, wrong: 10), ([1], parts, 29)]))
    #expect(report.tested == (parts < 30 ? 1 : 2))
    #expect(report.findings.isEmpty == (parts < 30))
  }

  @Test func `nothing is found among no parts, and among parts that are all right or all wrong`() {
    for table in [
      table([2, 2], []), table([2], [(values: [0], parts: 500, wrong: 0), ([1], 500, 0)]),
      table([2], [(values: [0], parts: 500, wrong: 500), ([1], 500, 500)]),
    ] {
      #expect(searchSlices(table).findings.isEmpty)
    }
  }

  @Test func `ten findings at most, the largest excess first`() {
    var rows: [(values: [Int], parts: Int, wrong: Int)] = [([0], 20_000, 0)]
    for value in 1...15 { rows.append(([value], 100, 20 + value)) }
    let report = searchSlices(table([16], rows))
    #expect(report.findings.map { $0.slice.values[0] } == (6...15).reversed().map { "\($0)" })
    #expect(zip(report.findings, report.findings.dropFirst()).allSatisfy { $0.excess >= $1.excess })
  }

  @Test func `Yekutieli's correction asks for more than Hochberg's`() {
    let data = table([2, 2], [(values: [0, 0], parts: 900, wrong: 45), ([0, 1], 900, 45), ([1, 1], 100, 11)])
    let plain = searchSlices(data)
    #expect(plain.findings.map(\.slice) == [slice("1", nil)])
    #expect(searchSlices(data, settings: SliceSettings(rule: .benjaminiYekutieli)).findings.isEmpty)
  }

  @Test(arguments: [UInt64(1), 2, 3, 4, 5])
  func `what is found holds in the rows it was found in`(seed: UInt64) throws {
    var world = World(random: seed &* 0x9E37_79B9_7F4A_7C15)
    let rows = world.rows(3000, measurements: 3) { cell, inputs in
      cell.values[0] == "P2" && inputs[1] >= 0.75 ? 0.4 : 0.05
    }
    let report = searchSlices(SliceTable(rows))
    let finding = try #require(report.findings.first)
    #expect(finding.slice.values == ["P2", nil] && finding.slice.ranges.map(\.feature) == [1])
    #expect(abs(try #require(finding.slice.ranges[0].lower) - 0.75) < 0.05 && finding.slice.ranges[0].upper == nil)
    for finding in report.findings {
      #expect(finding.qValue <= 0.1 && finding.pValue <= finding.qValue)
      #expect(finding.counts.parts >= 30 && finding.excess > 0)
      #expect(finding.counts.parts + finding.counts.restParts == 3000)
      #expect(finding.counts.wrong + finding.counts.restWrong == report.wrong)
      #expect(finding.slice.depth <= 2 && finding.slice.outcome == nil)
      #expect(finding.interval.contains(try #require(finding.counts.rate)))
    }
  }

  @Test func `worlds without a bad slice seldom name one`() {
    var named = 0
    for seed in 1...60 {
      var world = World(random: UInt64(seed) &* 0xBF58_476D_1CE4_E5B9)
      let rows = world.rows(1500, measurements: 4) { _, _ in 0.06 }
      if !searchSlices(SliceTable(rows)).findings.isEmpty { named += 1 }
    }
    // At most one in ten is promised; 60 worlds then have 12 or fewer with probability 0.99.
    #expect(named <= 12, "\(named) of 60")
  }

  @Test func `more measurements than are paired are looked at alone, and count as tested`() throws {
    var world = World(random: 77)
    let rows = world.rows(4000, measurements: 14) { _, inputs in inputs[12] < 0.25 ? 0.2 : 0.05 }
    let report = searchSlices(SliceTable(rows))
    #expect(report.unpairedMeasurements == 4 && report.unreadMeasurements == 0)
    // 4 + 2 values and 14 x 4 bins, and every two of them that belong to different columns.
    let (singles, pairs) = (6 + 14 * 4, 8 + 6 * 56 + 91 * 16)
    #expect(report.tested == singles + pairs)
    let finding = try #require(report.findings.first)
    #expect(finding.slice.ranges.map(\.feature) == [12] && finding.slice.ranges[0].lower == nil)
    var settings = SliceSettings()
    settings.measurementsMax = 5
    #expect(SliceTable(rows, settings: settings).unreadMeasurements == 9)
  }

  @Test func `bins are quarters, fewer where values repeat, and take no NaN`() {
    var rows = SliceRows(attributeCount: 1, featureCount: 4)
    for index in 0..<400 {
      let few: Float = index < 290 ? 0 : 1
      rows.add(
        Cell(["a"]), inputs: [Float(index), few, 7, index < 200 ? .nan : Float(index)],
        isWrong: index >= 300)
    }
    let report = searchSlices(SliceTable(rows))
    func bounds(_ feature: Int) -> [[Float?]] {
      report.findings.flatMap(\.slice.ranges).filter { $0.feature == feature }.map { [$0.lower, $0.upper] }
    }
    #expect(bounds(0) == [[300, nil]] && bounds(1) == [[1, nil]])
    #expect(bounds(2).isEmpty, "one value makes no condition")
    // Quarters of the 200 that are numbers, the upper two of which are all wrong.
    #expect(bounds(3) == [[300, 350], [350, nil]])
  }

  @Test func `parts whose measurements are gone count for their attributes alone`() {
    var rows = SliceRows(attributeCount: 1, featureCount: 1)
    for index in 0..<1000 {
      rows.add(Cell([index < 100 ? "bad" : "good"]), inputs: nil, isWrong: index < 50)
    }
    let report = searchSlices(SliceTable(rows))
    #expect(report.findings.map(\.slice) == [slice("bad")] && report.tested == 2)
  }
}

@Suite struct SliceConfirmationTests {
  private func counts(_ parts: Int, _ wrong: Int) -> SliceCounts {
    SliceCounts(parts: parts, wrong: wrong, restParts: 2000, restWrong: 100)
  }

  @Test func `so many later parts are needed that most slices are confirmed that are as bad as they seem less a third`()
  {
    #expect(laterPartsNeeded(counts(133, 27), waiting: 1) == 100)
    let small = laterPartsNeeded(counts(500, 50), waiting: 1)
    #expect((200...500).contains(small))
    #expect(laterPartsNeeded(counts(500, 50), waiting: 8) > small)
    #expect(laterPartsNeeded(counts(500, 27), waiting: 1) == 1000)
    #expect(laterPartsNeeded(counts(500, 10), waiting: 1) == 1000, "no excess")
  }

  @Test func `verdicts follow Holm over those that wait together`() {
    let (clear, weak, none) = (counts(100, 30), counts(100, 11), counts(100, 5))
    #expect(weak.pValue > 0.0125 && weak.pValue <= 0.025 && none.pValue > 0.3)
    let alone = confirmSlices([weak], family: 1, confirmed: 0)
    #expect(alone.map(\.isConfirmed) == [true] && alone[0].level == 0.05)
    let four = confirmSlices([none, weak, clear], family: 4, confirmed: 0)
    #expect(four.map(\.isConfirmed) == [false, true, true])
    let levels: [Double] = [2, 3, 4].map { 0.05 / $0 }
    #expect(four.map(\.level) == levels)
    let later = confirmSlices([weak], family: 3, confirmed: 1)
    #expect(later.map(\.isConfirmed) == [true] && later[0].level == 0.025)
    #expect(later[0].sentence.hasPrefix("11 of 100 later parts are wrong (11.0 %), elsewhere 5.0 % of 2000: p = 0.0"))
  }
}
