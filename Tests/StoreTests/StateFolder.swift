import Domain
import Engine
import Foundation
import Store
import Testing

/// A state directory as a daemon has it: rows in the ledger and its log, a journal, an audit trail, a teacher.
final class StateFolder {
  let folder: TestFolder
  let ledger: SQLiteLedger
  let registry: SQLiteRegistry
  let journal: LedgerJournal

  var path: String { folder.path }

  init(rows: Int = 200) throws {
    folder = try TestFolder()
    ledger = try SQLiteLedger.open(stateDirectory: folder.path, at: day).ledger
    registry = try SQLiteRegistry.open(stateDirectory: folder.path)
    journal = try LedgerJournal.open(stateDirectory: folder.path)
    _ = try journal.recover(into: ledger)
    try append(0..<rows)
    try tell("the first entry")
    try write("teachers/one.teacher", "a teacher")
    // As kaizend makes them, whatever the umask of the tests is.
    for name in ["", "teachers"] { try #require(chmod(folder.file(name), 0o750) == 0) }
  }

  /// Parts of two cells; of every second one the outcome is known.
  func append(_ range: Range<Int>) throws {
    try ledger.transaction { () throws(StorageFailure) in
      for index in range {
        do {
          _ = try ledger.append(
            try prediction(
              "p\(100_000 + index)", cell: ["8412", index % 3 == 0 ? "night" : "day"], second: Int64(index)))
          if index % 2 == 0 { _ = try ledger.record(try outcome("p\(100_000 + index)", index % 2)) }
        } catch let failure as StorageFailure {
          throw failure
        } catch {
          throw StorageFailure("\(error)", mayPass: false)
        }
      }
    }
  }

  func tell(_ sentence: String) throws {
    let entry = AuditEntry(
      time: day, actor: Principal(uid: 1000, login: "eve"), event: .settingsChanged, line: nil, group: nil, run: nil,
      sentence: sentence)
    try registry.transaction { () throws(StorageFailure) in _ = try registry.audit(entry) }
  }

  func write(_ name: String, _ text: String) throws {
    let url = URL(filePath: folder.file(name))
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  func backUp(_ work: LongWork = LongWork()) throws -> BackupManifest {
    try StateBackup(stateDirectory: path).make(at: day, kaizend: "9.9.9", host: "plant", work)
  }

  /// Copies the folder as it is at this moment, as a kill would leave it, without the locks of this process.
  func copied() throws -> TestFolder {
    let copy = try TestFolder()
    for name in folder.names where name != "backups" {
      try FileManager.default.copyItem(atPath: folder.file(name), toPath: copy.file(name))
    }
    return copy
  }
}

func text(of path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }

func isThere(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
