import Domain
import Statistics

/// What the gate is asked: champion and challenger on rows that came after everything the challenger learned from.
public struct GateQuestion: Sendable, Equatable {
  /// Every group of the cells to be routed.
  public let pairs: [PairedCounts]
  public let lagging: Set<GroupKey>
  /// 1 for the first gate of these cells since their student was installed.
  public let attempt: Int
  public let settings: LineSettings
  /// Group to its text.
  public let name: @Sendable (GroupKey) -> String

  public init(
    pairs: [PairedCounts], lagging: Set<GroupKey>, attempt: Int, settings: LineSettings,
    name: @escaping @Sendable (GroupKey) -> String
  ) {
    self.pairs = pairs
    self.lagging = lagging
    self.attempt = attempt
    self.settings = settings
    self.name = name
  }

  public static func == (left: GateQuestion, right: GateQuestion) -> Bool {
    left.pairs == right.pairs && left.lagging == right.lagging && left.attempt == right.attempt
      && left.settings == right.settings
  }
}

public struct GateDecision: Sendable, Equatable {
  public let promote: Bool
  /// One sentence per finding, whichever way it went, then the conclusion.
  public let findings: [String]
}

/// Level of the first attempt; the k-th gets 6 / (pi k)^2 of it, so that trying for ever stays below it in all.
public let gateAlpha = 0.05

/// Gate rows of each group of a routed cell that does not lag.
public let restRowsMinimum = 20

/// The scoped promotion gate of `monitoring.md` 7: pooled exact McNemar superiority on the lagging groups and no
/// lagging group worse; where groups hold the outcome, a bounded loss on the rest of each routed cell as well.
public func promotionGate(_ question: GateQuestion) -> GateDecision {
  let lagging = question.pairs.filter { question.lagging.contains($0.group) && $0.total > 0 }
  let rest = question.pairs.filter { !question.lagging.contains($0.group) }
  var findings = (lagging + rest.filter { $0.total > 0 }).map { describe($0, question) }
  var objections: [String] = []

  let all = question.pairs.reduce(0) { $0 + $1.total }
  if all < question.settings.gateRowsMinimum {
    objections.append("only \(all) of the \(question.settings.gateRowsMinimum) gate rows it needs were there")
  }
  let wins = lagging.reduce(0) { $0 + $1.wins }
  let losses = lagging.reduce(0) { $0 + $1.losses }
  let p = mcnemarExact(wins: wins, losses: losses)
  let alpha = attemptAlpha(gateAlpha, attempt: question.attempt)
  findings.append(
    "lagging groups together: \(wins) parts newly right, \(losses) newly wrong; "
      + "exact McNemar p \(probability(p)) against \(decimal(alpha, places: 4)) at attempt \(question.attempt)")
  if lagging.isEmpty {
    objections.append("no gate row belongs to a lagging group")
  } else if p > alpha {
    objections.append(
      "the gain on the lagging groups may be chance (p \(probability(p)), above \(decimal(alpha, places: 4)))")
  }
  for pair in lagging where pair.wins < pair.losses {
    objections.append("\(question.name(pair.group)) got worse by \(pair.losses - pair.wins) of \(pair.total) parts")
  }
  objections += cellLosses(rest, question)
  findings.append(
    objections.isEmpty
      ? "promoted: every condition of the gate is met"
      : "not promoted: " + objections.joined(separator: "; "))
  return GateDecision(promote: objections.isEmpty, findings: findings)
}

/// Groups of a routed cell that do not lag pay at most `maximumCellLoss` together, and each must have been seen often
/// enough to say so: a gate without a single defect would let a student through that finds none.
private func cellLosses(_ rest: [PairedCounts], _ question: GateQuestion) -> [String] {
  let unseen = rest.filter { $0.total < restRowsMinimum }.map {
    "only \($0.total) of the \(restRowsMinimum) parts of \(question.name($0.group)) were there that must show it does not pay"
  }
  let cells = Set(rest.map(\.group.cell)).sorted()
  return unseen
    + cells.compactMap { cell in
      let pairs = rest.filter { $0.group.cell == cell && $0.total > 0 }
      let total = pairs.reduce(0) { $0 + $1.total }
      guard total > 0 else { return nil }
      let loss = Double(pairs.reduce(0) { $0 + $1.losses - $1.wins }) / Double(total)
      guard loss > question.settings.maximumCellLoss else { return nil }
      return "the other parts of \(question.name(GroupKey(cell: cell))) would lose \(percent(loss)) of \(total), "
        + "more than the \(percent(question.settings.maximumCellLoss)) allowed"
    }
}

private func describe(_ pair: PairedCounts, _ question: GateQuestion) -> String {
  let role = question.lagging.contains(pair.group) ? "lagging" : "not lagging"
  let before = percent(Double(pair.championCorrect) / Double(pair.total))
  let after = percent(Double(pair.challengerCorrect) / Double(pair.total))
  return
    "\(question.name(pair.group)) (\(role)): serving student \(before), challenger \(after) of \(pair.total) parts "
    + "(\(pair.wins) newly right, \(pair.losses) newly wrong)"
}

/// `= 0.0123`, and `< 0.0001` below that.
func probability(_ p: Double) -> String { p < 0.0001 ? "< 0.0001" : "= " + decimal(p, places: 4) }
