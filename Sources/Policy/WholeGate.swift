import Domain
import Statistics

/// What all groups that do not lag may lose together, beyond doubt, under a student for the whole line.
public let pooledLossAllowed = 0.005
/// Of the groups said to be harmed, the share that may be so by chance.
public let harmDiscoveryRate = 0.10
/// Where the gate rows are too few to show so small a loss, chance must explain what was lost at least so often.
public let harmHintLevel = 0.20

/// Rule P2 of `monitoring.md` 7, for a student that is to serve the whole line.
///
/// Superiority on the lagging groups where there are any; the others together, and for themselves those that have a
/// student of their own now, surely lose no more than a bound; and no single one of them is harmed so that chance does
/// not explain it. One small group harmed by six points passes half of the time at 150 rows a group: a trial follows.
func wholeGate(_ question: GateQuestion, _ ruling: inout GateRuling) {
  let healthy = question.pairs.filter { !question.lagging.contains($0.group) }
  let own = healthy.filter { question.scoped.contains($0.group) }
  ruling.findings = (question.laggingPairs + own.filter { $0.total > 0 }).map { describe($0, question) }
  if question.lagging.isEmpty {
    ruling.findings.append("no group lags, so nothing has to become better")
    requireRows(healthy, "groups", question, &ruling)
  } else {
    let cells = Set(question.lagging.map(\.cell))
    requireRows(
      question.pairs.filter { cells.contains($0.group.cell) }, "parts of the lagging groups", question, &ruling)
    requireSuperiority(question, &ruling)
    // Where groups hold the outcome, the parts beside a lagging one pay no more than under a scoped promotion.
    ruling.objections += cellLosses(healthy.filter { cells.contains($0.group.cell) }, question)
  }
  requireNoLoss(
    own, "groups with a student of their own", allowed: max(question.settings.maximumCellLoss, pooledLossAllowed),
    &ruling)
  requireNoLoss(
    healthy.filter { !question.scoped.contains($0.group) },
    question.lagging.isEmpty && own.isEmpty ? "all groups" : "all other groups", allowed: pooledLossAllowed, &ruling)
  ruling.objections += harmed(healthy, question)
  let unseen = healthy.count { $0.total < restRowsMinimum }
  if unseen > 0 {
    ruling.findings.append(
      "\(counted(unseen, "group")) had fewer than \(restRowsMinimum) gate rows and can be judged on live parts only")
  }
}

private func requireRows(
  _ pairs: [PairedCounts], _ what: String, _ question: GateQuestion, _ ruling: inout GateRuling
) {
  let rows = pairs.reduce(0) { $0 + $1.total }
  let needed = question.settings.gateRowsMinimum
  if rows < needed {
    ruling.objections.append("only \(rows) of the \(needed) gate rows that the \(what) need were there")
  }
}

/// Pooled non-inferiority: the 95 % bound of what these groups lose together stays below `allowed`.
///
/// On rows that are too few to show it of any challenger, nothing may speak for a loss: the shadow has to show it then,
/// where parts cost nothing (`decideTrial`).
private func requireNoLoss(_ pairs: [PairedCounts], _ what: String, allowed: Double, _ ruling: inout GateRuling) {
  guard !pairs.isEmpty else { return }
  let wins = pairs.reduce(0) { $0 + $1.wins }
  let losses = pairs.reduce(0) { $0 + $1.losses }
  let total = pairs.reduce(0) { $0 + $1.total }
  guard total > 0 else {
    ruling.objections.append("no gate row of \(what) was there")
    return
  }
  let lower = nonInferiorityLower(wins: wins, losses: losses, total: total)
  let counts = "\(what) together: \(wins) of \(total) parts newly right, \(losses) newly wrong"
  if lower > -allowed {
    ruling.findings.append(
      counts + (lower < 0 ? "; they may lose up to \(percent(-lower))" : "; they gain at least \(percent(lower))"))
    return
  }
  let isShort = Double(wins - losses) / Double(total) - lower > allowed
  if isShort, mcnemarExact(wins: losses, losses: wins) > harmHintLevel {
    ruling.findings.append(
      counts + "; these are too few to show that no more than \(percent(allowed)) is lost: the shadow has to")
    return
  }
  ruling.findings.append(counts)
  ruling.objections.append("\(what) may lose \(percent(-lower)), and at most \(percent(allowed)) is allowed")
}

/// Groups whose harm is no chance, whichever of them one looks at: exact McNemar under Benjamini-Hochberg.
private func harmed(_ healthy: [PairedCounts], _ question: GateQuestion) -> [String] {
  let chances = healthy.map { mcnemarExact(wins: $0.losses, losses: $0.wins) }
  let flags = benjaminiHochberg(chances, rate: harmDiscoveryRate)
  return healthy.indices.filter { flags[$0] }.map { index in
    let pair = healthy[index]
    return "\(question.name(pair.group)) is harmed: \(pair.losses) of \(pair.total) parts newly wrong, \(pair.wins) "
      + "newly right (p \(probability(chances[index])))"
  }
}
