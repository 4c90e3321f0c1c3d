import Domain
import Engine
import Store
import Wire

/// Answers what is read in long pages, from connections and a thread of its own: the plant's thread never waits for it.
final class LedgerDesk: Sendable {
  private let stateDirectory: String
  private let plant: Plant
  private let thread = QuietThread()

  init(stateDirectory: String, plant: Plant) {
    self.stateDirectory = stateDirectory
    self.plant = plant
  }

  private var ledgerPath: String { "\(stateDirectory)/\(StoreFile.ledger)" }
  private var statePath: String { "\(stateDirectory)/\(StoreFile.state)" }

  typealias Reply = @Sendable (WireResponse) -> Void

  /// - Parameter body: run on the reader's thread.
  private func read(_ reply: @escaping Reply, _ body: @escaping @Sendable () throws(WireFault) -> WireResponse) {
    thread.async {
      do throws(WireFault) { reply(try body()) } catch { reply(error.response) }
    }
  }

  // MARK: - The audit trail

  func verifyAudit(_ reply: @escaping Reply) {
    read(reply) { [statePath] () throws(WireFault) in
      try telling { () throws(StorageFailure) in
        OperatorCoding.response(OperatorReplies.verdict(try open(AuditReader.init, statePath).verify()))
      }
    }
  }

  func auditEntries(after: Int, _ reply: @escaping Reply) {
    read(reply) { [statePath] () throws(WireFault) in
      try telling { () throws(StorageFailure) in
        let entries = try open(AuditReader.init, statePath).entries(after: after, limit: OperatorCall.auditPageMax)
        return ExportText.page(auditEntries: entries)
      }
    }
  }

  // MARK: - A line's rows

  /// - Parameter definition: of the line, as the plant knows it.
  func plan(_ definition: LineDefinition, _ selection: ExportSelection, _ reply: @escaping Reply) {
    read(reply) { [ledgerPath] () throws(WireFault) in
      let text = try ExportText(definition, selection)
      return try telling { () throws(StorageFailure) in
        let extent = try open(LedgerExport.init, ledgerPath).extent(of: definition.id)
        return OperatorCoding.response(text.plan(through: extent.last, rows: extent.rows))
      }
    }
  }

  func page(
    _ definition: LineDefinition, _ selection: ExportSelection, _ page: ExportPage, _ reply: @escaping Reply
  ) {
    read(reply) { [ledgerPath] () throws(WireFault) in
      let text = try ExportText(definition, selection)
      let cursor = try ExportText.cursor(page.after)
      return try telling { () throws(StorageFailure) in
        try text.page(page, after: cursor, from: try open(LedgerExport.init, ledgerPath))
      }
    }
  }

  // MARK: - Backups

  func backups(_ reply: @escaping Reply) {
    read(reply) { [stateDirectory] () throws(WireFault) in
      let backups = StateBackup(stateDirectory: stateDirectory)
      return OperatorCoding.response(BackupsReply(backups: backups.list().map { backups.row($0) }))
    }
  }

  func bytes(_ piece: BackupPiece, _ reply: @escaping Reply) {
    read(reply) { [stateDirectory] () throws(WireFault) in
      let bytes = try telling { () throws(StorageFailure) in
        try StateBackup(stateDirectory: stateDirectory)
          .piece(of: piece.stamp, file: piece.file, offset: piece.offset, count: piece.count)
      }
      guard let bytes else { throw .unknownBackup(piece.stamp) }
      return WireResponse(contentType: "application/octet-stream", body: bytes)
    }
  }

  func remove(_ stamp: String, _ reply: @escaping Reply) {
    read(reply) { [stateDirectory] () throws(WireFault) in
      guard StateBackup(stateDirectory: stateDirectory).remove(stamp) else { throw .unknownBackup(stamp) }
      return OperatorCoding.response(RemoveBackupReply(stamp: stamp, sentence: "backup \(stamp) is removed"))
    }
  }
}

/// A connection of this call's own: opening one costs far less than a page, and nothing is held between pages.
private func open<Reader>(
  _ make: (String, @escaping (String) -> UInt32?) throws(OpenFailure) -> Reader, _ path: String
) throws(StorageFailure) -> Reader {
  do throws(OpenFailure) { return try make(path, FileSystem.magic(of:)) } catch {
    throw StorageFailure(error.sentence, mayPass: false)
  }
}

private func telling<Value>(_ body: () throws(StorageFailure) -> Value) throws(WireFault) -> Value {
  do throws(StorageFailure) { return try body() } catch { throw .internalFailure(error.sentence) }
}
