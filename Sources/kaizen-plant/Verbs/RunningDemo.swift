import ArgumentParser
import Domain
import Foundation
import PlantSimulation
import Wire

/// The two plants the demo can show, against a daemon that runs.
enum RunningDemo {
  case simulation(plantSeed: UInt64)
  /// Path of the die-casting data.
  case replay(String)

  private var line: String {
    switch self {
    case .simulation: "press-1"
    case .replay: DieCasting.line
    }
  }

  /// Makes the line, streams the parts, prints the tables and the story of the last retraining.
  func play(_ programs: Programs, _ directory: String) async throws -> PlantReport {
    let report: PlantReport
    switch self {
    case .simulation(let plantSeed): report = try await simulate(programs, directory, plantSeed: plantSeed)
    case .replay(let data): report = try await replay(data, programs, directory)
    }
    print("")
    try report.show(json: false)
    let runs = report.lines.flatMap(\.runs).filter { $0.kind != "first" }
    if let told = runs.last(where: { $0.state == "promoted" }) ?? runs.last {
      print("\n$ kaizenctl explain \(told.run)")
      try await programs.run("kaizenctl", ["explain", "\(told.run)", "--state-dir", directory])
    }
    return report
  }

  private func simulate(_ programs: Programs, _ directory: String, plantSeed: UInt64) async throws -> PlantReport {
    guard let scenario = Scenario.all.first else { throw PlantFault(.software, "there is no scenario") }
    let history = directory + "/history.csv"
    try writeText(
      HistoryFile.text(SimulatedLine(scenario: scenario, index: 0, seed: plantSeed)), to: history)
    try await addLine(
      programs, directory,
      [
        "--data", history, "--label", "label", "--groups", Scenario.attributeNames.joined(separator: ","), "--target",
        "0.9",
      ])
    print("Streaming \(scenario.days) days of parts; \(failureSentence(scenario))")
    let options = try StreamOptions.parse([
      "--state-dir", directory, "--seed", "\(plantSeed)", "--outcome-loss", "0.1",
    ])
    return try await SimulateVerb.stream([line], of: scenario, plantSeed: plantSeed, options: options)
  }

  private func failureSentence(_ scenario: Scenario) -> String {
    guard let failure = scenario.failure, let time = scenario.failureTime else { return "nothing will fail." }
    return "camera \(failure.camera) will see product \(failure.product) turned from day \(failure.day) on"
      + " (\("\(time)".prefix(10)))."
  }

  private func replay(_ data: String, _ programs: Programs, _ directory: String) async throws -> PlantReport {
    try await addLine(
      programs, directory,
      [
        "--data", data, "--label", DieCasting.labelColumn, "--groups", DieCasting.moldColumn, "--target",
        DieCasting.target, "--rows", "1:\(DieCasting.historyRows)",
      ])
    print("Streaming the weeks after them; molds start and stop as they did.")
    let client = try await PlantClient.connect(stateDirectory: directory)
    let added = try await client.line(line)
    let file = ReplayFile(
      path: data, rows: DieCasting.historyRows + 1...Int.max, labelColumn: DieCasting.labelColumn,
      attributes: added.row.attributes, features: added.row.features, classNames: added.row.classes,
      clock: .dates(column: DieCasting.dateColumn), idPrefix: "")
    let run = StreamRun(
      client: client, lines: [added], failures: [nil], plan: DieCasting.outcomes, seed: 1,
      log: ProgressLog(isQuiet: false))
    return try await run.report(on: try file.parts())
  }

  private func addLine(_ programs: Programs, _ directory: String, _ arguments: [String]) async throws {
    let here = FileManager.default.currentDirectoryPath
    let shown = arguments.map { ShownPath.relative($0, to: here) }.joined(separator: " ")
    print("$ kaizenctl line add \(line) \(shown) --time event")
    try await programs.run(
      "kaizenctl", ["line", "add", line] + arguments + ["--time", "event", "--state-dir", directory])
  }

  /// - Throws: `mismatch` when the generated plant did not show what the demo promises. A real plant promises nothing.
  func judge(_ report: PlantReport) throws(PlantFault) {
    guard case .simulation = self, let line = report.lines.first else { return }
    guard let story = line.story, let during = story.during, let after = story.after else {
      throw PlantFault(.mismatch, "the failing group was never given another student")
    }
    guard after.accuracy - during.accuracy >= DemoVerb.recoveryMinimum else {
      throw PlantFault(
        .mismatch,
        "the failing group is served at \(ReportText.percent(after.accuracy)) after \(ReportText.percent(during.accuracy)),"
          + " less than \(ReportText.points(DemoVerb.recoveryMinimum)) better")
    }
    guard line.healthyChange == 0 else {
      throw PlantFault(.mismatch, "a healthy group changed by \(ReportText.points(line.healthyChange))")
    }
  }
}
