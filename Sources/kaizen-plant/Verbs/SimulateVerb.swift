import ArgumentParser
import Domain
import Foundation
import PlantSimulation
import Wire

struct SimulateVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate", abstract: "Generate a plant from a seed and stream it in event time.",
    discussion: """
      Several --line generate several lines; the first is line number 1 of the plant. A line is made from its history: \
      'simulate --write-history FILE' writes it, 'kaizenctl line add NAME --data FILE --label label \
      --groups product,camera --time event' makes the line; where the scenario's outcomes name their channel, it also \
      takes '--channels rework' or '--channels audit=0.2'.
      """)

  @Option(help: "Name of a line to stream; may be given several times.") var line: [String] = []
  @Option(help: "The plant: \(Scenario.all.map(\.name).joined(separator: ", ")).") var scenario = "demo"
  @Option(help: "Days to stream, when not the scenario's own.") var days: Int?
  @Option(help: "Seed of the plant itself.") var plantSeed: UInt64 = 1
  @Option(help: "Write the parts from before the daemon to this file.") var writeHistory: String?
  @Option(help: "Number of the line whose history is written.") var lineNumber = 1
  @OptionGroup var options: StreamOptions

  func validate() throws {
    guard Scenario.named(scenario) != nil else {
      throw ValidationError(
        "there is no scenario \"\(scenario)\"; take \(Scenario.all.map(\.name).joined(separator: ", "))")
    }
    guard writeHistory != nil || !line.isEmpty else {
      throw ValidationError("name a --line to stream, or a file with --write-history")
    }
    guard days.map({ (1...3650).contains($0) }) ?? true else { throw ValidationError("--days is 1 to 3650") }
    guard (1...1000).contains(lineNumber) else { throw ValidationError("--line-number is 1 to 1000") }
    guard Set(line).count == line.count else { throw ValidationError("a line is named twice") }
  }

  func run() async throws {
    try await reporting {
      guard let named = Scenario.named(scenario) else { return }
      let plant = days.map { named.lasting(days: $0) } ?? named
      if let writeHistory {
        let generated = SimulatedLine(scenario: plant, index: lineNumber - 1, seed: plantSeed)
        try writeText(HistoryFile.text(generated), to: writeHistory)
      }
      guard !line.isEmpty else { return }
      let report = try await Self.stream(line, of: plant, plantSeed: plantSeed, options: options)
      try report.show(json: options.json)
      try report.check()
    }
  }

  /// Streams a generated plant at the lines of these names.
  /// - Parameter trail: reads along what the daemon says meanwhile.
  static func stream(
    _ names: [String], of scenario: Scenario, plantSeed: UInt64, options: StreamOptions, trail: Trail? = nil
  ) async throws -> PlantReport {
    try await play(names, of: scenario, plantSeed: plantSeed, options: options, trail: trail).report
  }

  /// The report, and the answers in the order of the parts.
  static func play(
    _ names: [String], of scenario: Scenario, plantSeed: UInt64, options: StreamOptions, trail: Trail? = nil
  ) async throws -> (report: PlantReport, answers: [StreamedPart]) {
    let client = try await PlantClient.connect(stateDirectory: options.stateDir)
    let generated = names.indices.map { SimulatedLine(scenario: scenario, index: $0, seed: plantSeed) }
    var lines: [(row: LineRow, streamed: StreamedLine)] = []
    for (name, plant) in zip(names, generated) {
      let line = try await client.line(name)
      guard line.row.attributes == Scenario.attributeNames, line.row.features == plant.featureNames,
        Set(line.row.classes) == Set(scenario.classNames)
      else {
        throw PlantFault(
          .data, "line \(name) was not made from this plant's history; write one with 'simulate --write-history FILE'")
      }
      lines.append(line)
    }
    let failure = scenario.failingCell.flatMap { cell in scenario.failureTime.map { (cell: cell, time: $0) } }
    let run = StreamRun(
      client: client, lines: lines, failures: lines.map { _ in failure },
      plan: options.plan(over: scenario.outcomes), seed: options.seed, log: options.log, trail: trail)
    let classes = lines.map { line in
      scenario.classNames.map { line.row.classes.firstIndex(of: $0) ?? 0 }
    }
    // The line numbers its classes in its own order.
    let parts = DayByDay(generated, idPrefix: options.idPrefix).lazy.map { $0.renumbered(classes[$0.line]) }
    return try await run.play(parts)
  }
}

func writeText(_ text: String, to path: String) throws(PlantFault) { try write(Array(text.utf8), to: path) }
