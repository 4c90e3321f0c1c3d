import Domain
import Statistics

/// How slices are looked for (`monitoring.md` 3).
public struct SliceSettings: Sendable, Equatable {
  /// Newest labelled parts that are looked at.
  public var rowsMax = 10_000
  /// Smaller slices say nothing.
  public var partsMin = 30
  /// Share of what is proposed that may be chance, on average.
  public var rate = 0.1
  public var rule = DiscoveryRule.benjaminiHochberg
  /// A pair stays if it stands out from what is left of both of its parents at this level.
  public var pruneLevel = 0.05
  /// What one person reads.
  public var findingsMax = 10
  /// Measurements that are combined with other conditions; of more, those that say most by themselves.
  public var pairedMeasurementsMax = 10
  public var measurementsMax = 64

  public init(rule: DiscoveryRule = .benjaminiHochberg) { self.rule = rule }
}

/// Parts inside a slice and beside it.
public struct SliceCounts: Sendable, Equatable {
  public var parts: Int
  public var wrong: Int
  public var restParts: Int
  public var restWrong: Int

  public init(parts: Int = 0, wrong: Int = 0, restParts: Int = 0, restWrong: Int = 0) {
    self.parts = parts
    self.wrong = wrong
    self.restParts = restParts
    self.restWrong = restWrong
  }

  public mutating func add(isInside: Bool, isWrong: Bool) {
    if isInside { parts += 1 } else { restParts += 1 }
    guard isWrong else { return }
    if isInside { wrong += 1 } else { restWrong += 1 }
  }

  /// Share of wrong parts; nil without parts.
  public var rate: Double? { parts > 0 ? Double(wrong) / Double(parts) : nil }
  public var restRate: Double? { restParts > 0 ? Double(restWrong) / Double(restParts) : nil }

  /// Fisher's one-sided test that the slice is no worse than the rest.
  public var pValue: Double {
    hypergeometricUpperTail(
      atLeast: wrong, drawn: parts, marked: wrong + restWrong, of: parts + restParts)
  }

  /// 95 % Clopper-Pearson interval of `rate`.
  public var interval: Interval? { clopperPearson(correct: wrong, total: parts) }
}

/// A slice whose parts are wrong more often than the others.
public struct SliceFinding: Sendable, Equatable {
  public let slice: PartSlice
  public let counts: SliceCounts
  public let interval: Interval
  public let pValue: Double
  /// The least rate of false findings at which this is still one.
  public let qValue: Double
  /// Wrong parts beyond what so many parts of the line would have: what findings are ranked by.
  public let excess: Double
  /// For a slice of two conditions: each of them alone, with the slice counted inside and the rest of it beside.
  public let parents: [Parent]
  /// For a slice of one condition: slices of two that were found inside it, without which it stands out too.
  public let pairsInside: Int
  /// Of its wrong parts, those in findings that stand above it.
  public fileprivate(set) var wrongAbove = 0

  public struct Parent: Sendable, Equatable {
    public let slice: PartSlice
    public let counts: SliceCounts
  }

  /// Why it is proposed and not one like it, in sentences.
  public func reasons(_ definition: LineDefinition) -> [String] {
    var reasons = parents.map { parent in
      "other parts of \(definition.text(parent.slice)): \(percent(parent.counts.restRate ?? 0)) wrong of "
        + "\(parent.counts.restParts)"
    }
    if pairsInside > 0 {
      reasons.append("it stands out also without the slices of two conditions found inside it (\(pairsInside))")
    }
    if wrongAbove > 0 {
      let share = wrongAbove == counts.wrong ? "all" : "\(wrongAbove)"
      reasons.append("\(share) of its \(counts.wrong) wrong parts are in slices above")
    }
    return reasons
  }
}

/// What a search found, and among how much.
public struct SliceReport: Sendable, Equatable {
  public let parts: Int
  public let wrong: Int
  /// Slices that had enough parts to be tested, those counted as tested among them.
  public let tested: Int
  /// Of these, those that stood out before the redundant ones were taken away.
  public let significant: Int
  public let unreadMeasurements: Int
  /// Measurements that were looked at alone, but in no pair.
  public let unpairedMeasurements: Int
  /// The largest excess first.
  public let findings: [SliceFinding]
}

/// Looks at every slice of one condition or two and names those whose parts are wrong more often (`monitoring.md` 3):
/// Fisher's test for each, one correction for all of them, and of slices that overlap the one that explains the others.
public func searchSlices(_ table: SliceTable, settings: SliceSettings = SliceSettings()) -> SliceReport {
  SliceSearch(table, settings).report()
}

private struct SliceSearch {
  /// One condition, or two of different columns.
  struct Candidate {
    let first: Int
    let second: Int?
    let parts: Int
    let wrong: Int
    var pValue = 1.0
    var qValue = 1.0
  }

  /// Where the condition `code` of a column stands among all.
  struct Place {
    let column: Int
    let code: UInt16
  }

  let table: SliceTable
  let settings: SliceSettings
  /// Numbers of wrong parts.
  let wrongRows: [Int]
  var places: [Place] = []
  /// Of each column the number of its first condition.
  var starts: [Int] = []

  init(_ table: SliceTable, _ settings: SliceSettings) {
    self.table = table
    self.settings = settings
    wrongRows = table.wrong.indices.filter { table.wrong[$0] }
    for (index, column) in table.columns.enumerated() {
      starts.append(places.count)
      places += (1...column.conditions.count).map { Place(column: index, code: UInt16($0)) }
    }
  }

  func report() -> SliceReport {
    var singles = singleCounts()
    test(&singles)
    let paired = pairedColumns(singles)
    var pairs = pairCounts(paired, singles)
    test(&pairs)
    let tested = singles.count { isTested($0) } + pairs.count + uncountedPairs(paired, singles)
    var candidates = singles.filter(isTested) + pairs
    let rates = discoveryRates(candidates.map(\.pValue), rule: settings.rule, of: tested)
    for index in candidates.indices { candidates[index].qValue = rates[index] }
    let kept = candidates.filter { $0.qValue <= settings.rate }
    let survivors = kept.filter { $0.second != nil && standsOut($0, beside: singles) }
    let lone = kept.filter { $0.second == nil && isLeft($0, without: survivors) }
    let found = (survivors + lone).map { ($0, finding($0, singles: singles, pairs: survivors)) }
      .sorted { ($1.1.excess, $0.1.pValue, $0.1.slice) < ($0.1.excess, $1.1.pValue, $1.1.slice) }
    return SliceReport(
      parts: table.parts, wrong: wrongRows.count, tested: tested, significant: kept.count,
      unreadMeasurements: table.unreadMeasurements, unpairedMeasurements: table.columns.count - paired.count,
      findings: distinct(found))
  }

  private func isTested(_ candidate: Candidate) -> Bool { candidate.parts >= settings.partsMin }

  private func test(_ candidates: inout [Candidate]) {
    for index in candidates.indices where isTested(candidates[index]) {
      candidates[index].pValue = counts(candidates[index]).pValue
    }
  }

  private func counts(_ candidate: Candidate) -> SliceCounts {
    SliceCounts(
      parts: candidate.parts, wrong: candidate.wrong, restParts: table.parts - candidate.parts,
      restWrong: wrongRows.count - candidate.wrong)
  }

  // MARK: - Counting

  /// Every condition, in the order of `places`.
  private func singleCounts() -> [Candidate] {
    table.columns.enumerated().flatMap { index, column in
      var parts = [Int](repeating: 0, count: column.conditions.count + 1)
      var wrong = parts
      for code in column.codes { parts[Int(code)] += 1 }
      for row in wrongRows { wrong[Int(column.codes[row])] += 1 }
      return (1...column.conditions.count).map {
        Candidate(first: starts[index] + $0 - 1, second: nil, parts: parts[$0], wrong: wrong[$0])
      }
    }
  }

  /// All attributes, and of the measurements those with the strongest condition.
  ///
  /// That choice looks at what was wrong. It stays honest because the pairs that are not counted count as tested
  /// (`uncountedPairs`).
  private func pairedColumns(_ singles: [Candidate]) -> [Int] {
    let measurements = table.columns.indices.filter { table.columns[$0].isMeasurement }
    guard measurements.count > settings.pairedMeasurementsMax else { return Array(table.columns.indices) }
    let strongest = measurements.map { column in
      let own = singles[starts[column]..<starts[column] + table.columns[column].conditions.count]
      return (column, own.map(\.pValue).min() ?? 1)
    }
    .sorted { ($0.1, $0.0) < ($1.1, $1.0) }
    let chosen = Set(strongest.prefix(settings.pairedMeasurementsMax).map(\.0))
    return table.columns.indices.filter { !table.columns[$0].isMeasurement || chosen.contains($0) }
  }

  /// Pairs of the conditions of two columns that have enough parts.
  private func pairCounts(_ paired: [Int], _ singles: [Candidate]) -> [Candidate] {
    var pairs: [Candidate] = []
    for (position, left) in paired.enumerated() {
      for right in paired[(position + 1)...] {
        let (first, second) = (table.columns[left], table.columns[right])
        let width = second.conditions.count + 1
        var parts = [Int32](repeating: 0, count: (first.conditions.count + 1) * width)
        for (one, other) in zip(first.codes, second.codes) { parts[Int(one) * width + Int(other)] += 1 }
        var wrong = [Int32](repeating: 0, count: parts.count)
        for row in wrongRows { wrong[Int(first.codes[row]) * width + Int(second.codes[row])] += 1 }
        for one in 1...first.conditions.count {
          for other in 1..<width where parts[one * width + other] >= settings.partsMin {
            pairs.append(
              Candidate(
                first: starts[left] + one - 1, second: starts[right] + other - 1,
                parts: Int(parts[one * width + other]), wrong: Int(wrong[one * width + other])))
          }
        }
      }
    }
    return pairs
  }

  /// Pairs of measurements that were not chosen, whether or not they have enough parts.
  private func uncountedPairs(_ paired: [Int], _ singles: [Candidate]) -> Int {
    guard paired.count < table.columns.count else { return 0 }
    func pairs(of columns: some Sequence<Int>) -> Int {
      var (conditions, pairs) = (0, 0)
      for column in columns {
        pairs += conditions * table.columns[column].conditions.count
        conditions += table.columns[column].conditions.count
      }
      return pairs
    }
    return pairs(of: table.columns.indices) - pairs(of: paired)
  }

  // MARK: - Pruning

  /// Whether a pair is worse than what is left of each of its parents.
  private func standsOut(_ pair: Candidate, beside singles: [Candidate]) -> Bool {
    [pair.first, pair.second].compactMap(\.self).allSatisfy { parent in
      beside(pair, in: singles[parent]).pValue <= settings.pruneLevel
    }
  }

  private func beside(_ pair: Candidate, in parent: Candidate) -> SliceCounts {
    SliceCounts(
      parts: pair.parts, wrong: pair.wrong, restParts: parent.parts - pair.parts, restWrong: parent.wrong - pair.wrong)
  }

  /// Whether a condition stands out still when the parts of the pairs that have survived with it are taken away.
  private func isLeft(_ single: Candidate, without pairs: [Candidate]) -> Bool {
    let place = places[single.first]
    let others = pairs.compactMap { pair -> Place? in
      if pair.first == single.first { return pair.second.map { places[$0] } }
      return pair.second == single.first ? places[pair.first] : nil
    }
    var left = SliceCounts()
    for row in 0..<table.parts {
      let isInside = table.columns[place.column].codes[row] == place.code
      if isInside, others.contains(where: { table.columns[$0.column].codes[row] == $0.code }) { continue }
      left.add(isInside: isInside, isWrong: table.wrong[row])
    }
    return left.parts > 0 && left.pValue <= settings.pruneLevel
  }

  // MARK: - Telling

  /// The first findings, without those that name the very parts of one above: an attribute may stand among the
  /// measurements too.
  private func distinct(_ ranked: [(Candidate, SliceFinding)]) -> [SliceFinding] {
    var findings: [SliceFinding] = []
    var members: [[Bool]] = []
    var isAbove = [Bool](repeating: false, count: table.parts)
    for (candidate, found) in ranked {
      guard findings.count < settings.findingsMax else { break }
      let inside = rows(of: candidate)
      guard !members.contains(inside) else { continue }
      var finding = found
      finding.wrongAbove = wrongRows.count { inside[$0] && isAbove[$0] }
      findings.append(finding)
      for row in wrongRows where inside[row] { isAbove[row] = true }
      members.append(inside)
    }
    return findings
  }

  private func rows(of candidate: Candidate) -> [Bool] {
    let places = [candidate.first, candidate.second].compactMap(\.self).map { self.places[$0] }
    return (0..<table.parts).map { row in
      places.allSatisfy { table.columns[$0.column].codes[row] == $0.code }
    }
  }

  private func condition(_ number: Int) -> SliceCondition {
    table.columns[places[number].column].conditions[Int(places[number].code) - 1]
  }

  private func slice(_ conditions: [SliceCondition]) -> PartSlice {
    var values = [String?](repeating: nil, count: table.attributeCount)
    var ranges: [FeatureRange] = []
    for condition in conditions {
      switch condition {
      case .value(let attribute, let value): values[attribute] = value
      case .range(let range): ranges.append(range)
      }
    }
    return PartSlice(values: values, ranges: ranges)
  }

  private func finding(_ candidate: Candidate, singles: [Candidate], pairs: [Candidate]) -> SliceFinding {
    let counts = counts(candidate)
    let base = Double(wrongRows.count) / Double(table.parts)
    guard let interval = counts.interval else { preconditionFailure("a slice that was tested has parts") }
    return SliceFinding(
      slice: slice([candidate.first, candidate.second].compactMap(\.self).map(condition)), counts: counts,
      interval: interval, pValue: candidate.pValue, qValue: candidate.qValue,
      excess: Double(candidate.wrong) - base * Double(candidate.parts),
      parents: candidate.second == nil
        ? []
        : [candidate.first, candidate.second].compactMap(\.self).map { parent in
          SliceFinding.Parent(slice: slice([condition(parent)]), counts: beside(candidate, in: singles[parent]))
        },
      pairsInside: candidate.second == nil
        ? pairs.count { $0.first == candidate.first || $0.second == candidate.first } : 0)
  }
}
