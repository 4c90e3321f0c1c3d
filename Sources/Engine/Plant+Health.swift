import Domain
import Synchronization

/// What only the plant knows of its stores' health.
public struct PlantHealth: Sendable, Equatable {
  public enum JournalState: Sendable, Equatable {
    /// Every part goes straight to the ledger.
    case none
    case writing
    case failing
  }

  public let journal: JournalState
  /// Why nothing can be written to the ledger; nil where it can.
  public let ledgerProblem: String?
  public let unrecordedPredictions: Int
  /// Why lines are out of service.
  public let closed: [String]
  /// Audit entries and ends of runs that the registry would not take yet.
  public let unstoredCount: Int
  public let durability: Durability
  /// Below so many free bytes old rows are deleted before their time.
  public let diskFreeBytesMin: Int
}

extension Plant {
  public func health() -> PlantHealth {
    let journal: PlantHealth.JournalState
    if intake == nil {
      journal = .none
    } else if case .waiting = inheritance {
      journal = .failing
    } else {
      journal = isJournalFailing.load(ordering: .relaxed) ? .failing : .writing
    }
    return PlantHealth(
      journal: journal, ledgerProblem: ledgerProblem, unrecordedPredictions: unrecordedPredictions,
      closed: closed.map(\.sentence), unstoredCount: unstored.entries.count + unstored.runs.count,
      durability: durability,
      diskFreeBytesMin: retention.settings.diskFreeBytesMin)
  }
}
