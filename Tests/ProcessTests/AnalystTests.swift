import Domain
import Foundation
import Glibc
import Store
import Testing
import UnixSocket
import Wire

extension ProcessTests {
  @Suite struct AnalystTests {
    private static let sqlite = Programs.installed("sqlite3")
    /// To be another user of the daemon's group one has to be root first.
    private static let setpriv = geteuid() == 0 ? Programs.installed("setpriv") : nil

    /// The queries of the document, as they stand there.
    private func queries() throws -> [String] {
      let text = try String(
        contentsOfFile: ClientProgram.file("Sources/Store/Store.docc/Analysts.md"), encoding: .utf8)
      return text.components(separatedBy: "```sql\n").dropFirst().map { $0.components(separatedBy: "```")[0] }
    }

    private func sqlite3(_ folder: Folder, _ query: String) async throws -> Ran {
      try await run(try #require(Self.sqlite), ["-readonly", "-csv", folder.file("ledger.db"), query])
    }

    @Test(.enabled(if: sqlite != nil, "sqlite3 is not installed"))
    func `every query of the document answers beside the running daemon`() async throws {
      try await withDaemon { daemon in
        try await daemon.fill(parts: 3000)
        let rows = try RawRows(daemon.folder.file("ledger.db"))
        // Until a sender can name two channels for one part.
        try rows.execute("INSERT INTO channel (line, name) SELECT id, 'rework' FROM line")
        try rows.execute(
          """
          INSERT INTO other_outcome SELECT prediction, (SELECT id FROM channel WHERE name = 'rework'), 1 - label,
            observed_at, arrived, NULL, wall_clock, monotonic, clock, peer_uid FROM outcome WHERE prediction <= 9
          """)
        let queries = try queries()
        #expect(queries.count == 5)
        var answers: [[String]] = []
        for query in queries {
          let ran = try await sqlite3(daemon.folder, query)
          #expect(ran.end == .exited(0) && ran.errors.isEmpty, "\(query)\(ran.errors)")
          answers.append(ran.output.split(whereSeparator: \.isNewline).map { String($0) })
        }
        #expect(answers.map { !$0.isEmpty } == [true, true, true, true, true], "\(answers)")
        #expect(answers[0].count == 2 && answers[0].allSatisfy { $0.hasPrefix("press-1,product=") }, "\(answers[0])")
        let confused = answers[1].compactMap { Int($0.split(separator: ",").last ?? "") }
        #expect(confused.reduce(0, +) == 1500)
        #expect(answers[2].compactMap { Int($0.split(separator: ",")[1]) }.reduce(0, +) == 3000)
        #expect(answers[3].count == 5)
        #expect(answers[4].count <= 20)
      }
    }

    @Test(.enabled(if: sqlite != nil && setpriv != nil, "needs root, sqlite3 and setpriv"))
    func `another user of the group reads what was written a moment ago, and cannot write`() async throws {
      try await withDaemon { daemon in
        let folder = daemon.folder
        // The daemon's group is the tests' own here.
        try #require(chmod(folder.path, 0o750) == 0)
        func analyst(_ query: String) async throws -> Ran {
          try await run(
            try #require(Self.setpriv),
            [
              "--reuid=65534", "--regid=\(getegid())", "--clear-groups", try #require(Self.sqlite), "-readonly",
              folder.file("ledger.db"), query,
            ])
        }
        for round in 1...5 {
          try await daemon.fill(parts: 1000, prefix: "r\(round)")
          _ = try await daemon.status()
          // The journal's rows are in the ledger within a second.
          try await eventually("all rows of round \(round) before another user's eyes") { () async throws -> Bool? in
            let ran = try await analyst("SELECT count(*) FROM parts_v1")
            #expect(ran.end == .exited(0), "\(ran.errors)")
            let seen = try #require(Int(ran.output.trimmingCharacters(in: .whitespacesAndNewlines)))
            #expect(seen <= round * 1000)
            return seen == round * 1000 ? true : nil
          }
        }
        let written = try await analyst("UPDATE line SET prediction_count = 0")
        #expect(written.end != .exited(0))
      }
    }

    @Test func `a reader that holds the log is told of, and so is its end`() async throws {
      try await withDaemon { daemon in
        try await daemon.fill(parts: 1000)
        let reader = try RawRows(daemon.folder.file("ledger.db"))
        try reader.execute("BEGIN")
        _ = try reader.number("SELECT count(*) FROM prediction")
        // Many short transactions, as the daemon's own are, so that it never waits for one of these.
        let writer = try RawRows(daemon.folder.file("ledger.db"))
        try writer.execute("CREATE TABLE filler (bytes BLOB)")
        for _ in 0..<140 {
          try writer.execute("INSERT INTO filler VALUES (randomblob(1 << 20)), (randomblob(1 << 20))")
        }
        try await eventually(within: .seconds(30), "a warning") {
          try await daemon.status().ledger.remarks?.contains { $0.contains("fuser") } == true ? true : nil
        }
        #expect(daemon.log.contains("event=log_held"))
        let doctor = try await kaizenctl(daemon.folder, "doctor")
        #expect(doctor.output.contains("warning  ledger.db log:"), "\(doctor.output)")
        try reader.execute("ROLLBACK")
        try await eventually(within: .seconds(30), "the end of the warning") {
          try await daemon.status().ledger.remarks?.contains { $0.contains("fuser") } == true ? nil : true
        }
        #expect(daemon.log.contains("event=log_released"))
        // The log was emptied, and the next rows cut it.
        try await daemon.fill(parts: 2000, prefix: "after")
        #expect(StoreFile.logByteCount(daemon.folder.file("ledger.db")) < 100 << 20)
      }
    }
  }
}
