import Domain
import Engine
import Policy
import Statistics
import Wire

/// What is known of sets of parts, as operator messages.
enum GroupReplies {
  static func row(_ group: GroupStatus) -> GroupRow {
    var row = GroupRow(
      group: group.name, state: group.state.rawValue, modelVersion: group.version?.number ?? 0,
      accuracy: group.accuracy, lower: group.interval?.lower, upper: group.interval?.upper, n: group.total,
      matured: group.matured, labelled: group.labelled, target: group.target, evidence: group.evidence,
      why: group.why)
    row.kind = group.kind.rawValue
    row.since = group.since?.description
    row.coverage = group.coverage
    row.lowest = group.bounds?.lower
    row.highest = group.bounds?.upper
    row.shrunk = group.shrunk
    row.trailsRest = group.trailsRest
    row.certain = group.isCertain
    row.explainedBy = group.explainedBy
    row.days = group.days.map { DayRow(day: dateText($0.day), correct: $0.correct, wrong: $0.wrong) }
    row.channels = group.channels.map { channel in
      GroupChannelRow(
        channel: channel.name, sampling: channel.sampling.rawValue, maturityHours: channel.maturityHours,
        labelled: channel.labelled, matured: channel.matured, voidSince: channel.voidSince.map(dateText))
    }
    row.signs = group.signs.map { SignRow(kind: $0.kind.rawValue, day: dateText($0.day), sentence: $0.sentence) }
    row.estimate = group.estimate.map { EstimateRow(accuracy: $0.accuracy, parts: $0.parts) }
    row.acknowledged = group.marks.acknowledged.map(mark)
    row.silenced = group.marks.silenced.map { mark($0.mark) }
    row.silencedUntil = group.marks.silenced?.until.description
    return row
  }

  private static func mark(_ mark: GroupStatus.Mark) -> MarkRow {
    MarkRow(by: mark.by.login, at: mark.at.description, reason: mark.reason)
  }

  static func groups(_ line: LineID, _ plant: isolated Plant) throws(OperatorFault) -> GroupsReply {
    let hopeless = try plant.hopelessGroups(line)
    return GroupsReply(
      line: line.text,
      groups: try plant.overview(line).groups.map { group in
        var told = row(group)
        told.hopeless = hopeless.first { $0.name == group.name }?.sentence
        return told
      })
  }

  /// Sentences of one line's status; further groups are in `groups`.
  private static let remarksMax = 3

  /// What somebody should know of how the line is watched; nil where there is nothing.
  static func remarks(_ overview: LineOverview) -> [String]? {
    let void = overview.groups.filter { row($0).isAlarm && $0.state == .unknown }
    var told = void.prefix(remarksMax).map { "\($0.name) is UNKNOWN: \($0.why)" }
    if void.count > remarksMax {
      told.append("\(counted(void.count - remarksMax, "more group")) UNKNOWN; see 'kaizenctl alarms'")
    }
    if overview.maturityHours == nil {
      told.append(
        "parts do not count yet: for a week from the first outcome on it is learned how long outcomes take "
          + "(maturity_hours would fix it)")
    }
    if overview.unmonitored > 0 {
      told.append(
        "\(counted(overview.unmonitored, "part")) so far belonged to groups beyond the "
          + "\(NodePlan.maximumNodes) sets that a line watches; 'kaizenctl groups retire' makes room")
    }
    return told.isEmpty ? nil : told
  }

  static func alarms(_ line: LineID?, _ plant: isolated Plant) throws(OperatorFault) -> AlarmsReply {
    var rows: [AlarmRow] = []
    for id in line.map({ [$0] }) ?? plant.lineIDs {
      rows += try groups(id, plant).groups.filter(\.isAlarm).map { AlarmRow(line: id.text, group: $0) }
    }
    return AlarmsReply(
      alarms: rows.sorted { ($0.group.rank, $0.line, $0.group.group) < ($1.group.rank, $1.line, $1.group.group) })
  }

  /// All that is known of a set of parts: what it is now, what was recorded of it, what was trained for its parts.
  static func explain(_ id: LineID, group name: String, _ plant: isolated Plant) throws(OperatorFault) -> ExplainReply {
    let overview = try plant.overview(id)
    let definition = overview.registered.definition
    let slice: PartSlice
    do { slice = try definition.slice(parsing: name) } catch { throw .invalid(error.sentence) }
    let status = overview.groups.first { $0.slice == slice }
    let canonical = status?.name ?? definition.text(slice)
    // Throws for parts nobody has seen; wider sets that are not watched are told apart from those in its sentence.
    if status == nil, !overview.retired.contains(slice) { try requireSeen(slice, named: name, of: overview, plant) }
    let audit = try plant.auditEntries(line: id, run: nil, group: canonical, limit: 50)
    let runs = try plant.runs(line: id, limit: 100).filter { run in
      run.kind == .retrain && run.cells.contains { slice.covers($0) }
    }
    var sentences: [String] = []
    if let status {
      let server = status.version.map { ", served by student \($0)" } ?? ""
      sentences.append("\(canonical) is \(status.state.rawValue)\(server): \(status.why).")
    } else {
      sentences.append(
        overview.retired.contains(slice)
          ? "\(canonical) is retired: an operator took it out of monitoring, and its parts count nowhere."
          : "No matured part of \(canonical) has been counted yet, so nothing is known of it.")
    }
    sentences += audit.map { "Recorded \($0.time.wholeSeconds): \($0.sentence)." }
    if let latest = runs.first {
      let told = try plant.auditEntries(line: nil, run: latest.number, group: nil, limit: 50)
      sentences += Engine.explain(
        latest, audit: told, definition: definition, settings: overview.registered.settings)
    }
    let rows = try runs.map { run throws(OperatorFault) in try OperatorReplies.runRow(run, plant) }
    var reply = ExplainReply(
      subject: canonical, sentences: sentences, run: rows.first, report: runs.first?.report,
      audit: audit.map(OperatorReplies.auditRow))
    reply.group = status.map(row)
    reply.group?.hopeless = try plant.hopelessGroups(id).first { $0.name == canonical }?.sentence
    reply.runs = rows
    reply.trials = try trials(of: runs, id, plant)
    return reply
  }

  /// Challengers of these runs; nil where there is none.
  private static func trials(
    of runs: [RunRecord], _ id: LineID, _ plant: isolated Plant
  ) throws(OperatorFault) -> [TrialRow]? {
    let numbers = Set(runs.map(\.number))
    let rows = try TrialReplies.rows(id, plant)?.filter { numbers.contains($0.run) } ?? []
    return rows.isEmpty ? nil : rows
  }

  private static func requireSeen(
    _ slice: PartSlice, named name: String, of overview: LineOverview, _ plant: isolated Plant
  ) throws(OperatorFault) {
    let line = overview.registered.definition.id
    if slice.cell != nil {
      _ = try plant.group(line, named: name)
    } else if !overview.groups.isEmpty {
      throw .invalid(
        "\(name) is not watched on line \(line): it has too few parts, or says the same as another set; "
          + "'kaizenctl groups \(line) --all' lists what is")
    }
  }

  static func aliases(_ line: LineID, _ plant: isolated Plant) throws(OperatorFault) -> AliasesReply {
    AliasesReply(
      line: line.text,
      aliases: try plant.aliases(line).map { alias in
        AliasRow(
          attribute: alias.attribute, value: alias.value, standsFor: alias.standsFor, by: alias.by.login,
          at: alias.at.description, reason: alias.reason)
      })
  }
}
