import Glibc
import Testing
import UnixSocket
import Wire

private func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

private func start(_ path: String, handler: @escaping HTTPUnixServer.Handler = echo) async throws -> HTTPUnixServer {
  try await HTTPUnixServer.start(.path(path, mode: 0o640, group: nil), limits: .patient, handler: handler)
}

/// Binds without listening, as a killed process leaves a socket file behind.
private func leaveStaleSocket(_ path: String, listening: Bool = false) -> CInt {
  let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
  _ = withUnsafePointer(to: address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }
  if listening { listen(descriptor, 5) } else { close(descriptor) }
  return descriptor
}

@Test func `a stale socket is replaced`() async throws {
  let folder = SocketFolder()
  _ = leaveStaleSocket(folder.socket)
  #expect(exists(folder.socket))
  let server = try await start(folder.socket)
  let client = try await HTTPUnixClient.connect(path: folder.socket)
  #expect(try await client.send(method: .get, path: "/a").body == Array("/a".utf8))
  await server.shutdown(drain: .seconds(1))
  #expect(!exists(folder.socket))
}

@Test func `a live socket of somebody else is refused and left alone`() async throws {
  let folder = SocketFolder()
  let other = leaveStaleSocket(folder.socket, listening: true)
  defer { close(other) }
  await #expect(throws: SocketFailure.self) { try await start(folder.socket) }
  #expect(exists(folder.socket))
}

@Test func `a second server on the same path is refused while the first lives`() async throws {
  let folder = SocketFolder()
  let first = try await start(folder.socket)
  await #expect(throws: SocketFailure.self) { try await start(folder.socket) }
  let client = try await HTTPUnixClient.connect(path: folder.socket)
  #expect(try await client.send(method: .get, path: "/").isSuccess)
  await client.close()
  await first.shutdown(drain: .seconds(1))
  let second = try await start(folder.socket)
  await second.shutdown(drain: .seconds(1))
}

@Test func `a file that is no socket is refused and left alone`() async throws {
  let folder = SocketFolder()
  close(open(folder.socket, O_CREAT | O_WRONLY, 0o600))
  await #expect(throws: SocketFailure.self) { try await start(folder.socket) }
  #expect(exists(folder.socket))
}

@Test func `paths that cannot be are refused with a sentence`() async throws {
  for path in ["", "/nonexistent-folder/s", "/tmp/" + String(repeating: "x", count: 200)] {
    await #expect(throws: SocketFailure.self) { try await start(path) }
  }
}

@Test func `the socket has the mode asked for and the group`() async throws {
  let folder = SocketFolder()
  let name = getgrgid(getgid()).map { String(cString: $0.pointee.gr_name) }
  let server = try await HTTPUnixServer.start(
    .path(folder.socket, mode: 0o660, group: name), handler: echo)
  var status = stat()
  #expect(stat(folder.socket, &status) == 0)
  #expect(status.st_mode & 0o777 == 0o660)
  #expect(status.st_gid == getgid())
  await server.shutdown(drain: .zero)
  await #expect(throws: SocketFailure.self) {
    try await HTTPUnixServer.start(
      .path(folder.socket, mode: 0o660, group: "no-such-group-here"), handler: echo)
  }
  #expect(!exists(folder.socket))
}

@Test func `an inherited descriptor is served and its file is not removed`() async throws {
  let folder = SocketFolder()
  let descriptor = leaveStaleSocket(folder.socket, listening: true)
  let server = try await HTTPUnixServer.start(.inherited(descriptor), handler: echo)
  let client = try await HTTPUnixClient.connect(path: folder.socket)
  #expect(try await client.send(method: .get, path: "/x").body == Array("/x".utf8))
  await server.shutdown(drain: .seconds(1))
  #expect(exists(folder.socket))
}

@Test func `draining answers what is in flight, then closes`() async throws {
  let folder = SocketFolder()
  let held = Held()
  let server = try await start(folder.socket) { _, _, reply in held.keep(reply) }
  let busy = try #require(RawClient(folder.socket))
  busy.write("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n")
  let idle = try #require(RawClient(folder.socket))
  await held.wait(for: 2)
  async let down: Void = server.shutdown(drain: .seconds(20))
  #expect(await idle.read() == "")
  #expect(RawClient(folder.socket) == nil)
  held.release(1, "second")
  held.release(0, "first")
  let text = await busy.read()
  await down
  #expect(text.contains("first"))
  #expect(text.hasSuffix("Connection: close\r\n\r\nsecond"))
  #expect(!exists(folder.socket))
}

@Test func `draining ends at its deadline though no answer comes, and late replies are harmless`() async throws {
  let folder = SocketFolder()
  let held = Held()
  let server = try await start(folder.socket) { _, _, reply in held.keep(reply) }
  let client = try #require(RawClient(folder.socket))
  client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
  await held.wait(for: 1)
  await server.shutdown(drain: .milliseconds(50))
  #expect(await client.read() == "")
  held.release(0, "late")
}

@Test(arguments: ["keep-alive", "close"])
func
  `a large answer that its client has not read yet leaves whole, whether the server or the request ends the connection`(
    connection: String
  ) async throws
{
  let folder = SocketFolder()
  let held = Held()
  let body = [UInt8](repeating: UInt8(ascii: "x"), count: 6 << 20)
  let server = try await start(folder.socket) { _, _, reply in held.keep(reply) }
  let client = try #require(RawClient(folder.socket))
  client.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: \(connection)\r\n\r\n")
  await held.wait(for: 1)
  held.release(0, String(decoding: body, as: UTF8.self))
  async let down: Void = server.shutdown(drain: .seconds(60))
  let text = await client.read()
  await down
  #expect(text.utf8.count > body.count)
  #expect(text.hasSuffix("xx"))
}
