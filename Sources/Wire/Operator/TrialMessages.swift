import Domain

/// A challenger that its gate let pass, between the end of its job and the end of its watch.
public struct TrialRow: Codable, Sendable, Equatable {
  public var run: Int
  /// The challenger.
  public var version: Int
  /// approval, shadow, canary or watch.
  public var stage: String
  /// Share of the parts that the challenger answers, in percent; absent but in the stage canary.
  public var percent: Int?
  /// Cells it is to serve, or serves.
  public var cells: [String]
  /// When this stage began.
  public var since: String
  /// When the watch ends, where all stays well; absent in the other stages, which end by what is seen.
  public var until: String?
  /// What has been seen in this stage so far.
  public var sentence: String
  /// Where it waits for approval: what each outcome of each cell would gain and lose.
  public var tradeOff: [String]?

  public init(
    run: Int, version: Int, stage: String, percent: Int? = nil, cells: [String], since: String, until: String? = nil,
    sentence: String, tradeOff: [String]? = nil
  ) {
    self.run = run
    self.version = version
    self.stage = stage
    self.percent = percent
    self.cells = cells
    self.since = since
    self.until = until
    self.sentence = sentence
    self.tradeOff = tradeOff
  }
}

/// `POST /v1/runs/RUN/approve`: the challenger that waits goes on.
public struct ApproveRequest: Codable, Sendable, Equatable {
  public var reason: String?
  public init(reason: String?) { self.reason = reason }
}

/// `POST /v1/runs/RUN/reject`: the challenger goes, the serving students stay.
public struct RejectRequest: Codable, Sendable, Equatable {
  public var reason: String
  public init(reason: String) { self.reason = reason }
}

/// The answer to both: what becomes of the run.
public struct TrialStepReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var run: Int
  public var line: String
  public var version: Int
  /// What the run is in now: shadow, canary or watch; absent where its trial is over.
  public var stage: String?
  public var sentence: String

  public init(run: Int, line: String, version: Int, stage: String?, sentence: String) {
    self.run = run
    self.line = line
    self.version = version
    self.stage = stage
    self.sentence = sentence
  }
}

/// `POST /v1/lines/LINE/promote`: a student is put into service by hand, without a gate.
public struct PromoteRequest: Codable, Sendable, Equatable {
  public var version: Int
  /// Empty: every part of the line, groups that come later too.
  public var cells: [String]
  public var reason: String?

  public init(version: Int, cells: [String] = [], reason: String?) {
    self.version = version
    self.cells = cells
    self.reason = reason
  }
}

public struct PromoteReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var line: String
  public var version: Int
  public var changes: [RouteChange]
  public var sentence: String

  public init(line: String, version: Int, changes: [RouteChange], sentence: String) {
    self.line = line
    self.version = version
    self.changes = changes
    self.sentence = sentence
  }
}

extension OperatorCall {
  static func decodeRun(_ request: WireRequest, number: Int, verb: String) throws(WireFault) -> OperatorCall {
    switch verb {
    case "approve":
      let message: ApproveRequest = try body(of: request)
      if let reason = message.reason { try checkedReason(reason) }
      return .approve(run: number, message)
    case "reject":
      let message: RejectRequest = try body(of: request)
      try checkedReason(message.reason)
      return .reject(run: number, message)
    default: throw .unknownPath(request.path)
    }
  }

  static func checked(_ request: PromoteRequest) throws(WireFault) -> PromoteRequest {
    guard request.version >= 1 else { throw .badMessage("\"version\" counts from 1 (got \(request.version))") }
    guard Set(request.cells).count == request.cells.count else { throw .badMessage("\"cells\" names one twice") }
    if let reason = request.reason { try checkedReason(reason) }
    return request
  }
}
