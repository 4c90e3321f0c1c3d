import Domain
import Policy

/// A group that lags and that no retraining has helped.
public struct HopelessGroup: Sendable, Equatable {
  public let name: String
  /// What was tried, what may be the cause, and when it is tried again.
  public let sentence: String
}

/// How often the students of a line have changed.
public struct ServiceChanges: Sendable, Equatable {
  public let line: LineID
  /// Students put into service, by their gate or by hand.
  public let promotions: Int
  /// Students taken back, by the daemon or by hand.
  public let rollbacks: Int
}

/// What operators ask about how retraining stands on a line.
extension Plant {
  public func hopelessGroups(_ id: LineID) throws(OperatorFault) -> [HopelessGroup] {
    let line = try open(id)
    guard !line.weakCells.isEmpty else { return [] }
    let jobs = history(
      try reading { () throws(StorageFailure) in try registry.retrainings(line: id, limit: Self.historyLimit) })
    return line.laggingGroups.map(\.group).sorted().compactMap { group in
      hopelessness(cell: group.cell, history: jobs).map {
        HopelessGroup(name: line.definition.text(group), sentence: $0)
      }
    }
  }

  /// Of each line, since it was added: the audit trail is never shortened.
  public func serviceChanges() throws(OperatorFault) -> [ServiceChanges] {
    let counts = try reading { () throws(StorageFailure) in
      try registry.auditCounts(of: [.modelPromoted, .modelActivated, .modelRolledBack])
    }
    return lines.keys.sorted().map { id in
      let own = counts[id] ?? [:]
      return ServiceChanges(
        line: id, promotions: own[.modelPromoted, default: 0] + own[.modelActivated, default: 0],
        rollbacks: own[.modelRolledBack, default: 0])
    }
  }
}
