import ArgumentParser
import Foundation
import PlantSimulation

/// What every verb that streams understands.
struct StreamOptions: ParsableArguments {
  @Option(help: "State directory of the daemon; else KAIZEN_STATE_DIR, else the service's sockets.") var stateDir:
    String?
  @Option(help: "Median hours from a part to its outcome (log-normal); else the scenario's, or 8.")
  var outcomeDelayHours: Double?
  @Option(help: "Median hours where the answer was wrong, when that differs.") var errorDelayHours: Double?
  @Option(help: "Standard deviation of the delay's logarithm; else the scenario's, or 1.") var delaySpread: Double?
  @Option(help: "Share of outcomes that never come, 0 to 1; else the scenario's, or 0.") var outcomeLoss: Double?
  @Option(help: "Seed of the delays and losses.") var seed: UInt64 = 1
  @Option(help: "Put before every part's id.") var idPrefix = ""
  @Flag(help: "Print one JSON object instead of tables.") var json = false
  @Flag(help: "Say nothing while streaming.") var quiet = false

  func validate() throws {
    guard [outcomeDelayHours, errorDelayHours].allSatisfy({ $0.map { $0 > 0 && $0.isFinite } ?? true }) else {
      throw ValidationError("delays are hours above 0")
    }
    guard (0...1).contains(outcomeLoss ?? 0) else { throw ValidationError("--outcome-loss is a share from 0 to 1") }
    guard (0..<10).contains(delaySpread ?? 1) else { throw ValidationError("--delay-spread is 0 to 10") }
  }

  /// Outcomes as a scenario has them, but for what the command line says.
  func plan(over scenario: OutcomePlan = OutcomePlan(medianHours: 8, loss: 0)) -> OutcomePlan {
    OutcomePlan(
      medianHours: outcomeDelayHours ?? scenario.medianHours,
      errorMedianHours: errorDelayHours ?? outcomeDelayHours ?? scenario.errorMedianHours,
      spread: delaySpread ?? scenario.spread, loss: outcomeLoss ?? scenario.loss, labelled: scenario.labelled,
      restsAtWeekends: scenario.restsAtWeekends, channel: scenario.channel, change: scenario.change)
  }

  var log: ProgressLog { ProgressLog(isQuiet: quiet || json) }
}

/// Runs a verb's work; a fault becomes its sentence on standard error and its exit code.
func reporting(_ work: () async throws -> Void) async throws {
  do {
    try await work()
  } catch let code as ExitCode {
    throw code
  } catch {
    FileHandle.standardError.write(Data("kaizen-plant: \(error)\n".utf8))
    throw ExitCode((error as? PlantFault)?.kind.rawValue ?? PlantFault.Kind.data.rawValue)
  }
}
