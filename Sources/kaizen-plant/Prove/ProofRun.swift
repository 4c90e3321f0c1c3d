import ArgumentParser
import Domain
import Foundation
import PlantSimulation
import Wire

/// One generated plant before a daemon of its own, from the line's first student to the judgement.
struct ProofRun {
  let scenario: Scenario
  let seed: UInt64
  let programs: Programs

  private static let line = "press-1"
  private static let target = "0.9"

  /// - Returns: the findings; the daemon's state is gone then, unless there is something to look at: then its place.
  func findings() async throws -> (PlantFindings, kept: String?) {
    let directory = try DemoDaemon.make(nil)
    let daemon = try DaemonProcess(programs: programs, stateDirectory: directory)
    do {
      try await daemon.ready(stateDirectory: directory)
      try await addLine(directory)
      let findings = try await stream(directory)
      await daemon.stop()
      guard Proof(scenario: scenario.name, plants: [findings]).accusations.isEmpty,
        Proof(scenario: scenario.name, plants: [findings]).broken.isEmpty
      else { return (findings, kept: directory) }
      try FileManager.default.removeItem(atPath: directory)
      return (findings, kept: nil)
    } catch {
      await daemon.stop()
      throw PlantFault(
        (error as? PlantFault)?.kind ?? .software,
        "\(scenario.name), seed \(seed): \(error) (the daemon's state and log are in \(directory))")
    }
  }

  private func addLine(_ directory: String) async throws {
    let history = directory + "/history.csv"
    try writeText(HistoryFile.text(SimulatedLine(scenario: scenario, index: 0, seed: seed)), to: history)
    var words = [
      "line", "add", Self.line, "--data", history, "--label", "label", "--groups",
      Scenario.attributeNames.joined(separator: ","), "--target", Self.target, "--time", "event", "--seed", "\(seed)",
      "--state-dir", directory,
    ]
    if let channel = scenario.outcomes.channel { words += ["--channels", channel.text] }
    try await programs.run("kaizenctl", words, log: directory + "/line-add.log")
  }

  private func stream(_ directory: String) async throws -> PlantFindings {
    let options = try StreamOptions.parse(["--state-dir", directory, "--seed", "\(seed)", "--quiet"])
    let trail = Trail()
    let report = try await SimulateVerb.stream(
      [Self.line], of: scenario, plantSeed: seed, options: options, trail: trail)
    try report.check()
    return try PlantFindings(
      trail.remarks, runs: report.lines.flatMap(\.runs), scenario: scenario, seed: seed, seconds: report.seconds)
  }
}
