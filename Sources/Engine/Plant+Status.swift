import Domain
import Policy

public struct LineOverview: Sendable, Equatable {
  public let registered: RegisteredLine
  /// Groups, nodes above them and adopted slices, the strongest evidence first.
  public let groups: [GroupStatus]
  public let liveVersions: [ModelVersion]
  public let predictions: Int
  /// Labelled share of matured predictions; nil when none has matured.
  public let labelCoverage: Double?
  public let lastPredictionAt: Timestamp?
  public let activity: String?
  /// Hours until a part counts; nil while that is learned.
  public let maturityHours: Double?
  /// Parts of groups for which there was no room, which the sets above them count.
  public let unmonitored: Int
  /// Sets that an operator took out of monitoring.
  public let retired: Set<PartSlice>
  public let advice: AdviceShares
  /// When and why each live student's parts go to manual check.
  public let adviceSentences: [String]

  /// The group of the partition with the lowest accuracy among those with enough labels to rank.
  public var worst: GroupStatus? {
    partition.filter { $0.total >= labelsMinimum }.min { ($0.accuracy ?? 1) < ($1.accuracy ?? 1) }
  }

  public var partition: [GroupStatus] { groups.filter { $0.kind == .group } }

  /// Sets in a state that no other one inside them explains.
  public func alarming(_ state: GroupState) -> Int { groups.count { $0.state == state && $0.explainedBy == nil } }
}

public struct LedgerOverview: Sendable, Equatable {
  public let problem: String?
  public let totals: LedgerTotals
  public let byteCount: Int
  /// Answers of this run that stand in no file.
  public let unrecordedPredictions: Int
  public let durability: Durability
  public let retention: RetentionOverview
}

extension Plant {
  public var lineIDs: [LineID] { lines.keys.sorted() }
  public var started: Timestamp { startedAt }
  /// The job under way, how far it is, and why it stands still where it does.
  public var currentRun: (record: RunRecord, progress: TrainingProgress?, pause: String?)? {
    activeRun.map { ($0.record, $0.progress, $0.pause) }
  }

  /// Lines that are out of service, with the sentence why.
  public var closed: [ClosedLine] { closedLines.sorted { $0.key < $1.key }.map(\.value) }

  /// A line that serves.
  func open(_ id: LineID) throws(OperatorFault) -> LineState {
    if let line = lines[id] { return line }
    if let closed = closedLines[id] { throw .closed(closed.sentence) }
    throw .unknownLine(id.text)
  }

  /// What a line is, whether it serves or not.
  public func definition(_ id: LineID) throws(OperatorFault) -> LineDefinition { try registered(id).definition }

  /// A line in service or not.
  public func registered(_ id: LineID) throws(OperatorFault) -> RegisteredLine {
    if let closed = closedLines[id] { return closed.registered }
    return try open(id).registered
  }

  public func overview(_ id: LineID) throws(OperatorFault) -> LineOverview {
    let line = try open(id)
    let monitor = line.monitor
    return LineOverview(
      registered: line.registered, groups: groupStatuses(line), liveVersions: line.students.keys.sorted(),
      predictions: try reading { () throws(StorageFailure) in try ledger.totals(line: id).predictions },
      labelCoverage: monitor.matured > 0 ? Double(monitor.labelled) / Double(monitor.matured) : nil,
      lastPredictionAt: try reading { () throws(StorageFailure) in try ledger.latestTime(line: id) },
      activity: line.activity, maturityHours: monitor.maturityHours(line.settings), unmonitored: monitor.unmonitored,
      retired: line.retired,
      advice: try reading { () throws(StorageFailure) in try adviceShares(line) },
      adviceSentences: line.adviceSentences)
  }

  public func ledgerOverview() -> LedgerOverview {
    let totals = try? ledger.totals(line: nil)
    return LedgerOverview(
      problem: ledgerProblem, totals: totals ?? LedgerTotals(predictions: 0, outcomes: 0),
      byteCount: ledger.byteCount, unrecordedPredictions: unrecordedPredictions + (intake?.owed ?? 0),
      durability: durability, retention: retentionOverview())
  }

  public func models(_ id: LineID) throws(OperatorFault) -> [ModelRecord] {
    _ = try definition(id)
    return try reading { () throws(StorageFailure) in try registry.models(line: id) }
  }

  public func modelBytes(_ id: LineID, version: ModelVersion) throws(OperatorFault) -> [UInt8] {
    _ = try definition(id)
    guard let bytes = try reading({ () throws(StorageFailure) in try registry.bytes(line: id, version: version) })
    else { throw .unknownModel(line: id, version: version) }
    return bytes
  }

  public func runs(line: LineID?, limit: Int) throws(OperatorFault) -> [RunRecord] {
    if let line { _ = try definition(line) }
    return try reading { () throws(StorageFailure) in try registry.runs(line: line, limit: limit) }
  }

  public func run(_ number: Int) throws(OperatorFault) -> RunRecord {
    guard let run = try reading({ () throws(StorageFailure) in try registry.run(number) }) else {
      throw .unknownRun(number)
    }
    return run
  }

  public func auditEntries(line: LineID?, run: Int?, group: String?, limit: Int) throws(OperatorFault) -> [AuditEntry] {
    try reading { () throws(StorageFailure) in
      try registry.auditEntries(line: line, run: run, group: group, limit: limit)
    }
  }

  public func verifyAudit() throws(OperatorFault) -> AuditVerdict {
    try reading { () throws(StorageFailure) in try registry.verifyAudit() }
  }

  /// The line's definition, and its set of parts of that name with what the monitor knows of it.
  public func group(_ id: LineID, named name: String) throws(OperatorFault) -> (LineDefinition, PartSlice, GroupStatus?)
  {
    let line = try open(id)
    let slice = try line.definition.slice(named: name)
    let status = groupStatuses(line).first { $0.slice == slice }
    guard status != nil || slice.cell.map(line.monitor.seenCells.contains) == true else {
      throw .unknownGroup(line: id, group: name)
    }
    return (line.definition, slice, status)
  }

  func reading<Value>(_ body: () throws(StorageFailure) -> Value) throws(OperatorFault) -> Value {
    do {
      return try body()
    } catch {
      throw .storage(error.sentence)
    }
  }
}
