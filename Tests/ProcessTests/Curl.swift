import Foundation
import Testing
import Wire

/// The real curl, talking to one daemon's inference socket.
struct Curl {
  let program: String
  let socket: String

  struct Answer {
    let status: Int
    let contentType: String
    let headers: String
    let body: JSONValue

    var error: String { body["error"]?.text ?? "" }
  }

  static let program = Programs.installed("curl")

  /// - Parameter body: makes it a POST unless `method` says otherwise.
  func callAsFunction(_ path: String, method: String? = nil, body: String? = nil, headers: [String] = []) async throws
    -> Answer
  {
    let folder = try Folder()
    var arguments = [
      "-sS", "--max-time", "20", "--unix-socket", socket, "-D", folder.file("headers"), "-o", folder.file("body"), "-w",
      "%{http_code}\t%{content_type}",
    ]
    if let method { arguments += ["-X", method] }
    if let body {
      try folder.write("sent", body)
      arguments += ["-H", "Content-Type: application/json", "--data-binary", "@" + folder.file("sent")]
    }
    for header in headers { arguments += ["-H", header] }
    let ran = try await run(program, arguments + ["http://localhost\(path)"])
    try #require(ran.end == .exited(0), "curl \(path): \(ran.errors)")
    let told = ran.output.split(separator: "\t", omittingEmptySubsequences: false)
    return Answer(
      status: Int(told[0]) ?? 0, contentType: told.count > 1 ? String(told[1]) : "",
      headers: try folder.text("headers"),
      body: try JSONValue(parsing: try folder.bytes("body")))
  }
}
