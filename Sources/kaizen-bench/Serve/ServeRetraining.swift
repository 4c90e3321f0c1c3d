import Foundation

/// Round trips while the trainer has every core, beside those while it rests.
public struct RetrainingResult: Codable, Sendable, Equatable {
  public let subject: ServeSubject
  public let connections: Int
  public var idle: [ServeRound] = []
  public var during: [ServeRound] = []
  /// Cores the trainer had, a figure a round.
  public var trainerCores: [Double] = []

  /// Median of what is taken within each round.
  public func ratio(_ figure: (ServeRound) -> Double) -> Double {
    median(zip(idle, during).map { figure($1) / figure($0) })
  }
}

/// Server, client and trainer wherever the kernel puts them, all at the priority they have in a plant.
struct ServeRetraining {
  let rounds: Int
  let seconds: Double
  let bench: BenchLines
  let seed: UInt64

  func measure(_ entrants: [ServeEntrant], folder: String, nextID: inout UInt64) throws -> [RetrainingResult] {
    let parts = folder + "/parts.csv"
    try FlatOutTrainer.writeParts(bench, to: parts, seed: seed)
    let run = ServeRun(rounds: rounds, seconds: seconds, client: .anywhere)
    var results: [RetrainingResult] = []
    for _ in 0..<rounds {
      var place = 0
      for entrant in entrants {
        for connections in entrant.connections {
          if results.count <= place {
            results.append(RetrainingResult(subject: entrant.subject, connections: connections))
          }
          results[place].idle.append(try run.stretch(entrant, connections: connections, nextID: &nextID))
          let trainer = try FlatOutTrainer(parts: parts, folder: folder)
          defer { trainer.stop() }
          let (before, start) = (trainer.processorSeconds(), ContinuousClock.now)
          results[place].during.append(try run.stretch(entrant, connections: connections, nextID: &nextID))
          let passed = (ContinuousClock.now - start) / .seconds(1)
          results[place].trainerCores.append((trainer.processorSeconds() - before) / passed)
          place += 1
        }
      }
    }
    return results
  }
}
