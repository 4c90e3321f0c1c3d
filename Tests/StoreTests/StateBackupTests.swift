import Domain
import Engine
import Foundation
import Store
import Testing

@Suite struct StateBackupTests {
  let state: StateFolder
  init() throws { state = try StateFolder() }

  private func folder(_ manifest: BackupManifest) throws -> String {
    try #require(StateBackup(stateDirectory: state.path).path(of: manifest.stamp))
  }

  @Test func `a backup holds both databases and the teachers, and its manifest says what they are`() throws {
    let manifest = try state.backUp()
    #expect(manifest.files.map(\.path) == ["ledger.db", "state.db", "teachers/one.teacher"])
    #expect(manifest.rows(of: "prediction") == 200 && manifest.rows(of: "outcome") == 100)
    #expect(manifest.rows.contains(TableRows(database: "state.db", table: "audit", rows: 1)))
    #expect(manifest.kaizend == "9.9.9" && manifest.host == "plant" && manifest.createdAt == day.description)
    let folder = try folder(manifest)
    for file in manifest.files {
      let bytes = [UInt8](try Data(contentsOf: URL(filePath: "\(folder)/\(file.path)")))
      #expect(bytes.count == file.bytes && sha256Text(bytes) == file.sha256)
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    #expect(names == ["ledger.db", "manifest.json", "state.db", "teachers"], "no log and no lock beside the copies")
    #expect(try RawDatabase(folder + "/ledger.db").texts("PRAGMA integrity_check") == ["ok"])
    #expect(try SQLiteRegistry(.file(folder + "/state.db")).verifyAudit() == .intact(rows: 1))
    #expect(StateBackup(stateDirectory: state.path).list() == [manifest])
  }

  @Test func `what is written while it runs is not in it, and the copy is whole`() throws {
    // Some megabytes, so that the copy takes more than one step.
    try state.append(200..<12_000)
    var written = 0
    let work = LongWork(told: { [state] stage, _ in
      guard stage.contains("copying") else { return }
      written += 1
      try? state.append(20_000 + written * 50..<20_050 + written * 50)
    })
    let manifest = try state.backUp(work)
    #expect(written >= 2)
    #expect(manifest.rows(of: "prediction") == 12_000)
    let copy = try RawDatabase(try folder(manifest) + "/ledger.db")
    #expect(try copy.texts("PRAGMA integrity_check") == ["ok"])
    #expect(try copy.number("SELECT count(*) FROM prediction WHERE part >= 'p120000'") == 0)
    #expect(try copy.number("SELECT sum(prediction_count) FROM line") == 12_000)
  }

  @Test func `a full disk is told in numbers before anything is written`() throws {
    let backup = StateBackup(stateDirectory: state.path, freeByteCount: { _ in 12 << 20 })
    let failure = #expect(throws: StorageFailure.self) {
      try backup.make(at: day, kaizend: "1", host: "h", LongWork())
    }
    #expect(failure?.sentence.contains("12 MB are free") == true)
    #expect(!state.folder.names.contains("backups"))
  }

  @Test(arguments: ["copying state.db", "copying ledger.db", "copying the teachers", "checking the copy of ledger.db"])
  func `stopped at any stage it leaves nothing`(_ stage: String) throws {
    var reached = false
    let work = LongWork(told: { told, _ in if told == stage { reached = true } }, isStopped: { reached })
    let failure = #expect(throws: StorageFailure.self) { try state.backUp(work) }
    #expect(failure == LongWork.stopped)
    #expect(try FileManager.default.contentsOfDirectory(atPath: state.folder.file("backups")) == [])
  }

  @Test func `what a killed process left is removed, a whole backup stays`() throws {
    let manifest = try state.backUp()
    try state.write("backups/20260101T000000Z/ledger.db", "half")
    try state.write("backups/20260101T000000Z/teachers/a", "b")
    let backup = StateBackup(stateDirectory: state.path)
    #expect(backup.removePartial() == ["20260101T000000Z"])
    #expect(backup.list() == [manifest])
    #expect(backup.removePartial() == [])
  }

  @Test func `a second backup of the same second has a name of its own, and each is removed by its name`() throws {
    let first = try state.backUp()
    let second = try state.backUp()
    #expect(second.stamp == first.stamp + "-2")
    let backup = StateBackup(stateDirectory: state.path)
    #expect(backup.remove(first.stamp))
    #expect(!backup.remove(first.stamp))
    #expect(backup.list() == [second])
  }

  @Test func `pieces are of a backup's own files alone`() throws {
    let manifest = try state.backUp()
    try state.write("secret", "not for you")
    let backup = StateBackup(stateDirectory: state.path)
    let bytes = try backup.piece(of: manifest.stamp, file: "teachers/one.teacher", offset: 2, count: 4)
    #expect(bytes == Array("teac".utf8))
    #expect(try backup.piece(of: manifest.stamp, file: "ledger.db", offset: 1 << 30, count: 4) == [])
    for file in ["../../secret", "/etc/passwd", "teachers/../../../secret", "", "teachers/", ".", "nothing"] {
      #expect(try backup.piece(of: manifest.stamp, file: file, offset: 0, count: 4) == nil, "\(file)")
    }
    for stamp in ["..", ".", "", "../backups", "x"] {
      #expect(try backup.piece(of: stamp, file: "ledger.db", offset: 0, count: 4) == nil)
      #expect(!backup.remove(stamp))
    }
  }
}
