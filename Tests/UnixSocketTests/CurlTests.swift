import Foundation
import Testing
import UnixSocket
import Wire

private let curl = ["/usr/bin/curl", "/bin/curl", "/usr/local/bin/curl"].first {
  FileManager.default.isExecutableFile(atPath: $0)
}

/// Runs curl and gives what it wrote; waits on a thread of its own.
private func run(_ arguments: [String]) async throws -> String {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: curl ?? "/nonexistent")
  process.arguments = ["-sS", "--max-time", "20"] + arguments
  let output = Pipe()
  process.standardOutput = output
  process.standardError = output
  try process.run()
  let data = await withCheckedContinuation { continuation in
    DispatchQueue.global().async { continuation.resume(returning: output.fileHandleForReading.readDataToEndOfFile()) }
  }
  process.waitUntilExit()
  return String(decoding: data, as: UTF8.self)
}

@Test(.enabled(if: curl != nil, "skipped: curl is not installed"))
func `curl talks to the socket: get, head, post, and a body that waits for 100-continue`() async throws {
  try await withServer { path in
    let address = "http://localhost"
    let socket = ["--unix-socket", path]
    #expect(try await run(socket + [address + "/v2/health/live"]) == "/v2/health/live")
    #expect(try await run(socket + ["-I", address + "/four"]).contains("Content-Length: 5"))
    #expect(try await run(socket + ["-d", "{\"a\":1}", address + "/"]) == "{\"a\":1}")
    #expect(try await run(socket + [address + "/a", address + "/b"]) == "/a/b")
    let file = path + ".body"
    try Data(repeating: 0x61, count: 3_000_000).write(to: URL(fileURLWithPath: file))
    defer { try? FileManager.default.removeItem(atPath: file) }
    let arguments = ["-o", "/dev/null", "-w", "%{http_code} %{size_download}", "--data-binary", "@\(file)", address]
    #expect(try await run(socket + arguments) == "200 3000000")
    let expecting = ["-H", "Expect: 100-continue", "-H", "Transfer-Encoding: chunked"]
    #expect(try await run(socket + expecting + arguments) == "200 3000000")
  }
}

@Test(.enabled(if: curl != nil, "skipped: curl is not installed"))
func `curl sees the refusal of a body that is too large`() async throws {
  var limits = SocketLimits.patient
  limits.bodyBytesMax = 1000
  try await withServer(limits) { path in
    let file = path + ".body"
    try Data(repeating: 0x61, count: 2_000_000).write(to: URL(fileURLWithPath: file))
    defer { try? FileManager.default.removeItem(atPath: file) }
    let text = try await run(["--unix-socket", path, "--data-binary", "@\(file)", "http://localhost/"])
    #expect(text.contains("the body is larger than 1000 bytes"))
  }
}
