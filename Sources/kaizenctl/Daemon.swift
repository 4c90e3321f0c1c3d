import ControlText
import Wire

/// The daemon as a verb sees it: paths in, replies or sentences out.
struct Daemon {
  let socketDirectory: String
  /// nil for the service.
  let stateDirectory: String?

  var controlSocket: String { socketDirectory + "/control.sock" }
  var inferSocket: String { socketDirectory + "/infer.sock" }

  /// A reply of the operator API, decoded and as it came.
  struct Answer<Reply> {
    let reply: Reply
    let bytes: [UInt8]
  }

  func get<Reply: Decodable>(_ path: String, as type: Reply.Type = Reply.self) async throws -> Answer<Reply> {
    try decode(await exchange(controlSocket, .get, path, body: []))
  }

  func post<Reply: Decodable>(
    _ path: String, _ body: some Encodable, as type: Reply.Type = Reply.self, conflict: ExitStatus = .data
  ) async throws -> Answer<Reply> {
    try decode(await exchange(controlSocket, .post, path, body: OperatorCoding.bytes(body), conflict: conflict))
  }

  /// The line of that name.
  func line(_ name: String) async throws -> LineRow {
    let lines = try await get("/v1/lines", as: LinesReply.self).reply.lines
    guard let line = lines.first(where: { $0.line == name }) else { throw Self.unknownLine(name, lines.map(\.line)) }
    return line
  }

  static func unknownLine(_ name: String, _ lines: [String]) -> Failure {
    let known = lines.isEmpty ? "there are no lines yet" : "its lines are \(lines.joined(separator: ", "))"
    return Failure(.noInput, "the daemon has no line \"\(name)\": \(known).", next: "kaizenctl lines")
  }

  private func decode<Reply: Decodable>(_ bytes: [UInt8]) throws -> Answer<Reply> {
    do {
      return Answer(reply: try OperatorCoding.message(Reply.self, from: bytes), bytes: bytes)
    } catch {
      throw Self.unreadable(error.sentence)
    }
  }

  static func unreadable(_ why: String) -> Failure {
    Failure(
      .software, "the daemon's answer cannot be read (\(why)); kaizenctl and kaizend may differ in version.",
      next: "systemctl restart kaizend")
  }
}

/// A path with its query, everything but unreserved characters percent-encoded (RFC 3986, 2.3).
func requestPath(_ path: String, query: [(name: String, value: String?)]) -> String {
  let items = query.compactMap { item in item.value.map { "\(item.name)=\(PercentCoding.encode($0))" } }
  return items.isEmpty ? path : path + "?" + items.joined(separator: "&")
}
