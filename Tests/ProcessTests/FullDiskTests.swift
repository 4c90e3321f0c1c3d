import Domain
import Foundation
import Glibc
import Testing
import UnixSocket
import Wire

/// A file system in memory that is soon full; only root may mount one.
private final class TinyDisk: Sendable {
  let folder: Folder

  init?(megabytes: Int) throws {
    folder = try Folder()
    guard mount("tmpfs", folder.path, "tmpfs", 0, "size=\(megabytes)m,mode=0700") == 0 else { return nil }
  }

  deinit { umount2(folder.path, CInt(MNT_DETACH)) }

  /// Takes every byte that is left.
  func fill() throws {
    let file = open(folder.file("filler"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    try #require(file >= 0)
    let block = [UInt8](repeating: 0x61, count: 4096)
    while write(file, block, block.count) > 0 {}
    close(file)
  }

  func free() { unlink(folder.file("filler")) }
}

extension ProcessTests {
  @Suite struct FullDiskTests {
    @Test func `a full disk stops the recording and not the serving, and ends by itself`() async throws {
      guard let disk = try TinyDisk(megabytes: 8) else {
        print("skipped: only root may mount the small file system this test needs")
        return
      }
      let daemon = try TestedDaemon(disk.folder)
      try await daemon.ready()
      try await daemon.add(TestLine.addition(LineSettings(mode: .observe)))
      #expect(try await recorded("before", daemon))
      try disk.fill()
      // Pages that the log holds already take some rows more.
      let refused = try await firstUnrecorded(daemon, prefix: "full", limit: 5000)
      #expect(refused != nil, "the disk never got full")

      for (number, call) in [InferenceCall.live, .ready].enumerated() {
        #expect(try await daemon.ask(call).status == 200, "health \(number)")
      }
      let status = try await daemon.status()
      #expect(!status.ledger.writable)
      #expect(status.ledger.unrecordedPredictions >= 1)
      let problem = try #require(status.ledger.problem)
      #expect(status.headline.contains(problem))
      #expect(problem.contains("full") || problem.contains("space"), "\(problem)")

      let outcome = try await daemon.ask(try TestLine.outcome("before", "good"))
      #expect(outcome.status == 503)
      let sentence = try JSONValue(parsing: outcome.body)["error"]?.text ?? ""
      #expect(sentence.split(separator: " ").count >= 4, "\(sentence)")

      disk.free()
      let after = try await eventually("recorded rows after the disk has space again") { () async throws -> String? in
        let part = "after-\(UInt32.random(in: 0...UInt32.max))"
        return try await recorded(part, daemon) ? part : nil
      }
      #expect(try TestLine.outcomeStatus(try await daemon.ask(try TestLine.outcome("before", "good"))) == .joined)
      #expect(try TestLine.outcomeStatus(try await daemon.ask(try TestLine.outcome(after, "good"))) == .joined)
      let recovered = try await daemon.status()
      #expect(recovered.ledger.writable)
      #expect(recovered.ledger.problem == nil)
      #expect(try await daemon.stop() == .exited(0))
      #expect(try await restartsWhole(disk.folder, expecting: recovered.ledger.predictions))
    }

    private func recorded(_ part: String, _ daemon: TestedDaemon) async throws -> Bool {
      let answer = try await daemon.ask(try TestLine.infer(part, x: 0.5))
      try #require(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
      let parsed = try PartAnswer(answer)
      #expect(parsed.label == "good")
      return parsed.recorded
    }

    private func firstUnrecorded(_ daemon: TestedDaemon, prefix: String, limit: Int) async throws -> Int? {
      let client = try await daemon.client()
      for number in 0..<limit {
        let answer = try await client.send(try TestLine.infer("\(prefix)-\(number)", x: 0.5).outgoing)
        try #require(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
        if try !PartAnswer(answer).recorded { return number }
      }
      return nil
    }

    private func restartsWhole(_ folder: Folder, expecting predictions: Int) async throws -> Bool {
      let daemon = try TestedDaemon(folder)
      try await daemon.ready()
      let found = try await daemon.predictions()
      try await daemon.stop()
      return found == predictions
    }
  }
}
