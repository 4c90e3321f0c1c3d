import ArgumentParser
import Foundation
import PlantSimulation
import Wire

struct LoopVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "loop",
    abstract: "One plant before a daemon of its own, told day by day as JSON, for 'kaizen-bench loop'.",
    discussion: """
      Streams a generated plant, or with --replay the die-casting data, and prints one JSON object: who answered how many \
      parts of each group on each day, all students, retrainings, and what the audit trail says. The daemon's state is \
      removed unless --dir keeps it.
      """)

  @Option(help: "The plant: \(Scenario.all.map(\.name).joined(separator: ", ")).") var scenario =
    Scenario.loopNames[0]
  @Option(help: "Days to stream, when not the scenario's own.") var days: Int?
  @Option(help: "Seed of the plant, of its outcomes' delays and of the first student.") var plantSeed: UInt64 = 1
  @Option(help: "Stream the die-casting data of this file instead.") var replay: String?
  @Flag(help: "Groups of the replayed line by mold and true class.") var outcomeInGroups = false
  @Option(help: "A network, as a student's file, that takes the place of the teacher trained with the line.")
  var teacher: String?
  @Option(help: "Where to put the daemon's state, a new directory that stays.") var dir: String?

  func validate() throws {
    guard Scenario.named(scenario) != nil else {
      throw ValidationError(
        "there is no scenario \"\(scenario)\"; take \(Scenario.all.map(\.name).joined(separator: ", "))")
    }
    guard days.map({ (1...3650).contains($0) }) ?? true else { throw ValidationError("--days is 1 to 3650") }
    guard plantSeed <= 1_000_000_000 else { throw ValidationError("--plant-seed is at most 1000000000") }
  }

  func run() async throws {
    try await reporting {
      let run = LoopRun(
        source: try source(), seed: plantSeed, teacher: teacher, programs: try DemoDaemon.programs(),
        directory: try DemoDaemon.make(dir), isKept: dir != nil)
      let record = try await run.record()
      FileHandle.standardOutput.write(Data(try OperatorCoding.bytes(record)) + Data("\n".utf8))
    }
  }

  private func source() throws(PlantFault) -> LoopRun.Source {
    if let replay {
      guard FileManager.default.isReadableFile(atPath: replay) else {
        throw PlantFault(.noInput, "there is no file \(replay); the die-casting data is not part of this project")
      }
      return .replay(replay, outcomeInGroups: outcomeInGroups)
    }
    guard let named = Scenario.named(scenario) else { throw PlantFault(.usage, "there is no scenario \(scenario)") }
    return .scenario(days.map { named.lasting(days: $0) } ?? named)
  }
}
