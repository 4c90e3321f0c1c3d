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
          + " spoke: a part of their difference is more rows, not another method.", at: min(1, sentences.count))
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

  private static func sentences(
    _ results: [StudyResult], _ differences: [StudyDifference], _ groups: [StudyGroup]
  ) -> [String] {
    guard let baseline = differences.first?.baseline else {
      return ["Only one method was run, so there is nothing to compare it with."] + limits(results, groups)
    }
    guard differences.contains(where: { $0.worstGroupAccuracy != nil }) else {
      return [
        "No group has \(StudyGroup.rankedRowsMinimum) test rows, so no worst group can be named and the methods are not"
          + " compared by it."
      ] + limits(results, groups)
    }
    let judged = differences.compactMap { difference -> (StudyDifference, PairedMeasure, StudyVerdict)? in
      guard let worst = difference.worstGroupAccuracy, let verdict = difference.verdict else { return nil }
      return (difference, worst, verdict)
    }
    let seedCount = judged.map { $0.1.pairs }.max() ?? 0
    var told: [String] = []
    if seedCount < seedsMinimum {
      told.append(
        "\(seedCount) \(seedCount == 1 ? "seed is" : "seeds are") too few to tell methods apart: what follows is what"
          + " happened, not what to expect. Run \(seedsMinimum) seeds or more.")
    }
    func named(_ wanted: StudyVerdict) -> [String] {
      judged.filter { $0.2 == wanted }.sorted { $0.1.mean > $1.1.mean }
        .map { "\($0.0.method.rawValue) (\(points($0.1.mean)) points)" }
    }
    let name = baseline.rawValue
    let every = seedCount == 1 ? "in the one seed" : seedCount == 2 ? "in both seeds" : "in all \(seedCount) seeds"
    let better = named(.better)
    if better.isEmpty, seedCount >= seedsMinimum {
      told.append("No method did better than \(name) in the worst group by more than the seeds vary.")
    }
    if !better.isEmpty {
      told.append(
        "In the worst group \(list(better)) did better than \(name) \(every), and no seed of \(name) reaches their"
          + " lowest.")
    }
    let worse = named(.worse)
    if !worse.isEmpty {
      told.append("In the worst group \(list(worse)) did worse than \(name) \(every), without overlap.")
    }
    for (verdict, word) in [(StudyVerdict.leansBetter, "higher"), (.leansWorse, "lower")] {
      let leaning = named(verdict)
      guard !leaning.isEmpty else { continue }
      let doubt = seedCount < seedsMinimum ? "" : ", but the seeds' ranges overlap: a lean, not a finding"
      told.append("In the worst group \(list(leaning)) came out \(word) than \(name) \(every)\(doubt).")
    }
    let open = named(.open)
    if !open.isEmpty {
      told.append("Not told apart from \(name) in the worst group: \(list(open)); the seeds do not agree on a sign.")
    }
    told += price(judged.filter { $0.2 == .better || $0.2 == .leansBetter }.map { $0.0 }, name)
    told += best(results, seedCount: seedCount)
    let claims = judged.count { $0.2 == .better || $0.2 == .worse }
    if claims > 0, judged.count > 1 {
      told.append(
        "\(judged.count) comparisons were made; where nothing differs, all \(seedCount) signs agree by luck in one of"
          + " \(1 << min(seedCount - 1, 30)) of them.")
    }
    return told + limits(results, groups)
  }

  /// What the methods that did better cost all parts together.
  private static func price(_ differences: [StudyDifference], _ baseline: String) -> [String] {
    guard !differences.isEmpty else { return [] }
    let each = differences.sorted { $0.meanAccuracy.mean > $1.meanAccuracy.mean }.map {
      "\($0.method.rawValue) \(points($0.meanAccuracy.mean))"
    }
    return [
      "Their accuracy over all test rows differs from \(baseline)'s by (points): \(each.joined(separator: ", "))."
    ]
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
        "All seeds are judged by the same test rows, and a worst group has few: \(shown.method.rawValue)'s \(group.group)"
          + " has \(shown.worstGroupN ?? 0), so that its \(percent(accuracy)) stands for anything from \(percent(lower))"
          + " to \(percent(upper)) (95 %) on other rows.")
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
