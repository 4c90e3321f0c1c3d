import Domain
import Glibc
import NeuralNet
import Testing
import UnixSocket
import Wire

extension ProcessTests {
  /// What a mistaken or hostile client sends must cost nobody else anything.
  @Suite struct RubbishTests {
    /// Above what the daemon takes when idle by far, and below what a leak of every request here would take.
    private static let residentMegabytesMax = 160

    @Test func `random bytes, half requests and absurd requests leave the daemon as it was`() async throws {
      try await withDaemon { daemon in
        var random = Generator(seed: 11)
        var open: [RawSocket] = []
        for path in [daemon.infer, daemon.control] {
          for _ in 0..<40 {
            let socket = try #require(RawSocket(path))
            socket.write((0..<random.index(below: 65_536)).map { _ in UInt8(truncatingIfNeeded: random.next()) })
          }
          for absurd in Self.absurdities {
            let socket = try #require(RawSocket(path))
            socket.write(absurd)
            open.append(socket)
          }
          for half in 0..<30 {
            let socket = try #require(RawSocket(path))
            socket.write(String(Self.request.prefix(1 + half * Self.request.utf8.count / 31)))
            // Every other one is left open, the rest goes in the middle of its request.
            if half % 2 == 0 { open.append(socket) }
          }
        }
        try await expectServing(daemon)
        open.removeAll()
        try await expectServing(daemon)
        #expect(daemon.child.end == nil)
        let resident = try daemon.child.residentMegabytes()
        print("resident after rubbish: \(resident) MB")
        #expect(resident < Self.residentMegabytesMax)
        #expect(try await daemon.stop() == .exited(0))
      }
    }

    @Test func `two hundred connections at once are all answered, and those past the limit are told so`() async throws {
      try await withDaemon(config: "[limits]\nconnections_max = 200\n") { daemon in
        try await eventually("the daemon alone with us") { try await daemon.ask(.ready).status == 200 ? true : nil }
        let request = "GET /v2/health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        // The daemon's own heartbeat holds one connection.
        #expect(Self.answers(195, daemon.infer, request).filter { $0.hasPrefix("HTTP/1.1 200") }.count == 195)

        let silent = (0..<205).compactMap { _ in RawSocket(daemon.infer) }
        let refusal = try await eventually("a refusal") { () -> String? in
          guard let socket = RawSocket(daemon.infer) else { return nil }
          socket.write(request)
          let answer = socket.readAll()
          return answer.hasPrefix("HTTP/1.1 503") ? answer : nil
        }
        #expect(refusal.contains("connections of this socket are taken"), "\(refusal)")
        #expect(refusal.contains("Retry-After"))
        #expect(silent.count == 205)
        #expect(try await daemon.status().lines.count == 1, "the operators' socket has room of its own")
      }
    }

    /// Opens all, then writes to all, then reads all.
    private static func answers(_ count: Int, _ path: String, _ request: String) -> [String] {
      let sockets = (0..<count).compactMap { _ in RawSocket(path) }
      for socket in sockets { socket.write(request) }
      return sockets.map { $0.readAll() }
    }

    private func expectServing(_ daemon: TestedDaemon) async throws {
      #expect(try await daemon.ask(.ready).status == 200)
      let part = "part-\(UInt32.random(in: 0...UInt32.max))"
      let answer = try await daemon.ask(try TestLine.infer(part, x: 0.5))
      #expect(answer.status == 200)
      #expect(try PartAnswer(answer).label == "good")
      #expect(try await daemon.status().lines.count == 1)
    }

    private static let request =
      "POST /v2/models/press-1/infer HTTP/1.1\r\nHost: localhost\r\nContent-Length: 90\r\n\r\n"
      + "{\"inputs\":[{\"name\":\"features\",\"shape\":[1,2],\"datatype\":\"FP32\",\"data\":[0.5,0.25]}]}        "

    private static let absurdities: [String] = [
      post("{\"inputs\":" + String(repeating: "[", count: 100_000)),
      post("{\"inputs\":" + String(repeating: "{\"a\":", count: 50_000)),
      post("{\"inputs\":[{\"name\":\"f\",\"shape\":[9223372036854775807,2],\"datatype\":\"FP32\",\"data\":[1,2]}]}"),
      post("{\"inputs\":[{\"name\":\"f\",\"shape\":[-1,-2],\"datatype\":\"FP32\",\"data\":[1,2]}]}"),
      post("{\"inputs\":[{\"name\":\"f\",\"shape\":[1,2],\"datatype\":\"FP32\",\"data\":[1e999,-1e999]}]}"),
      post("{\"id\":\"\\ud800\",\"inputs\":[]}"),
      "POST /v2/models/press-1/infer HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
      "POST /v2/models/press-1/infer HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
      "POST /v2/models/press-1/infer HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
      "POST /v1/lines HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}",
      "GET /" + String(repeating: "%2e%2e/", count: 3000) + " HTTP/1.1\r\n\r\n",
      "GET /v2 HTTP/1.1\r\n" + String(repeating: "A: b\r\n", count: 20_000) + "\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      String(repeating: "GET /v2 HTTP/1.1\r\n\r\n", count: 2000),
    ]

    private static func post(_ body: String) -> String {
      "POST /v2/models/press-1/infer HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }
  }
}
