import Domain
import Engine
import Foundation
import Store
import Testing

@Suite struct StateRestoreTests {
  /// A backup of an older day, and a state directory that has gone on since; nobody has it open.
  let backup: TestFolder
  let state: StateFolder
  let manifest: BackupManifest

  init() throws {
    state = try StateFolder()
    manifest = try state.backUp()
    backup = try TestFolder()
    let made = try #require(StateBackup(stateDirectory: state.path).path(of: manifest.stamp))
    try FileManager.default.copyItem(atPath: made, toPath: backup.file("b"))
    try state.append(200..<300)
    try state.tell("the second entry")
    try state.write("teachers/two.teacher", "another")
    try state.journal.append([try prediction("p900000")])
  }

  private var source: String { backup.file("b") }

  /// What a state directory holds, in words that tell the old from the new.
  private func holds(_ path: String) throws -> String {
    let ledger = try RawDatabase(path + "/ledger.db").number("SELECT count(*) FROM prediction")
    let audit = try RawDatabase(path + "/state.db").number("SELECT count(*) FROM audit")
    let teachers = try FileManager.default.contentsOfDirectory(atPath: path + "/teachers").sorted()
    let journal = (try? Data(contentsOf: URL(filePath: path + "/ledger-journal-0")).count) ?? 0
    return "\(ledger) \(audit) \(teachers.joined(separator: ",")) \(journal > 0 ? "journal" : "none")"
  }

  private let `operator` = Principal(uid: 1000, login: "eve")
  private let old = "300 2 one.teacher,two.teacher journal"
  private let new = "200 1 one.teacher none"

  @Test func `a backup is put in place, and what was there before is kept whole`() throws {
    let target = try state.copied()
    let (read, restored) = try StateRestore(stateDirectory: target.path).restore(
      from: source, at: day, by: `operator`, LongWork())
    #expect(read == manifest)
    #expect(restored.stamp == manifest.stamp)
    #expect(try holds(target.path) == new)
    let replaced = try #require(restored.replaced)
    #expect(replaced.hasPrefix(target.file("quarantine/")))
    #expect(try holds(replaced) == old)
    #expect(!target.names.contains("restore"))
    let restore = StateRestore(stateDirectory: target.path)
    let note = try #require(try restore.note())
    #expect(note.stamp == manifest.stamp && note.login == "eve")
    restore.forgetNote()
    #expect(try restore.note() == nil)
    #expect(try target.mode("ledger.db") == 0o640)
    let ledger = try SQLiteLedger.open(stateDirectory: target.path, at: day).ledger
    #expect(try ledger.totals(line: nil).predictions == 200)
  }

  @Test func `an empty state directory takes a backup too`() throws {
    let target = try TestFolder()
    let (_, restored) = try StateRestore(stateDirectory: target.path).restore(
      from: source, at: day, by: `operator`, LongWork())
    #expect(restored.replaced == nil)
    #expect(try holds(target.path) == new)
  }

  /// Ended before its `number`-th step, as by kill -9; then the next start does what it always does first.
  @Test func `ended before any step, the next start finds the old state or the new one`() throws {
    var seen: Set<String> = []
    var number = 0
    while true {
      let target = try state.copied()
      var left = number
      let restore = StateRestore(
        stateDirectory: target.path,
        step: { (_) throws(StorageFailure) in
          left -= 1
          if left < 0 { throw StorageFailure("killed", mayPass: false) }
        })
      let isDone = (try? restore.restore(from: source, at: day, by: `operator`, LongWork())) != nil
      // A start that is itself ended after one step, and then one that is not.
      var second = 1
      let interrupted = StateRestore(
        stateDirectory: target.path,
        step: { (_) throws(StorageFailure) in
          second -= 1
          if second < 0 { throw StorageFailure("killed", mayPass: false) }
        })
      _ = try? interrupted.finish()
      _ = try StateRestore(stateDirectory: target.path).finish()
      let found = try holds(target.path)
      #expect(found == old || found == new, "before step \(number): \(found)")
      #expect(!target.names.contains("restore"))
      if found == new {
        let kept = try FileManager.default.contentsOfDirectory(atPath: target.file("quarantine"))
        #expect(try kept.map { try holds(target.file("quarantine/\($0)")) } == [old])
      }
      seen.insert(found)
      if isDone { break }
      number += 1
      try #require(number < 100)
    }
    #expect(seen == [old, new])
    #expect(number > 15, "databases, logs, journals, teachers and marks are steps of their own")
  }

  @Test func `a damaged file, a missing one and a manifest that lies change nothing`() throws {
    let target = try state.copied()
    func refusal() -> RestoreFailure? {
      do throws(RestoreFailure) {
        _ = try StateRestore(stateDirectory: target.path).restore(from: source, at: day, by: `operator`, LongWork())
        return nil
      } catch { return error }
    }
    let handle = try FileHandle(forUpdating: URL(filePath: source + "/ledger.db"))
    try handle.seek(toOffset: 9000)
    try handle.write(contentsOf: Data([1, 2, 3, 4]))
    try handle.close()
    guard case .damaged(let sentence) = refusal() else {
      Issue.record("a damaged backup was not refused as such")
      return
    }
    #expect(sentence.contains("SHA-256"))
    let text = text(of: source + "/manifest.json")
    for (path, name) in [
      ("../../x", "leads out"), ("teachers/../../x", "leads out"), ("passwd", "no file of a backup"),
    ] {
      try text.replacingOccurrences(of: "teachers/one.teacher", with: path)
        .write(toFile: source + "/manifest.json", atomically: true, encoding: .utf8)
      guard case .damaged = refusal() else {
        Issue.record("a path that \(name) was not refused: \(path)")
        continue
      }
    }
    try FileManager.default.removeItem(atPath: source + "/manifest.json")
    guard case .missing = refusal() else {
      Issue.record("a folder without a manifest is no backup")
      return
    }
    #expect(try holds(target.path) == old)
    #expect(!target.names.contains("restore") && !target.names.contains("quarantine"))
  }

  @Test func `a backup of a newer version is refused as such, whatever its manifest says`() throws {
    let target = try state.copied()
    try RawDatabase(source + "/state.db").execute("PRAGMA journal_mode = DELETE; PRAGMA user_version = 99")
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: source + "/state.db")))
    let file = try #require(manifest.files.first { $0.path == "state.db" })
    try text(of: source + "/manifest.json")
      .replacingOccurrences(of: file.sha256, with: sha256Text(bytes))
      .replacingOccurrences(of: "\"bytes\" : \(file.bytes),", with: "\"bytes\" : \(bytes.count),")
      .write(toFile: source + "/manifest.json", atomically: true, encoding: .utf8)
    let failure = #expect(throws: RestoreFailure.self) {
      try StateRestore(stateDirectory: target.path).restore(from: source, at: day, by: `operator`, LongWork())
    }
    guard case .newerSchema = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
    #expect(try holds(target.path) == old)
  }
}
