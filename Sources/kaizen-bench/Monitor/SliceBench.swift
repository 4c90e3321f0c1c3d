import ArgumentParser

/// `kaizen-bench slices`: how often a search names what was planted, and what was not.
struct SliceBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "slices", abstract: "Searches for slices in simulated worlds whose bad slice is known.")

  @Option(help: "Worlds of each size, with a planted slice and without.") var runs = 500
  @Option(help: "Seed of the worlds.") var seed: UInt64 = 1
  @Flag(help: "Print one JSON object.") var json = false

  func validate() throws {
    guard (1...100_000).contains(runs) else { throw ValidationError("--runs is 1 to 100000") }
    guard seed < 1 << 40 else { throw ValidationError("--seed is below \(UInt64(1) << 40)") }
  }

  func run() throws {
    let report = SlicesReport.measured(runs: runs, seed: seed)
    print(json ? try report.json() : report.text())
  }
}
