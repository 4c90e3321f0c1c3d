import Domain

/// What an operator can say of a set of parts.
public enum MarkKind: String, Sendable, CaseIterable {
  /// Somebody has seen its alarm and sees to it.
  case acknowledged
  /// Nothing of it is announced until a time.
  case silenced
  /// It is not monitored any more.
  case retired
}

/// A value of an attribute that means another, as gateways rename what stays the same.
public struct ValueAlias: Sendable, Equatable {
  public let attribute: String
  public let value: String
  public let standsFor: String
  public let by: Principal
  public let at: Timestamp
  public let reason: String

  public init(attribute: String, value: String, standsFor: String, by: Principal, at: Timestamp, reason: String) {
    self.attribute = attribute
    self.value = value
    self.standsFor = standsFor
    self.by = by
    self.at = at
    self.reason = reason
  }
}

extension Plant {
  /// Marks a set of parts.
  /// - Parameter until: for `silenced`, when it ends.
  /// - Returns: the sentence of what was done.
  public func mark(
    _ id: LineID, _ name: String, as kind: MarkKind, until: Timestamp?, reason: String, by actor: Principal
  ) throws(OperatorFault) -> String {
    _ = try open(id)
    throw .invalid(Self.noMarks)
  }

  /// Takes a mark back.
  public func unmark(_ id: LineID, _ name: String, _ kind: MarkKind, reason: String, by actor: Principal)
    throws(OperatorFault) -> String
  {
    _ = try open(id)
    throw .invalid(Self.noMarks)
  }

  /// Lets a value of an attribute mean another from now on; nil: itself again.
  public func alias(
    _ id: LineID, attribute: String, value: String, standsFor: String?, reason: String, by actor: Principal
  ) throws(OperatorFault) -> String {
    _ = try open(id)
    throw .invalid(Self.noMarks)
  }

  public func aliases(_ id: LineID) throws(OperatorFault) -> [ValueAlias] {
    _ = try open(id)
    return []
  }

  private static let noMarks = "this version keeps no marks of groups yet; nothing was changed"
}
