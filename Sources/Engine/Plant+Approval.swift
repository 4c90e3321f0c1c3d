import Domain
import Policy

/// What operators say about challengers.
extension Plant {
  /// Challengers of a line that are not yet, or newly, in service.
  public func trials(_ id: LineID) throws(OperatorFault) -> [TrialStatus] {
    let line = try open(id)
    return line.trials.map { trial in
      let record = trial.record
      let tally = record.lagging.isEmpty ? trial.watch.total : trial.watch.total(of: record.lagging)
      return TrialStatus(
        run: record.run, scope: record.scope, stage: record.stage, cells: record.cells.map { line.definition.text($0) },
        version: record.version, since: record.stageSince, sentence: trial.sentence, total: tally.total,
        wins: tally.wins, losses: tally.losses)
    }
  }

  /// Says yes to a challenger that waits for it.
  public func approve(run number: Int, reason: String?, by actor: Principal) throws(OperatorFault) -> TrialStep {
    let (line, trial) = try trial(of: number)
    guard trial.record.stage == .approval else {
      throw .busy(
        "run \(number) does not wait for an approval: it is at \(trial.record.stage.text); 'kaizenctl explain \(number)' "
          + "tells its story")
    }
    if trial.record.scope == .scoped {
      let others = line.registered.routes.filter { !trial.record.cells.contains($0.key) }.values
      let live = Set(others).union([line.registered.champion]).count + 1
      guard live <= Self.maximumLiveStudents else {
        throw .busy(
          "line \(line.id) would have \(live) students in service, and \(Self.maximumLiveStudents) is the most; roll one "
            + "back first")
      }
    }
    let told = "approved by \(actor.login)" + (reason.map { ": \($0)" } ?? "")
    do {
      try advance(trial, line, reasons: [told], by: actor) { () throws(StorageFailure) in
        try registry.audit(
          AuditEntry(
            time: wallClock(), actor: actor, event: .promotionApproved, line: line.id,
            group: line.names(of: trial.record), run: number,
            sentence: "student \(trial.record.version) (run \(number)) was \(told)"))
      }
    } catch {
      throw .storage(error.sentence)
    }
    return step(line, trial, told)
  }

  /// Says no to a challenger that does not serve all its parts yet.
  public func reject(run number: Int, reason: String, by actor: Principal) throws(OperatorFault) -> TrialStep {
    let (line, trial) = try trial(of: number)
    guard trial.record.stage != .watch else {
      throw .busy(
        "student \(trial.record.version) of run \(number) serves already; 'kaizenctl rollback \(line.id)' takes it back"
      )
    }
    let told = "rejected by \(actor.login): \(reason)"
    do {
      try end(trial, line, reasons: [told], by: actor, as: .rejected, event: .promotionRejected)
    } catch {
      throw .storage(error.sentence)
    }
    return step(line, trial, told)
  }

  private func step(_ line: LineState, _ trial: TrialState, _ told: String) -> TrialStep {
    let record = trial.record
    let after = lines[line.id]?.trials.first { $0.record.run == record.run }?.record.stage
    let what =
      switch after {
      case nil: "student \(record.version) of run \(record.run) is given up"
      case .watch: "student \(record.version) of run \(record.run) serves \(line.names(of: record)), under watch"
      case let stage?: "student \(record.version) of run \(record.run) is at \(stage.text)"
      }
    return TrialStep(
      line: line.id, run: record.run, version: record.version, stage: after, sentence: "\(what) (\(told))")
  }

  private func trial(of number: Int) throws(OperatorFault) -> (LineState, TrialState) {
    for line in lines.values {
      if let trial = line.trials.first(where: { $0.record.run == number }) { return (line, trial) }
    }
    let run = try run(number)
    throw .busy(
      "run \(number) has no challenger to decide about: it is \(run.state.rawValue); 'kaizenctl explain \(number)' tells "
        + "its story")
  }

  /// Lets a student of the line serve cells, by hand and without a gate; without cells, every part.
  public func promote(_ id: LineID, version: ModelVersion, cells names: [String], reason: String?, by actor: Principal)
    throws(OperatorFault) -> [Reroute]
  {
    guard !names.isEmpty else { return try activate(id, version: version, reason: reason, by: actor) }
    let line = try open(id)
    if let activeRun, activeRun.record.line == id {
      throw .busy("run \(activeRun.record.number) of line \(id) is under way; promote the student when it has ended")
    }
    do {
      let cells = Set(try names.map { try line.definition.group(named: $0).cell }).sorted()
      if let cell = cells.first(where: { !line.monitor.seenCells.contains($0) && !line.trainedCells.contains($0) }) {
        throw OperatorFault.unknownGroup(line: id, group: line.definition.text(cell))
      }
      guard try registry.models(line: id).contains(where: { $0.version == version }) else {
        throw OperatorFault.unknownModel(line: id, version: version)
      }
      var next = line
      for cell in cells { next.registered.routes[cell] = version == line.registered.champion ? nil : version }
      guard next.servingVersions.count <= Self.maximumLiveStudents else {
        throw OperatorFault.invalid(
          "line \(id) would have \(next.servingVersions.count) students in service, and \(Self.maximumLiveStudents) is the "
            + "most; 'kaizenctl retrain \(id) --whole' makes one of them")
      }
      let changed = next.changedCells(from: line).intersection(cells)
      guard !changed.isEmpty else {
        throw OperatorFault.invalid("student \(version) serves \(names.joined(separator: " and ")) already")
      }
      if next.students[version] == nil {
        next.students[version] = try Self.loadStudent(line.definition, version: version, registry: registry)
        next.bounds[version] = try Self.loadBounds(line.definition, version: version, registry: registry)
      }
      let told = changed.sorted().map { cell in
        "\(line.definition.text(cell)) from student \(line.version(serving: cell)) to \(version)"
      }.joined(separator: ", ")
      let routed = next
      let entry = try registry.transaction { () throws(StorageFailure) in
        try route(routed, from: line)
        return try registry.audit(
          AuditEntry(
            time: wallClock(), actor: actor, event: .modelActivated, line: id,
            group: changed.sorted().map { line.definition.text($0) }.joined(separator: " "), run: nil,
            sentence: "promoted \(told) (by hand, without a gate)" + (reason.map { ": \($0)" } ?? "")))
      }
      log(entry, model: version)
      try adopt(next, changed: changed)
      return changed.sorted().map { cell in
        Reroute(cell: line.definition.text(cell), from: line.version(serving: cell), to: version)
      }
    } catch let fault as OperatorFault {
      throw fault
    } catch let failure as StorageFailure {
      throw .storage(failure.sentence)
    } catch {
      throw .invalid("\(error)")
    }
  }
}
