import Domain

/// What was left as it was, what the teacher was worth, who decided, and what the report cannot say.
extension PilotPage {
  /// Entries of people that are listed.
  private static let eventsMax = 60

  // MARK: - Left as it was

  var kept: [Markup] {
    var content: [Markup] = []
    if let activity = report.activity {
      content.append(.paragraph(words.waitingNow))
      content += recorded([activity])
    }
    let jobs = findings.retrainings.filter { [.kept, .rejected, .failed, .interrupted, .other].contains($0.fate) }
    if !jobs.isEmpty {
      var table = PageTable([
        .init(words.jobColumn), .init(words.groupColumn), .init(words.endColumn), .init(words.fateColumn),
        .init(words.reasonColumn),
      ])
      for job in jobs {
        table.rows.append([
          .init("#\(job.number)", tone: .strong), .init(words.listed(Array(job.groups.prefix(Self.namedMax)))),
          .init(words.date(PlainDate(job.end))), .init(words.jobState(job)),
          .init(words.keptNote(job), aside: job.verdict.last),
        ])
      }
      content.append(table.markup)
    }
    let hopeless = report.events.filter { $0.event == "group_hopeless" && $0.group != nil }
    if !hopeless.isEmpty {
      content.append(
        .list(hopeless.suffix(Self.namedMax).map { words.hopeless($0.group ?? "", on: PlainDate($0.time)) }))
      content += recorded(hopeless.suffix(Self.namedMax).map(\.sentence))
    }
    let proposals = report.events.filter { $0.event == "retrain_proposed" && $0.group != nil }
    if !proposals.isEmpty {
      content.append(
        .list(proposals.suffix(Self.namedMax).map { words.proposed($0.group ?? "", on: PlainDate($0.time)) }))
    }
    return content.isEmpty ? [.paragraph(words.nothingKept)] : content
  }

  // MARK: - Teacher

  var teacher: [Markup] {
    let examined = report.jobs.filter { $0.teacher != nil }
    guard !examined.isEmpty else { return [.paragraph(words.noTeacher)] }
    var table = PageTable([
      .init(words.jobColumn), .init(words.teacherVerdictColumn), .init(words.teacherAccuracyColumn, isNumber: true),
      .init(words.teacherWorstColumn), .init(words.teacherCalibrationColumn, isNumber: true),
      .init(words.teacherAgainstColumn),
    ])
    for job in examined {
      guard let teacher = job.teacher else { continue }
      let sum = teacher.gatePairs.reduce(into: (0, 0, 0)) {
        $0.0 += $1.wins
        $0.1 += $1.losses
        $0.2 += $1.total
      }
      let worst = teacher.worst.map { cell(Rate(right: min($0.correct, $0.total), total: $0.total)) }
      table.rows.append([
        .init("#\(job.number)", aside: teacher.name), .init(words.teacherVerdict(teacher.verdict), tone: .strong),
        cell(Rate(right: min(teacher.correct, teacher.total), total: teacher.total)),
        .init(
          teacher.worst?.group ?? "–",
          aside: worst.map { $0.text + ($0.aside.map { " \($0)" } ?? "") }),
        .init(teacher.calibrationError.map(words.share) ?? "–"),
        .init(sum.2 > 0 ? words.teacherAgainst(wins: sum.0, losses: sum.1, total: sum.2) : "–"),
      ])
    }
    let sentences = examined.compactMap { job in job.teacher.map { "#\(job.number): \($0.sentence)" } }
    return [.element("p", ["class": "note"], words.teacherNote), table.markup] + recorded(sentences)
  }

  // MARK: - People

  var people: [Markup] {
    let events = report.events.filter(\.isByPerson)
    guard !events.isEmpty else { return [.paragraph(words.nobodyDecided)] }
    var table = PageTable([.init(words.whenColumn), .init(words.whoColumn), .init(words.whatColumn)])
    for event in events.suffix(Self.eventsMax) {
      table.rows.append([
        .init(words.date(PlainDate(event.time))), .init(event.login),
        .init(words.event(event.event), aside: event.sentence),
      ])
    }
    let left = events.count - min(events.count, Self.eventsMax)
    return [table.markup] + (left > 0 ? [.element("p", ["class": "note"], words.eventsLeftOut(left))] : [])
  }

  // MARK: - Limits

  var limits: [String] {
    var limits: [String] = []
    let (parts, labelled) = (findings.parts, findings.labelled)
    if parts > 0 {
      limits.append(words.unlabelledLimit(share: Double(parts - labelled) / Double(parts), parts: parts - labelled))
    }
    if report.youngParts > 0 {
      limits.append(
        words.youngLimit(parts: report.youngParts, labelled: report.youngLabelled, hours: report.maturityHours))
    }
    let thin = report.groups.filter { !Rate($0.points).isTelling }.map(\.name)
    if !thin.isEmpty {
      limits.append(
        words.thinLimit(groups: Array(thin.prefix(Self.namedMax)), all: thin.count, minimum: Rate.tellingMin))
    }
    for channel in report.channels where channel.isSilent && channel.outcomes > 0 {
      limits.append(words.silentLimit(channel: channel.name, outcomes: channel.outcomes))
    }
    for channel in report.channels where channel.conflicts > 0 {
      limits.append(
        words.conflictLimit(channel: channel.name, conflicts: channel.conflicts, outcomes: channel.outcomes))
    }
    if report.droppedParts > 0 { limits.append(words.droppedLimit(parts: report.droppedParts)) }
    if report.waiting > 0 { limits.append(words.waitingLimit(parts: report.waiting)) }
    if report.otherGroups > 0 {
      limits.append(
        words.otherGroupsLimit(groups: report.otherGroups, parts: report.rest.reduce(0) { $0 + $1.parts }))
    }
    if !findings.effects.isEmpty { limits.append(words.effectLimit) }
    limits.append(words.intervalLimit)
    if report.hasOwnTime { limits.append(words.ownTimeLimit) }
    limits.append(words.dayLimit)
    if let sentence = words.recordedLimit { limits.append(sentence) }
    return limits
  }
}
