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

      let line = try await daemon.answer(to: .addLine(try TestLine.addition(.init(), name: "press-2", width: 200)))
      #expect(line.status == 500)
      #expect(try JSONValue(parsing: line.body)["error"]?.text?.isEmpty == false)
      #expect(try await daemon.status().lines.map(\.line) == ["press-1"], "no half of a line stays")

      let outcome = try await daemon.ask(try TestLine.outcome("before", "good"))
      #expect(outcome.status == 503)
      let sentence = try JSONValue(parsing: outcome.body)["error"]?.text ?? ""
      #expect(sentence.split(separator: " ").count >= 4, "\(sentence)")

      disk.free()
      try await daemon.add(try TestLine.addition(.init(), name: "press-2", width: 200))
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

    /// After a kill the databases' logs are still there, and with them all the room a start needs.
    @Test func `a daemon that was killed starts again on a full disk and serves`() async throws {
      try await startOnFullDisk(after: SIGKILL) { daemon in
        try await daemon.ready()
        _ = try await recorded("on-full", daemon)
        #expect(try await daemon.ask(.ready).status == 200)
      }
    }

    /// After an orderly stop the logs are gone, and none can be made: the sentence must lead to the disk.
    @Test func `a daemon that cannot start on a full disk says that it is full, and starts once there is space`()
      async throws
    {
      try await startOnFullDisk(after: SIGTERM) { daemon in
        // A file system may keep a few pages back from the one who filled it; they are enough for a start.
        let end = try await eventually("an end, or a ready daemon") { () async -> Child.End?? in
          if let end = daemon.child.end { return .some(end) }
          return (try? await daemon.ask(.ready))?.status == 200 ? .some(nil) : nil
        }
        if let end {
          #expect(end == .exited(74))
          #expect(daemon.log.contains("its disk is full"), "\(daemon.log)")
        } else {
          print("the full disk had room for a start")
        }
      }
    }

    private func startOnFullDisk(after signal: Int32, _ body: (TestedDaemon) async throws -> Void) async throws {
      guard let disk = try TinyDisk(megabytes: 8) else {
        print("skipped: only root may mount the small file system this test needs")
        return
      }
      let logs = try Folder()
      let first = try TestedDaemon(disk.folder, logs: logs)
      try await first.ready()
      try await first.add(TestLine.addition(LineSettings(mode: .observe)))
      #expect(try await recorded("before", first))
      try await first.stop(signal)
      try disk.fill()
      let second = try TestedDaemon(disk.folder, logs: logs)
      try await body(second)
      try await second.stop(SIGKILL)
      disk.free()
      let third = try TestedDaemon(disk.folder, logs: logs)
      try await third.ready()
      let rows = try await third.predictions()
      #expect(try await recorded("before", third))
      #expect(try await third.predictions() == rows, "the part from before is still there")
      #expect(try await recorded("after", third))
      try await third.stop()
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
