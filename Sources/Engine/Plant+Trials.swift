import Domain
import Logging
import NeuralNet
import Policy

/// What becomes of challengers that passed their gate.
extension Plant {
  /// Asks policy about every trial of a line, and does what it says.
  func judgeTrials(_ id: LineID) {
    guard let runs = lines[id]?.trials.map(\.record.run) else { return }
    for run in runs {
      // One that came to its end may have ended others.
      guard let line = lines[id], let trial = line.trials.first(where: { $0.record.run == run }) else { continue }
      guard !trial.isStale(line) else {
        endStaleTrials(id, rolledBack: false)
        continue
      }
      do {
        let trial = try atThisTime(trial, line)
        try act(on: decideTrial(question(trial, line)), trial, line)
      } catch {
        // Once: it is tried again each second while requests are answered.
        let sentence = "it could not go on: \(error.sentence)"
        if trial.sentence != sentence { logger.error("line \(id): the trial of run \(run): \(sentence)") }
        lines[id]?.say(sentence, run: run)
      }
    }
  }

  /// A clock that was ahead and has been set right does not make a stage last for years.
  private func atThisTime(_ trial: TrialState, _ line: LineState) throws(StorageFailure) -> TrialState {
    let now = line.now(wallClock())
    guard trial.record.stageSince > now else { return trial }
    var mended = trial
    mended.record.stageSince = now
    let record = mended.record
    try registry.transaction { () throws(StorageFailure) in try registry.put(record) }
    if let index = lines[line.id]?.trials.firstIndex(where: { $0.record.run == record.run }) {
      lines[line.id]?.trials[index].record = record
    }
    return mended
  }

  /// Those that answer requests, once a second: an answer that is none is not to wait for the hour.
  func judgeLiveTrials() {
    for (id, line) in lines where line.trials.contains(where: \.isLive) { judgeTrials(id) }
  }

  private func act(on decision: TrialDecision, _ trial: TrialState, _ line: LineState) throws(StorageFailure) {
    let next = trial.record.stage.next(trial.record.scope)
    switch decision {
    case .wait(let sentence):
      lines[line.id]?.say(sentence, run: trial.record.run)
    case .advance where next.map(Self.changesService) == true && isQuiet(line):
      lines[line.id]?.say("the next step waits for the end of the quiet hours", run: trial.record.run)
    case .advance(let reasons):
      guard next.map(Self.changesService) == true, try needsYes(trial, line) else {
        return try advance(trial, line, reasons: reasons, by: principal)
      }
      var asking = trial
      asking.record.stage = .approval
      asking.record.stageSince = line.now(wallClock())
      let reason = "the line's mode is \"\(line.settings.mode.rawValue)\" now, and nobody has said yes"
      try enter(asking, line, reasons: [reason], verdict: [reason], by: principal) { () throws(StorageFailure) in }
    case .end(let reasons):
      try end(trial, line, reasons: reasons, by: principal)
    }
  }

  /// The mode asks for a person's yes, and none is in the trail.
  private func needsYes(_ trial: TrialState, _ line: LineState) throws(StorageFailure) -> Bool {
    guard line.settings.mode != .auto else { return false }
    let trail = try registry.auditEntries(line: nil, run: trial.record.run, group: nil, limit: 1000)
    return !trail.contains { $0.event == .promotionApproved }
  }

  private static func changesService(_ stage: TrialStage) -> Bool {
    switch stage {
    case .approval, .shadow: false
    case .canary, .watch: true
    }
  }

  /// Whether the line is in its quiet hours: no job starts then and no student changes, but for a rollback.
  func isQuiet(_ line: LineState) -> Bool {
    line.settings.quietHours?.contains(minute: localMinute(wallClock())) ?? false
  }

  private func question(_ trial: TrialState, _ line: LineState) -> TrialQuestion {
    let record = trial.record
    let live = trial.observer.sofar
    let definition = line.definition
    let again = line.laggingGroups.map(\.group).filter {
      record.stage == .watch && record.covers($0.cell) && line.version(serving: $0.cell) == record.version
    }
    // A group of which no part could be compared yet is no group that shows no loss.
    let known = line.watchedGroups.filter { record.covers($0.cell) }.map { ($0, PairedEvidence()) }
    return TrialQuestion(
      stage: record.stage, scope: record.scope, pairs: trial.watch.pairs.merging(known) { compared, _ in compared },
      lagging: Set(record.lagging),
      hoursInStage: line.now(wallClock()).hours(since: record.stageSince),
      shiftsSeen: definition.schema.attributes.contains(TrialWatch.shiftAttribute) ? trial.watch.shifts.count : nil,
      live: LiveFindings(
        answers: live.answers, unusable: live.unusable + trial.watch.unusable, slow: live.slow, classes: live.classes,
        gateClasses: line.choosesParts ? nil : trial.gateClasses, laggingAgain: Set(again)),
      settings: line.settings, name: { definition.text($0) }, className: { definition.classNames[$0] })
  }

  // MARK: - On

  /// Takes a trial to its next stage, durably and audited before it takes effect.
  func advance(
    _ trial: TrialState, _ line: LineState, reasons: [String], by actor: Principal,
    begin: () throws(StorageFailure) -> Void = {}
  ) throws(StorageFailure) {
    let record = trial.record
    guard let stage = record.stage.next(record.scope) else {
      return try close(trial, line, reasons: reasons, by: actor)
    }
    var next = trial
    next.record.stage = stage
    next.record.stageSince = line.now(wallClock())
    next.observer = ServingGuard(
      classCount: line.definition.classNames.count, latencyMsMax: line.settings.latencyMsMax)
    next.sentence = ""
    try enter(next, line, reasons: reasons, verdict: reasons, by: actor, begin: begin)
  }

  /// Puts a trial into the stage it names, with what belongs to it, in one transaction.
  ///
  /// - Parameters:
  ///   - verdict: what the run says of it from now on.
  ///   - begin: what has to be stored with it.
  func enter(
    _ trial: TrialState, _ line: LineState, reasons: [String], verdict: [String], by actor: Principal,
    begin: () throws(StorageFailure) -> Void
  ) throws(StorageFailure) {
    let record = trial.record
    var next = line
    if record.stage == .watch { next.serve(trial) }
    let changed = next.changedCells(from: line)
    let entry = try registry.transaction { () throws(StorageFailure) in
      try begin()
      try registry.put(record)
      if record.stage == .watch { try route(next, from: line) }
      if record.stage == .watch, record.scope == .whole {
        try registry.setTakeover(record.before, of: record.version, line: line.id)
      }
      try note(record, verdict: verdict)
      return try registry.audit(
        AuditEntry(
          time: wallClock(), actor: actor, event: record.stage.event, line: line.id,
          group: line.names(of: record), run: record.run, sentence: told(record, line, reasons)))
    }
    log(entry, model: record.version)
    next.trials.removeAll { $0.record.run == record.run }
    next.trials.append(trial)
    next.trials.sort { $0.record.run < $1.record.run }
    try adopt(next, changed: changed)
  }

  /// Writes the routes of a line that are other ones now.
  func route(_ next: LineState, from line: LineState) throws(StorageFailure) {
    if next.registered.champion != line.registered.champion {
      try registry.setChampion(next.registered.champion, line: line.id)
    }
    for cell in Set(line.registered.routes.keys).union(next.registered.routes.keys).sorted()
    where line.registered.routes[cell] != next.registered.routes[cell] {
      try registry.setRoute(next.registered.routes[cell], cell: cell, line: line.id)
    }
  }

  /// The run goes the same way.
  private func note(_ record: TrialRecord, verdict: [String]) throws(StorageFailure) {
    guard var run = try registry.run(record.run) else {
      throw StorageFailure("state.db has no run \(record.run)", mayPass: false)
    }
    run.state = RunState(record.stage)
    run.verdict += verdict
    if record.stage == .watch {
      run.promoted = record.version
      run.endedAt = record.stageSince
    }
    try registry.update(run)
  }

  private func told(_ record: TrialRecord, _ line: LineState, _ reasons: [String]) -> String {
    let names = line.names(of: record)
    let who = "student \(record.version) (run \(record.run))"
    let what =
      switch record.stage {
      case .approval:
        "\(who) passed its gate for \(names) and waits for 'kaizenctl approve \(record.run)' or 'kaizenctl reject "
          + "\(record.run) --reason ...'"
      case .shadow: "\(who) is compared with what serves \(names), and answers nobody yet"
      case .canary(let percent): "\(who) answers \(percent) % of the parts of \(names)"
      case .watch where record.scope == .whole:
        "\(who) now serves every part of line \(line.id), in the place of student "
          + Set(record.before.routes.values).union([record.before.champion]).sorted().map(\.description)
          .joined(separator: ", ")
      case .watch:
        "\(who) now serves \(names), all other parts stay with the students they had"
      }
    return what + (reasons.isEmpty ? "" : ": " + reasons.joined(separator: "; "))
  }

  // MARK: - Over

  /// Students that served and were taken back: nobody is given back to them.
  func takenBack(_ line: LineState) throws(StorageFailure) -> Set<ModelVersion> {
    let runs = try registry.retrainings(line: line.id, limit: Self.historyLimit).filter { $0.state == .rolledBack }
    let numbers = Set(runs.map(\.number))
    return Set(try registry.models(line: line.id).filter { numbers.contains($0.run) }.map(\.version))
  }

  /// It has served long enough: nobody compares it any more.
  private func close(_ trial: TrialState, _ line: LineState, reasons: [String], by actor: Principal)
    throws(StorageFailure)
  {
    let record = trial.record
    var next = line
    next.trials.removeAll { $0.record.run == record.run }
    let entry = try registry.transaction { () throws(StorageFailure) in
      try registry.removeTrial(run: record.run)
      if var run = try registry.run(record.run) {
        run.verdict += reasons
        try registry.update(run)
      }
      return try registry.audit(
        AuditEntry(
          time: wallClock(), actor: actor, event: .trialEnded, line: line.id, group: line.names(of: record),
          run: record.run,
          sentence: "student \(record.version) (run \(record.run)) is trusted from now on, the students before it are "
            + "no longer compared with it: \(reasons.joined(separator: "; "))"))
    }
    log(entry, model: record.version)
    try adopt(next, changed: [])
  }

  /// Gives a challenger up; one that serves gives its parts back.
  ///
  /// - Parameter state: what becomes of the run; nil: `rolledBack` where it served, `kept` where it did not.
  func end(
    _ trial: TrialState, _ line: LineState, reasons: [String], by actor: Principal, as state: RunState? = nil,
    event: AuditEvent? = nil
  ) throws(StorageFailure) {
    let record = trial.record
    let hasServed = record.stage == .watch
    var next = line
    next.trials.removeAll { $0.record.run == record.run }
    if hasServed { next.giveBack(trial, avoiding: try takenBack(line)) }
    let changed = next.changedCells(from: line)
    let names = line.names(of: record)
    let what =
      hasServed
      ? "\(names) went back from student \(record.version) (run \(record.run)) to what served before"
      : "student \(record.version) (run \(record.run)) is given up, the serving students stay"
    let entry = try registry.transaction { () throws(StorageFailure) in
      try registry.removeTrial(run: record.run)
      if hasServed { try route(next, from: line) }
      if hasServed, record.scope == .whole { try registry.setTakeover(nil, of: record.version, line: line.id) }
      if var run = try registry.run(record.run) {
        // Nobody's yes is a person's no: it says nothing about the group.
        run.state = state ?? (hasServed ? .rolledBack : record.stage == .approval ? .rejected : .kept)
        run.endedAt = hasServed ? line.now(wallClock()) : run.endedAt ?? line.now(wallClock())
        run.verdict += reasons
        try registry.update(run)
      }
      return try registry.audit(
        AuditEntry(
          time: wallClock(), actor: actor, event: event ?? (hasServed ? .modelRolledBack : .trialEnded), line: line.id,
          group: names, run: record.run, sentence: what + ": " + reasons.joined(separator: "; ")))
    }
    log(entry, model: record.version)
    try adopt(next, changed: changed)
  }

  /// Ends trials that another change of service has made void, such as a rollback by hand.
  func endStaleTrials(_ id: LineID, rolledBack: Bool) {
    guard let line = lines[id], line.trials.contains(where: { $0.isStale(line) }) else { return }
    // A canary that is dropped answers no part any more.
    defer { if let snapshot = try? lines[id]?.snapshot() { serving.install(snapshot) } }
    for trial in line.trials where trial.isStale(line) {
      do {
        guard let line = lines[id] else { return }
        try drop(trial, line, as: Self.stateWhenStale(trial, line, rolledBack: rolledBack))
      } catch {
        logger.error(
          "line \(id): the end of the trial of run \(trial.record.run) could not be stored: \(error.sentence)")
      }
    }
  }

  /// Void by what somebody did is no verdict on the challenger.
  private static func stateWhenStale(_ trial: TrialState, _ line: LineState, rolledBack: Bool) -> RunState {
    if trial.record.stage == .watch { return rolledBack ? .rolledBack : .promoted }
    return line.servingVersions.contains(trial.record.version) ? .promoted : .interrupted
  }

  private func drop(_ trial: TrialState, _ line: LineState, as state: RunState) throws(StorageFailure) {
    let record = trial.record
    let entry = try registry.transaction { () throws(StorageFailure) in
      try registry.removeTrial(run: record.run)
      if var run = try registry.run(record.run) {
        run.state = state
        run.endedAt = run.endedAt ?? line.now(wallClock())
        if state == .interrupted { run.verdict.append("other students serve now than those it was compared with") }
        try registry.update(run)
      }
      return try registry.audit(
        AuditEntry(
          time: wallClock(), actor: principal, event: .trialEnded, line: line.id, group: line.names(of: record),
          run: record.run,
          sentence: "the trial of student \(record.version) (run \(record.run)) is over, for other students serve now"))
    }
    log(entry, model: record.version)
    lines[line.id]?.trials.removeAll { $0.record.run == record.run }
  }
}

extension TrialState {
  /// It serves no part any more, or what it was to take the place of does not.
  func isStale(_ line: LineState) -> Bool {
    if record.stage == .watch {
      return record.scope == .whole
        ? line.registered.champion != record.version
        : !record.cells.contains { line.registered.routes[$0] == record.version }
    }
    if record.scope == .whole {
      return line.registered.champion != record.before.champion || line.registered.routes != record.before.routes
    }
    return record.cells.contains { line.version(serving: $0) != record.versionBefore($0) }
  }
}

extension LineState {
  fileprivate mutating func say(_ sentence: String, run: Int) {
    guard let index = trials.firstIndex(where: { $0.record.run == run }) else { return }
    trials[index].sentence = sentence
  }

  /// Lets the challenger answer what it was made for.
  fileprivate mutating func serve(_ trial: TrialState) {
    let record = trial.record
    if record.scope == .whole {
      registered.champion = record.version
      registered.routes = [:]
    } else {
      for cell in record.cells { registered.routes[cell] = record.version }
    }
    students[record.version] = trial.challenger
    bounds[record.version] = trial.bounds
  }

  /// Gives what it still answers back to the students before.
  fileprivate mutating func giveBack(_ trial: TrialState, avoiding takenBack: Set<ModelVersion>) {
    let record = trial.record
    if record.scope == .whole, registered.champion == record.version {
      registered.champion = record.before.champion
      // Groups that have got a student of their own since keep it.
      registered.routes.merge(record.before.routes) { mine, _ in mine }
    } else {
      for cell in record.cells where registered.routes[cell] == record.version {
        let before = record.versionBefore(cell)
        let isGone = before == registered.champion || takenBack.contains(before) || trial.before[before] == nil
        registered.routes[cell] = isGone ? nil : before
      }
    }
    students.merge(trial.before) { mine, _ in mine }
    bounds.merge(trial.boundsBefore) { mine, _ in mine }
  }

  /// Known cells that another student serves than in `line`.
  func changedCells(from line: LineState) -> Set<Cell> {
    let known = Set(registered.routes.keys).union(line.registered.routes.keys)
      .union(monitor.watched.slices.compactMap(\.cell)).union(firstTrainedCells).union(monitor.seenCells)
    return known.filter { version(serving: $0) != line.version(serving: $0) }
  }

  /// Labels come from people who choose what they look at: labelled parts are of other classes than parts are.
  var choosesParts: Bool {
    monitor.channels.keys.contains { [.chosen, .weighted].contains(monitor.sampling($0, settings)) }
  }

  /// How many times as often parts of these groups are labelled that the serving student got wrong, at most: as if it had
  /// been right about every part without a label. 1 where nobody chooses, `selectionMaximum` where nothing is known.
  func selection(of groups: [GroupKey]) -> Double {
    guard choosesParts else { return 1 }
    let evidence = groups.compactMap { monitor.evidence(of: PartSlice($0)) }
    let correct = Double(evidence.reduce(0) { $0 + $1.correct })
    let unlabelled = Double(evidence.reduce(0) { $0 + max($1.matured - $1.labelled, 0) })
    guard correct > 0 else { return Self.selectionMaximum }
    return min((correct + unlabelled) / correct, Self.selectionMaximum)
  }

  /// Beyond this a gate asks for a hundred newly right parts for each that is newly wrong, as well as it can be told.
  private static let selectionMaximum = 100.0

  /// What a trial is for, for people.
  func names(of record: TrialRecord) -> String {
    record.cells.isEmpty ? "line \(id)" : record.cells.map { definition.text($0) }.joined(separator: " and ")
  }
}

extension TrialStage {
  fileprivate var event: AuditEvent {
    switch self {
    case .approval: .promotionAwaits
    case .shadow, .canary: .trialAdvanced
    case .watch: .modelPromoted
    }
  }
}
