import Domain
import Engine
import Policy
import Wire

/// Retrainings before and after their job, as operator messages: what one would do, and what is on trial.
enum TrialReplies {
  /// nil where nothing is on trial.
  static func rows(_ line: LineID, _ plant: isolated Plant) throws(OperatorFault) -> [TrialRow]? {
    let trials = try plant.trials(line)
    guard !trials.isEmpty else { return nil }
    var rows: [TrialRow] = []
    for trial in trials {
      var row = TrialRow(
        run: trial.run, version: trial.version.number, stage: name(trial.stage), cells: trial.cells,
        since: trial.since.description, sentence: trial.sentence.isEmpty ? tally(trial) : trial.sentence)
      switch trial.stage {
      case .approval: row.tradeOff = try tradeOffOfRun(trial.run, plant)
      case .canary(let percent): row.percent = percent
      case .watch: row.until = trial.since.advanced(hours: watchHours).description
      case .shadow: break
      }
      rows.append(row)
    }
    return rows
  }

  /// For a stage that nobody has looked at yet.
  private static func tally(_ trial: TrialStatus) -> String {
    trial.total == 0
      ? (trial.stage == .approval ? "a person has to say yes or no within 14 days" : "no part has been compared yet")
      : "\(trial.wins) newly right and \(trial.losses) newly wrong of \(counted(trial.total, "part")) compared"
  }

  private static func name(_ stage: TrialStage) -> String {
    switch stage {
    case .approval: "approval"
    case .shadow: "shadow"
    case .canary: "canary"
    case .watch: "watch"
    }
  }

  private static func tradeOffOfRun(_ number: Int, _ plant: isolated Plant) throws(OperatorFault) -> [String]? {
    let run = try plant.run(number)
    guard let report = run.report else { return nil }
    let told = tradeOff(report, definition: try plant.definition(run.line))
    return told.isEmpty ? nil : told
  }

  /// What `status` says of a group that nothing helps.
  static func sentence(_ group: HopelessGroup, _ settings: LineSettings) -> String {
    let advice = settings.adviceLagging == .check ? "; its parts go to manual check meanwhile" : ""
    return "\(group.name): \(group.sentence)\(advice)"
  }

  static func step(_ step: TrialStep) -> TrialStepReply {
    TrialStepReply(
      run: step.run, line: step.line.text, version: step.version.number,
      stage: step.stage.map(name), sentence: step.sentence)
  }

  static func promotion(
    _ line: LineID, _ version: ModelVersion, cells: [String], _ changes: [Reroute]
  ) -> PromoteReply {
    let served = cells.isEmpty ? "every part of line \(line)" : cells.joined(separator: " and ") + " of line \(line)"
    return PromoteReply(
      line: line.text, version: version.number,
      changes: changes.map { RouteChange(cell: $0.cell, from: $0.from.number, to: $0.to.number) },
      sentence: "student \(version) now serves \(served); "
        + (cells.isEmpty
          ? "'kaizenctl rollback \(line)' undoes it"
          : "'kaizenctl rollback \(line) --cell C' gives each back to the student that \(version) was trained from"))
  }

  static func retrain(_ line: LineID, _ outline: RetrainOutline, _ plant: isolated Plant) throws(OperatorFault)
    -> RetrainReply
  {
    let rows = outline.rows.map { PlannedRows(group: $0.group, labelled: $0.labelled) }
    let estimate = try duration(of: outline, line: line, plant)
    var reply = RetrainReply(
      run: outline.run, line: line.text, cells: outline.cells, since: outline.since.description, rows: rows,
      arms: outline.arms, ready: outline.ready, estimatedMinutes: estimate?.minutes, sentences: outline.sentences)
    reply.estimateBasis = estimate?.basis
    reply.scope = outline.scope.rawValue
    reply.power = outline.power.isEmpty ? nil : outline.power
    reply.obstacles = try obstacles(line, outline, plant)
    return reply
  }

  /// Why the daemon has not started this job itself; nil where nothing holds it, or it would have no cause to.
  private static func obstacles(
    _ line: LineID, _ outline: RetrainOutline, _ plant: isolated Plant
  ) throws(OperatorFault) -> [String]? {
    guard outline.run == nil, outline.scope == .scoped else { return nil }
    let overview = try plant.overview(line)
    if overview.registered.settings.mode == .observe { return ["mode is \"observe\": it starts nothing by itself"] }
    return overview.activity.map { [$0] }
  }

  /// Runs that are looked back on for one with a report.
  private static let runsMax = 20

  /// What the line's last job of this scope took: steps of an arm do not become more with the rows. nil before the first.
  private static func duration(
    of outline: RetrainOutline, line: LineID, _ plant: isolated Plant
  ) throws(OperatorFault) -> (minutes: Double, basis: String)? {
    for run in try plant.runs(line: line, limit: runsMax) where run.kind == .retrain && run.scope == outline.scope {
      guard let report = run.report else { continue }
      let rows = report.folds.reduce(0) { $0 + $1.train + $1.select + $1.heldOut }
      return (report.seconds / 60, "what run \(run.number) took with \(counted(rows, "part"))")
    }
    return nil
  }
}
