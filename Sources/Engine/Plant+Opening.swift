import Domain
import Logging
import NeuralNet
import Policy

/// A registered line that serves nobody, because the student of its parts cannot be loaded.
public struct ClosedLine: Sendable {
  public let registered: RegisteredLine
  /// What is wrong and what to do.
  public let sentence: String
}

/// From what is stored to what serves, at the start and at a reload.
extension Plant {
  enum Opened {
    case open(LineState)
    case closed(ClosedLine)
  }

  /// Says when a line runs with other settings than the trail knows: files change while the daemon is down, and the
  /// settings are half of every reason.
  static func auditSettings(
    _ line: RegisteredLine, stored: LineSettings, registry: any Registry, now: Timestamp, by principal: Principal
  ) throws(StorageFailure) {
    let id = line.definition.id
    let told = try registry.auditEntries(line: id, run: nil, group: nil, limit: 10_000)
      .last { $0.event == .settingsChanged }
    let sentence = "line \(id) runs with \(line.settings.text)"
    guard (told?.sentence ?? "line \(id) runs with \(stored.text)") != sentence else { return }
    try registry.transaction { () throws(StorageFailure) in
      _ = try registry.audit(
        AuditEntry(
          time: now, actor: principal, event: .settingsChanged, line: id, group: nil, run: nil, sentence: sentence))
    }
  }

  /// A line with its students, its evidence and its clock.
  ///
  /// A damaged student gives its parts back to what served them before, durably and audited: some cells to the newest
  /// student before it that can be loaded, all parts to what an activation by hand took the place of. With a damaged
  /// champion and nothing before it the line stays closed.
  static func open(
    _ stored: RegisteredLine, ledger: any Ledger, registry: any Registry, now: Timestamp, by principal: Principal,
    logger: Logger
  ) throws(StorageFailure) -> Opened {
    var line = stored
    let id = line.definition.id
    func giveBack(
      _ group: String?, from model: ModelVersion, _ sentence: String, _ change: () throws(StorageFailure) -> Void
    ) throws(StorageFailure) {
      let entry = try registry.transaction { () throws(StorageFailure) in
        try change()
        return try registry.audit(
          AuditEntry(
            time: now, actor: principal, event: .modelRolledBack, line: id, group: group, run: nil, sentence: sentence))
      }
      logger.critical("\(entry.sentence)", metadata: metadata(of: entry, model: model))
    }
    var students: [ModelVersion: Student] = [:]
    do {
      students[line.champion] = try loadStudent(line.definition, version: line.champion, registry: registry)
    } catch {
      let broken = line.champion
      guard let before = try registry.takeover(of: broken, line: id) else {
        let sentence =
          "line \(id) is out of service: \(error.sentence). Put the last backup of state.db back with kaizend stopped, or 'kaizenctl reload' "
          + "when it has been repaired"
        logger.critical("\(sentence)", metadata: ["event": "line_closed", "line": "\(id)"])
        return .closed(ClosedLine(registered: line, sentence: sentence))
      }
      let told = "every part was given back from student \(broken) to student \(before.champion): \(error.sentence)"
      try giveBack(nil, from: broken, told) { () throws(StorageFailure) in
        try registry.setChampion(before.champion, line: id)
        for cell in Set(stored.routes.keys).union(before.routes.keys) {
          try registry.setRoute(before.routes[cell], cell: cell, line: id)
        }
        try registry.setTakeover(nil, of: broken, line: id)
      }
      line.champion = before.champion
      line.routes = before.routes
      return try open(line, ledger: ledger, registry: registry, now: now, by: principal, logger: logger)
    }
    for (cell, version) in line.routes.sorted(by: { $0.key < $1.key }) where students[version] == nil {
      do {
        students[version] = try loadStudent(line.definition, version: version, registry: registry)
      } catch {
        let next = try newestUsable(before: version, of: line, registry: registry)
        if let student = next.student { students[next.version] = student }
        let route = next.student == nil ? nil : next.version
        line.routes[cell] = route
        let name = line.definition.text(cell)
        let told = "rolled back \(name) from student \(version) to \(next.version): \(error.sentence)"
        try giveBack(name, from: version, told) { () throws(StorageFailure) in
          try registry.setRoute(route, cell: cell, line: id)
        }
      }
    }
    return .open(try open(line, students: students, ledger: ledger, registry: registry, logger: logger))
  }

  /// The student that the damaged one was made from, or the one before that; with no student, the champion.
  private static func newestUsable(before version: ModelVersion, of line: RegisteredLine, registry: any Registry)
    throws(StorageFailure) -> (version: ModelVersion, student: Student?)
  {
    let models = try registry.models(line: line.definition.id)
    var next = models.first { $0.version == version }?.parent
    while let parent = next, parent != line.champion {
      if let student = try? loadStudent(line.definition, version: parent, registry: registry) {
        return (parent, student)
      }
      next = models.first { $0.version == parent }?.parent
    }
    return (line.champion, nil)
  }

  private static func open(
    _ line: RegisteredLine, students: [ModelVersion: Student], ledger: any Ledger, registry: any Registry,
    logger: Logger
  ) throws(StorageFailure) -> LineState {
    let id = line.definition.id
    var bounds: [ModelVersion: AdviceBounds] = [:]
    for version in students.keys {
      do throws(StorageFailure) {
        bounds[version] = try loadBounds(line.definition, version: version, registry: registry)
      } catch {
        // Its answers are as good as ever; only what is told about them is less.
        logger.error("\(error.sentence)", metadata: ["line": "\(id)"])
      }
    }
    let memory = try ledger.evidence(line: id).map {
      LineMemory.read($0, definition: line.definition, logger: logger)
    }
    var monitor = memory?.monitor ?? LineMonitor()
    let schema = line.definition.schema
    monitor.apply(line.settings, schema)
    monitor.dropEvidence(ofOthersThan: { line.routes[$0] ?? line.champion }, settings: line.settings, schema)
    let first = try registry.models(line: id).first { $0.version == ModelVersion(1) }
    let report = try first.flatMap { model throws(StorageFailure) in try registry.run(model.run)?.report }
    let trained = Set(report?.folds.filter { $0.train > 0 }.map(\.group.cell) ?? [])
    for cell in trained { monitor.see(cell) }
    describe(line, in: ledger)
    var state = LineState(
      registered: line, students: students, bounds: bounds, firstTrainedCells: trained, monitor: monitor,
      clock: try clock(of: id, monitor: monitor, ledger: ledger))
    state.early = memory?.early
    try state.readMarks(registry, logger: logger)
    try readTrials(&state, memory: memory?.trials ?? [], registry: registry, logger: logger)
    return state
  }

  /// The names are for people who read the ledger, and the channels are declared again with every outcome, so a disk
  /// that takes nothing now is no obstacle.
  static func describe(_ line: RegisteredLine, in ledger: any Ledger) {
    try? ledger.transaction { () throws(StorageFailure) in
      try ledger.describe(line.definition)
      try ledger.declare(line.settings.channels, line: line.definition.id)
    }
  }

  /// The latest time any row of the line carries, or the monitor has seen.
  static func clock(of id: LineID, monitor: LineMonitor, ledger: any Ledger) throws(StorageFailure) -> LineClock {
    LineClock(max(try ledger.latestTime(line: id) ?? Timestamp(seconds: 0), monitor.lookedAt ?? Timestamp(seconds: 0)))
  }

  static func loadStudent(_ definition: LineDefinition, version: ModelVersion, registry: any Registry)
    throws(StorageFailure) -> Student
  {
    guard let bytes = try registry.bytes(line: definition.id, version: version) else {
      throw StorageFailure(
        "state.db has no student \(version) of line \(definition.id); restore state.db from a backup", mayPass: false)
    }
    return try usableStudent(bytes, definition, name: "student \(version) of line \(definition.id)")
  }

  /// What a student's advice rests on; nil for imported students and those of version 0.1.
  static func loadBounds(_ definition: LineDefinition, version: ModelVersion, registry: any Registry)
    throws(StorageFailure) -> AdviceBounds?
  {
    let bounds = try registry.adviceBounds(line: definition.id, version: version)
    if let misfit = bounds?.misfit(definition.input) {
      throw StorageFailure(
        "the advice of student \(version) of line \(definition.id) does not fit the line: \(misfit); restore state.db "
          + "from a backup", mayPass: false)
    }
    return bounds
  }

  /// A student that fits the line and has answered once, or the sentence why not.
  static func usableStudent(_ bytes: [UInt8], _ definition: LineDefinition, name: String)
    throws(StorageFailure) -> Student
  {
    let student: Student
    do {
      student = try Student(bytes: bytes)
    } catch {
      throw StorageFailure("\(name) cannot be read: \(error)", mayPass: false)
    }
    let shape = student.shape
    guard shape.inputCount == definition.featureCount, shape.classCount == definition.classNames.count else {
      throw StorageFailure(
        "\(name) takes \(shape.inputCount) features and knows \(shape.classCount) classes, but the line has "
          + "\(definition.featureCount) and \(definition.classNames.count)", mayPass: false)
    }
    let warm = student.logits([Float](repeating: 0, count: shape.inputCount), rowCount: 1)
    guard warm.allSatisfy(\.isFinite) else {
      throw StorageFailure("\(name) gives answers that are not numbers", mayPass: false)
    }
    return student
  }
}
