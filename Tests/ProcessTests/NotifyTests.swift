import Domain
import Foundation
import Glibc
import Testing
import UnixSocket
import Wire

/// systemd's end of NOTIFY_SOCKET.
final class NotifySocket: Sendable {
  private let descriptor: CInt
  let path: String

  init(_ path: String) throws {
    self.path = path
    descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    try #require(UnixAddress(path).use { bind(descriptor, $0, $1) } == 0)
  }

  deinit { close(descriptor) }

  /// The oldest message that was not taken yet.
  func next() -> String? {
    var buffer = [UInt8](repeating: 0, count: 8192)
    let count = recv(descriptor, &buffer, buffer.count, CInt(MSG_DONTWAIT))
    return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
  }

  func waitFor(_ prefix: String) async throws -> (message: String, before: [String]) {
    var before: [String] = []
    let message = try await eventually("the notification \(prefix)") { () -> String? in
      guard let message = next() else { return nil }
      if message.hasPrefix(prefix) { return message }
      before.append(message)
      return nil
    }
    return (message, before)
  }
}

extension ProcessTests {
  @Suite struct NotifyTests {
    @Test func `systemd hears READY when both sockets answer, STATUS, WATCHDOG, and STOPPING before the end`()
      async throws
    {
      let folder = try Folder()
      let socket = try NotifySocket(folder.file("notify"))
      let environment = ["NOTIFY_SOCKET": socket.path, "WATCHDOG_USEC": "10000000"]
      let daemon = try TestedDaemon(folder, environment: environment)
      let ready = try await socket.waitFor("READY=1")
      #expect(ready.before.isEmpty, "nothing is said before READY")
      // No waiting here: READY promises that both answer now.
      #expect(try await daemon.ask(.ready).status == 200)
      #expect(try await daemon.status().lines.isEmpty)

      try await daemon.add(TestLine.addition(LineSettings(mode: .observe)))
      let watchdog = try await socket.waitFor("WATCHDOG=1")
      let status = watchdog.before.filter { $0.hasPrefix("STATUS=") }
      #expect(!status.isEmpty)
      #expect(status.allSatisfy { !$0.contains("\n") })
      let told = try await socket.waitFor("STATUS=1 line")
      #expect(told.message.contains("ledger"), "\(told.message)")
      #expect(!(watchdog.before + told.before).contains { $0.hasPrefix("READY") || $0.hasPrefix("STOPPING") })

      daemon.child.signal(SIGTERM)
      let stopping = try await socket.waitFor("STOPPING=1")
      #expect(!stopping.before.contains { $0.hasPrefix("READY") })
      #expect(try await daemon.child.ended() == .exited(0))
    }

    @Test func `a stop during the start is carried out in order`() async throws {
      for delay in [0, 2, 5, 10] {
        let folder = try Folder()
        let socket = try NotifySocket(folder.file("notify"))
        let daemon = try TestedDaemon(folder, environment: ["NOTIFY_SOCKET": socket.path])
        // The lock is taken after the signals are.
        try await eventually("the daemon's lock") { folder.has("kaizend.lock") ? true : nil }
        for _ in 0..<delay { sched_yield() }
        #expect(try await daemon.stop() == .exited(0))
        #expect(!folder.has("run/infer.sock"))
        #expect(!folder.has("run/control.sock"))
      }
    }
  }
}
