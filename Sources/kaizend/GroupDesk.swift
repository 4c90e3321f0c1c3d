import Domain
import Engine
import Wire

/// What operators ask and say of groups and their alarms.
extension OperatorDesk {
  /// - Returns: nil for what is about something else.
  func answerAboutGroups(_ call: OperatorCall, on plant: isolated Plant, by actor: Principal)
    throws(OperatorFault) -> WireResponse?
  {
    switch call {
    case .groups(let line): return OperatorCoding.response(try GroupReplies.groups(line, plant))
    case .explainGroup(let line, let group):
      return OperatorCoding.response(try GroupReplies.explain(line, group: group, plant))
    case .alarms(let line): return OperatorCoding.response(try GroupReplies.alarms(line, plant))
    case .setAlarm(let line, let request):
      let sentence = try set(request, line, on: plant, by: actor)
      return OperatorCoding.response(MarkReply(line: line.text, group: request.group, sentence: sentence))
    case .markGroup(let line, let request):
      let sentence =
        switch request.action {
        case .retire:
          try plant.mark(line, request.group, as: .retired, until: nil, reason: request.reason, by: actor)
        case .restore: try plant.unmark(line, request.group, .retired, reason: request.reason, by: actor)
        }
      return OperatorCoding.response(MarkReply(line: line.text, group: request.group, sentence: sentence))
    case .aliases(let line): return OperatorCoding.response(try GroupReplies.aliases(line, plant))
    case .setAlias(let line, let request):
      let sentence = try plant.alias(
        line, attribute: request.attribute, value: request.value, standsFor: request.standsFor, reason: request.reason,
        by: actor)
      return OperatorCoding.response(
        AliasReply(line: line.text, attribute: request.attribute, value: request.value, sentence: sentence))
    case .metrics(let format): return try metrics(format, plant)
    default: return nil
    }
  }

  private func set(_ request: AlarmRequest, _ line: LineID, on plant: isolated Plant, by actor: Principal)
    throws(OperatorFault) -> String
  {
    switch request.action {
    case .acknowledge:
      return try plant.mark(line, request.group, as: .acknowledged, until: nil, reason: request.reason, by: actor)
    case .reopen: return try plant.unmark(line, request.group, .acknowledged, reason: request.reason, by: actor)
    case .unsilence: return try plant.unmark(line, request.group, .silenced, reason: request.reason, by: actor)
    case .silence:
      guard let until = request.until.flatMap({ Timestamp($0) }) else {
        throw .invalid("say until when it shall be silent")
      }
      return try plant.mark(line, request.group, as: .silenced, until: until, reason: request.reason, by: actor)
    }
  }

  private func metrics(_ format: MetricsFormat, _ plant: isolated Plant) throws(OperatorFault) -> WireResponse {
    var groups: [GroupsReply] = []
    for id in plant.lineIDs { groups.append(try GroupReplies.groups(id, plant)) }
    let services = try plant.serviceChanges().map { changes in
      ServiceCounts(line: changes.line.text, promotions: changes.promotions, rollbacks: changes.rollbacks)
    }
    let families = daemonMetrics(
      try OperatorReplies.status(plant), groups: groups,
      stages: stages.snapshot.map { StageRow($0.stage, $0.histogram) }, services: services)
    return WireResponse(
      contentType: format.contentType, body: Array(metricsText(families, format: format).utf8))
  }
}
