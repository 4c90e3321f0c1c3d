import Domain
import NeuralNet

/// A student on its way in from a file.
public struct NewModel: Sendable {
  public let student: [UInt8]
  /// The file's name, for the audit.
  public let source: String
  /// Lower-case hex of the file.
  public let sha256: String

  public init(student: [UInt8], source: String, sha256: String) {
    self.student = student
    self.source = source
    self.sha256 = sha256
  }
}

/// Students that an operator gives in and puts into service by hand; no gate judges them, the audit says so.
extension Plant {
  /// How a student came to be that no arm of a training made.
  public static let importedArm = "imported"
  /// Students of a line, each some hundred kilobytes in state.db.
  static let maximumModels = 10_000

  /// Registers a student that serves nobody yet.
  public func importModel(_ id: LineID, _ new: NewModel, by actor: Principal)
    throws(OperatorFault) -> (version: ModelVersion, run: Int)
  {
    let line = try open(id)
    do {
      let student = try Self.usableStudent(new.student, line.definition, name: "the student from \(new.source)")
      guard student.shape.input == line.definition.input else {
        throw OperatorFault.invalid(
          "the student from \(new.source) reads \(student.shape.input), and parts of line \(id) are "
            + "\(line.definition.input)")
      }
      let models = try registry.models(line: id)
      guard models.count < Self.maximumModels else {
        throw OperatorFault.invalid("line \(id) already has \(models.count) students")
      }
      let version = ModelVersion((models.map(\.version.number).max() ?? 0) + 1)
      let now = wallClock()
      let champion = line.registered.champion
      let (entry, number) = try registry.transaction { () throws(StorageFailure) in
        let run = try registry.add(
          RunRecord(
            number: 0, line: id, kind: .imported, state: .kept, cells: [], groups: [],
            causes: ["imported from \(new.source)"], since: now, startedAt: now, endedAt: now, by: actor, report: nil,
            verdict: ["an imported student serves nobody until an operator promotes it, and needs no gate"],
            promoted: nil))
        try registry.add(
          ModelRecord(
            line: id, version: version, run: run.number, arm: Self.importedArm, parent: champion,
            parameterCount: student.parameterCount, sha256: "", createdAt: now, by: actor), bytes: new.student,
          advice: nil)
        let entry = try registry.audit(
          AuditEntry(
            time: now, actor: actor, event: .modelImported, line: id, group: nil, run: run.number,
            sentence:
              "student \(version) imported from \(new.source) (SHA-256 \(new.sha256)); it serves nobody yet, and "
              + "has no confidence or range below or outside which parts would go to manual check"))
        return (entry, run.number)
      }
      log(entry, model: version)
      return (version, number)
    } catch let fault as OperatorFault {
      throw fault
    } catch let failure as StorageFailure {
      // What is wrong with the bytes is the caller's; what is wrong with the disk is not.
      throw failure.mayPass ? .storage(failure.sentence) : .invalid(failure.sentence)
    } catch {
      throw .invalid("\(error)")
    }
  }

  /// Lets one student serve every part of the line, known groups and new ones, until a rollback.
  public func activate(_ id: LineID, version: ModelVersion, reason: String?, by actor: Principal)
    throws(OperatorFault) -> [Reroute]
  {
    let line = try open(id)
    if let activeRun, activeRun.record.line == id {
      throw .busy("run \(activeRun.record.number) of line \(id) is under way; promote the student when it has ended")
    }
    let before = Takeover(champion: line.registered.champion, routes: line.registered.routes)
    guard before.champion != version || !before.routes.isEmpty else {
      throw .invalid("student \(version) serves every part of line \(id) already")
    }
    do {
      guard let model = try registry.models(line: id).first(where: { $0.version == version }) else {
        throw OperatorFault.unknownModel(line: id, version: version)
      }
      let told = "student \(version) was put into service for every part, in the place of \(Self.told(before, line))"
      return try serve(
        Takeover(champion: version, routes: [:]), line: line, event: .modelActivated, run: model.run,
        sentence: told + " (by hand, without a gate)" + (reason.map { ": \($0)" } ?? ""), by: actor,
        remembering: (version, before))
    } catch let fault as OperatorFault {
      throw fault
    } catch let failure as StorageFailure {
      throw .storage(failure.sentence)
    } catch {
      throw .invalid("\(error)")
    }
  }

  /// Gives all parts back to what served them before the champion was activated by hand; nil when it was not.
  func undoTakeover(_ line: LineState, reason: String?, by actor: Principal) throws(StorageFailure) -> [Reroute]? {
    let champion = line.registered.champion
    guard let before = try registry.takeover(of: champion, line: line.id) else { return nil }
    let told = "every part was given back from student \(champion) to \(Self.told(before, line))"
    return try serve(
      before, line: line, event: .modelRolledBack, run: nil, sentence: told + (reason.map { ": \($0)" } ?? ""),
      by: actor, remembering: (champion, nil))
  }

  private static func told(_ service: Takeover, _ line: LineState) -> String {
    let scoped = service.routes.sorted { $0.key < $1.key }.map { "\($0.value) (\(line.definition.text($0.key)))" }
    return "student " + ([service.champion.description] + scoped).joined(separator: ", ")
  }

  private func serve(
    _ service: Takeover, line: LineState, event: AuditEvent, run: Int?, sentence: String, by actor: Principal,
    remembering memory: (version: ModelVersion, before: Takeover?)
  ) throws(StorageFailure) -> [Reroute] {
    var next = line
    next.registered.champion = service.champion
    next.registered.routes = service.routes
    for version in Set(service.routes.values).union([service.champion]) where next.students[version] == nil {
      next.students[version] = try Self.loadStudent(line.definition, version: version, registry: registry)
      next.bounds[version] = try Self.loadBounds(line.definition, version: version, registry: registry)
    }
    let routed = Set(line.registered.routes.keys).union(service.routes.keys)
    let known = routed.union(line.monitor.watched.slices.compactMap(\.cell)).union(line.firstTrainedCells)
    let entry = try registry.transaction { () throws(StorageFailure) in
      try registry.setChampion(service.champion, line: line.id)
      for cell in routed { try registry.setRoute(service.routes[cell], cell: cell, line: line.id) }
      try registry.setTakeover(memory.before, of: memory.version, line: line.id)
      return try registry.audit(
        AuditEntry(
          time: wallClock(), actor: actor, event: event, line: line.id, group: nil, run: run, sentence: sentence))
    }
    // What came into service by hand, or went out again: the one that is remembered.
    log(entry, model: memory.version)
    let changed = known.filter { line.version(serving: $0) != next.version(serving: $0) }
    try adopt(next, changed: changed, rolledBack: event == .modelRolledBack)
    return changed.sorted().map { cell in
      Reroute(
        cell: line.definition.text(cell), from: line.version(serving: cell), to: next.version(serving: cell))
    }
  }
}
