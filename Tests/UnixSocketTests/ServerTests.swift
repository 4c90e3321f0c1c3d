import Glibc
import Testing
import UnixSocket
import Wire

private func get(_ path: String, _ fields: String = "") -> String { "GET \(path) HTTP/1.1\r\nHost: x\r\n\(fields)\r\n" }
private let closing = "Connection: close\r\n"

@Test func `requests are answered on a connection that stays, until close is asked for`() async throws {
  try await withServer { path in
    let client = try #require(RawClient(path))
    client.write(get("/one"))
    let first = await client.read { $0.hasSuffix("/one") }
    #expect(first == "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\n/one")
    client.write(get("/two", closing))
    #expect(await client.read().hasSuffix("Connection: close\r\n\r\n/two"))
  }
}

@Test func `pipelined requests are answered in order though their answers come in another`() async throws {
  let held = Held()
  try await withServer(handler: { _, _, reply in held.keep(reply) }) { path in
    let client = try #require(RawClient(path))
    client.write(get("/0") + get("/1") + get("/2", closing))
    await held.wait(for: 3)
    for index in [2, 0, 1] { held.release(index, "answer\(index)") }
    let text = await client.read()
    let places = (0..<3).compactMap { text.firstRange(of: "answer\($0)")?.lowerBound }
    #expect(places.count == 3)
    #expect(places == places.sorted())
  }
}

@Test func `no more requests of a connection are handed over than the limit`() async throws {
  var limits = SocketLimits.patient
  limits.inFlightMax = 2
  let held = Held()
  try await withServer(limits, handler: { _, _, reply in held.keep(reply) }) { path in
    let client = try #require(RawClient(path))
    client.write((0..<4).map { get("/\($0)") }.joined() + get("/4", closing))
    await held.wait(for: 2)
    let other = try #require(RawClient(path))
    other.write(get("/other", closing))
    await held.wait(for: 1)
    #expect(held.count == 3)
    for index in 0..<6 {
      if index >= 3 { await held.wait(for: 1) }
      held.release(index, "x")
    }
    #expect(await client.read().occurrences(of: "200 OK") == 5)
    #expect(await other.read().contains("200 OK"))
  }
}

@Test func `a second reply is dropped`() async throws {
  try await withServer(handler: { _, _, reply in
    reply(WireResponse(body: [0x61]))
    reply(WireResponse(body: [0x62]))
  }) { path in
    let client = try #require(RawClient(path))
    client.write(get("/") + get("/", closing))
    let text = await client.read()
    #expect(text.occurrences(of: "200 OK") == 2)
    #expect(text.hasSuffix("a"))
  }
}

@Test func `HEAD is answered without the body but with its length`() async throws {
  try await withServer { path in
    let client = try #require(RawClient(path))
    client.write("HEAD /four HTTP/1.1\r\nHost: x\r\n\(closing)\r\n")
    let text = await client.read()
    #expect(text.contains("Content-Length: 5\r\n"))
    #expect(text.hasSuffix("\r\n\r\n"))
  }
}

@Test func `HTTP 1.0 clients that keep the connection are told that it stays`() async throws {
  try await withServer { path in
    let client = try #require(RawClient(path))
    client.write("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    #expect(await client.read { $0.hasSuffix("/a") }.contains("Connection: keep-alive"))
    client.write("GET /b HTTP/1.0\r\n\r\n")
    #expect(await client.read().hasSuffix("/b"))
  }
}

@Test func `chunked bodies and 100-continue work`() async throws {
  try await withServer { path in
    let client = try #require(RawClient(path))
    client.write("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n")
    #expect(await client.read { $0.hasSuffix("\r\n\r\n") } == "HTTP/1.1 100 Continue\r\n\r\n")
    client.write("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    #expect(await client.read { $0.hasSuffix("abcde") }.hasPrefix("HTTP/1.1 200 OK"))
  }
}

@Test func `bodies past the limit are refused, declared or not`() async throws {
  var limits = SocketLimits.patient
  limits.bodyBytesMax = 10
  try await withServer(limits) { path in
    let fits = try #require(RawClient(path))
    fits.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\(closing)\r\n0123456789")
    #expect(await fits.read().hasSuffix("0123456789"))
    for request in [
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n",
    ] {
      let client = try #require(RawClient(path))
      client.write(request)
      client.endWriting()
      let text = await client.read()
      #expect(text.hasPrefix("HTTP/1.1 413 "), "\(text)")
      #expect(text.contains(#"{"error":"the body is larger than 10 bytes"#))
      #expect(text.occurrences(of: "HTTP/1.1") == 1)
    }
  }
}

@Test func `a request says what its socket takes, for whoever unpacks its body`() async throws {
  var limits = SocketLimits.patient
  limits.bodyBytesMax = 1234
  try await withServer(
    limits,
    handler: { request, _, reply in
      reply(WireResponse(body: Array("\(request.bodyBytesMax)".utf8)))
    }
  ) { path in
    let client = try #require(RawClient(path))
    client.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\(closing)\r\n{}")
    #expect(await client.read().hasSuffix("1234"))
  }
}

@Test func `headers past the limit are refused, complete or endless`() async throws {
  var limits = SocketLimits.patient
  limits.headerBytesMax = 1000
  try await withServer(limits) { path in
    let complete = try #require(RawClient(path))
    complete.write(get("/", "A: \(String(repeating: "x", count: 1200))\r\n"))
    #expect(await complete.read().hasPrefix("HTTP/1.1 431 "))
    let endless = try #require(RawClient(path))
    var isOpen = true
    for index in 0..<100_000 where isOpen {
      isOpen = endless.write((index == 0 ? "GET / HTTP/1.1\r\n" : "") + "Field\(index): value\r\n")
    }
    #expect(await endless.read().hasPrefix("HTTP/1.1 431 "))
  }
}

@Test(arguments: [
  "\u{0}\u{1}\u{2}garbage\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
  "GET / HTTP/1.1\r\nno colon here\r\n\r\n",
])
func `what is not HTTP is answered 400 and closed`(text: String) async throws {
  try await withServer { path in
    let client = try #require(RawClient(path))
    client.write(text)
    let answer = await client.read()
    #expect(answer.hasPrefix("HTTP/1.1 400 "), "\(answer)")
    #expect(answer.contains("Connection: close"))
  }
}

@Test func `good requests before garbage are still answered`() async throws {
  try await withServer { path in
    let client = try #require(RawClient(path))
    client.write(get("/good") + "garbage\r\n\r\n")
    let text = await client.read()
    #expect(text.contains("/good"))
    #expect(text.contains("400 Bad Request"))
  }
}

@Test func `a target with an encoded slash is 400 and the connection stays`() async throws {
  try await withServer { path in
    let client = try #require(RawClient(path))
    client.write(get("/a%2Fb"))
    #expect(await client.read { $0.hasSuffix("}") }.hasPrefix("HTTP/1.1 400 "))
    client.write(get("/next", closing))
    #expect(await client.read().hasSuffix("/next"))
  }
}

@Test func `half a request is answered 408 when its time is over`() async throws {
  var limits = SocketLimits.patient
  limits.requestTimeout = .milliseconds(150)
  try await withServer(limits) { path in
    for half in ["GET /", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab"] {
      let client = try #require(RawClient(path))
      client.write(half)
      #expect(await client.read().hasPrefix("HTTP/1.1 408 "))
    }
  }
}

@Test func `a silent connection is closed without a word`() async throws {
  var limits = SocketLimits.patient
  limits.idleTimeout = .milliseconds(150)
  try await withServer(limits) { path in
    let client = try #require(RawClient(path))
    #expect(await client.read() == "")
    let used = try #require(RawClient(path))
    used.write(get("/a"))
    #expect(await used.read().hasSuffix("/a"))
  }
}

@Test func `past its deadline a request is answered 504 and the late reply is dropped`() async throws {
  let held = Held()
  try await withServer(handler: { request, _, reply in
    if request.path == "/slow" { held.keep(reply) } else { reply(WireResponse(body: [0x66])) }
  }) { path in
    let client = try #require(RawClient(path))
    client.write(get("/slow", "Kaizen-Deadline-Ms: 50\r\n"))
    let text = await client.read { $0.hasSuffix("}") }
    #expect(text.hasPrefix("HTTP/1.1 504 "))
    #expect(text.contains("50 ms"))
    held.release(0, "late")
    client.write(get("/fast", closing))
    #expect(await client.read().hasSuffix("\r\n\r\nf"))
  }
}

@Test(arguments: ["0", "-5", "soon", "", "+7", "99999999999999999999"])
func `a deadline that is no whole number is 400`(text: String) async throws {
  try await withServer { path in
    let client = try #require(RawClient(path))
    client.write(get("/", "Kaizen-Deadline-Ms: \(text)\r\n"))
    #expect(await client.read().hasPrefix("HTTP/1.1 400 "))
  }
}

@Test func `a client that does not read is not answered into endless memory`() async throws {
  var limits = SocketLimits.patient
  limits.idleTimeout = .milliseconds(300)
  let answer = [UInt8](repeating: 0x61, count: 200_000)
  let held = Held()
  try await withServer(
    limits,
    handler: { _, _, reply in
      held.keep { _ in }
      reply(WireResponse(body: answer))
    }
  ) { path in
    let client = try #require(RawClient(path))
    client.write((0..<500).map { get("/\($0)") }.joined())
    // Closed after the idle timeout: what the kernel and one write hold comes, not 100 MB.
    await held.wait(for: 1)
    let other = try #require(RawClient(path))
    other.write(get("/", closing))
    #expect(await other.read().hasSuffix("aaa"))
    #expect(held.count < 50)
    #expect(await client.read().utf8.count > 0)
  }
}

@Test func `connections past the limit are answered 503`() async throws {
  var limits = SocketLimits.patient
  limits.connectionsMax = 2
  try await withServer(limits) { path in
    let first = try #require(RawClient(path))
    let second = try #require(RawClient(path))
    for client in [first, second] {
      client.write(get("/a"))
      _ = await client.read { $0.hasSuffix("/a") }
    }
    let third = try #require(RawClient(path))
    third.write(get("/b"))
    let text = await third.read()
    #expect(text.hasPrefix("HTTP/1.1 503 "))
    #expect(text.contains("Retry-After: 1"))
    first.write(get("/c"))
    #expect(await first.read { $0.hasSuffix("/c") }.contains("200 OK"))
  }
}

@Test func `a client that stops sending still gets its answer`() async throws {
  let held = Held()
  try await withServer(handler: { _, _, reply in held.keep(reply) }) { path in
    let client = try #require(RawClient(path))
    client.write(get("/"))
    client.endWriting()
    await held.wait(for: 1)
    held.release(0, "here")
    #expect(await client.read().hasSuffix("here"))
  }
}

@Test func `the kernel says who the peer is`() async throws {
  try await withServer(handler: { _, peer, reply in
    reply(WireResponse(body: Array("\(peer.uid) \(peer.gid) \(peer.pid)".utf8)))
  }) { path in
    let client = try #require(RawClient(path))
    client.write(get("/", closing))
    #expect(await client.read().hasSuffix("\r\n\r\n\(getuid()) \(getgid()) \(getpid())"))
  }
}

@Test func `a header field cannot be smuggled into an answer`() async throws {
  try await withServer(handler: { _, _, reply in
    var headers = WireHeaders()
    headers.append("X", "a\r\nEvil: b")
    reply(WireResponse(headers: headers, body: []))
  }) { path in
    let client = try #require(RawClient(path))
    client.write(get("/", closing))
    #expect(await !client.read().contains("\r\nEvil"))
  }
}

@Test func `a request to change the protocol is answered and the connection closed`() async throws {
  try await withServer { path in
    let client = try #require(RawClient(path))
    client.write(get("/a", "Connection: Upgrade\r\nUpgrade: h2c\r\n"))
    let text = await client.read()
    #expect(text.contains("200 OK"))
    #expect(text.contains("Connection: close"))
  }
}
