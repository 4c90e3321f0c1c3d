import Domain
import Foundation
import Glibc
import Store
import Testing
import UnixSocket
import Wire

extension ProcessTests {
  @Suite struct BackupTests {
    @Test func `a backup under load holds all that was answered before it, and serves again after a restore`()
      async throws
    {
      let folder = try Folder()
      let daemon = try TestedDaemon(folder)
      try await daemon.ready()
      try await daemon.add(TestLine.addition(LineSettings(mode: .observe)))
      let load = Load(connections: 4)
      async let streaming: Void = load.stream(at: daemon, prefix: "a")
      try await eventually("answers") { load.answered >= 400 ? true : nil }
      let before = Set(load.now.answers.keys)
      let made = try await kaizenctl(folder, "backup", "--to", folder.file("out"), "--json")
      let duringCount = load.answered
      try await eventually("answers after the backup") { load.answered > duringCount ? true : nil }
      #expect(made.end == .exited(0), "\(made.errors)")
      #expect(try await daemon.stop(SIGKILL) == .signaled(SIGKILL))
      await streaming
      #expect(load.now.surprises.isEmpty, "\(load.now.surprises.prefix(3))")
      let backup = try OperatorCoding.message(BackupRow.self, from: Array(made.output.utf8))
      #expect(backup.path == folder.file("out/\(backup.stamp)"))
      #expect(try Folder.names(folder.file("backups")) == [], "the daemon's own copy is gone once it was fetched")
      let copied = Set(
        try RawRows(backup.path + "/ledger.db").texts("SELECT part FROM prediction"))
      #expect(before.subtracting(copied).isEmpty, "what was answered before it is in it")

      let restored = try await kaizenctl(folder, "restore", backup.path)
      #expect(restored.end == .exited(0), "\(restored.errors)")
      let again = try TestedDaemon(folder)
      try await again.ready()
      #expect(try await again.predictions() == copied.count)
      let verdict = try await kaizenctl(folder, "audit", "verify")
      #expect(verdict.end == .exited(0))
      let trail: AuditReply = try await again.operate(.audit(line: nil, run: nil, group: nil, limit: 10))
      #expect(trail.entries.map(\.event).last == "state_restored", "who went back is told where the trail goes on")
      #expect(trail.entries.last?.sentence.contains(backup.stamp) == true && !folder.has("restored"))
      let doctor = try await kaizenctl(folder, "doctor", "--json")
      #expect(doctor.end == .exited(0), "\(doctor.output)")
      try await again.stop(SIGKILL)
    }

    @Test func `killed in the middle of a backup, the next start removes what is not whole`() async throws {
      let folder = try Folder()
      for round in 0..<4 {
        let daemon = try TestedDaemon(folder)
        try await daemon.ready()
        if round > 0 {
          let kept: BackupsReply = try await daemon.operate(.backups)
          // Killed before it was begun, there is no folder at all.
          let names = folder.has("backups") ? try Folder.names(folder.file("backups")) : []
          #expect(Set(names) == Set(kept.backups.map(\.stamp)), "no folder without a manifest after a start")
        } else {
          try await daemon.add(TestLine.addition(LineSettings(mode: .observe)))
          try await daemon.fill(parts: 60_000)
        }
        let _: MaintenanceReply = try await daemon.operate(.backup)
        // Early rounds die as it begins, later ones when some of it is written.
        try await eventually("a backup under way") {
          let reply: MaintenanceReply = try await daemon.operate(.maintenance)
          return reply.running.map { $0.fraction >= Double(round) * 0.2 } ?? true ? true : nil
        }
        #expect(try await daemon.stop(SIGKILL) == .signaled(SIGKILL))
      }
    }

    @Test func `one job at a time, and a stop ends it in order`() async throws {
      try await withDaemon { daemon in
        try await daemon.fill(parts: 60_000)
        let first: MaintenanceReply = try await daemon.operate(.backup)
        #expect(first.running?.kind == "backup")
        let second = try await kaizenctl(daemon.folder, "doctor")
        #expect(second.end == .exited(75), "\(second.output)\(second.errors)")
        #expect(second.errors.contains("a backup of"), "\(second.errors)")
        #expect(try await daemon.stop() == .exited(0))
        let left = StateBackup(stateDirectory: daemon.folder.path)
        #expect(left.list().isEmpty)
      }
    }

    @Test func `a restore waits for nobody: a running daemon is named, a damaged backup refused`() async throws {
      try await withDaemon { daemon in
        let folder = daemon.folder
        #expect(try await kaizenctl(folder, "backup").end == .exited(0))
        let stamp = try #require(try Folder.names(folder.file("backups")).first)
        let path = folder.file("backups/\(stamp)")
        let running = try await kaizenctl(folder, "restore", path)
        #expect(running.end == .exited(75) && running.errors.contains("stop it first"), "\(running.errors)")
        try await daemon.stop()
        #expect(try await kaizenctl(folder, "restore", folder.file("nothing")).end == .exited(66))
        var bytes = try folder.bytes("backups/\(stamp)/state.db")
        bytes[bytes.count / 2] ^= 0xFF
        try folder.write("backups/\(stamp)/state.db", bytes)
        let damaged = try await kaizenctl(folder, "restore", path)
        #expect(damaged.end == .exited(65) && damaged.errors.contains("SHA-256"), "\(damaged.errors)")
        #expect(!folder.has("quarantine") && !folder.has("restore"))
      }
    }

    @Test func `killed in the middle of a restore, the next start has the old state or the new one`() async throws {
      let folder = try Folder()
      let daemon = try TestedDaemon(folder)
      try await daemon.ready()
      try await daemon.add(TestLine.addition(LineSettings(mode: .observe)))
      try await daemon.fill(parts: 20_000)
      #expect(try await kaizenctl(folder, "backup").end == .exited(0))
      try await daemon.fill(parts: 500, prefix: "later")
      #expect(try await daemon.stop() == .exited(0))
      let stamp = try #require(try Folder.names(folder.file("backups")).first)
      var counts: [Int] = []
      for round in 0..<6 {
        let restoring = try Child(
          try Programs.path("kaizend"),
          ["--state-dir", folder.path, "--restore", folder.file("backups/\(stamp)")],
          output: folder.file("restore.out"), errors: folder.file("restore.err"))
        // The later the round, the more of it is done.
        let sight = ["restore", "restore/ledger.db", "restore/state.db", "quarantine", "restore/cleared", ""][round]
        try await eventually("a restore under way") {
          restoring.end != nil || (!sight.isEmpty && folder.has(sight)) ? true : nil
        }
        restoring.signal(SIGKILL)
        try await restoring.ended()
        let next = try TestedDaemon(folder)
        try await next.ready()
        counts.append(try await next.predictions())
        #expect(!folder.has("restore"))
        try await next.stop()
      }
      #expect(counts.allSatisfy { $0 == 20_000 || $0 == 20_500 }, "\(counts)")
      #expect(counts.last == 20_000, "the last was left to its end: \(counts)")
    }
  }
}
