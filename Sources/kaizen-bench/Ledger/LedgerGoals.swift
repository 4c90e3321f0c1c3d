/// The goals of the ledger, from what was measured.
enum LedgerGoals {
  static let ratioMax = 1.3
  /// Of the rate on an empty ledger.
  static let shareMin = 0.8
  static let statusMillisecondsMax = 20.0

  static func goals(_ report: LedgerReport) -> [ServeGoal] {
    let empty = report.sizes.first { $0.rows == 0 }
    return report.sizes.flatMap { (size) -> [ServeGoal] in
      let name = "\(ServeGoals.count(size.rows)) rows"
      let ratios = LedgerSync.allCases.map { sync in
        ServeGoal(
          "C loop's rate / ours, \(sync.rawValue), worst batch, \(name)", atMost: ratioMax,
          measured: size.writes.filter { $0.sync == sync }.map(\.ratio).max())
      }
      let status = ServeGoal(
        "ms of what status asks, \(name)", atMost: statusMillisecondsMax,
        measured: size.statusMilliseconds.isEmpty ? nil : median(size.statusMilliseconds))
      guard size.rows > 0 else { return ratios + [status] }
      let share = ServeGoal(
        "rate / empty ledger's, normal, worst batch, \(name)", atLeast: shareMin,
        measured: empty.flatMap { rateShare(of: size, to: $0) })
      return ratios + [share, status]
    }
  }

  private static func rateShare(of size: LedgerSize, to empty: LedgerSize) -> Double? {
    size.writes.filter { $0.sync == .normal }.compactMap { writes in
      let before = empty.writes.first { $0.sync == writes.sync && $0.batch == writes.batch }
      return before.map { rate(writes.own) / rate($0.own) }
    }.min()
  }

  static func rate(_ rounds: [LedgerRound]) -> Double { median(rounds.map(\.rowsPerSecond)) }
}
