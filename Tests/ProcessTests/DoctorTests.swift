import Domain
import Foundation
import Glibc
import Store
import Testing
import UnixSocket
import Wire

extension ProcessTests {
  @Suite struct DoctorTests {
    private func check(_ daemon: TestedDaemon) async throws -> (Child.End, DoctorReply) {
      // It gives way to whatever else the machine does.
      let ran = try await run(
        try Programs.path("kaizenctl"), ["--state-dir", daemon.folder.path, "doctor", "--json"], within: .seconds(120))
      return (ran.end, try OperatorCoding.message(from: Array(ran.output.utf8)))
    }

    @Test func `the doctor finds a wrong total beside the running daemon, and names it`() async throws {
      try await withDaemon { daemon in
        try await daemon.fill(parts: 2000)
        var (end, reply) = try await check(daemon)
        #expect(end == .exited(0), "\(reply.checks.filter { $0.state == "broken" })")
        try RawRows(daemon.folder.file("ledger.db")).execute(
          "UPDATE cell SET outcome_count = outcome_count + 5 WHERE id = 1")
        (end, reply) = try await check(daemon)
        #expect(end == .exited(1) && reply.worst == "broken")
        let found = reply.checks.filter { $0.state == "broken" }
        #expect(found.map(\.subject) == ["group totals"] && found[0].sentence.contains("outcome_count"), "\(found)")
        let text = try await kaizenctl(daemon.folder, "doctor")
        #expect(text.end == .exited(1) && text.output.contains("broken   group totals:"), "\(text.output)")
      }
    }

    @Test func `the doctor finds a damaged page that serving has not met`() async throws {
      let folder = try Folder()
      let daemon = try TestedDaemon(folder)
      try await daemon.ready()
      try await daemon.add(TestLine.addition(LineSettings(mode: .observe)))
      // Past the size whose pages are all checked at the start.
      try await daemon.fill(parts: 220_000)
      #expect(try await daemon.stop() == .exited(0))
      let raw = try RawRows(folder.file("ledger.db"))
      try raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
      let pages = try raw.number("PRAGMA page_count")
      let handle = try FileHandle(forUpdating: URL(filePath: folder.file("ledger.db")))
      for page in (pages / 2)..<(pages / 2 + 8) {
        try handle.seek(toOffset: UInt64(page) * 4096)
        try handle.write(contentsOf: Data(repeating: 0xA5, count: 64))
      }
      try handle.close()
      let next = try TestedDaemon(folder)
      try await next.ready()
      let (end, reply) = try await check(next)
      #expect(end == .exited(1))
      let found = reply.checks.filter { $0.state == "broken" }
      #expect(found.first?.subject == "ledger.db pages" && found.first?.next?.contains("restore") == true, "\(found)")
      let backup = try await run(
        try Programs.path("kaizenctl"), ["--state-dir", folder.path, "backup"], within: .seconds(120))
      #expect(backup.end == .exited(74), "a backup of a damaged ledger is no backup: \(backup.output)")
      #expect(try Folder.names(folder.file("backups")) == [])
      try await next.stop(SIGKILL)
    }
  }
}
