import PlantSimulation
import Policy

/// The chapter of a generated plant.
extension LoopChapter {
  /// An accuracy over fresh parts is that exact; ours must not end lower than that below the frozen student.
  static let endTolerance = 0.5

  init(_ scenario: Scenario, _ results: [LoopResult], policies: Set<LoopPolicy>) {
    plant = scenario.name
    title = Self.titles[scenario.name] ?? "\(scenario.failures.count) failures"
    seeds = results.count
    columns = ["worst group", "all parts", "worst, last week"]
    skipped = nil
    rows = LoopPolicy.allCases.compactMap { policy in
      let own = results.compactMap { $0.score(policy) }
      guard !own.isEmpty else { return nil }
      return PolicyRow(
        policy: policy.rawValue,
        accuracies: [
          own.map { 100 * $0.score.worst }, own.map { 100 * $0.score.mean }, own.map { 100 * $0.score.endWorst },
        ], labels: own.map(\.labels), processorSeconds: own.map(\.processorSeconds),
        trainings: own.map(\.trainings))
    }
    jobs = results.flatMap { result in result.jobs.map { Job($0, seed: result.seed) } }
    jobCount = results.reduce(0) { $0 + $1.jobs.count }
    harmfulJobs = results.reduce(0) { $0 + $1.harmfulJobs }
    findings =
      Self.comparisons(scenario, results, policies) + Self.hopelessness(scenario, results)
      + Self.promotions(scenario, results)
  }

  private static let titles = [
    "clear-failure": "one group fails, and nothing in its parts shows it",
    "two-groups": "two groups fail, two weeks apart",
    "drifting-sensor": "one group drifts for five weeks",
    "label-noise": "15 % of one group's outcomes are wrong: nothing is broken and nothing helps",
    "inseparable-group": "the classes of one group cannot be told apart any more",
    "teacher-stale": "one group fails visibly, and the teacher has not seen it",
    "teacher-knows": "the same with a teacher that has seen it",
    "no-failure": "nothing fails",
  ]

  /// Ours beside the others, paired by seed.
  private static func comparisons(
    _ scenario: Scenario, _ results: [LoopResult], _ policies: Set<LoopPolicy>
  ) -> [Finding] {
    let isWinnable = !scenario.failures.isEmpty && !scenario.failures.contains(where: \.isHopeless)
    func differences(_ policy: LoopPolicy, _ figure: (CourseScore) -> Double) -> [Double] {
      results.compactMap { result in
        guard let ours = result.score(.ours), let other = result.score(policy) else { return nil }
        return 100 * (figure(ours.score) - figure(other.score))
      }
    }
    var findings = (LoopPolicy.rivals + [.oracle]).filter(policies.contains).compactMap { policy -> Finding? in
      let paired = PairedVerdict(differences(policy, \.worst))
      guard !paired.differences.isEmpty else { return nil }
      let isRequired = isWinnable && policy != .oracle
      return Finding(
        "worst group, ours minus \(policy.rawValue): \(paired.text)", required: isRequired ? "better" : nil,
        isMet: !isRequired || paired.verdict == .better, values: paired.differences)
    }
    if !isWinnable {
      let ends: [(String, (CourseScore) -> Double)] = [("worst group", \.endWorst), ("all parts", \.endMean)]
      for (what, figure) in ends {
        let lost = differences(.frozen, figure)
        guard !lost.isEmpty else { continue }
        findings.append(
          Finding(
            "\(what) in the last week, ours minus frozen: least \(signed(lost.min() ?? 0)) points",
            required: "at least -\(decimal(endTolerance, places: 1)) in every seed",
            isMet: lost.allSatisfy { $0 >= -endTolerance }, values: lost))
      }
    }
    return findings
  }

  private static func hopelessness(_ scenario: Scenario, _ results: [LoopResult]) -> [Finding] {
    let told = results.map { Double($0.hopeless.count) }
    guard scenario.failures.contains(where: \.isHopeless) else {
      return told.contains { $0 > 0 }
        ? [Finding("groups said to be hopeless: \(results.flatMap(\.hopeless).joined(separator: "; "))", values: told)]
        : []
    }
    return [
      Finding(
        "said that nothing helps the group: \(told.map { decimal($0, places: 0) }.joined(separator: ", ")) times a seed",
        required: "once", isMet: told.allSatisfy { $0 == 1 }, values: told)
    ]
  }

  private static func promotions(_ scenario: Scenario, _ results: [LoopResult]) -> [Finding] {
    let jobs = results.flatMap(\.jobs)
    let states = Dictionary(grouping: jobs, by: \.state).sorted { $0.key < $1.key }
      .map { "\($0.value.count) \($0.key)" }
    let harmful = results.reduce(0) { $0 + $1.harmfulJobs }
    let harms = results.flatMap { result in
      result.newcomers.filter(\.isHarmful).map { judged in
        "seed \(result.seed): \(judged.cell) from day \(judged.newcomer.day) on, student \(judged.newcomer.new) after"
          + " \(judged.newcomer.old), up to \(decimal(100 * judged.worstLoss, places: 1)) points"
      }
    }
    let changes = results.map { Double($0.healthyChanges) }
    return [
      Finding("\(jobs.count) jobs" + (jobs.isEmpty ? "" : ": " + states.joined(separator: ", "))),
      Finding(
        "harmful promotions: \(harmful)" + (harms.isEmpty ? "" : " (\(harms.joined(separator: "; ")))"),
        required: scenario.failures.isEmpty ? "none" : nil, isMet: !scenario.failures.isEmpty || harmful == 0,
        values: results.map { Double($0.harmfulJobs) }),
      Finding(
        "answers to healthy groups' parts changed by scoped students: \(decimal(changes.reduce(0, +), places: 0))",
        required: "0", isMet: changes.allSatisfy { $0 == 0 }, values: changes),
    ]
  }
}

/// The chapter of the die-casting data.
extension LoopChapter {
  init(_ results: [ReplayResult], outcomeInGroups: Bool) {
    plant = outcomeInGroups ? "diecast-outcomes" : "diecast"
    title =
      "die-casting after its first two weeks"
      + (outcomeInGroups ? ", groups by mold and true class" : ", groups by mold")
    seeds = results.count
    columns = ["worst mold", "all parts", "worst, last 4 weeks", "all, last 4 weeks", "worst mold x class"]
    skipped = nil
    rows = LoopPolicy.allCases.compactMap { policy in
      let own = results.compactMap { $0.score(policy) }
      guard !own.isEmpty else { return nil }
      return PolicyRow(
        policy: policy.rawValue,
        accuracies: [
          own.map { 100 * $0.score.worst }, own.map { 100 * $0.score.mean }, own.map { 100 * $0.score.endWorst },
          own.map { 100 * $0.score.endMean }, own.map { 100 * $0.byClass.worst },
        ], labels: own.map(\.labels), processorSeconds: own.map(\.processorSeconds), trainings: own.map(\.trainings))
    }
    jobs = results.flatMap { result in result.jobs.map { Job($0, seed: result.seed) } }
    jobCount = results.reduce(0) { $0 + $1.jobs.count }
    // Nobody knows a real plant's truth beyond its own parts.
    harmfulJobs = 0
    let figures: [(String, (ReplayScore) -> Double)] = [
      ("worst mold", \.worst), ("all parts", \.mean), ("worst mold in the last 4 weeks", \.endWorst),
      ("all parts in the last 4 weeks", \.endMean),
    ]
    var findings = figures.compactMap { what, figure -> Finding? in
      let differences = results.compactMap { result -> Double? in
        guard let ours = result.score(.ours), let frozen = result.score(.frozen) else { return nil }
        return 100 * (figure(ours.score) - figure(frozen.score))
      }
      guard !differences.isEmpty else { return nil }
      return Finding(
        "\(what), ours minus frozen: \(PairedVerdict(differences).text)", required: "not below frozen in any seed",
        isMet: differences.allSatisfy { $0 >= 0 }, values: differences)
    }
    for policy in [LoopPolicy.ours, .frozen] {
      let worst = Set(results.compactMap { $0.score(policy)?.byClass.worstMold }).sorted()
      guard !worst.isEmpty else { continue }
      findings.append(Finding("worst mold and class, \(policy.rawValue): \(worst.joined(separator: "; "))"))
    }
    let states = Dictionary(grouping: results.flatMap(\.jobs), by: \.state).sorted { $0.key < $1.key }
    findings.append(
      Finding("\(jobCount) jobs: " + states.map { "\($0.value.count) \($0.key)" }.joined(separator: ", ")))
    let hopeless = results.flatMap(\.hopeless)
    if !hopeless.isEmpty {
      findings.append(Finding("said that nothing helps: \(hopeless.joined(separator: "; "))"))
    }
    self.findings = findings
  }

  /// A plant that was not run, and why.
  init(skipped reason: String, plant: String) {
    self.init(plant: plant, skipped: reason, failed: nil)
  }

  /// A plant of which a seed could not be played to its end.
  init(failed reason: String, plant: String) {
    self.init(plant: plant, skipped: nil, failed: reason)
  }

  private init(plant: String, skipped: String?, failed: String?) {
    self.plant = plant
    title = "not played to its end"
    seeds = 0
    columns = []
    rows = []
    jobs = []
    jobCount = 0
    harmfulJobs = 0
    self.skipped = skipped
    findings = failed.map { [Finding($0, required: "a result", isMet: false)] } ?? []
  }
}

extension LoopChapter.Job {
  init(_ run: RecordedRun, seed: UInt64) {
    self.init(
      seed: Int(seed), run: run.run, state: run.state, started: run.started, cells: run.cells, arm: run.arm,
      version: run.version, labels: run.labels, sentence: run.sentence)
  }
}

extension PairedVerdict {
  /// `+3.1 +- 0.4 points, 9 of 10 seeds: better`
  var text: String {
    let figure = Figure(differences)
    let spread = figure.deviation.map { " +- \(decimal($0, places: 1))" } ?? ""
    return "\(signed(figure.mean))\(spread) points, \(wins) of \(differences.count) seeds: \(verdict.rawValue)"
  }
}

private func signed(_ value: Double) -> String { (value > 0 ? "+" : "") + decimal(value, places: 1) }
