import Domain
import Foundation
import Synchronization
import Testing
import Wire

/// A daemon that makes one backup of two files, or one check-up.
private final class Maintained: Sendable {
  static let started = "2026-11-28T06:15:00Z"
  static let stamp = "20261128T061500Z"
  let files: [String: [UInt8]]
  /// What the manifest names.
  let named: [BackupFile]
  let findings: [DoctorRow]
  /// Whether the daemon forgets the job, as one that was started anew.
  let forgets: Bool
  private let looks = Mutex(0)

  /// Larger than one answer may be, so that it is fetched in pieces.
  static let ledger = [UInt8](repeating: 7, count: BackupPiece.countMax + 5)

  init(
    files: [String: [UInt8]] = ["ledger.db": ledger, "teachers/a.onnx": [1, 2, 3]], named: [BackupFile] = [],
    findings: [DoctorRow] = [], forgets: Bool = false
  ) {
    self.files = files.merging(["manifest.json": Array("{}".utf8)]) { first, _ in first }
    self.named = named
    self.findings = findings
    self.forgets = forgets
  }

  private var backup: BackupRow {
    BackupRow(
      BackupManifest(
        stamp: Self.stamp, createdAt: Self.started, host: "plant", kaizend: "0.1.0", ledgerSchema: 3, stateSchema: 3,
        files: named, rows: [TableRows(database: "ledger.db", table: "prediction", rows: 5)]),
      path: "/var/lib/kaizend/backups/\(Self.stamp)")
  }

  private func job(_ kind: String, isOver: Bool) -> MaintenanceReply {
    var job = MaintenanceJob(
      number: 4, kind: kind, by: "ann", startedAt: Self.started, stage: "copying ledger.db", fraction: 0.4)
    guard isOver else { return MaintenanceReply(running: job, finished: []) }
    job.endedAt = Self.started
    if kind == "backup" { job.backup = backup }
    if kind == "doctor" {
      let worst = ["broken", "warning"].first { state in findings.contains { $0.state == state } } ?? "ok"
      job.doctor = DoctorReply(worst: worst, checks: findings)
    }
    return MaintenanceReply(running: nil, finished: [job])
  }

  func answer(_ call: OperatorCall) throws(WireFault) -> WireResponse {
    switch call {
    case .backup, .doctor:
      return OperatorCoding.response(job(call == .backup ? "backup" : "doctor", isOver: false))
    case .maintenance:
      if forgets { return OperatorCoding.response(MaintenanceReply(running: nil, finished: [])) }
      let look = looks.withLock { looks in
        looks += 1
        return looks
      }
      return OperatorCoding.response(job(findings.isEmpty ? "backup" : "doctor", isOver: look > 2))
    case .backupBytes(let piece):
      guard let bytes = files[piece.file] else { throw .unknownBackup(piece.stamp) }
      let part = bytes.dropFirst(piece.offset).prefix(piece.count)
      return WireResponse(contentType: "application/octet-stream", body: Array(part))
    case .removeBackup(let stamp):
      return OperatorCoding.response(RemoveBackupReply(stamp: stamp, sentence: "removed"))
    default: throw .unknownPath("no script")
    }
  }
}

@Suite struct MaintenanceTests {
  private func names(_ folder: URL) -> [String] {
    ((try? FileManager.default.subpathsOfDirectory(atPath: folder.path)) ?? []).sorted()
  }

  /// The real hash of the scripted ledger, from the system's own program.
  private func sha256OfLedger() async throws -> String {
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "f")
    try Data(Maintained.ledger).write(to: file)
    var command = Command()
    command.program = URL(filePath: "/usr/bin/sha256sum")
    return String(try await command(file.path).output.prefix(64))
  }

  private func named() async throws -> [BackupFile] {
    [
      BackupFile(path: "ledger.db", bytes: Maintained.ledger.count, sha256: try await sha256OfLedger()),
      BackupFile(
        path: "teachers/a.onnx", bytes: 3, sha256: "039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81"),
    ]
  }

  @Test func `a backup is fetched in pieces, checked, and then removed from the daemon`() async throws {
    let plant = Maintained(named: try await named())
    try await ScriptedDaemon.with({ call throws(WireFault) in try plant.answer(call) }) { daemon in
      let target = daemon.folder.appending(path: "out")
      let ended = try await daemon.command("backup", "--to", target.path)
      #expect(ended.code == 0, "\(ended.errors)")
      #expect(ended.output.contains("\(target.path)/\(Maintained.stamp)"))
      #expect(ended.errors.contains("40.0 % copying ledger.db"))
      let folder = target.appending(path: Maintained.stamp)
      #expect(names(folder) == ["ledger.db", "manifest.json", "teachers", "teachers/a.onnx"])
      #expect(try Data(contentsOf: folder.appending(path: "ledger.db")) == Data(Maintained.ledger))
      #expect(daemon.calls.last == .removeBackup(stamp: Maintained.stamp))
    }
  }

  @Test func `bytes that are not those of the backup are 65, and nothing of them stays`() async throws {
    var files = try await named()
    files[1].sha256 = String(repeating: "0", count: 64)
    let plant = Maintained(named: files)
    try await ScriptedDaemon.with({ call throws(WireFault) in try plant.answer(call) }) { daemon in
      let target = daemon.folder.appending(path: "out")
      let ended = try await daemon.command("backup", "--to", target.path)
      #expect(ended.code == 65 && ended.errors.contains("teachers/a.onnx"), "\(ended.errors)")
      #expect(names(target) == [])
      #expect(!daemon.calls.contains(.removeBackup(stamp: Maintained.stamp)), "the daemon's own copy stays")
    }
  }

  @Test func `a path that leads out of the folder is not followed`() async throws {
    let plant = Maintained(named: [BackupFile(path: "../../evil", bytes: 3, sha256: "")])
    try await ScriptedDaemon.with({ call throws(WireFault) in try plant.answer(call) }) { daemon in
      let target = daemon.folder.appending(path: "a/out")
      try FileManager.default.createDirectory(
        at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
      #expect(try await daemon.command("backup", "--to", target.path).code == 70)
      for place in ["evil", "a/evil", "a/out/evil"] {
        #expect(!FileManager.default.fileExists(atPath: daemon.folder.appending(path: place).path))
      }
    }
  }

  @Test func `a daemon that was started anew knows the job no more`() async throws {
    let plant = Maintained(forgets: true)
    try await ScriptedDaemon.with({ call throws(WireFault) in try plant.answer(call) }) { daemon in
      let ended = try await daemon.command("backup")
      #expect(ended.code == 69 && ended.errors.contains("started anew"), "\(ended.errors)")
    }
  }

  @Test(arguments: [("warning", Int32(0)), ("broken", 1)])
  func `the doctor ends with 1 where something is broken, and says what to do`(_ state: String, _ code: Int32)
    async throws
  {
    let long = "a sentence that is far too long for one line of a terminal, so that it has to be wrapped somewhere"
    let plant = Maintained(findings: [
      DoctorRow(subject: "pages", state: "ok", sentence: "sound", next: nil),
      DoctorRow(subject: "group totals", state: state, sentence: long, next: "do this and that"),
    ])
    try await ScriptedDaemon.with({ call throws(WireFault) in try plant.answer(call) }) { daemon in
      let ended = try await daemon.command("doctor")
      #expect(ended.code == code)
      #expect(ended.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
      #expect(ended.output.contains("do: do this and that") && ended.output.hasPrefix("ok       pages: sound\n"))
    }
    let again = Maintained(findings: plant.findings)
    try await ScriptedDaemon.with({ call throws(WireFault) in try again.answer(call) }) { daemon in
      let json = try await daemon.command("doctor", "--json")
      #expect(json.code == code && jsonObject(json.output)?["worst"] as? String == state)
    }
  }
}
