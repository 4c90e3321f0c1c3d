import Domain

/// An earlier job of the line, as far as it bears on a new one.
public struct PastJob: Sendable, Equatable {
  public let scope: RetrainScope
  /// The cells whose groups caused it: not every cell that a whole job was for.
  public let cells: [Cell]
  public let endedAt: Timestamp
  /// False for jobs that a stop of the daemon broke off: they say nothing about the group. A job that failed counts,
  /// or one that always fails would be started again at once, for ever.
  public let reachedVerdict: Bool
  /// It was carried through and what served before serves still, or again: no arm was better, its trial ended, or its
  /// student was taken back. A person's no says nothing about the group.
  public let wasKept: Bool
  /// Labelled rows it had of all its cells; nil where nobody counted them.
  public let rows: Int?

  public init(
    scope: RetrainScope = .scoped, cells: [Cell], endedAt: Timestamp, reachedVerdict: Bool, wasKept: Bool,
    rows: Int? = nil
  ) {
    self.scope = scope
    self.cells = cells
    self.endedAt = endedAt
    self.reachedVerdict = reachedVerdict
    self.wasKept = wasKept
    self.rows = rows
  }

  /// Of a mean cell: nobody counts them for each.
  var rowsPerCell: Int? { rows.map { $0 / max(cells.count, 1) } }
}

/// Jobs in a row that helped nothing, after which a group is no longer tried at the usual pace.
public let keptInARowMaximum = 3

/// Why a cell is no longer tried at the usual pace; nil while it is.
///
/// Labels that contradict each other and classes that the measurements do not tell apart look the same from here:
/// nothing that was tried, the teacher among it, found more than what serves.
public func hopelessness(cell: Cell, history: [PastJob]) -> String? {
  guard let last = lastOfHopeless(cell: cell, history: history) else { return nil }
  let rows = last.rowsPerCell.map { " (it had \($0))" } ?? ""
  return
    "\(keptInARowMaximum) retrainings in a row led to no student that may serve it: nothing better was found, or it "
    + "cost other parts too much ('kaizenctl explain RUN' says which). Its labels may contradict each other, or its "
    + "measurements may not show what is asked. It is tried again with twice the labelled parts of the last try\(rows), "
    + "or when an operator asks"
}

/// The last of the jobs that make a cell hopeless.
func lastOfHopeless(cell: Cell, history: [PastJob]) -> PastJob? {
  let own = history.filter { $0.reachedVerdict && $0.cells.contains(cell) }.sorted { $0.endedAt > $1.endedAt }
  let latest = own.prefix(keptInARowMaximum)
  return latest.count == keptInARowMaximum && latest.allSatisfy(\.wasKept) ? latest.first : nil
}
