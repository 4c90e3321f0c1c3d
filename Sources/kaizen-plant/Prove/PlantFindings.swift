import Domain
import PlantSimulation
import Wire

/// What a daemon made of one generated plant, beside what the plant knows.
public struct PlantFindings: Codable, Sendable, Equatable {
  public var scenario: String
  public var seed: Int
  public var days: Int
  /// Groups that are trained for.
  public var groups: Int
  public var retrainings: Int
  public var promotions: Int
  /// Retrainings for a group that did not fail, or before it did, as the daemon explained them.
  public var falseRetrainings: [String]
  /// The first LAGGING of each group that was healthy then, as the daemon explained it.
  public var accused: [String]
  /// The same of wider sets that hold no part of the group that fails.
  public var accusedSets: [String]
  /// Groups that were on WATCH while they were healthy.
  public var watched: Int
  /// Groups of which the daemon said, since the outcomes changed, that nothing is known of them any more.
  public var unknown: Int
  /// Since the outcomes changed; nil where they do not.
  public var outcomesChangedDay: Int?
  /// nil where none came in the days that were streamed.
  public var failure: FailureFindings?
  /// Wall-clock seconds of the stream.
  public var seconds: Double
}

/// When the daemon saw the failure of a group.
public struct FailureFindings: Codable, Sendable, Equatable {
  public var group: String
  /// Days of the line's time from the failure to WATCH (or to LAGGING, where that came first) and to LAGGING; nil: never.
  public var daysToWatch: Double?
  public var daysToLagging: Double?
  /// The words with which it called the group lagging.
  public var sentence: String?
}

extension PlantFindings {
  /// Judges what the daemon said and did of one line of `scenario`.
  public init(_ remarks: [Remark], runs: [RunRow], scenario: Scenario, seed: UInt64, seconds: Double) throws {
    let schema = try GroupSchema(attributes: Scenario.attributeNames, includesOutcome: false)
    let groups = scenario.cells.map { schema.text($0) }
    let failing = scenario.failingCell.map { schema.text($0) }
    let failureTime = scenario.failureTime
    // The outcomes still on their way are sent all at once then: what they bring to light was not found in time.
    let end = Scenario.moment(day: scenario.days)
    func isHealthy(_ group: String, at time: Timestamp) -> Bool {
      scenario.failures.allSatisfy { failure in
        time < Scenario.moment(day: failure.day) || Self.areApart(group, schema.text(failure.cell))
      }
    }
    let lagging = remarks.filter { $0.event == "group_lagging" }
    let accusations = lagging.filter { remark in remark.group.map { isHealthy($0, at: remark.at) } ?? false }
    let retrainings = runs.filter { $0.kind == "retrain" }
    let changed = scenario.outcomes.change?.time
    self.init(
      scenario: scenario.name, seed: Int(seed), days: scenario.days, groups: groups.count,
      retrainings: retrainings.count, promotions: retrainings.count { $0.state == "promoted" },
      falseRetrainings: retrainings.filter { run in
        guard let started = Timestamp(run.startedAt) else { return true }
        return run.cells.contains { isHealthy($0, at: started) }
      }.map { run in Self.reasons(of: run, in: remarks) },
      accused: Self.firsts(accusations.filter { remark in remark.group.map(groups.contains) ?? false }),
      accusedSets: Self.firsts(accusations.filter { remark in remark.group.map { !groups.contains($0) } ?? false }),
      watched: Set(
        remarks.filter { $0.event == "group_watch" }.compactMap { remark in
          remark.group.flatMap { groups.contains($0) && isHealthy($0, at: remark.at) ? $0 : nil }
        }
      ).count,
      unknown: Set(
        remarks.filter { remark in remark.event == "group_unknown" && changed.map { $0 <= remark.at } ?? true }
          .compactMap(\.group).filter(groups.contains)
      ).count,
      outcomesChangedDay: changed.map { Int($0.day - Scenario.start.day) },
      failure: failing.flatMap { group in
        guard let failureTime, failureTime < end else { return nil }
        return FailureFindings(
          remarks.filter { $0.group == group && $0.at < end }, group: group, since: failureTime)
      }, seconds: seconds)
  }

  /// Whether no part can be in both sets: an attribute has another value in each.
  static func areApart(_ left: String, _ right: String) -> Bool {
    func values(_ name: String) -> [Substring: Substring] {
      let pairs = name.split(separator: ",").map { $0.split(separator: "=", maxSplits: 1) }
      return Dictionary(pairs.filter { $0.count == 2 }.map { ($0[0], $0[1]) }, uniquingKeysWith: { $1 })
    }
    let others = values(right)
    return values(left).contains { attribute, value in others[attribute].map { $0 != value } ?? false }
  }

  /// The first remark about each group, with its day.
  private static func firsts(_ remarks: [Remark]) -> [String] {
    var seen: Set<String> = []
    return remarks.filter { seen.insert($0.group ?? "").inserted }.map(dated)
  }

  private static func dated(_ remark: Remark) -> String {
    "day \(remark.at.day - Scenario.start.day): \(remark.sentence)"
  }

  private static func reasons(of run: RunRow, in remarks: [Remark]) -> String {
    let started = remarks.first { $0.event == "retrain_started" && $0.run == run.run }
    return started.map(dated) ?? "run \(run.run) at \(run.startedAt) for \(run.groups.joined(separator: " and "))"
  }
}

extension FailureFindings {
  init(_ remarks: [Remark], group: String, since failure: Timestamp) {
    let later = remarks.filter { failure <= $0.at }
    func days(_ remark: Remark?) -> Double? { remark.map { $0.at.hours(since: failure) / 24 } }
    let lagging = later.first { $0.event == "group_lagging" }
    self.init(
      group: group, daysToWatch: days(later.first { ["group_watch", "group_lagging"].contains($0.event) }),
      daysToLagging: days(lagging), sentence: lagging?.sentence)
  }
}
