import Domain

/// `GET /v1/alarms?line=L`: what is on watch, lags, or cannot be judged any more, the worst first.
public struct AlarmsReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var alarms: [AlarmRow]
  public init(alarms: [AlarmRow]) { self.alarms = alarms }
}

public struct AlarmRow: Codable, Sendable, Equatable {
  public var line: String
  public var group: GroupRow

  public init(line: String, group: GroupRow) {
    self.line = line
    self.group = group
  }
}

/// `POST /v1/lines/LINE/alarms`: what an operator says of an alarm.
public struct AlarmRequest: Codable, Sendable, Equatable {
  public enum Action: String, Codable, Sendable, CaseIterable {
    /// Somebody has seen it and sees to it.
    case acknowledge
    /// Takes an acknowledgement back.
    case reopen
    case silence
    case unsilence
  }

  public var group: String
  public var action: Action
  /// For `silence`: RFC 3339.
  public var until: String?
  public var reason: String

  public init(group: String, action: Action, until: String? = nil, reason: String) {
    self.group = group
    self.action = action
    self.until = until
    self.reason = reason
  }
}

/// `POST /v1/lines/LINE/groups/marks`: takes a group out of monitoring, or into it again.
public struct GroupMarkRequest: Codable, Sendable, Equatable {
  public enum Action: String, Codable, Sendable, CaseIterable {
    case retire, restore
  }

  public var group: String
  public var action: Action
  public var reason: String

  public init(group: String, action: Action, reason: String) {
    self.group = group
    self.action = action
    self.reason = reason
  }
}

/// The answer to both: what was done, in a sentence.
public struct MarkReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var line: String
  public var group: String
  public var sentence: String

  public init(line: String, group: String, sentence: String) {
    self.line = line
    self.group = group
    self.sentence = sentence
  }
}

/// `POST /v1/lines/LINE/aliases`: from now on a value of an attribute means another.
public struct AliasRequest: Codable, Sendable, Equatable {
  public var attribute: String
  public var value: String
  /// nil: the value stands for itself again.
  public var standsFor: String?
  public var reason: String

  public init(attribute: String, value: String, standsFor: String?, reason: String) {
    self.attribute = attribute
    self.value = value
    self.standsFor = standsFor
    self.reason = reason
  }
}

public struct AliasReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var line: String
  public var attribute: String
  public var value: String
  public var sentence: String

  public init(line: String, attribute: String, value: String, sentence: String) {
    self.line = line
    self.attribute = attribute
    self.value = value
    self.sentence = sentence
  }
}

/// `GET /v1/lines/LINE/aliases`.
public struct AliasesReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var line: String
  public var aliases: [AliasRow]

  public init(line: String, aliases: [AliasRow]) {
    self.line = line
    self.aliases = aliases
  }
}

public struct AliasRow: Codable, Sendable, Equatable {
  public var attribute: String
  public var value: String
  public var standsFor: String
  public var by: String
  public var at: String
  public var reason: String

  public init(attribute: String, value: String, standsFor: String, by: String, at: String, reason: String) {
    self.attribute = attribute
    self.value = value
    self.standsFor = standsFor
    self.by = by
    self.at = at
    self.reason = reason
  }
}

extension OperatorCall {
  /// A reason goes into the audit trail, which people read in a terminal.
  static let reasonBytesMax = 500

  static func checkedReason(_ reason: String) throws(WireFault) {
    guard reason.contains(where: { !$0.isWhitespace }) else { throw .badMessage("\"reason\" says nothing") }
    guard reason.utf8.count <= reasonBytesMax, reason.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
      throw .badMessage("\"reason\" is longer than \(reasonBytesMax) bytes or holds control characters")
    }
  }

  static func checked(_ request: AdoptSliceRequest) throws(WireFault) -> AdoptSliceRequest {
    if let reason = request.reason { try checkedReason(reason) }
    return request
  }

  static func checked(_ request: AlarmRequest) throws(WireFault) -> AlarmRequest {
    try checkedReason(request.reason)
    switch (request.action, request.until) {
    case (.silence, let until?):
      guard Timestamp(until) != nil else { throw .badMessage("\"until\" is no time like 2026-12-01T06:00:00Z") }
    case (.silence, nil): throw .badMessage("\"until\" is missing: nothing is silenced for ever")
    case (_, nil): break
    case (_, _?): throw .badMessage("\"until\" goes with the action \"silence\" alone")
    }
    return request
  }

  static func checked(_ request: GroupMarkRequest) throws(WireFault) -> GroupMarkRequest {
    try checkedReason(request.reason)
    return request
  }

  static func checked(_ request: AliasRequest) throws(WireFault) -> AliasRequest {
    try checkedReason(request.reason)
    guard request.standsFor != request.value else { throw .badMessage("a value cannot stand for itself") }
    return request
  }
}
