import Domain
import Logging
import NeuralNet

/// The comparison with a teacher that is under way; one a machine.
struct ActiveExamination {
  let line: LineID
  let day: Int64
}

extension Plant {
  /// Counts a line's rows that have come since the last look. Inside a ledger transaction, once an hour.
  func watchEarly(_ line: inout LineState, now: Timestamp) throws(StorageFailure) {
    var early = line.early ?? EarlyWatch(definition: line.definition)
    let recent = try ledger.recent(
      line: line.id, after: early.cursor, limit: early.rowLimit(now: now), withInputs: true)
    early.absorb(fresh: recent, now: now) { line.version(serving: $0) }
    line.early = early
  }

  /// Has a sample of the day that has ended, if one has, compared with the teacher, unless the machine is busy with a
  /// retraining or another line's night: a night that is missed is not made up for. After the ledger's transaction.
  func considerExamination(_ id: LineID) {
    guard let day = lines[id]?.early?.takeFinishedDay(), monitoring.teacherSample == .nightly, let examiner,
      activeRun == nil, activeExamination == nil,
      !isStopping, let line = lines[id], day.through > day.after
    else { return }
    // Logits that came as columns of a file are none for new parts.
    if case .columns = line.registered.teacher { return }
    do {
      try examiner.examine(
        AgreementSpec(
          definition: line.definition, teacher: line.registered.teacher, day: day.day, after: day.after,
          through: day.through)
      ) { [weak self] end in
        self?.ask { $0.handle(end) }
      }
      activeExamination = ActiveExamination(line: id, day: day.day)
    } catch {
      logger.warning("line \(id): the teacher is not asked about this day's parts: \(error.sentence)")
    }
  }

  /// A retraining needs the room, and people wait for it.
  func stopExamination() {
    if activeExamination != nil { examiner?.stop() }
  }

  private func handle(_ end: ExaminationEnd) {
    guard let active = activeExamination else { return }
    activeExamination = nil
    switch end {
    case .stopped: break
    case .failed(let sentence):
      logger.warning("line \(active.line): the teacher was not asked about this day's parts: \(sentence)")
    case .finished(let report):
      if let absent = report.absent {
        logger.notice("line \(active.line): the teacher cannot be asked about new parts: \(absent)")
      }
      guard let routed = lines[active.line] else { return }
      lines[active.line]?.early?.absorb(report) { routed.version(serving: $0) }
    }
  }
}
