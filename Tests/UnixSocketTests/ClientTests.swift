import Glibc
import Testing
import UnixSocket
import Wire

@Test func `the client sends many requests over one connection, one after the other`() async throws {
  try await withServer { path in
    let client = try await HTTPUnixClient.connect(path: path)
    for index in 0..<200 {
      let answer = try await client.send(method: .post, path: "/x", body: Array("body \(index)".utf8))
      #expect(answer.status == 200)
      #expect(answer.contentType == "application/json")
      #expect(answer.body == Array("body \(index)".utf8))
    }
    let texts = try await withThrowingTaskGroup(of: String.self) { group in
      for index in 0..<50 {
        group.addTask {
          String(decoding: try await client.send(method: .get, path: "/\(index)").body, as: UTF8.self)
        }
      }
      return try await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(texts == Set((0..<50).map { "/\($0)" }))
    await client.close()
    #expect(!client.isOpen)
    await #expect(throws: ClientFailure.connectionLost) { try await client.send(method: .get, path: "/") }
  }
}

@Test func `bodies of megabytes go both ways, and HEAD has none`() async throws {
  try await withServer { path in
    let client = try await HTTPUnixClient.connect(path: path)
    let body = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    #expect(try await client.send(method: .post, path: "/", body: body).body == body)
    #expect(try await client.send(method: .head, path: "/four").body.isEmpty)
    #expect(try await client.send(method: .get, path: "/four").body == Array("/four".utf8))
  }
}

@Test func `calls arrive as they were meant`() async throws {
  let call = OperatorCall.audit(line: nil, run: 3, group: "mold=1,shift=é day", limit: 7)
  try await withServer(handler: { request, _, reply in
    let received = try? OperatorCall.decode(request)
    reply(received == call ? WireResponse(body: [0x79]) : WireFault.unknownPath(request.path).response)
  }) { path in
    let client = try await HTTPUnixClient.connect(path: path)
    #expect(try await client.send(try call.outgoing()).body == [0x79])
    let other = try await client.send(InferenceCall.live.outgoing)
    #expect(other.status == 404)
    #expect(other.errorSentence == "there is nothing at /v2/health/live")
  }
}

@Test func `a missing daemon is said with the command that starts it`() async throws {
  await #expect(throws: ClientFailure.notRunning(path: "/tmp/kaizen-none/run/infer.sock")) {
    try await HTTPUnixClient.connect(path: "/tmp/kaizen-none/run/infer.sock")
  }
  #expect("\(ClientFailure.notRunning(path: "/srv/k/run/infer.sock"))".hasSuffix("kaizend --state-dir /srv/k"))
  #expect("\(ClientFailure.notRunning(path: "/run/kaizend/infer.sock"))".hasSuffix("systemctl start kaizend"))
  #expect("\(ClientFailure.permissionDenied(path: "/s", group: "kaizend-clients"))".contains("-aG kaizend-clients"))
}

@Test func `a closed door names the group that may enter`() async throws {
  guard getuid() != 0 else { return print("skipped: root may open every socket") }
  let folder = SocketFolder()
  let server = try await HTTPUnixServer.start(
    .path(folder.socket, mode: 0, group: nil), limits: .patient, handler: echo)
  let group = getgrgid(getgid()).map { String(cString: $0.pointee.gr_name) }
  await #expect(throws: ClientFailure.permissionDenied(path: folder.socket, group: group)) {
    try await HTTPUnixClient.connect(path: folder.socket)
  }
  await server.shutdown(drain: .zero)
}

@Test func `the deadline reaches the server, whose 504 comes back`() async throws {
  let held = Held()
  try await withServer(handler: { _, _, reply in held.keep(reply) }) { path in
    let client = try await HTTPUnixClient.connect(path: path)
    let answer = try await client.send(method: .get, path: "/", deadline: .milliseconds(30))
    #expect(answer.status == 504)
    #expect(client.isOpen)
  }
}

@Test func `a server that goes away is a lost connection, not a hang`() async throws {
  let folder = SocketFolder()
  let held = Held()
  let server = try await HTTPUnixServer.start(
    .path(folder.socket, mode: 0o600, group: nil), limits: .patient, handler: { _, _, reply in held.keep(reply) })
  let client = try await HTTPUnixClient.connect(path: folder.socket)
  let answer = Task { try await client.send(method: .get, path: "/") }
  await held.wait(for: 1)
  await server.shutdown(drain: .zero)
  await #expect(throws: ClientFailure.connectionLost) { try await answer.value }
}
