import Domain
import Foundation
import Glibc
import Testing
import Wire

extension ProcessTests {
  /// A file system cannot be made read-only under descriptors that write ("mount point is busy") but by itself, after an
  /// error, and then not writable again; files that may not be changed refuse the same writes, and can be freed.
  @Suite struct RefusedWriteTests {
    private static let files = [
      "ledger.db", "ledger.db-wal", "ledger-journal-0", "ledger-journal-1", "state.db", "state.db-wal",
    ]

    @Test func `files that take no writes for a while stop the recording and not the serving, and end by itself`()
      async throws
    {
      for durability in Durability.allCases {
        let folder = try Folder()
        do {
          guard try await refuse(durability, in: folder) else { return }
        } catch {
          _ = try? await set("-i", in: folder)
          throw error
        }
      }
    }

    private func refuse(_ durability: Durability, in folder: Folder) async throws -> Bool {
      try folder.write("config/kaizend.toml", "[ledger]\ndurability = \"\(durability.rawValue)\"\n")
      let daemon = try TestedDaemon(folder)
      try await daemon.ready()
      try await daemon.add(TestLine.addition(LineSettings(mode: .observe)))
      #expect(try await recorded("A-1000", daemon))
      guard try await set("+i", in: folder) else {
        print("skipped: only root may forbid all writes to a file, on ext4, xfs or btrfs")
        try await daemon.stop(SIGKILL)
        return false
      }
      // The first answers of a relaxed daemon come before it tries to write.
      var number = 1000
      try await eventually("a part that is not recorded with \(durability)") { () async throws -> Bool? in
        number += 1
        return try await recorded("A-1\(number)", daemon) ? nil : true
      }
      let status = try await daemon.status()
      #expect(!status.ledger.writable && status.ledger.unrecordedPredictions > 0)
      #expect(status.ledger.durability == durability.rawValue)
      #expect(try await daemon.ask(try TestLine.outcome("A-1000", "good")).status == 503)

      #expect(try await set("-i", in: folder))
      try await eventually("a ledger that takes rows again") { () async throws -> Bool? in
        try await daemon.status().ledger.writable ? true : nil
      }
      #expect(try await recorded("A-2000", daemon))
      #expect(try TestLine.outcomeStatus(try await daemon.ask(try TestLine.outcome("A-1000", "good"))) == .joined)
      #expect(try await daemon.stop(SIGKILL) == .signaled(SIGKILL))

      let next = try TestedDaemon(folder)
      try await next.ready()
      let rows = try await next.predictions()
      #expect(try await recorded("A-2000", next))
      #expect(try await recorded("A-1000", next))
      #expect(try await next.predictions() == rows, "both were there")
      #expect(try await next.stop() == .exited(0))
      return true
    }

    /// - Returns: false where it is not permitted, or the file system knows no such thing.
    private func set(_ flag: String, in folder: Folder) async throws -> Bool {
      let files = Self.files.filter { folder.has($0) }.map { folder.file($0) }
      return try await run("/usr/bin/chattr", [flag] + files).end == .exited(0)
    }

    private func recorded(_ part: String, _ daemon: TestedDaemon) async throws -> Bool {
      let answer = try await daemon.ask(try TestLine.infer(part, x: 0.5))
      try #require(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
      return try PartAnswer(answer).recorded
    }
  }
}
