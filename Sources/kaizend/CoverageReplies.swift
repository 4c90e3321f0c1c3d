import Domain
import Engine
import Wire

extension OperatorReplies {
  /// The delays that people ask about: an hour, a shift, days, a month.
  private static let shownHours: [Double] = [1, 8, 24, 72, 168, 720]

  static func coverage(_ line: LineID, _ coverage: LineCoverage) -> CoverageReply {
    CoverageReply(
      line: line.text, maturityHours: coverage.maturityHours, total: row(coverage.total),
      groups: coverage.groups.map(row),
      channels: coverage.channels.map {
        ChannelRow(
          channel: $0.told.name, declared: $0.told.isDeclared, samplingProbability: $0.samplingProbability,
          outcomes: $0.told.outcomes, conflicts: $0.told.conflicts)
      }, waiting: coverage.waiting, sentence: coverage.sentence)
  }

  private static func row(_ row: LineCoverage.Row) -> CoverageRow {
    let total = row.delays.total
    return CoverageRow(
      group: row.name, predictions: row.predictions, outcomes: row.outcomes, coverage: row.share, n: total,
      within: shownHours.map { hours in
        let count = row.delays.count(withinHours: hours) ?? 0
        return DelayShare(hours: hours, count: count, share: total > 0 ? Double(count) / Double(total) : nil)
      })
  }
}
