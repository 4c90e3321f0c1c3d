import Domain
import Statistics

/// Share of a job's labelled rows that only the gate sees, the latest: `FoldPlan.gateShare`, and at least
/// `LineSettings.gateRowsMinimum` of them.
public let gateRowsShare = 0.4
/// Of the gate rows of a lagging group, those a challenger answers wrongly that were right before, in `monitoring.md` 7.
public let assumedLossRate = 0.015
/// The power at which no more labels are asked for.
public let powerWanted = 0.95

/// What a gate on the rows there are can find, in sentences for somebody who asks whether a job is worth its while.
///
/// Computed for a gain of six points (7.5 % of the gate rows newly right, 1.5 % newly wrong) and one of three, with the
/// exact test at the attempt's level, times the probability that no lagging group seems to get worse.
/// - Parameters:
///   - groups: the lagging groups of the job; none gives no sentence.
///   - attempt: of the gate, as `GateQuestion` counts it.
public func gatePower(groups: [LaggingGroup], attempt: Int, settings: LineSettings) -> [String] {
  guard let gate = ExpectedGate(groups, attempt: attempt, settings: settings) else { return [] }
  let large = gate.power(gain: 0.06, extra: 0)
  let small = gate.power(gain: 0.03, extra: 0)
  let rows = counted(gate.laggingLabels, "label")
  let level = decimal(attemptAlpha(gateAlpha, attempt: attempt), places: 4)
  let given = gate.isImagined ? "with the \(rows) that a job needs" : "with \(rows)"
  var sentence = "\(given) a 6-point gain is found with probability \(decimal(large, places: 2))"
  if large < powerWanted, let more = gate.labelsWanted(gain: 0.06) {
    sentence += "; \(more) more labels give \(decimal(powerWanted, places: 2))"
  }
  let held = gate.gateRows(extra: 0).reduce(0, +)
  return [
    sentence, "a 3-point gain is found with probability \(decimal(small, places: 2))",
    "\(held) of these labels are held back for the gate (attempt \(attempt), level \(level))",
  ]
}

/// The lagging rows that a gate will hold, from what the job would be given.
private struct ExpectedGate {
  /// Labels of each lagging group.
  private let labels: [Double]
  /// Labels of their cells, lagging or not.
  private let all: Double
  private let alpha: Double
  private let rowsMinimum: Double
  /// A job would not start with what is there: what it needs is taken instead.
  let isImagined: Bool

  /// More gate rows than this find any gain that matters, and take a second to enumerate.
  private static let rowsMaximum = 3000
  private static let extraMaximum = 20_000

  init?(_ groups: [LaggingGroup], attempt: Int, settings: LineSettings) {
    guard !groups.isEmpty else { return nil }
    var cells: [Cell: [Int: Int]] = [:]
    for group in groups { cells[group.group.cell] = group.labelledRows }
    let counts = groups.map { group in
      group.group.outcome.map { group.labelledRows[$0] ?? 0 } ?? group.labelledRows.values.reduce(0, +)
    }
    let there = cells.values.reduce(0) { $0 + $1.values.reduce(0, +) }
    let needed = settings.jobRowsMinimum * cells.count
    isImagined = there < needed && !groups.allSatisfy { missingRows($0, settings: settings) == nil }
    if isImagined, there > 0 {
      // What is missing comes as the rest came.
      labels = counts.map { Double($0) * Double(needed) / Double(there) }
    } else {
      labels = isImagined ? counts.map { _ in Double(needed) / Double(counts.count) } : counts.map(Double.init)
    }
    all = Double(isImagined ? needed : there)
    alpha = attemptAlpha(gateAlpha, attempt: attempt)
    rowsMinimum = Double(settings.gateRowsMinimum)
  }

  var laggingLabels: Int { Int(labels.reduce(0, +).rounded()) }

  /// Gate rows of each lagging group, with `extra` labels that come to all in proportion.
  func gateRows(extra: Int) -> [Int] {
    let lagging = labels.reduce(0, +)
    guard lagging > 0 else { return labels.map { _ in 0 } }
    let growth = 1 + Double(extra) / lagging
    let share = min(1, max(gateRowsShare, rowsMinimum / (all * growth)))
    return labels.map { Int(($0 * growth * share).rounded()) }
  }

  func power(gain: Double, extra: Int) -> Double {
    let rows = gateRows(extra: extra)
    let total = rows.reduce(0, +)
    let wins = gain + assumedLossRate
    let pooled = mcnemarPower(
      total: min(total, Self.rowsMaximum), winRate: wins, lossRate: assumedLossRate, alpha: alpha)
    guard rows.count > 1 else { return pooled }
    return rows.reduce(pooled) {
      $0
        * pairedNotWorseProbability(total: min($1, Self.rowsMaximum), winRate: wins, lossRate: assumedLossRate)
    }
  }

  /// More labels of the lagging groups until the gate finds such a gain, to the next ten; nil where none are enough.
  func labelsWanted(gain: Double) -> Int? {
    var enough = 10
    while power(gain: gain, extra: enough) < powerWanted {
      enough *= 2
      if enough > Self.extraMaximum { return nil }
    }
    var short = enough / 2
    if enough == 10 { return 10 }
    while enough - short > 10 {
      let middle = (short + enough) / 20 * 10
      if power(gain: gain, extra: middle) < powerWanted { short = middle } else { enough = middle }
    }
    return enough
  }
}
