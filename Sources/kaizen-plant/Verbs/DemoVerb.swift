import ArgumentParser
import Domain
import Foundation
import Wire

struct DemoVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "The whole product once: a daemon of its own, a line, ten weeks of parts, and what came of them.",
    discussion: """
      Without --data a generated plant whose group product=B2,camera=2 fails on day 28. With --data the die-casting \
      file: a line from its first 12,000 rows, the other 58,802 streamed after them. The daemon is stopped at the end; \
      its state directory stays for a look around.
      """)

  @Option(help: "The die-casting data, diecast.csv.gz.") var data: String?
  @Option(help: "Where to put the daemon's state, a new directory; else one under the temporary folder.") var dir:
    String?
  @Option(help: "Seed of the generated plant.") var plantSeed: UInt64 = 1

  /// How much better than during its failure the failing group must be served at the end.
  static let recoveryMinimum = 0.15

  func run() async throws {
    try await reporting {
      if let data, !FileManager.default.fileExists(atPath: data) {
        throw PlantFault(
          .noInput,
          "there is no file \(data): the die-casting data is not part of this project and is looked for beside it;"
            + " 'make run' needs no data")
      }
      let demo = data.map { RunningDemo.replay($0) } ?? .simulation(plantSeed: plantSeed)
      try await DemoDaemon.with(directory: dir) { programs, directory in
        let report = try await demo.play(programs, directory)
        return (report, { try demo.judge(report) })
      }
    }
  }
}
