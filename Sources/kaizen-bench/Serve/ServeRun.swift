import Foundation

/// One who is measured: a socket and what is sent to it.
struct ServeEntrant {
  let subject: ServeSubject
  let socket: String
  let server: ServerProcess
  let requests: RequestSet
  let connections: [Int]
  var speech = Load.Speech.http
}

/// Lets all take turns, so that each meets the same state of the machine.
struct ServeRun {
  let rounds: Int
  let seconds: Double
  let client: Placement
  /// Unmeasured before each stretch, as a share of it: caches, branch predictors and the other side's buffers.
  private static let warmUpShare = 0.2

  /// - Throws: `BenchFailure` when an answer was not what it had to be: its time would say nothing.
  func measure(_ entrants: [ServeEntrant], nextID: inout UInt64) throws -> [ServeResult] {
    var results = entrants.flatMap { entrant in
      entrant.connections.map { ServeResult(subject: entrant.subject, connections: $0) }
    }
    for _ in 0..<rounds {
      var place = 0
      for entrant in entrants {
        for connections in entrant.connections {
          let round = try stretch(entrant, connections: connections, nextID: &nextID)
          results[place].rounds.append(round)
          place += 1
        }
      }
    }
    return results
  }

  func stretch(_ entrant: ServeEntrant, connections: Int, nextID: inout UInt64) throws -> ServeRound {
    var load = Load(
      socket: entrant.socket, speech: entrant.speech, requests: entrant.requests, connections: connections,
      seconds: seconds * Self.warmUpShare, placement: client)
    _ = try load.run(nextID: &nextID)
    load.seconds = seconds
    let before = entrant.server.processorSeconds()
    let outcome = try load.run(nextID: &nextID)
    let used = entrant.server.processorSeconds() - before
    if let complaint = outcome.complaint { throw BenchFailure("\(entrant.subject.name): \(complaint)") }
    return ServeRound(outcome, serverSeconds: used)
  }
}
