import Domain
import Logging
import Synchronization

/// Between the journal and the ledger.
extension Plant {
  /// Takes what was accepted one step on; what the journal will not keep goes through the plant's thread.
  ///
  /// - Returns: true when the plant should take the journal in soon.
  nonisolated func commitIntake() -> Bool {
    guard let intake else { return false }
    return follow(intake.commit())
  }

  private nonisolated func follow(_ round: Intake.Round) -> Bool {
    note(round.journal)
    for item in round.refused { post(item.parts, reply: item.reply) }
    switch round.errand {
    case .sync: errands.beside { self.syncIntake() }
    case .keep: errands.later(Intake.earlyMsMax) { self.keepLate() }
    case .keepNow: if let intake { return follow(intake.keep()) || round.isPressing }
    case nil: break
    }
    return round.isPressing
  }

  /// For the thread that may wait for the disk.
  private nonisolated func syncIntake() {
    guard let news = intake?.sync() else { return }
    note(news)
    if case .refused = news { _ = post(.takeIn) }
  }

  private nonisolated func keepLate() {
    guard let intake else { return }
    if follow(intake.keepLate()) { _ = post(.takeIn) }
  }

  private nonisolated func note(_ news: Intake.JournalNews) {
    switch news {
    case .none: break
    case .refused(let failure):
      guard !isJournalFailing.exchange(true, ordering: .relaxed) else { return }
      logger.error(
        "the journal takes no rows, so each part waits for the ledger: \(failure.sentence)",
        metadata: ["event": "ledger_failed"])
    case .took:
      guard isJournalFailing.load(ordering: .relaxed), isJournalFailing.exchange(false, ordering: .relaxed) else {
        return
      }
      logger.notice("the journal takes rows again", metadata: ["event": "ledger_recovered"])
    }
  }

  /// Takes into the ledger what the journal keeps. What the ledger will not have stays in the journal, and is tried
  /// again with whatever comes next.
  ///
  /// - Returns: what keeps it from being taken in; nothing else may be written then, for it would not be compared with
  ///   those rows.
  func takeIn() -> StorageFailure? {
    guard let intake else { return nil }
    if let failure = recoverJournal() { return failure }
    // What was accepted in this round comes before what was posted in it.
    _ = commitIntake()
    _ = follow(intake.keep())
    // Twice, for what failed before and for what came since; under load there is always more.
    for _ in 0..<2 {
      let kept = intake.take()
      guard !kept.isEmpty else { return nil }
      if let failure = takeIn(kept, from: intake) {
        for item in intake.doubted() { answerUnrecorded(item.parts, item.reply) }
        return failure
      }
    }
    return nil
  }

  private func takeIn(_ kept: [ServedParts], from intake: Intake) -> StorageFailure? {
    let before = lines
    let seenBefore = firstSeen
    do {
      try ledger.transaction { () throws(StorageFailure) in
        for parts in kept { try takeIn(parts) }
      }
      intake.stored()
      recovered()
      for parts in kept { remember(parts.predictions) }
      unlooked.formUnion(Set(kept.map(\.snapshot.definition.id)).filter { isDue($0) })
      return nil
    } catch {
      lines = before
      firstSeen = seenBefore
      failed(error)
      tellOwed(intake.owed)
      return error
    }
  }

  private func takeIn(_ parts: ServedParts) throws(StorageFailure) {
    for prediction in parts.predictions {
      let row = parts.snapshot.isKnown(prediction.cell) ? prediction : placed(prediction)
      guard case .repeated = try ledger.append(row) else { continue }
      logger.error("part \(row.part) of line \(row.line) was answered as new and is in the ledger already")
    }
  }

  /// Neither file takes them, and their senders believe that they are kept.
  private func tellOwed(_ count: Int) {
    guard count > owedTold else { return }
    owedTold = count
    let sentence =
      "\(count) parts were answered as recorded and stand in no file yet: they are lost if kaizend ends before its disk "
      + "takes rows again"
    logger.error("\(sentence)", metadata: ["event": "ledger_failed"])
  }

  // MARK: - What a former process left

  /// What became of the journal of the process before.
  enum Inheritance {
    /// In the ledger, or there was none.
    case taken
    /// The ledger would not take it yet. Parts are compared with nothing until it has, so none is certainly new.
    case waiting

    /// What can be known of a line's ids before any comes.
    func ids(of line: LineID, ledger: any Ledger) throws(StorageFailure) -> SeenParts.Start {
      switch self {
      case .taken: .greatest(try ledger.greatestPart(line: line))
      case .waiting: .unknown
      }
    }
  }

  static func inherit(_ journal: (any Journal)?, into ledger: any Ledger, logger: Logger) -> Inheritance {
    guard let journal else { return .taken }
    do {
      tell(try journal.recover(into: ledger), logger)
      return .taken
    } catch {
      let sentence =
        "the journal of the last run waits for the ledger, and answers are not recorded until it is in: "
        + error.sentence
      logger.error("\(sentence)", metadata: ["event": "ledger_failed"])
      return .waiting
    }
  }

  private static func tell(_ recovery: JournalRecovery, _ logger: Logger) {
    for remark in recovery.remarks { logger.warning("\(remark)") }
    guard recovery.rows > 0 else { return }
    logger.notice("\(recovery.rows) answers of the last run went from the journal into the ledger")
  }

  private func recoverJournal() -> StorageFailure? {
    guard case .waiting = inheritance, let journal else { return nil }
    do {
      Self.tell(try journal.recover(into: ledger), logger)
      for (id, line) in lines {
        if let latest = try ledger.latestTime(line: id) { line.clock.advance(to: latest) }
      }
    } catch {
      failed(error)
      return error
    }
    inheritance = .taken
    recovered()
    return nil
  }
}
