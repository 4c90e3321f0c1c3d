import ControlText
import Domain
import Wire

/// The daemon as a verb sees it: paths in, replies or sentences out.
struct Daemon {
  let socketDirectory: String
  /// nil for the service.
  let stateDirectory: String?
  /// How long an answer may take.
  var limit = Self.deadline

  var controlSocket: String { socketDirectory + "/control.sock" }
  var inferSocket: String { socketDirectory + "/infer.sock" }

  /// A reply of the operator API, decoded and as it came.
  struct Answer<Reply> {
    let reply: Reply
    let bytes: [UInt8]
  }

  /// - Parameter conflict: what a 409 means here: wrong data, or a state that passes.
  func ask<Reply: Decodable>(
    _ call: OperatorCall, as type: Reply.Type = Reply.self, conflict: ExitStatus = .data
  ) async throws -> Answer<Reply> {
    let bytes = try await exchange(controlSocket, try call.outgoing(), conflict: conflict)
    do {
      return Answer(reply: try OperatorCoding.message(Reply.self, from: bytes), bytes: bytes)
    } catch {
      throw Self.unreadable(error.sentence)
    }
  }

  /// The line of that name.
  func line(_ name: String) async throws -> LineRow {
    let lines = try await ask(.lines, as: LinesReply.self).reply.lines
    guard let line = lines.first(where: { $0.line == name }) else { throw Self.unknownLine(name, lines.map(\.line)) }
    return line
  }

  /// The machine's one line, for a verb whose LINE was left out.
  /// - Parameters:
  ///   - verb: for the sentence where there are several.
  ///   - words: the command without its line, where the verb is not its one word.
  ///   - last: what follows the line.
  func onlyLine(_ verb: String, command words: [String]? = nil, after last: [String] = []) async throws -> LineID {
    let lines = try await ask(.lines, as: LinesReply.self).reply.lines.map(\.line)
    guard let first = lines.first else {
      throw Failure(
        .noInput, "there are no lines yet, so there are no \(verb).", next: .kaizenctl(["line", "add", "--help"]))
    }
    guard lines.count == 1 else {
      throw Failure(
        .usage, "this machine has \(lines.count) lines (\(lines.joined(separator: ", "))): name one.",
        next: .kaizenctl((words ?? [verb]) + [first] + last))
    }
    do { return try LineID(first) } catch { throw Self.unreadable(error.sentence) }
  }

  static func unknownLine(_ name: String, _ lines: [String]) -> Failure {
    let known = lines.isEmpty ? "there are no lines yet" : "its lines are \(lines.joined(separator: ", "))"
    return Failure(.noInput, "the daemon has no line \"\(name)\": \(known).", next: .kaizenctl(["lines"]))
  }

  static func unreadable(_ why: String) -> Failure {
    Failure(
      .software, "the daemon's answer cannot be read (\(why)); kaizenctl and kaizend may differ in version.",
      next: .other("systemctl restart kaizend"))
  }
}
