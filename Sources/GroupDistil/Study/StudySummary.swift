import Domain
import Statistics

/// The runs of a study as the figures people compare: means, worst groups and paired differences over seeds.
public struct StudySummary: Sendable, Equatable {
  public let groups: [StudyGroup]
  /// In the order the methods were asked for; methods without a run are left out.
  public let results: [StudyResult]
  public let differences: [StudyDifference]
  public let chosen: StudyChoice?
  public let weights: [StudyWeights]

  /// - Parameters:
  ///   - runs: in any order; their tallies follow `groups`.
  ///   - methods: the order of the results; `erm` is the baseline, without it the first.
  public init(runs: [StudyRun], methods: [StudyMethod], groups: [StudyGroup]) {
    precondition(
      runs.allSatisfy { $0.testTallies.count == groups.count }, "every run has one test tally for each group")
    self.groups = groups
    let sorted = methods.map { method in
      (method, runs.filter { $0.method == method }.sorted { $0.seed < $1.seed })
    }.filter { !$0.1.isEmpty }
    results = sorted.map { Self.result($0, runs: $1, groups: groups) }
    let baseline = results.first { $0.method == .erm } ?? results.first
    differences = results.compactMap { result in
      baseline.flatMap { $0.method == result.method ? nil : Self.difference(result, $0) }
    }
    weights = sorted.compactMap { method, runs in Self.weights(method, run: runs[0], groups: groups) }
    chosen = Self.chosen(
      sorted.first { $0.0 == .portfolio }?.1 ?? [], difference: differences.first { $0.method == .portfolio })
  }

  private static func result(_ method: StudyMethod, runs: [StudyRun], groups: [StudyGroup]) -> StudyResult {
    let perSeed = runs.map { run in
      let worst = groups.indices.filter { groups[$0].isRanked }
        .compactMap { index in run.testTallies[index].accuracy.map { (index: index, accuracy: $0) } }
        .min { $0.accuracy < $1.accuracy }
      return StudySeedResult(
        seed: run.seed, meanAccuracy: pooled(run.testTallies).accuracy ?? 0, worstGroupAccuracy: worst?.accuracy,
        worstGroup: worst.map { groups[$0.index].name }, seconds: run.seconds, steps: run.steps, choice: run.choice)
    }
    let groupResults = groups.indices.map { index in
      groupResult(groups[index], accuracies: runs.compactMap { $0.testTallies[index].accuracy })
    }
    let worst = groups.indices.filter { groups[$0].isRanked }
      .compactMap { index in groupResults[index].accuracy.map { (index: index, mean: $0.mean) } }
      .min { $0.mean < $1.mean }?.index
    return StudyResult(
      method: method, meanAccuracy: StudyMeasure(of: perSeed.map(\.meanAccuracy)) ?? StudyMeasure(mean: 0, sd: nil),
      worstGroupAccuracy: StudyMeasure(of: perSeed.compactMap(\.worstGroupAccuracy)),
      worstGroup: worst.map { groups[$0].name }, worstGroupN: worst.map { groups[$0].test },
      seconds: perSeed.reduce(0) { $0 + $1.seconds } / Double(perSeed.count), perSeed: perSeed, groups: groupResults)
  }

  /// All seeds are judged by the same test rows, so the interval is that of one student's rows: more seeds do not
  /// narrow it.
  private static func groupResult(_ group: StudyGroup, accuracies: [Double]) -> StudyGroupResult {
    let measure = StudyMeasure(of: accuracies)
    let interval = measure.flatMap { measure in
      clopperPearson(correct: Int((measure.mean * Double(group.test)).rounded()), total: group.test)
    }
    return StudyGroupResult(group: group.name, accuracy: measure, lower: interval?.lower, upper: interval?.upper)
  }

  private static func difference(_ result: StudyResult, _ baseline: StudyResult) -> StudyDifference? {
    let pairs = result.perSeed.compactMap { one in
      baseline.perSeed.first { $0.seed == one.seed }.map { (one, $0) }
    }
    guard let mean = PairedMeasure(of: pairs.map { $0.meanAccuracy - $1.meanAccuracy }) else { return nil }
    let worst = pairs.compactMap { one, other in
      one.worstGroupAccuracy.flatMap { mine in other.worstGroupAccuracy.map { mine - $0 } }
    }
    let paired = PairedMeasure(of: worst)
    return StudyDifference(
      method: result.method, baseline: baseline.method, meanAccuracy: mean, worstGroupAccuracy: paired,
      verdict: paired.map {
        StudyFindings.verdict($0, result.worstGroupAccuracies, baseline.worstGroupAccuracies)
      })
  }

  private static func chosen(_ runs: [StudyRun], difference: StudyDifference?) -> StudyChoice? {
    guard !runs.isEmpty else { return nil }
    let kept = runs.map { run in
      StudyChoice.Kept(
        seed: run.seed, arm: run.arm ?? StudyMethod.erm.rawValue, isIncumbent: run.arm == nil, why: run.choice)
    }
    let stayed = kept.count(where: \.isIncumbent)
    var sentence = "the default recipe tries several ways of training and keeps one by held-out rows"
    if stayed == runs.count {
      sentence += "; there was \(incumbentStays) in any seed, so the plain student (erm) stays"
    } else if stayed > 0 {
      sentence += "; in \(stayed) of \(runs.count) seeds there was \(incumbentStays), and the plain student (erm) stays"
    }
    if stayed < runs.count, let difference, let worst = difference.worstGroupAccuracy {
      sentence +=
        "; on the test rows its students differ from \(difference.baseline.rawValue) by \(points(worst.mean)) points in"
        + " the worst group and \(points(difference.meanAccuracy.mean)) over all parts"
    }
    return StudyChoice(method: .portfolio, perSeed: kept, sentence: sentence)
  }

  /// How it is said that nothing that was tried was better.
  private static let incumbentStays = "no better challenger"

  /// Nil for a training whose weights never moved; those that a bound holds still from the first evaluation on have.
  private static func weights(_ method: StudyMethod, run: StudyRun, groups: [StudyGroup]) -> StudyWeights? {
    let byStep = Dictionary(grouping: run.trace, by: \.step)
    let steps = thinned(byStep.keys.sorted(), to: StudyWeights.pointsMaximum)
    let present = Set(run.trace.map(\.group)).sorted()
    let courses = present.map { group in
      steps.map { step in byStep[step]?.first { $0.group == group }?.weight ?? 0 }
    }
    let hasMoved =
      courses.contains { ($0.max() ?? 0) - ($0.min() ?? 0) > smallestMovement }
      || run.trace.contains { $0.limit != .none }
    guard hasMoved else { return nil }
    return StudyWeights(
      method: method, seed: run.seed, steps: steps,
      groups: zip(present, courses).map { group, weights in
        let reason = run.reasons.indices.contains(group) ? run.reasons[group] : nil
        return StudyWeights.Course(group: groups[group].name, weights: weights, reason: reason)
      })
  }

  /// A weight that moved less stood still.
  private static let smallestMovement = 1e-6

  /// First, last and evenly spaced ones between.
  private static func thinned(_ steps: [Int], to count: Int) -> [Int] {
    guard steps.count > count else { return steps }
    return (0..<count).map { steps[$0 * (steps.count - 1) / (count - 1)] }
  }
}

extension StudyMeasure {
  /// Mean and sample standard deviation (n - 1); nil without values.
  public init?(of values: [Double]) {
    guard !values.isEmpty else { return nil }
    let mean = values.reduce(0, +) / Double(values.count)
    self.init(mean: mean, sd: values.count > 1 ? sampleDeviation(values, mean: mean) : nil)
  }
}

extension PairedMeasure {
  /// Of differences, one a pair; nil without any.
  public init?(of differences: [Double]) {
    guard let measure = StudyMeasure(of: differences) else { return nil }
    self.init(
      mean: measure.mean, sd: measure.sd, better: differences.count { $0 > Self.tie },
      worse: differences.count { $0 < -Self.tie }, pairs: differences.count)
  }

  /// Accuracies are shares of whole rows: what differs by less differs by rounding.
  private static let tie = 1e-12
}

private func sampleDeviation(_ values: [Double], mean: Double) -> Double {
  (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)).squareRoot()
}

/// `+12.3` or `-0.4` percentage points of a difference of shares, without Foundation.
func points(_ difference: Double) -> String {
  let tenths = Int((difference * 1000).rounded())
  let sign = tenths < 0 ? "-" : "+"
  return "\(sign)\(abs(tenths) / 10).\(abs(tenths) % 10)"
}
