import Domain
import PlantSimulation

/// Right answers among `count` parts, from the daemon and from the student frozen at the start.
public struct Tally: Sendable, Equatable {
  public var count = 0
  public var servedCorrect = 0
  public var frozenCorrect = 0
  /// Parts that another student than the frozen one answered.
  public var rerouted = 0

  public init() {}

  public mutating func add(_ part: StreamedPart, frozenVersion: Int) {
    count += 1
    servedCorrect += part.servedClass == part.label ? 1 : 0
    frozenCorrect += part.frozenClass == part.label ? 1 : 0
    rerouted += part.servedVersion == frozenVersion ? 0 : 1
  }

  /// 0...1; nil without parts.
  public var servedAccuracy: Double? { count == 0 ? nil : Double(servedCorrect) / Double(count) }
  public var frozenAccuracy: Double? { count == 0 ? nil : Double(frozenCorrect) / Double(count) }
  /// What serving gained over the frozen student on the same parts, -1...1.
  public var change: Double? { count == 0 ? nil : Double(servedCorrect - frozenCorrect) / Double(count) }
}

/// What a line controller was told, and how often the answers of accepted and of diverted parts were wrong.
public struct AdviceTally: Codable, Sendable, Equatable {
  public var accepted = 0
  public var acceptedWrong = 0
  public var diverted = 0
  public var divertedWrong = 0
  /// Parts by reason, as the wire names it; a part may have several.
  public var reasons: [String: Int] = [:]

  public init(_ parts: some Sequence<StreamedPart>) {
    for part in parts {
      let wrong = part.servedClass == part.label ? 0 : 1
      if part.advice.isEmpty {
        accepted += 1
        acceptedWrong += wrong
      } else {
        diverted += 1
        divertedWrong += wrong
      }
      for reason in Advice.allCases where part.advice.contains(reason) {
        reasons[reason.reasonNames, default: 0] += 1
      }
    }
  }
}

/// Where a part stands in the story of a cell that fails.
public enum Phase: String, Sendable, CaseIterable {
  case before, during, after

  /// `during` lasts from the failure until another student than the frozen one answers.
  public static func of(_ part: StreamedPart, failure: Timestamp, frozenVersion: Int) -> Phase {
    if part.time < failure { return .before }
    return part.servedVersion == frozenVersion ? .during : .after
  }
}

/// Sums over streamed parts; every function here is pure.
public enum Accounting {
  /// Tallies by group: by cell, or by cell and true class.
  public static func byGroup(
    _ parts: [StreamedPart], line: Int, frozenVersion: Int, withOutcome: Bool
  ) -> [(group: GroupKey, tally: Tally)] {
    var tallies: [GroupKey: Tally] = [:]
    for part in parts where part.line == line {
      let group = GroupKey(cell: part.cell, outcome: withOutcome ? part.label : nil)
      tallies[group, default: Tally()].add(part, frozenVersion: frozenVersion)
    }
    return tallies.sorted { $0.key < $1.key }.map { (group: $0.key, tally: $0.value) }
  }

  /// Tallies of one cell by phase.
  public static func byPhase(
    _ parts: [StreamedPart], line: Int, cell: Cell, failure: Timestamp, frozenVersion: Int
  ) -> [Phase: Tally] {
    var tallies: [Phase: Tally] = [:]
    for part in parts where part.line == line && part.cell == cell {
      let phase = Phase.of(part, failure: failure, frozenVersion: frozenVersion)
      tallies[phase, default: Tally()].add(part, frozenVersion: frozenVersion)
    }
    return tallies
  }

  /// What the cells that never failed gained or lost against the frozen student: 0 where no route changed.
  public static func healthyChange(
    _ parts: [StreamedPart], line: Int, frozenVersion: Int, failing: Cell?
  ) -> Double {
    let changes = byGroup(parts, line: line, frozenVersion: frozenVersion, withOutcome: false)
      .filter { $0.group.cell != failing }
      .compactMap(\.tally.change)
    return changes.max { abs($0) < abs($1) } ?? 0
  }

  /// Parts the frozen student answered here otherwise than there: 0 unless one of the two computes wrongly.
  public static func disagreements(_ parts: [StreamedPart], line: Int, frozenVersion: Int) -> Int {
    parts.count { $0.line == line && $0.servedVersion == frozenVersion && $0.servedClass != $0.frozenClass }
  }

  /// The cell that was served worst from `start` on and before `end`, among those with `countMinimum` parts in that
  /// time: below it an accuracy says nothing.
  public static func worstCell(
    _ parts: [StreamedPart], line: Int, from start: Timestamp?, before end: Timestamp?, frozenVersion: Int,
    countMinimum: Int = 30
  ) -> (cell: Cell, tally: Tally)? {
    let inside = parts.filter { part in
      start.map { $0 <= part.time } ?? true && end.map { part.time < $0 } ?? true
    }
    return byGroup(inside, line: line, frozenVersion: frozenVersion, withOutcome: false)
      .filter { $0.tally.count >= countMinimum }
      .min { ($0.tally.servedAccuracy ?? 0) < ($1.tally.servedAccuracy ?? 0) }
      .map { (cell: $0.group.cell, tally: $0.tally) }
  }

  /// When another student than the frozen one first answered for `cell`.
  public static func firstRerouted(
    _ parts: [StreamedPart], line: Int, cell: Cell, frozenVersion: Int
  ) -> Timestamp? {
    parts.first { $0.line == line && $0.cell == cell && $0.servedVersion != frozenVersion }?.time
  }
}
