import Domain
import Statistics

/// What the gate is asked: champion and challenger on rows that came after everything the challenger learned from.
public struct GateQuestion: Sendable, Equatable {
  public let scope: RetrainScope
  /// Every group of the cells to be routed; of a whole job, every group of the line.
  public let pairs: [PairedCounts]
  /// Empty for a job that no lagging group started.
  public let lagging: Set<GroupKey>
  /// Groups of cells that have a student of their own now, which a whole job takes from them.
  public let scoped: Set<GroupKey>
  /// 1 for the first gate of these cells since their student was installed.
  public let attempt: Int
  public let settings: LineSettings
  /// How many times as often a part is labelled that the serving student got wrong, at most; 1 where labels come from
  /// parts like all others.
  public let selection: Double
  /// Group to its text.
  public let name: @Sendable (GroupKey) -> String

  public init(
    scope: RetrainScope = .scoped, pairs: [PairedCounts], lagging: Set<GroupKey>, scoped: Set<GroupKey> = [],
    attempt: Int, settings: LineSettings, selection: Double = 1, name: @escaping @Sendable (GroupKey) -> String
  ) {
    self.selection = max(selection, 1)
    self.scope = scope
    self.pairs = pairs
    self.lagging = lagging
    self.scoped = scoped
    self.attempt = attempt
    self.settings = settings
    self.name = name
  }

  public static func == (left: GateQuestion, right: GateQuestion) -> Bool {
    left.scope == right.scope && left.pairs == right.pairs && left.lagging == right.lagging
      && left.scoped == right.scoped && left.attempt == right.attempt && left.settings == right.settings
      && left.selection == right.selection
  }

  var laggingPairs: [PairedCounts] { pairs.filter { lagging.contains($0.group) && $0.total > 0 } }
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

/// The promotion gate of `monitoring.md` 7.
///
/// Scoped: pooled exact McNemar superiority on the lagging groups and no lagging group worse; where groups hold the
/// outcome, a bounded loss on the rest of each routed cell as well. Whole: rule P2, see `wholeGate`.
public func promotionGate(_ question: GateQuestion) -> GateDecision {
  var ruling = GateRuling()
  switch question.scope {
  case .scoped: scopedGate(question, &ruling)
  case .whole: wholeGate(question, &ruling)
  }
  return ruling.decision
}

/// What a gate has seen and what it objects to, so far.
struct GateRuling {
  var findings: [String] = []
  var objections: [String] = []

  var decision: GateDecision {
    let conclusion =
      objections.isEmpty
      ? "passed: every condition of the gate is met" : "not passed: " + objections.joined(separator: "; ")
    return GateDecision(promote: objections.isEmpty, findings: findings + [conclusion])
  }
}

private func scopedGate(_ question: GateQuestion, _ ruling: inout GateRuling) {
  let rest = question.pairs.filter { !question.lagging.contains($0.group) }
  ruling.findings = (question.laggingPairs + rest.filter { $0.total > 0 }).map { describe($0, question) }
  let all = question.pairs.reduce(0) { $0 + $1.total }
  if all < question.settings.gateRowsMinimum {
    ruling.objections.append("only \(all) of the \(question.settings.gateRowsMinimum) gate rows it needs were there")
  }
  requireSuperiority(question, &ruling)
  ruling.objections += cellLosses(rest, question)
}

/// The gain on the lagging groups is no chance, and none of them pays for it.
func requireSuperiority(_ question: GateQuestion, _ ruling: inout GateRuling) {
  let lagging = question.laggingPairs
  let wins = lagging.reduce(0) { $0 + $1.wins }
  let losses = lagging.reduce(0) { $0 + $1.losses }
  let p = mcnemarExact(wins: wins, losses: losses, winsLabelledMoreOften: question.selection)
  let alpha = attemptAlpha(gateAlpha, attempt: question.attempt)
  if question.selection > 1 {
    ruling.findings.append(
      "labels come from people who choose their parts: one that the serving student got wrong may have been labelled "
        + "\(decimal(question.selection, places: 1)) times as often as one it got right, so newly right parts count for "
        + "that much less")
  }
  ruling.findings.append(
    "lagging groups together: \(wins) parts newly right, \(losses) newly wrong; "
      + "exact McNemar p \(probability(p)) against \(decimal(alpha, places: 4)) at attempt \(question.attempt)")
  if lagging.isEmpty {
    ruling.objections.append("no gate row belongs to a lagging group")
  } else if p > alpha {
    ruling.objections.append(
      "the gain on the lagging groups may be chance (p \(probability(p)), above \(decimal(alpha, places: 4)))")
  }
  for pair in lagging where Double(pair.wins) < question.selection * Double(pair.losses) {
    ruling.objections.append(
      pair.wins < pair.losses
        ? "\(question.name(pair.group)) got worse by \(pair.losses - pair.wins) of \(pair.total) parts"
        : "\(question.name(pair.group)) may have got worse: \(pair.wins) parts newly right, \(pair.losses) newly wrong")
  }
}

/// Groups of a routed cell that do not lag pay at most `maximumCellLoss` together, and each must have been seen often
/// enough to say so: a gate without a single defect would let a student through that finds none.
func cellLosses(_ rest: [PairedCounts], _ question: GateQuestion) -> [String] {
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

func describe(_ pair: PairedCounts, _ question: GateQuestion) -> String {
  let role =
    question.lagging.contains(pair.group)
    ? "lagging" : question.scoped.contains(pair.group) ? "has a student of its own" : "not lagging"
  let before = percent(Double(pair.championCorrect) / Double(pair.total))
  let after = percent(Double(pair.challengerCorrect) / Double(pair.total))
  return
    "\(question.name(pair.group)) (\(role)): serving student \(before), challenger \(after) of \(pair.total) parts "
    + "(\(pair.wins) newly right, \(pair.losses) newly wrong)"
}

/// `= 0.0123`, and `< 0.0001` below that.
func probability(_ p: Double) -> String { p < 0.0001 ? "< 0.0001" : "= " + decimal(p, places: 4) }
