import Domain
import Policy

/// What a search for slices needs of a line, all of one moment; the rows are read beside the plant.
public struct SliceScope: Sendable {
  public let definition: LineDefinition
  public let champion: ModelVersion
  public let routes: [Cell: ModelVersion]
  /// The line's time.
  public let now: Timestamp
  /// Parts older than this count, with the outcome they have now.
  public let watermark: Timestamp
  public let adopted: [AdoptedSlice]
  /// Groups and the sets around them that are watched without being adopted.
  public let watched: Set<PartSlice>

  public var candidates: [AdoptedSlice] { adopted.filter { $0.state == .candidate } }

  /// Parts of a student that serves no more say nothing about the one that does.
  public func isServed(_ cell: Cell, by version: ModelVersion) -> Bool { (routes[cell] ?? champion) == version }
}

/// A slice that an operator wants monitored, with what the rows up to `row` say of it.
public struct NewSlice: Sendable {
  public let slice: PartSlice
  public let reason: String
  public let counts: SliceCounts
  /// The ledger's last row when it was counted.
  public let row: Int64

  public init(slice: PartSlice, reason: String, counts: SliceCounts, row: Int64) {
    self.slice = slice
    self.reason = reason
    self.counts = counts
    self.row = row
  }
}

/// The later parts of a candidate, all that it needs.
public struct CandidateCounts: Sendable {
  public let candidate: AdoptedSlice
  public let counts: SliceCounts

  public init(candidate: AdoptedSlice, counts: SliceCounts) {
    self.candidate = candidate
    self.counts = counts
  }
}

extension Plant {
  /// Slices of a line that wait or are monitored: each costs memory and alarm bookkeeping.
  static let maximumAdoptedSlices = 100

  /// Slices that the monitor watches beside groups and the nodes above them.
  public func adoptedSlices(_ id: LineID) -> [PartSlice] { lines[id]?.watchedSlices ?? [] }

  public func sliceScope(_ id: LineID) throws(OperatorFault) -> SliceScope {
    let line = try open(id)
    let now = line.now(wallClock())
    return SliceScope(
      definition: line.definition, champion: line.registered.champion, routes: line.registered.routes, now: now,
      watermark: now.advanced(hours: -line.maturityHours), adopted: line.adopted,
      watched: Set(line.monitor.watched.slices))
  }

  /// Lines with slices that wait for later parts, with the day of the line's time.
  public var linesWithCandidates: [LineID: Int64] {
    lines.filter { $0.value.adopted.contains { $0.state == .candidate } }
      .mapValues { $0.now(wallClock()).day }
  }

  /// The slice a person named, where it is one that can be adopted.
  public static func sliceToAdopt(_ text: String, in definition: LineDefinition) throws(OperatorFault) -> PartSlice {
    let slice: PartSlice
    do { slice = try definition.slice(parsing: text) } catch { throw .invalid(error.sentence) }
    guard slice.depth > 0 else { throw .invalid("\"\(text)\" is every part of the line, which is monitored already") }
    guard slice.outcome == nil else {
      throw .invalid("a slice holds nothing about the true class, which is known only once the outcome has come")
    }
    guard !slice.hasRanges || !definition.input.sharesUnit else {
      throw .invalid("parts of line \(definition.id) are windows or pictures: slices of them name attributes only")
    }
    guard slice.ranges.allSatisfy({ ($0.lower ?? -.infinity) < ($0.upper ?? .infinity) }) else {
      throw .invalid("no part lies in \"\(text)\": a lower bound is not below the upper one")
    }
    guard definition.schema.includesOutcome || slice.cell == nil else {
      throw .invalid("\(definition.text(slice)) is a group of line \(definition.id) and is monitored already")
    }
    return slice
  }

  /// Stores a slice as a candidate: it is monitored once later parts have confirmed it.
  public func adopt(_ new: NewSlice, line id: LineID, by actor: Principal) throws(OperatorFault) -> AdoptedSlice {
    let line = try open(id)
    let name = line.definition.text(new.slice)
    switch line.adopted.first(where: { $0.slice == name })?.state {
    case .candidate: throw .busy("\(name) is adopted already and waits for later parts")
    case .monitored: throw .busy("\(name) is adopted already and is monitored")
    case .rejected, nil: break
    }
    guard !line.monitor.watched.contains(new.slice) else { throw .busy("\(name) is watched already") }
    let kept = line.adopted.filter { $0.slice != name }
    let active = kept.count { $0.state != .rejected }
    guard active < Self.maximumAdoptedSlices else {
      throw .invalid("line \(id) has \(active) adopted slices, which are as many as it watches")
    }
    let now = line.now(wallClock())
    let waiting = kept.count { $0.state == .candidate } + 1
    let needed = laterPartsNeeded(new.counts, waiting: waiting)
    let found =
      "\(percent(new.counts.rate ?? 0)) wrong of \(new.counts.parts) parts, elsewhere "
      + "\(percent(new.counts.restRate ?? 0)) of \(new.counts.restParts)"
    let slice = AdoptedSlice(
      line: id, slice: name, state: .candidate, foundRow: new.row, foundAt: now, adoptedAt: now, by: actor,
      reason: new.reason, partsNeeded: needed, detail: found)
    let entry = AuditEntry(
      time: wallClock(), actor: actor, event: .sliceAdopted, line: id, group: name, run: nil,
      sentence: "\(name) is adopted (\(found)) and is monitored once its next \(needed) labelled parts confirm it"
        + (new.reason.isEmpty ? "" : ": \(new.reason)"))
    try store([slice], [entry], line: id)
    return slice
  }

  /// Decides about candidates whose later parts have come: each once, and those that waited together with one risk of
  /// a false confirmation.
  /// - Returns: what became of them; nothing for those that are no candidates any more.
  @discardableResult
  public func decideSlices(_ due: [CandidateCounts], line id: LineID) throws(OperatorFault) -> [AdoptedSlice] {
    let line = try open(id)
    let due = due.filter { line.adopted.contains($0.candidate) && $0.candidate.state == .candidate }
    guard !due.isEmpty else { return [] }
    let family = Self.family(line.adopted)
    let verdicts = confirmSlices(
      due.map(\.counts), family: family.count, confirmed: family.count { $0.state == .monitored })
    let now = line.now(wallClock())
    var decided: [AdoptedSlice] = []
    var entries: [AuditEntry] = []
    for (item, verdict) in zip(due, verdicts) {
      var slice = item.candidate
      slice.state = verdict.isConfirmed ? .monitored : .rejected
      slice.decidedAt = max(now, slice.adoptedAt)
      slice.detail = verdict.sentence
      decided.append(slice)
      let end = verdict.isConfirmed ? "is confirmed and monitored from now on" : "is not confirmed and is not monitored"
      entries.append(
        AuditEntry(
          time: wallClock(), actor: principal, event: verdict.isConfirmed ? .sliceConfirmed : .sliceRejected, line: id,
          group: slice.slice, run: nil, sentence: "\(slice.slice) \(end): \(verdict.sentence)"))
    }
    try store(decided, entries, line: id)
    return decided
  }

  /// Slices that waited together with those that wait now: each overlaps in time with another of them.
  static func family(_ adopted: [AdoptedSlice]) -> [AdoptedSlice] {
    var family = adopted.filter { $0.state == .candidate }
    var others = adopted.filter { $0.state != .candidate }
    while let earliest = family.map(\.adoptedAt).min() {
      let joining = others.filter { ($0.decidedAt ?? $0.adoptedAt) >= earliest }
      if joining.isEmpty { break }
      family += joining
      others.removeAll { joining.contains($0) }
    }
    return family
  }

  private func store(_ changed: [AdoptedSlice], _ entries: [AuditEntry], line id: LineID) throws(OperatorFault) {
    do throws(StorageFailure) {
      let stored = try registry.transaction { () throws(StorageFailure) in
        for slice in changed { try registry.put(slice) }
        var stored: [AuditEntry] = []
        for entry in entries { stored.append(try registry.audit(entry)) }
        return stored
      }
      for entry in stored { log(entry) }
      try adoptMarks(id)
    } catch {
      throw .storage(error.sentence)
    }
  }
}
