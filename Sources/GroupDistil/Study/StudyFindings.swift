import Domain

/// What the figures of a study support, in sentences, and what they do not.
///
/// A method is called better only where the signs of all paired differences agree over at least five seeds *and* the
/// seeds' ranges do not overlap: small students vary more between two seeds than most methods differ.
public struct StudyFindings: Sendable, Equatable {
  public let sentences: [String]

  /// The fewest seeds whose agreeing signs say anything: with five, luck does it once in sixteen times.
  public static let seedsMinimum = 5
  /// An interval of a worst group that is wider than this to both sides is told.
  static let narrowHalfWidth = 0.025

  /// - Parameter unlabelledRows: rows without a label that the distilled methods alone learned from.
  public init(_ summary: StudySummary, unlabelledRows: Int = 0) {
    var sentences = Self.sentences(summary.results, summary.differences, summary.groups)
    if unlabelledRows > 0 {
      sentences.insert(
        "The distilled methods learned from \(unlabelledRows) rows without a label as well, of which the teacher alone"
          + " spoke: a part of their difference is more rows, not another method.", at: sentences.count - 1)
    }
    self.sentences = sentences
  }

  /// How one method stands to another in the worst group.
  /// - Parameters:
  ///   - mine: worst-group accuracies of the method, one a seed; `theirs` those of the other.
  static func verdict(_ difference: PairedMeasure, _ mine: [Double], _ theirs: [Double]) -> StudyVerdict {
    let isBetter = difference.better == difference.pairs
    guard difference.pairs > 0, isBetter || difference.worse == difference.pairs else { return .open }
    let (upper, lower) = isBetter ? (mine, theirs) : (theirs, mine)
    let overlaps = (upper.min() ?? 0) <= (lower.max() ?? 0)
    guard difference.pairs >= seedsMinimum, !overlaps else { return isBetter ? .leansBetter : .leansWorse }
    return isBetter ? .better : .worse
  }

  /// A method held against the baseline in the worst group.
  private struct Judged {
    let method: StudyMethod
    let worst: PairedMeasure
    let overall: PairedMeasure
    let verdict: StudyVerdict

    var text: String { "\(method.rawValue) (\(points(worst.mean)) points)" }
  }

  private static func sentences(
    _ results: [StudyResult], _ differences: [StudyDifference], _ groups: [StudyGroup]
  ) -> [String] {
    guard let baseline = differences.first?.baseline.rawValue else {
      return ["Only one method was run, so there is nothing to compare it with."] + limits(results, groups)
    }
    let judged = differences.compactMap { difference -> Judged? in
      guard let worst = difference.worstGroupAccuracy, let verdict = difference.verdict else { return nil }
      return Judged(method: difference.method, worst: worst, overall: difference.meanAccuracy, verdict: verdict)
    }.sorted { $0.worst.mean > $1.worst.mean }
    guard let seedCount = judged.map(\.worst.pairs).max() else {
      return [
        "No group has \(StudyGroup.rankedRowsMinimum) test rows, so no worst group can be named and the methods are not"
          + " compared by it."
      ] + limits(results, groups)
    }
    var told: [String] = []
    if seedCount < seedsMinimum {
      told.append(
        "\(seedCount) \(seedCount == 1 ? "seed is" : "seeds are") too few to tell methods apart: what follows is what"
          + " happened, not what to expect. Run \(seedsMinimum) seeds or more.")
    }
    told += comparison(judged, baseline, seedCount: seedCount) + price(judged, baseline)
    told += best(results, seedCount: seedCount)
    if judged.count > 1, judged.contains(where: { $0.verdict == .better || $0.verdict == .worse }) {
      told.append(
        "\(judged.count) comparisons were made; where nothing differs, all \(seedCount) signs agree by luck in one of"
          + " \(1 << min(seedCount - 1, 30)) of them.")
    }
    return told + limits(results, groups)
  }

  /// One sentence for each verdict that was given, the strongest first.
  private static func comparison(_ judged: [Judged], _ baseline: String, seedCount: Int) -> [String] {
    func named(_ verdict: StudyVerdict) -> String? {
      let texts = judged.filter { $0.verdict == verdict }.map(\.text)
      return texts.isEmpty ? nil : list(texts)
    }
    let every = seedCount == 1 ? "in the one seed" : seedCount == 2 ? "in both seeds" : "in all \(seedCount) seeds"
    let doubt = seedCount < seedsMinimum ? "" : ", but the seeds' ranges overlap: a lean, not a finding"
    var told: [String] = []
    if let better = named(.better) {
      told.append(
        "In the worst group \(better) did better than \(baseline) \(every), and no seed of \(baseline) reaches any of"
          + " theirs.")
    } else if seedCount >= seedsMinimum {
      told.append("No method did better than \(baseline) in the worst group by more than the seeds vary.")
    }
    if let worse = named(.worse) {
      told.append("In the worst group \(worse) did worse than \(baseline) \(every), without overlap.")
    }
    if let higher = named(.leansBetter) {
      told.append("In the worst group \(higher) came out higher than \(baseline) \(every)\(doubt).")
    }
    if let lower = named(.leansWorse) {
      told.append("In the worst group \(lower) came out lower than \(baseline) \(every)\(doubt).")
    }
    if let open = named(.open) {
      told.append("Not told apart from \(baseline) in the worst group: \(open); the seeds do not agree on a sign.")
    }
    return told
  }

  /// What the methods that came out higher cost all parts together.
  private static func price(_ judged: [Judged], _ baseline: String) -> [String] {
    let higher = judged.filter { $0.verdict == .better || $0.verdict == .leansBetter }
    guard !higher.isEmpty else { return [] }
    let each = higher.map { "\($0.method.rawValue) \(points($0.overall.mean))" }
    return ["Over all test rows these differ from \(baseline) by (points): \(each.joined(separator: ", "))."]
  }

  /// The method with the highest worst group, and those the seeds cannot tell from it.
  private static func best(_ results: [StudyResult], seedCount: Int) -> [String] {
    let ranked = results.filter { $0.worstGroupAccuracy != nil }
    guard ranked.count > 2, seedCount >= seedsMinimum,
      let best = ranked.max(by: { ($0.worstGroupAccuracy?.mean ?? 0) < ($1.worstGroupAccuracy?.mean ?? 0) }),
      let mean = best.worstGroupAccuracy?.mean
    else { return [] }
    let rivals = ranked.filter { rival in
      guard rival.method != best.method else { return false }
      let pairs = best.perSeed.compactMap { one in
        rival.perSeed.first { $0.seed == one.seed }.map { (one.worstGroupAccuracy ?? 0) - ($0.worstGroupAccuracy ?? 0) }
      }
      guard let paired = PairedMeasure(of: pairs) else { return true }
      return verdict(paired, best.worstGroupAccuracies, rival.worstGroupAccuracies) != .better
    }
    let head = "The highest worst group on average is \(best.method.rawValue)'s, \(percent(mean))"
    guard !rivals.isEmpty else { return [head + ", above every other method in all seeds and without overlap."] }
    guard rivals.count < ranked.count - 1 else { return [head + "; these seeds tell it from no other method."] }
    return [head + "; these seeds do not tell it from \(list(rivals.map(\.method.rawValue)))."]
  }

  /// What no number of seeds can mend.
  private static func limits(_ results: [StudyResult], _ groups: [StudyGroup]) -> [String] {
    var told: [String] = []
    let lowest = results.filter { $0.worstGroupAccuracy != nil }
      .min { ($0.worstGroupAccuracy?.mean ?? 1) < ($1.worstGroupAccuracy?.mean ?? 1) }
    let shown = results.first { $0.method == .portfolio && $0.worstGroup != nil } ?? lowest
    if let shown, let group = shown.groups.first(where: { $0.group == shown.worstGroup }),
      let accuracy = group.accuracy?.mean, let lower = group.lower, let upper = group.upper,
      upper - lower > 2 * narrowHalfWidth
    {
      told.append(
        "All seeds are judged by the same test rows: \(shown.method.rawValue)'s \(group.group) has"
          + " \(shown.worstGroupN ?? 0) of them, so that its \(percent(accuracy)) stands for anything from"
          + " \(percent(lower)) to \(percent(upper)) (95 %) on other rows.")
    }
    let unranked = groups.filter { !$0.isRanked }
    if !unranked.isEmpty {
      let names =
        unranked.count > namedGroupsMaximum
        ? "\(unranked.count) of \(groups.count) groups" : list(unranked.map { "\($0.name) (\($0.test))" })
      told.append(
        "Shown but not ranked, because of fewer than \(StudyGroup.rankedRowsMinimum) test rows: \(names).")
    }
    told.append(
      "The differences are between trainings on this one file; another file, or other months of the same plant, may"
        + " rank the methods otherwise.")
    return told
  }

  /// More names than this are a table, not a sentence.
  private static let namedGroupsMaximum = 3

  /// `a, b and c`.
  private static func list(_ names: [String]) -> String {
    guard let last = names.last, names.count > 1 else { return names.first ?? "" }
    return names.dropLast().joined(separator: ", ") + " and " + last
  }
}

extension StudyResult {
  /// One a seed.
  var worstGroupAccuracies: [Double] { perSeed.compactMap(\.worstGroupAccuracy) }
}
