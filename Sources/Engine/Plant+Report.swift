import Domain
import Policy

/// What a report needs of a line that only the plant knows, all of one moment; parts, runs and the audit trail are read
/// beside it.
public struct ReportScope: Sendable {
  public let overview: LineOverview
  public let coverage: LineCoverage
  /// What is in the ledger, and what retention has taken away.
  public let totals: LedgerTotals
  /// The line's time.
  public let now: Timestamp
  /// Parts older than this count, with the outcome they have now.
  public let watermark: Timestamp
  /// Channels whose outcomes do not say how often answers are right: they choose their parts, where another does not.
  public let silentChannels: Set<String>

  public var definition: LineDefinition { overview.registered.definition }
  public var settings: LineSettings { overview.registered.settings }
}

extension Plant {
  public func reportScope(_ id: LineID) throws(OperatorFault) -> ReportScope {
    let line = try open(id)
    let now = line.now(wallClock())
    let chosen = line.monitor.channels.keys.filter { line.monitor.sampling($0, line.settings) == .chosen }
    return ReportScope(
      overview: try overview(id), coverage: try coverage(id),
      totals: try reading { () throws(StorageFailure) in try ledger.totals(line: id) }, now: now,
      watermark: now.advanced(hours: -line.maturityHours),
      silentChannels: chosen.count < line.monitor.channels.count ? Set(chosen) : [])
  }
}
