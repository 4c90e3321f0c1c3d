import Domain
import Synchronization
import UnixSocket
import Wire

/// Connections that stream parts and outcomes at a daemon until it is gone, and remember every answer.
final class Load: Sendable {
  struct Seen: Sendable {
    var answers: [String: PartAnswer] = [:]
    /// Parts whose outcome was answered with "joined".
    var joined: Set<String> = []
    /// Answers that were neither: each is a failure.
    var surprises: [String] = []
  }

  private let seen = Mutex(Seen())
  private let connections: Int

  init(connections: Int) { self.connections = connections }

  var now: Seen { seen.withLock { $0 } }
  var answered: Int { seen.withLock { $0.answers.count } }

  /// Streams until the daemon closes the connections.
  /// - Parameter prefix: tells this round's parts from all others'.
  func stream(at daemon: TestedDaemon, prefix: String) async {
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<connections {
        group.addTask { await self.streamOne(at: daemon, prefix: "\(prefix)-\(number)") }
      }
    }
  }

  private func streamOne(at daemon: TestedDaemon, prefix: String) async {
    guard let client = try? await daemon.client() else { return }
    var number = 0
    do {
      while true {
        let part = "\(prefix)-\(number)"
        let answer = try await client.send(try TestLine.infer(part, x: Load.x(part)).outgoing)
        keep(answer, of: part)
        let outcome = try await client.send(try TestLine.outcome(part, Load.label(part)).outgoing)
        keep(outcome: outcome, of: part)
        number += 1
      }
    } catch {
      // The daemon is gone: that is what ends a stream.
    }
    await client.close()
  }

  private func keep(_ answer: WireResponse, of part: String) {
    let parsed = answer.status == 200 ? try? PartAnswer(answer) : nil
    seen.withLock { seen in
      if let parsed, parsed.recorded, parsed.id == part {
        seen.answers[part] = parsed
      } else {
        seen.surprises.append("\(part): \(answer.status) \(String(decoding: answer.body, as: UTF8.self))")
      }
    }
  }

  private func keep(outcome answer: WireResponse, of part: String) {
    let status = answer.status == 200 ? try? TestLine.outcomeStatus(answer) : nil
    seen.withLock { seen in
      if status == .joined {
        seen.joined.insert(part)
      } else {
        seen.surprises.append("outcome of \(part): \(answer.status) \(String(decoding: answer.body, as: UTF8.self))")
      }
    }
  }

  /// A part's feature and truth follow from its name, so that it can be sent again.
  static func x(_ part: String) -> Float {
    let hash = part.utf8.reduce(UInt32(7)) { $0 &* 31 &+ UInt32($1) }
    return Float(hash % 2000) / 1000 - 1
  }

  static func label(_ part: String) -> String { x(part) > 0.1 ? "good" : "bad" }

  /// Asks for every answered part again.
  /// - Returns: the parts whose second answer is not the first.
  func changedAnswers(at daemon: TestedDaemon) async throws -> [String] {
    let client = try await daemon.client()
    var changed: [String] = []
    for (part, first) in now.answers {
      let answer = try await client.send(try TestLine.infer(part, x: Load.x(part)).outgoing)
      if try PartAnswer(answer) != first { changed.append(part) }
    }
    await client.close()
    return changed
  }
}
