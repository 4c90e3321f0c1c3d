/// What daemons made of plants of one scenario, and whether that is what is promised.
public struct Proof: Codable, Sendable, Equatable {
  public var scenario: String
  public var plants: [PlantFindings]

  public init(scenario: String, plants: [PlantFindings]) {
    self.scenario = scenario
    self.plants = plants
  }

  /// Healthy groups that may be called lagging, in so many plants: with one false alarm a year for the whole machine,
  /// ten plants of ten weeks have two.
  static let plantsPerAccusation = 5

  public var falseRetrainings: Int { plants.reduce(0) { $0 + $1.falseRetrainings.count } }
  public var accused: Int { plants.reduce(0) { $0 + $1.accused.count } }
  public var accusedSets: Int { plants.reduce(0) { $0 + $1.accusedSets.count } }
  public var failures: [FailureFindings] { plants.compactMap(\.failure) }
  public var found: Int { failures.count { $0.daysToLagging != nil } }

  /// What was promised and is not so, a sentence each.
  public var broken: [String] {
    var sentences = plants.flatMap { plant in
      plant.falseRetrainings.map { "\(name(plant)) retrained a group that had not failed: \($0)" }
    }
    sentences += plants.compactMap { plant in
      guard let failure = plant.failure, failure.daysToLagging == nil else { return nil }
      return "\(name(plant)) never called \(failure.group) lagging, which failed"
    }
    for (count, what) in [(accused, "groups"), (accusedSets, "sets of groups")] where count > accusationsAllowed {
      sentences.append(
        "\(scenario): \(count) healthy \(what) of \(plants.count) plants were called lagging, where"
          + " \(accusationsAllowed) may be")
    }
    sentences += plants.compactMap { plant in
      guard let day = plant.outcomesChangedDay, day < plant.days, plant.unknown < plant.groups else { return nil }
      return "\(name(plant)) noticed for \(plant.unknown) of \(plant.groups) groups that other parts are labelled"
    }
    return sentences
  }

  /// None where other parts are labelled from a day on: there nothing may be said at all, and chance has no part in it.
  private var accusationsAllowed: Int {
    if plants.contains(where: { $0.outcomesChangedDay != nil }) { return 0 }
    return (plants.count + Self.plantsPerAccusation - 1) / Self.plantsPerAccusation
  }

  private func name(_ plant: PlantFindings) -> String { "\(plant.scenario), seed \(plant.seed)," }

  /// Every accusation in the daemon's own words, for people who want to know why.
  public var accusations: [String] {
    plants.flatMap { plant in (plant.accused + plant.accusedSets).map { "\(name(plant)) \($0)" } }
  }
}

/// A proof as a table, a row for each scenario.
public enum ProofText {
  public static func table(_ proofs: [Proof]) -> String {
    let header = ["scenario", "n", "false", "accused", "WATCH", "found", "to WATCH", "to LAGGING", "UNKNOWN"]
    return Columns.text([header] + proofs.map(row))
  }

  private static func row(_ proof: Proof) -> [String] {
    let plants = proof.plants
    let unknown = plants.filter { $0.outcomesChangedDay != nil }
    return [
      proof.scenario, "\(plants.count)", "\(proof.falseRetrainings)", "\(proof.accused)+\(proof.accusedSets)",
      "\(plants.reduce(0) { $0 + $1.watched })",
      proof.failures.isEmpty ? "-" : "\(proof.found)/\(proof.failures.count)",
      days(proof.failures.compactMap(\.daysToWatch)), days(proof.failures.compactMap(\.daysToLagging)),
      unknown.isEmpty
        ? "-" : "\(unknown.reduce(0) { $0 + $1.unknown })/\(unknown.reduce(0) { $0 + $1.groups })",
    ]
  }

  /// Median and largest, in days.
  private static func days(_ values: [Double]) -> String {
    let sorted = values.sorted()
    guard let largest = sorted.last else { return "-" }
    let middle = sorted.count / 2
    let median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    return "\(tenths(median)), \(tenths(largest))"
  }

  private static func tenths(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }

  /// What the columns mean.
  public static let legend = """
    n: plants. false: retrainings of a group that had not failed. accused: groups, and
    wider sets of parts, called LAGGING while healthy. WATCH: healthy groups that were
    on it. found: failed groups called LAGGING; days of the line's time from the failure
    until then, and until the first WATCH: median, largest. UNKNOWN: groups of which
    the daemon said that other parts are labelled than before.
    """
}
