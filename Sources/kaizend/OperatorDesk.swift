import Domain
import Engine
import Settings
import Store
import UnixSocket
import Wire

/// Answers `control.sock`: every call of the operator API in one place.
struct OperatorDesk: Sendable {
  let plant: Plant
  let clock: DaemonClock
  let teachers: TeacherFolder
  let stages: StageHistograms
  let reloader: Reloader
  let maintenance: Maintenance
  let ledger: LedgerDesk
  let slices: SliceDesk
  let report: ReportDesk
  let watch: LogWatch

  func answer(_ request: WireRequest, from peer: Peer, reply: @escaping @Sendable (WireResponse) -> Void) {
    let call: OperatorCall
    do {
      call = try OperatorCall.decode(request)
    } catch {
      return reply(error.response)
    }
    switch call {
    case .live: return reply(HealthReply(live: true, ready: true).response(asking: .live))
    case .ready: return reply(HealthReply(live: true, ready: true).response(asking: .ready))
    case .latency:
      let rows = stages.snapshot.map { StageRow($0.stage, $0.histogram) }
      return reply(OperatorCoding.response(LatencyReply(since: plant.startedAt.description, stages: rows)))
    case .outcomes(let line, let items):
      return record(items, line: line, plant: plant, receipt: clock.receipt(uid: peer.uid)) {
        reply($0.map { .outcomes($0) }.response)
      }
    case .checkOutcomes(let line, let items):
      return record(items, line: line, plant: plant, receipt: clock.receipt(uid: peer.uid), isTrial: true) {
        reply($0.map { .outcomes($0) }.response)
      }
    default: break
    }
    let actor = Principal(uid: peer.uid, login: login(of: peer.uid))
    if answerBesidePlant(call, by: actor, reply: reply) { return }
    if case .reload = call {
      return reloader.reload(by: actor) { result in
        switch result {
        case .success(let told): reply(OperatorCoding.response(told))
        case .failure(let fault): reply(fault.wireFault.response)
        }
      }
    }
    plant.ask { plant in
      do throws(OperatorFault) {
        reply(try perform(call, on: plant, by: actor))
      } catch {
        reply(wireFault(error).response)
      }
    }
  }

  /// Answers what is long to read, without the plant's thread, or with no more of it than a look at a line.
  /// - Returns: false for what belongs to the plant.
  private func answerBesidePlant(
    _ call: OperatorCall, by actor: Principal, reply: @escaping @Sendable (WireResponse) -> Void
  ) -> Bool {
    switch call {
    case .maintenance: reply(OperatorCoding.response(maintenance.status()))
    case .backup: start(.backup, by: actor, reply)
    case .doctor: start(.doctor, by: actor, reply)
    case .backups: ledger.backups(reply)
    case .backupBytes(let piece): ledger.bytes(piece, reply)
    case .removeBackup(let stamp): ledger.remove(stamp, reply)
    case .verifyAudit: ledger.verifyAudit(reply)
    case .auditEntries(let after): ledger.auditEntries(after: after, reply)
    case .exportPlan(let line, let selection):
      withDefinition(of: line, reply) { ledger.plan($0, selection, reply) }
    case .export(let line, let selection, let page):
      withDefinition(of: line, reply) { ledger.page($0, selection, page, reply) }
    case .slices(let line, let anyDependence): slices.search(line, anyDependence: anyDependence, reply)
    case .adoptSlice(let line, let request): slices.adopt(request, line, by: actor, reply)
    case .report(let line, let since): report.report(line, since: since, reply)
    default: return false
    }
    return true
  }

  private func start(_ kind: Maintenance.Kind, by actor: Principal, _ reply: (WireResponse) -> Void) {
    do throws(WireFault) {
      reply(OperatorCoding.response(try maintenance.start(kind, by: actor)))
    } catch {
      reply(error.response)
    }
  }

  private func withDefinition(
    of line: LineID, _ reply: @escaping @Sendable (WireResponse) -> Void,
    _ body: @escaping @Sendable (LineDefinition) -> Void
  ) {
    plant.ask { plant in
      do throws(OperatorFault) {
        body(try plant.definition(line))
      } catch {
        reply(wireFault(error).response)
      }
    }
  }

  private func perform(_ call: OperatorCall, on plant: isolated Plant, by actor: Principal)
    throws(OperatorFault) -> WireResponse
  {
    if let answer = try answerAboutGroups(call, on: plant, by: actor) { return answer }
    switch call {
    case .groups, .explainGroup, .alarms, .setAlarm, .markGroup, .aliases, .setAlias, .metrics:
      preconditionFailure("what is about groups was answered before")
    case .live, .ready, .outcomes, .checkOutcomes, .latency, .reload, .maintenance, .backup, .doctor, .backups,
      .backupBytes,
      .removeBackup, .verifyAudit, .auditEntries, .exportPlan, .export, .slices, .adoptSlice, .report:
      preconditionFailure("what is not the plant's was answered before")
    case .status:
      var status = try OperatorReplies.status(plant)
      if let warning = watch.warning { status.ledger.remarks = (status.ledger.remarks ?? []) + [warning] }
      return OperatorCoding.response(status)
    case .lines: return OperatorCoding.response(try OperatorReplies.lines(plant))
    case .addLine(let request): return OperatorCoding.response(try add(request, to: plant, by: actor))
    case .coverage(let line):
      return OperatorCoding.response(OperatorReplies.coverage(line, try plant.coverage(line)))
    case .models(let line): return OperatorCoding.response(try OperatorReplies.models(line, plant))
    case .modelBytes(let line, let version):
      let bytes = try plant.modelBytes(line, version: version)
      return OperatorCoding.response(
        ModelBytesReply(
          line: line.text, version: version.number, sha256: sha256Text(bytes), bytes: OperatorCoding.base64(bytes)))
    case .importModel(let line, let request):
      return OperatorCoding.response(try importModel(request, line, to: plant, by: actor))
    case .retrain(let line, let request):
      let outline = try plant.retrain(
        line, groups: request.groups, scope: request.scope ?? .scoped, dryRun: request.dryRun, by: actor)
      return OperatorCoding.response(try TrialReplies.retrain(line, outline, plant))
    case .approve(let run, let request):
      let step = try plant.approve(run: run, reason: request.reason, by: actor)
      return OperatorCoding.response(TrialReplies.step(step))
    case .reject(let run, let request):
      let step = try plant.reject(run: run, reason: request.reason, by: actor)
      return OperatorCoding.response(TrialReplies.step(step))
    case .promote(let line, let request):
      let version = ModelVersion(request.version)
      let changes = try plant.promote(
        line, version: version, cells: request.cells, reason: request.reason, by: actor)
      return OperatorCoding.response(TrialReplies.promotion(line, version, cells: request.cells, changes))
    case .rollback(let line, let request):
      let changes = try plant.rollback(line, cell: request.cell, reason: request.reason, by: actor)
      return OperatorCoding.response(OperatorReplies.rollback(line, changes))
    case .runs(let line):
      return OperatorCoding.response(try OperatorReplies.runs(line, plant))
    case .run(let number):
      return OperatorCoding.response(try OperatorReplies.runRow(try plant.run(number), plant))
    case .explainRun(let number): return OperatorCoding.response(try OperatorReplies.explain(run: number, plant))
    case .audit(let line, let run, let group, let limit):
      let entries = try plant.auditEntries(line: line, run: run, group: group, limit: limit)
      return OperatorCoding.response(AuditReply(entries: entries.map(OperatorReplies.auditRow)))
    case .prune(let request):
      let outline = try plant.prune(dryRun: request.dryRun, trustClock: request.trustClock, by: actor)
      return OperatorCoding.response(OperatorReplies.prune(outline, dryRun: request.dryRun))
    }
  }

  private func add(_ request: AddLineRequest, to plant: isolated Plant, by actor: Principal)
    throws(OperatorFault) -> AddLineReply
  {
    let id = request.definition.id
    guard !plant.lineIDs.contains(id) else { throw .lineExists(id.text) }
    guard let student = OperatorCoding.bytes(base64: request.student) else {
      throw .invalid("the student's bytes are not base64")
    }
    let broken = problems(of: request.settings)
    guard broken.isEmpty else { throw .invalid(broken.joined(separator: "; ")) }
    let teacher: TeacherSource
    do {
      teacher = try teachers.keep(request.teacher)
    } catch {
      throw .storage(error.sentence)
    }
    let added = try plant.add(
      NewLine(
        definition: request.definition, settings: request.settings, student: student, teacher: teacher,
        report: request.report, source: request.source), by: actor)
    return AddLineReply(
      line: id.text, version: added.version.number, run: added.run,
      sentence: "line \(id) is in service with student \(added.version)",
      advice: try plant.overview(id).adviceSentences)
  }

  private func importModel(_ request: ImportModelRequest, _ line: LineID, to plant: isolated Plant, by actor: Principal)
    throws(OperatorFault) -> ImportModelReply
  {
    guard let student = OperatorCoding.bytes(base64: request.student) else {
      throw .invalid("the student's bytes are not base64")
    }
    // They go into an audit sentence, which people read in a terminal.
    guard request.source.utf8.count <= 255, request.source.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
      throw .invalid("the source's name is longer than 255 bytes or holds control characters")
    }
    guard request.sha256.utf8.count == 64, request.sha256.allSatisfy({ $0.isHexDigit && !$0.isUppercase }) else {
      throw .invalid("sha256 is 64 digits of lower-case hex")
    }
    let new = NewModel(student: student, source: request.source, sha256: request.sha256)
    let (version, run) = try plant.importModel(line, new, by: actor)
    return ImportModelReply(
      line: line.text, version: version.number, run: run,
      sentence: "student \(version) of line \(line) is registered and serves nobody yet")
  }
}

func wireFault(_ fault: OperatorFault) -> WireFault {
  switch fault {
  case .unknownLine(let name): .unknownLine(name)
  case .unknownModel(let line, let version): .unknownVersion(line: line.text, version: version.description)
  case .unknownRun(let number): .unknownRun(number)
  case .unknownGroup(let line, let group): .unknownGroup(line: line.text, group: group)
  case .lineExists, .busy: .refused(fault.sentence)
  case .invalid(let sentence): .badMessage(sentence)
  case .closed(let sentence): .notReady(sentence)
  case .storage(let sentence): .internalFailure(sentence)
  }
}
