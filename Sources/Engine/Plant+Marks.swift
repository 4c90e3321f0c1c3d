import Domain
import Logging
import Policy

public typealias MarkKind = GroupMark.Kind
public typealias ValueAlias = AttributeAlias

extension Plant {
  /// Sets of parts of a line that nobody may silence for longer: a silence that is forgotten hides a bad product.
  static let silenceDaysMaximum = 90.0
  /// Aliases of a line: each is looked at for every part.
  static let aliasesMaximum = 200

  /// Keeps what an operator says of a set of parts, audited, and acts by it.
  ///
  /// - Parameter until: the end of a silence; nil for the other kinds.
  /// - Returns: what was done, in a sentence.
  public func mark(
    _ id: LineID, _ name: String, as kind: MarkKind, until: Timestamp?, reason: String, by actor: Principal
  ) throws(OperatorFault) -> String {
    let line = try open(id)
    let slice = try line.definition.slice(named: name)
    let evidence = line.monitor.evidence(of: slice)
    guard evidence != nil || kind == .retired && slice.cell.map(line.monitor.seenCells.contains) == true else {
      throw line.retired.contains(slice)
        ? .invalid("\(name) is retired; 'kaizenctl groups restore \(id)' takes it back")
        : .unknownGroup(line: id, group: name)
    }
    let now = wallClock()
    let text = line.definition.text(slice)
    let done: String
    let event: AuditEvent
    switch kind {
    case .acknowledged:
      guard evidence?.state == .watch || evidence?.state == .lagging else {
        throw .invalid("\(text) has no alarm to acknowledge: it is \(evidence?.state.rawValue ?? "unknown")")
      }
      done = "the alarm of \(text) is acknowledged until it ends"
      event = .alarmAcknowledged
    case .silenced:
      guard let until, until > now, until <= now.advanced(hours: Self.silenceDaysMaximum * 24) else {
        throw .invalid("a silence ends in the future, within \(Int(Self.silenceDaysMaximum)) days")
      }
      done = "\(text) does not count in 'kaizenctl check' until \(until.wholeSeconds)"
      event = .alarmSilenced
    case .retired:
      done = "\(text) is not watched any more"
      event = .groupRetired
    }
    try change(line, event, text, "\(done): \(reason)", by: actor) { (registry) throws(StorageFailure) in
      try registry.setMark(
        GroupMark(line: id, slice: text, kind: kind, until: until, by: actor, at: now, reason: reason))
    }
    return done
  }

  public func unmark(_ id: LineID, _ name: String, _ kind: MarkKind, reason: String, by actor: Principal)
    throws(OperatorFault) -> String
  {
    let line = try open(id)
    let slice = try line.definition.slice(named: name)
    let text = line.definition.text(slice)
    let done: String
    let event: AuditEvent
    switch kind {
    case .acknowledged:
      (done, event) = ("the alarm of \(text) is not acknowledged any more", .alarmReopened)
    case .silenced:
      (done, event) = ("\(text) counts in 'kaizenctl check' again", .alarmUnsilenced)
    case .retired:
      (done, event) = ("\(text) is watched again, from new evidence", .groupRestored)
    }
    guard line.has(kind, slice) else { throw .invalid("\(text) is not \(kind.rawValue)") }
    try change(line, event, text, "\(done): \(reason)", by: actor) { (registry) throws(StorageFailure) in
      _ = try registry.removeMark(line: id, slice: text, kind: kind)
    }
    return done
  }

  /// Has one value of an attribute counted and served as another from now on.
  ///
  /// - Parameter standsFor: nil ends it.
  public func alias(
    _ id: LineID, attribute: String, value: String, standsFor: String?, reason: String, by actor: Principal
  ) throws(OperatorFault) -> String {
    let line = try open(id)
    guard line.definition.schema.attributes.contains(attribute) else {
      throw .invalid(
        "\"\(attribute)\" is not an attribute of line \(id) "
          + "(they are \(line.definition.schema.attributes.joined(separator: ", ")))")
    }
    let known = try aliases(id)
    let now = wallClock()
    guard let standsFor else {
      guard known.contains(where: { $0.attribute == attribute && $0.value == value }) else {
        throw .invalid("\(attribute)=\(value) stands for no other value")
      }
      let done = "\(attribute)=\(value) is a value of its own again"
      try change(line, .aliasRemoved, nil, "\(done): \(reason)", by: actor) { (registry) throws(StorageFailure) in
        _ = try registry.removeAlias(line: id, attribute: attribute, value: value)
      }
      return done
    }
    try check(attribute, value, standsFor, known: known)
    let done = "parts with \(attribute)=\(value) are counted and served as \(attribute)=\(standsFor)"
    try change(line, .aliasSet, nil, "\(done): \(reason)", by: actor) { (registry) throws(StorageFailure) in
      try registry.setAlias(
        AttributeAlias(
          line: id, attribute: attribute, value: value, standsFor: standsFor, by: actor, at: now, reason: reason))
    }
    return done
  }

  /// One step and no circle: what a value stands for is told by one look.
  private func check(_ attribute: String, _ value: String, _ standsFor: String, known: [ValueAlias])
    throws(OperatorFault)
  {
    for text in [value, standsFor] {
      guard (1...GroupSchema.maximumValueBytes).contains(text.utf8.count) else {
        throw .invalid("a value has 1 to \(GroupSchema.maximumValueBytes) bytes")
      }
    }
    guard value != standsFor else { throw .invalid("\(attribute)=\(value) is that value already") }
    let others = known.filter { $0.attribute == attribute && $0.value != value }
    if others.contains(where: { $0.value == standsFor }) {
      throw .invalid("\(attribute)=\(standsFor) itself stands for another value; name that one")
    }
    if others.contains(where: { $0.standsFor == value }) {
      throw .invalid("other values stand for \(attribute)=\(value); end those aliases first")
    }
    guard known.count < Self.aliasesMaximum else {
      throw .invalid("a line has at most \(Self.aliasesMaximum) aliases")
    }
  }

  public func aliases(_ id: LineID) throws(OperatorFault) -> [ValueAlias] {
    _ = try open(id)
    return try reading { () throws(StorageFailure) in try registry.aliases(line: id) }
  }

  /// Stores and audits in one transaction, then reads the line's marks again and serves and watches by them.
  private func change(
    _ line: LineState, _ event: AuditEvent, _ group: String?, _ sentence: String, by actor: Principal,
    _ body: (any Registry) throws(StorageFailure) -> Void
  ) throws(OperatorFault) {
    do {
      let entry = try registry.transaction { () throws(StorageFailure) in
        try body(registry)
        return try registry.audit(
          AuditEntry(
            time: wallClock(), actor: actor, event: event, line: line.id, group: group, run: nil, sentence: sentence))
      }
      log(entry)
      try adoptMarks(line.id)
    } catch {
      throw .storage(error.sentence)
    }
  }

  /// Watches and serves by what the registry has of the line's marks, aliases and slices now.
  func adoptMarks(_ id: LineID) throws(StorageFailure) {
    guard var line = lines[id] else { return }
    try line.readMarks(registry, logger: logger)
    let state = line
    line.monitor.replan(at: line.now(wallClock()), rules: line.countingRules) { state.version(serving: $0) }
    let snapshot = try line.snapshot()
    lines[id] = line
    serving.install(snapshot)
    let bytes = LineMemory.bytes(line)
    do {
      try ledger.transaction { () throws(StorageFailure) in try ledger.saveEvidence(bytes, line: id) }
    } catch {
      logger.error("line \(id): what is watched now could not be stored yet: \(error.sentence)")
    }
  }

  /// An alarm that has ended is not acknowledged any more; the next one is another.
  func forgetAcknowledgements(_ transitions: [Transition], line id: LineID) {
    let ended = transitions.filter { $0.assessment.state == .ok || $0.assessment.state == .unknown }
    forgetAcknowledgements(of: ended.map(\.slice), line: id)
  }

  func forgetAcknowledgements(of slices: [PartSlice], line id: LineID) {
    guard let line = lines[id] else { return }
    for slice in slices where line.marks[slice]?.acknowledged != nil {
      let text = line.definition.text(slice)
      do {
        try registry.transaction { () throws(StorageFailure) in
          _ = try registry.removeMark(line: id, slice: text, kind: .acknowledged)
        }
        lines[id]?.marks[slice]?.acknowledged = nil
      } catch {
        logger.error("line \(id): the end of an alarm could not be stored: \(error.sentence)")
      }
    }
  }
}

extension LineState {
  func has(_ kind: MarkKind, _ slice: PartSlice) -> Bool {
    switch kind {
    case .acknowledged: marks[slice]?.acknowledged != nil
    case .silenced: marks[slice]?.silenced != nil
    case .retired: retired.contains(slice)
    }
  }

  /// What operators have said of the line. A name that fits the line no more is told and left alone.
  mutating func readMarks(_ registry: any Registry, logger: Logger) throws(StorageFailure) {
    marks = [:]
    retired = []
    aliases = ValueAliases()
    for mark in try registry.marks(line: id) {
      guard let slice = known(mark.slice, logger) else { continue }
      let said = GroupStatus.Mark(by: mark.by, at: mark.at, reason: mark.reason)
      switch mark.kind {
      case .acknowledged: marks[slice, default: GroupStatus.Marks()].acknowledged = said
      case .silenced: marks[slice, default: GroupStatus.Marks()].silenced = mark.until.map { (said, $0) }
      case .retired: retired.insert(slice)
      }
    }
    adopted = try registry.adoptedSlices(line: id)
    for alias in try registry.aliases(line: id) {
      guard let place = definition.schema.attributes.firstIndex(of: alias.attribute) else { continue }
      aliases.set(alias.value, of: place, to: alias.standsFor)
    }
  }

  private func known(_ text: String, _ logger: Logger) -> PartSlice? {
    do {
      return try definition.slice(parsing: text)
    } catch {
      logger.warning("line \(id): \"\(text)\" in state.db is no set of its parts: \(error.sentence)")
      return nil
    }
  }
}
