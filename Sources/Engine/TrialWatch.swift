import Domain
import NeuralNet
import Policy

/// What is known of a challenger and the students whose place it takes: a value that survives restarts as bytes.
///
/// A student is a pure function of a part's numbers, which the ledger keeps with every part; so what the other one would
/// have answered is computed when the outcome has come, and a request pays nothing for it.
struct TrialWatch: Sendable, Equatable {
  let run: Int
  /// The last row of the ledger that was looked at.
  var cursor: Int64
  private(set) var pairs: [GroupKey: PairedEvidence] = [:]
  /// Values of the attribute that tells shifts, where the line has one.
  private(set) var shifts: Set<String> = []
  /// Labelled parts for which the challenger gave no finite answer.
  private(set) var unusable = 0
  /// Labelled parts whose numbers the ledger no longer keeps.
  private(set) var unknown = 0

  /// An attribute of this name tells in which shift a part was made.
  static let shiftAttribute = "shift"
  /// Shifts told apart: two are asked for.
  private static let shiftsMaximum = 16

  init(run: Int, after row: Int64) {
    self.run = run
    cursor = row
  }

  /// What both students answered to one part.
  struct Comparison {
    let group: GroupKey
    let day: Int64
    let isChallengerRight: Bool
    let isBeforeRight: Bool
  }

  mutating func count(_ comparisons: [Comparison], unusable: Int, unknown: Int) {
    self.unusable += unusable
    self.unknown += unknown
    var tallies: [GroupKey: [Int64: PairedTally]] = [:]
    for part in comparisons {
      var tally = tallies[part.group]?[part.day] ?? PairedTally()
      tally.total += 1
      if part.isChallengerRight, !part.isBeforeRight { tally.wins += 1 }
      if part.isBeforeRight, !part.isChallengerRight { tally.losses += 1 }
      tallies[part.group, default: [:]][part.day] = tally
    }
    for (group, days) in tallies {
      for (day, tally) in days.sorted(by: { $0.key < $1.key }) {
        pairs[group, default: PairedEvidence()].observe(day: day, tally)
      }
    }
  }

  mutating func see(shift: String) {
    if shifts.count < Self.shiftsMaximum { shifts.insert(shift) }
  }

  /// All groups together.
  var total: PairedTally { Self.sum(pairs.values) }

  func total(of groups: some Sequence<GroupKey>) -> PairedTally { Self.sum(groups.compactMap { pairs[$0] }) }

  private static func sum(_ evidence: some Sequence<PairedEvidence>) -> PairedTally {
    evidence.reduce(into: PairedTally()) { sum, one in
      sum.total += one.tally.total
      sum.wins += one.tally.wins
      sum.losses += one.tally.losses
    }
  }
}

extension TrialWatch {
  private static let format: UInt8 = 1
  /// Groups of a line that are told apart, each with as many classes as a line has.
  private static let groupsMaximum = 1 << 16

  var stored: [UInt8] {
    var writer = ByteWriter(reserving: 64 + 160 * pairs.count)
    writer.write(Self.format)
    writer.write(count: run)
    writer.write(signed: cursor)
    writer.write(count: unusable)
    writer.write(count: unknown)
    writer.write(each: shifts.sorted()) { $0.write($1) }
    writer.write(each: pairs.sorted { $0.key < $1.key }) { writer, pair in
      writer.write(each: pair.key.cell.values) { $0.write($1) }
      writer.write(optional: pair.key.outcome) { $0.write(count: $1) }
      writer.write(count: pair.value.tally.total)
      writer.write(count: pair.value.tally.wins)
      writer.write(count: pair.value.tally.losses)
      writer.write(pair.value.harm)
    }
    return writer.bytes
  }

  init(stored bytes: [UInt8]) throws(CompactBytesError) {
    var reader = ByteReader(bytes)
    let format = try reader.byte()
    guard format == Self.format else {
      throw CompactBytesError("it has format \(format), this version reads \(Self.format)")
    }
    run = try reader.count()
    cursor = try reader.signed()
    unusable = try reader.count()
    unknown = try reader.count()
    shifts = Set(
      try reader.array(maximum: Self.shiftsMaximum) { (reader) throws(CompactBytesError) in try reader.text() })
    let groups = try reader.array(maximum: Self.groupsMaximum) {
      (reader) throws(CompactBytesError) -> (GroupKey, PairedEvidence) in
      let cell = Cell(
        try reader.array(maximum: GroupSchema.maximumAttributes) { (reader) throws(CompactBytesError) in
          try reader.text()
        })
      let outcome = try reader.optional { (reader) throws(CompactBytesError) in try reader.count() }
      let tally = PairedTally(total: try reader.count(), wins: try reader.count(), losses: try reader.count())
      guard let evidence = PairedEvidence(tally: tally, harm: try reader.detector()) else {
        throw CompactBytesError("a group of a trial has more changes than parts")
      }
      return (GroupKey(cell: cell, outcome: outcome), evidence)
    }
    try reader.finish()
    pairs = Dictionary(groups) { first, _ in first }
  }
}
