import Domain
import Foundation
import Glibc
import Synchronization
import Testing
import UnixSocket
import Wire

/// Clients that make a new connection for each part, as a gateway without keep-alive does, and send a part again that
/// was not answered: its id makes that safe.
private final class Visitors: Sendable {
  struct Tally: Sendable {
    var parts = 0
    /// Connections nobody took.
    var refused: [String] = []
    /// Connections that closed before the answer; the part was sent again.
    var unanswered = 0
    /// Answers that were no 200.
    var surprises: [String] = []
  }

  private let tally = Mutex(Tally())
  private let isOver = Atomic(false)
  private let count: Int

  init(_ count: Int) { self.count = count }

  var now: Tally { tally.withLock { $0 } }
  func end() { isOver.store(true, ordering: .releasing) }

  func run(_ path: String) async {
    await withTaskGroup(of: Void.self) { group in
      for visitor in 0..<count {
        group.addTask {
          var number = 0
          while !self.isOver.load(ordering: .acquiring) {
            await self.visit(path, part: "v\(visitor)-\(number)")
            number += 1
          }
        }
      }
    }
  }

  private func visit(_ path: String, part: String) async {
    while true {
      let client: HTTPUnixClient
      do {
        client = try await HTTPUnixClient.connect(path: path)
      } catch {
        return tally.withLock { $0.refused.append("\(part): \(error)") }
      }
      let answer = try? await client.send(TestLine.infer(part, x: 0.8).outgoing, deadline: .seconds(20))
      await client.close()
      guard let answer else {
        tally.withLock { $0.unanswered += 1 }
        continue
      }
      return tally.withLock { tally in
        tally.parts += 1
        let told = try? PartAnswer(answer)
        if told?.id != part || told?.label != "good" { tally.surprises.append("\(part): \(answer.status)") }
      }
    }
  }
}

extension ProcessTests {
  /// Socket activation without systemd: the listeners stay in this process while daemons come and go.
  @Suite struct ActivationTests {
    private func sockets(_ folder: Folder) throws -> ListeningSockets {
      try FileManager.default.createDirectory(atPath: folder.file("run"), withIntermediateDirectories: true)
      return try ListeningSockets([
        (name: "control", path: folder.file("run/control.sock")), (name: "infer", path: folder.file("run/infer.sock")),
      ])
    }

    @Test func `clients that come before the daemon are answered by it, and its end leaves the sockets`() async throws {
      let folder = try Folder()
      let sockets = try sockets(folder)
      let early = try #require(RawSocket(folder.file("run/infer.sock")), "the listener takes it before any daemon runs")
      early.write("GET /v2/health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
      let daemon = try TestedDaemon(folder, sockets: sockets)
      #expect(early.readAll().hasPrefix("HTTP/1.1 200"))
      #expect(try await daemon.status().lines.isEmpty, "control came by its name")
      #expect(try await daemon.stop() == .exited(0))
      #expect(folder.has("run/infer.sock") && folder.has("run/control.sock"), "they are not the daemon's to remove")
    }

    @Test func `systemd-socket-activate starts it at the first connection, with both sockets by their names`()
      async throws
    {
      guard let program = Programs.installed("systemd-socket-activate") else {
        print("skipped: systemd-socket-activate is not installed")
        return
      }
      let folder = try Folder()
      try FileManager.default.createDirectory(atPath: folder.file("run"), withIntermediateDirectories: true)
      let infer = folder.file("run/infer.sock")
      let child = try Child(
        program,
        [
          "-l", folder.file("run/control.sock"), "-l", infer, "--fdname=control:infer", try Programs.path("kaizend"),
          "--state-dir", folder.path,
        ], output: folder.file("out"), errors: folder.file("err"))
      defer { child.signal(SIGKILL) }
      let first = try await eventually("a listener") { RawSocket(infer) }
      first.write("GET /v2/health/ready HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
      let answer = first.readAll()
      let told = try folder.text("err")
      #expect(answer.hasPrefix("HTTP/1.1 200"), "\(told)")
      #expect(try await kaizenctl(folder, "status").end == .exited(0))
      child.signal(SIGTERM)
      #expect(try await child.ended() == .exited(0))
    }

    @Test(arguments: [SIGTERM, SIGKILL])
    func `no connection is refused and every part is answered over restarts under load`(signal: Int32) async throws {
      let folder = try Folder()
      let sockets = try sockets(folder)
      let visitors = Visitors(8)
      let rounds = 6
      var daemon = try TestedDaemon(folder, sockets: sockets)
      try await daemon.ready()
      try await daemon.add(TestLine.addition(LineSettings(mode: .observe)))
      async let visiting: Void = visitors.run(folder.file("run/infer.sock"))
      defer { visitors.end() }
      for _ in 0..<rounds {
        let before = visitors.now.parts
        try await eventually("answers") { visitors.now.parts > before + 50 ? true : nil }
        let end = try await daemon.stop(signal)
        #expect(end == (signal == SIGTERM ? .exited(0) : .signaled(SIGKILL)))
        daemon = try TestedDaemon(folder, sockets: sockets)
        try await daemon.ready()
      }
      visitors.end()
      await visiting
      let tally = visitors.now
      #expect(tally.refused.isEmpty, "\(tally.refused.prefix(3))")
      #expect(tally.surprises.isEmpty, "\(tally.surprises.prefix(3))")
      if signal == SIGTERM { #expect(tally.unanswered == 0, "a daemon that ends answers what was sent to it") }
      print(
        "\(rounds) restarts (signal \(signal)) under load: \(tally.parts) parts answered, 0 connections refused, "
          + "\(tally.unanswered) closed before the answer and answered when sent again")
      #expect(try await daemon.predictions() == tally.parts, "sent again, but stored once")
      #expect(try await daemon.stop() == .exited(0))
    }
  }
}
