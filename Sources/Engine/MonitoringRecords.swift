import Domain

/// A slice that an operator wants monitored, from the day it was adopted to what became of it.
public struct AdoptedSlice: Sendable, Equatable {
  public enum State: String, Sendable, CaseIterable {
    /// Waits for later parts: what a search found among many sets may be chance.
    case candidate
    /// Later parts have confirmed it.
    case monitored
    /// Later parts have not.
    case rejected
  }

  public let line: LineID
  /// As `LineDefinition.text` prints it.
  public let slice: String
  public var state: State
  /// The ledger's last row when it was adopted: later parts have greater ones.
  public let foundRow: Int64
  /// The line's time then.
  public let foundAt: Timestamp
  public let adoptedAt: Timestamp
  public let by: Principal
  public let reason: String
  /// How many later labelled parts of the slice are looked at, once, fixed beforehand: looking again and again until
  /// chance agrees would confirm anything.
  public let partsNeeded: Int
  public var decidedAt: Timestamp?
  /// What was found, and once it is decided what the later parts said.
  public var detail: String

  public init(
    line: LineID, slice: String, state: State, foundRow: Int64, foundAt: Timestamp, adoptedAt: Timestamp,
    by: Principal, reason: String, partsNeeded: Int, decidedAt: Timestamp? = nil, detail: String
  ) {
    self.line = line
    self.slice = slice
    self.state = state
    self.foundRow = foundRow
    self.foundAt = foundAt
    self.adoptedAt = adoptedAt
    self.by = by
    self.reason = reason
    self.partsNeeded = partsNeeded
    self.decidedAt = decidedAt
    self.detail = detail
  }
}

/// What an operator has said of a monitored set of parts.
public struct GroupMark: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable {
    case acknowledged
    /// It does not count for `kaizenctl check`, until `until`.
    case silenced
    /// Not monitored any more.
    case retired
  }

  public let line: LineID
  /// As `LineDefinition.text` prints it.
  public let slice: String
  public let kind: Kind
  /// nil: for good.
  public let until: Timestamp?
  public let by: Principal
  public let at: Timestamp
  public let reason: String

  public init(
    line: LineID, slice: String, kind: Kind, until: Timestamp?, by: Principal, at: Timestamp, reason: String
  ) {
    self.line = line
    self.slice = slice
    self.kind = kind
    self.until = until
    self.by = by
    self.at = at
    self.reason = reason
  }
}

/// Another spelling of an attribute's value, counted as the one it stands for.
public struct AttributeAlias: Sendable, Equatable {
  public let line: LineID
  public let attribute: String
  public let value: String
  public let standsFor: String
  public let by: Principal
  public let at: Timestamp
  public let reason: String

  public init(
    line: LineID, attribute: String, value: String, standsFor: String, by: Principal, at: Timestamp, reason: String
  ) {
    self.line = line
    self.attribute = attribute
    self.value = value
    self.standsFor = standsFor
    self.by = by
    self.at = at
    self.reason = reason
  }
}
