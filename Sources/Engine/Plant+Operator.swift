import Domain
import NeuralNet
import Policy

/// Why an operator's request was not carried out; nothing was changed.
public enum OperatorFault: Error, Equatable {
  case unknownLine(String)
  case lineExists(String)
  case unknownModel(line: LineID, version: ModelVersion)
  case unknownRun(Int)
  case unknownGroup(line: LineID, group: String)
  case invalid(String)
  /// A job runs already, or there are not enough rows yet.
  case busy(String)
  /// The line is registered and cannot serve.
  case closed(String)
  case storage(String)

  public var sentence: String {
    switch self {
    case .unknownLine(let name): "no line is named \"\(name)\"; 'kaizenctl lines' lists those there are"
    case .lineExists(let name): "line \"\(name)\" exists already; choose another name"
    case .unknownModel(let line, let version):
      "line \(line) has no student \(version); 'kaizenctl models \(line)' lists them"
    case .unknownRun(let number): "there is no run \(number); 'kaizenctl runs' lists them"
    case .unknownGroup(let line, let group):
      "line \(line) has seen no part of \(group); 'kaizenctl groups \(line)' lists the groups there are"
    case .invalid(let sentence), .busy(let sentence), .closed(let sentence), .storage(let sentence): sentence
    }
  }
}

/// A new line with its first student.
public struct NewLine: Sendable {
  public let definition: LineDefinition
  public let settings: LineSettings
  public let student: [UInt8]
  public let teacher: TeacherSource
  public let report: TrainingReport
  public let source: String

  public init(
    definition: LineDefinition, settings: LineSettings, student: [UInt8], teacher: TeacherSource,
    report: TrainingReport, source: String
  ) {
    self.definition = definition
    self.settings = settings
    self.student = student
    self.teacher = teacher
    self.report = report
    self.source = source
  }
}

/// One cell whose student changed.
public struct Reroute: Sendable, Equatable {
  public let cell: String
  public let from: ModelVersion
  public let to: ModelVersion
}

/// What a retraining would use, for a dry run or its start.
public struct RetrainOutline: Sendable, Equatable {
  public let run: Int?
  public let cells: [String]
  public let since: Timestamp
  public let rows: [(group: String, labelled: Int)]
  public let arms: [String]
  public let ready: Bool
  public let sentences: [String]
  public let scope: RetrainScope
  /// What the gate can find on the rows there are, in sentences.
  public let power: [String]

  public static func == (left: RetrainOutline, right: RetrainOutline) -> Bool {
    left.run == right.run && left.cells == right.cells && left.since == right.since && left.arms == right.arms
      && left.ready == right.ready && left.sentences == right.sentences
      && left.scope == right.scope && left.power == right.power
      && left.rows.elementsEqual(right.rows, by: ==)
  }
}

extension LineDefinition {
  func group(named name: String) throws(OperatorFault) -> GroupKey {
    do {
      return try schema.group(parsing: name, classNames: classNames)
    } catch {
      throw .invalid(error.sentence)
    }
  }
}

extension LineDefinition {
  func slice(named name: String) throws(OperatorFault) -> PartSlice {
    do {
      return try slice(parsing: name)
    } catch {
      throw .invalid(error.sentence)
    }
  }
}

extension Plant {
  /// Lines a machine serves; each costs memory and alarm bookkeeping, and a plant has tens of them.
  static let maximumLines = 200

  /// Registers a line and puts its first student into service: all of it, or none.
  public func add(_ new: NewLine, by actor: Principal) throws(OperatorFault) -> (version: ModelVersion, run: Int) {
    let id = new.definition.id
    guard lines[id] == nil, closedLines[id] == nil else { throw .lineExists(id.text) }
    guard lines.count < Self.maximumLines else { throw .invalid("this machine already has \(lines.count) lines") }
    let version = ModelVersion(1)
    let now = wallClock()
    do {
      let earlier = try ledger.totals(line: id)
      guard earlier == LedgerTotals(predictions: 0, outcomes: 0) else {
        throw OperatorFault.invalid(
          "ledger.db holds \(earlier.predictions) parts of an earlier line \(id); choose another name, or move "
            + "ledger.db away while kaizend is stopped")
      }
      let student = try Self.usableStudent(new.student, new.definition, name: "the first student of \(id)")
      var line = RegisteredLine(
        definition: new.definition, settings: new.settings, champion: version, routes: [:], teacher: new.teacher,
        addedAt: now)
      let stored = line
      line.settings = settings(id, line.settings)
      let advice = adviceReasons(
        new.report.advice, definition: new.definition, settings: line.settings)
      let (entry, number) = try registry.transaction { () throws(StorageFailure) in
        try registry.add(stored)
        let run = try registry.add(firstRun(new, version: version, now: now, by: actor))
        try registry.add(
          ModelRecord(
            line: id, version: version, run: run.number, arm: new.report.chosenArm, parent: nil,
            parameterCount: student.parameterCount, sha256: "", createdAt: now, by: actor), bytes: new.student,
          advice: new.report.advice)
        let entry = try registry.audit(
          AuditEntry(
            time: now, actor: actor, event: .lineAdded, line: id, group: nil, run: run.number,
            sentence: "line \(id) added from \(new.source); student 1 (\(new.report.chosenArm ?? "given")) serves it; "
              + advice.joined(separator: "; ")))
        return (entry, run.number)
      }
      let trained = Set(new.report.folds.filter { $0.train > 0 }.map(\.group.cell))
      var monitor = LineMonitor()
      for cell in trained { monitor.see(cell) }
      let state = LineState(
        registered: line, students: [version: student], bounds: new.report.advice.map { [version: $0] } ?? [:],
        firstTrainedCells: trained, monitor: monitor, clock: LineClock(Timestamp(microseconds: 0)))
      lines[id] = state
      Self.describe(line, in: ledger)
      // A new line: the ledger has no part of it.
      intake?.open(id, .greatest(nil))
      serving.install(try state.snapshot())
      log(entry)
      return (version, number)
    } catch let fault as OperatorFault {
      throw fault
    } catch let failure as StorageFailure {
      throw .storage(failure.sentence)
    } catch {
      throw .invalid("\(error)")
    }
  }

  private func firstRun(_ new: NewLine, version: ModelVersion, now: Timestamp, by actor: Principal) -> RunRecord {
    RunRecord(
      number: 0, line: new.definition.id, kind: .first, state: .promoted,
      cells: Set(new.report.folds.map(\.group.cell)).sorted(),
      groups: Set(new.report.folds.map(\.group)).sorted().map { new.definition.text($0) },
      causes: ["the line was added from \(new.source)"], since: Timestamp(microseconds: 0), startedAt: now,
      endedAt: now, by: actor, report: new.report, verdict: ["a line's first student needs no gate"],
      promoted: version)
  }

  /// Starts a job by hand, or says what it would do. No groups: those lagging now, and for a whole job none need lag.
  public func retrain(
    _ id: LineID, groups names: [String], scope: RetrainScope = .scoped, dryRun: Bool, by actor: Principal
  ) throws(OperatorFault) -> RetrainOutline {
    let line = try open(id)
    do {
      let wanted = try groupsToRetrain(line, names: names)
      let plan = try plan(wanted, scope: scope, line: line, by: actor)
      let missing = plan.groups.compactMap { group in
        missingRows(group, settings: line.settings).map { "\(group.name): \($0)" }
      }
      let refusal = refusal(plan, line: line, missing: missing)
      guard !dryRun else {
        return try outline(plan, line: line, run: nil, missing: refusal.map { [$0] } ?? [])
      }
      if let refusal { throw OperatorFault.busy(refusal) }
      let run = try start(plan, line: line, by: actor)
      return try outline(plan, line: line, run: run, missing: [])
    } catch let fault as OperatorFault {
      throw fault
    } catch let failure as StorageFailure {
      throw .storage(failure.sentence)
    } catch {
      throw .invalid("\(error)")
    }
  }

  /// Why a job that an operator asks for cannot start now; nil: it can.
  private func refusal(_ plan: JobPlan, line: LineState, missing: [String]) -> String? {
    if let activeRun { return "run \(activeRun.record.number) is under way; one job runs at a time" }
    if let trial = line.wholeTrial {
      return
        "run \(trial.run) is at \(trial.stage.text) for the whole line; 'kaizenctl reject \(trial.run) --reason TEXT' "
        + "ends it"
    }
    let awaiting = line.awaitingCells
    let waiting = plan.scope == .whole ? Array(awaiting.values) : plan.cells.compactMap { awaiting[$0] }
    if let run = waiting.min() {
      return "run \(run) waits for 'kaizenctl approve \(run)' or 'kaizenctl reject \(run) --reason TEXT'"
    }
    return missing.isEmpty || plan.scope == .whole
      ? nil : "not enough labelled parts yet: \(missing.joined(separator: "; "))"
  }

  /// Days of rows that a whole job reads where no group's change says since when.
  private static let wholeDays = 90.0

  private func plan(_ wanted: [LaggingGroup], scope: RetrainScope, line: LineState, by actor: Principal)
    throws(OperatorFault) -> JobPlan
  {
    switch scope {
    case .scoped:
      guard let first = wanted.max(by: { $0.evidence < $1.evidence }) else {
        throw .invalid(
          "no group of line \(line.id) lags; name one with --group (see 'kaizenctl groups \(line.id)')")
      }
      return jobPlan(for: wanted.filter { $0.servedBy == first.servedBy })
    case .whole:
      let asked = "\(actor.login) asked for one student for the whole line"
      guard !wanted.isEmpty else {
        return JobPlan(
          scope: .whole, cells: [], groups: [],
          since: line.now(wallClock()).advanced(hours: -24 * Self.wholeDays), reasons: [asked])
      }
      let plan = jobPlan(for: wanted, scope: .whole)
      return JobPlan(
        scope: .whole, cells: plan.cells, groups: plan.groups, since: plan.since, reasons: [asked] + plan.reasons)
    }
  }

  private func groupsToRetrain(_ line: LineState, names: [String]) throws -> [LaggingGroup] {
    let past = try registry.retrainings(line: line.id, limit: Self.historyLimit)
    guard !names.isEmpty else { return try laggingGroups(line, past: past) }
    let levels = alarmLevels
    return try names.map { name in
      let group = try line.definition.group(named: name)
      guard group.outcome != nil || !line.definition.schema.includesOutcome else {
        throw OperatorFault.invalid(
          "the groups of line \(line.id) hold the outcome; name one as \(name),outcome=\(line.definition.classNames[0])"
        )
      }
      return try describe(
        group, evidence: line.monitor.evidence(of: PartSlice(group)), line: line, levels: levels, past: past)
    }
  }

  private func outline(_ plan: JobPlan, line: LineState, run: Int?, missing: [String]) throws(StorageFailure)
    -> RetrainOutline
  {
    let rows = plan.cells.flatMap { cell in
      let counts = plan.groups.first { $0.group.cell == cell }?.labelledRows ?? [:]
      return counts.sorted { $0.key < $1.key }.map { label, count in
        (group: line.definition.text(GroupKey(cell: cell, outcome: label)), labelled: count)
      }
    }
    let servedBy = plan.scope == .whole ? line.registered.champion : plan.groups[0].servedBy
    return RetrainOutline(
      run: run, cells: plan.cells.map { line.definition.text($0) }, since: plan.since, rows: rows,
      arms: plan.scope == .whole
        ? [RetrainSpec.labelsArm, RetrainSpec.consolidatedArm]
        : [
          RetrainSpec.previousArm, RetrainSpec.headArm, RetrainSpec.labelsArm, RetrainSpec.distilledArm,
          RetrainSpec.globalArm, RetrainSpec.teacherArm,
        ],
      ready: missing.isEmpty, sentences: plan.reasons + missing, scope: plan.scope,
      power: gatePower(
        groups: plan.groups, attempt: try attempt(cells: plan.cells, servedBy: servedBy, line: line),
        settings: line.settings))
  }

  /// Takes cells back to the student that served them before.
  ///
  /// - Parameter cellName: nil takes back every cell of the newest scoped student; where there is none, what a student
  ///   activated by hand took the place of.
  public func rollback(_ id: LineID, cell cellName: String?, reason: String?, by actor: Principal)
    throws(OperatorFault) -> [Reroute]
  {
    let line = try open(id)
    var wanted: [Cell]
    if let cellName {
      wanted = [try line.definition.group(named: cellName).cell]
    } else {
      let newest = line.registered.routes.values.max()
      wanted = line.registered.routes.filter { $0.value == newest }.map(\.key).sorted()
    }
    if cellName == nil, wanted.isEmpty {
      do {
        if let changes = try undoTakeover(line, reason: reason, by: actor) { return changes }
      } catch {
        throw .storage(error.sentence)
      }
    }
    wanted = wanted.filter { line.registered.routes[$0] != nil }
    guard !wanted.isEmpty else {
      throw .invalid("nothing to roll back: the champion (student \(line.registered.champion)) serves these parts")
    }
    do {
      return try reroute(wanted, line: line, reason: reason, by: actor)
    } catch {
      throw .storage(error.sentence)
    }
  }

  private func reroute(_ cells: [Cell], line: LineState, reason: String?, by actor: Principal)
    throws(StorageFailure) -> [Reroute]
  {
    var next = line
    var changes: [Reroute] = []
    let models = try registry.models(line: line.id)
    let takenBack = try takenBack(line)
    for cell in cells {
      guard let from = line.registered.routes[cell] else { continue }
      // What it took the place of; where nobody remembers, the student it was trained from.
      let trial = line.trials.map(\.record).first { $0.version == from && $0.stage == .watch && $0.covers(cell) }
      let before =
        trial?.versionBefore(cell) ?? models.first { $0.version == from }?.parent ?? line.registered.champion
      let parent = takenBack.contains(before) ? line.registered.champion : before
      let target: ModelVersion? = parent == line.registered.champion ? nil : parent
      next.registered.routes[cell] = target
      if next.students[parent] == nil {
        next.students[parent] = try Self.loadStudent(line.definition, version: parent, registry: registry)
        next.bounds[parent] = try Self.loadBounds(line.definition, version: parent, registry: registry)
      }
      changes.append(Reroute(cell: line.definition.text(cell), from: from, to: parent))
    }
    let routes = next.registered.routes
    let told = changes.map { "\($0.cell) from student \($0.from) to \($0.to)" }.joined(separator: ", ")
    let entry = try registry.transaction { () throws(StorageFailure) in
      for cell in cells { try registry.setRoute(routes[cell], cell: cell, line: line.id) }
      return try registry.audit(
        AuditEntry(
          time: wallClock(), actor: actor, event: .modelRolledBack, line: line.id,
          group: changes.map(\.cell).joined(separator: " "), run: nil,
          sentence: "rolled back \(told)" + (reason.map { ": \($0)" } ?? "")))
    }
    log(entry, model: changes.first?.from)
    try adopt(next, changed: Set(cells), rolledBack: true)
    return changes
  }

  /// Lets no job start any more, ends the one under way, and returns when its end is recorded.
  public nonisolated func stopTraining() async {
    await withCheckedContinuation { continuation in
      ask { plant in
        plant.isStopping = true
        plant.stopExamination()
        // What is trained and waits for the end of the quiet hours is found again at the next start.
        guard let run = plant.activeRun, run.heldBack == nil else {
          continuation.resume()
          return
        }
        plant.whenIdle = { continuation.resume() }
        plant.trainer.stop(run: run.record.number)
      }
    }
  }
}
