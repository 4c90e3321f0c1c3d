import ArgumentParser
import Foundation

/// What every verb that streams understands.
struct StreamOptions: ParsableArguments {
  @Option(help: "State directory of the daemon; else KAIZEN_STATE_DIR, else the service's sockets.") var stateDir:
    String?
  @Option(help: "Median hours from a part to its outcome (log-normal).") var outcomeDelayHours = 8.0
  @Option(help: "Median hours where the answer was wrong, when that differs.") var errorDelayHours: Double?
  @Option(help: "Standard deviation of the delay's logarithm.") var delaySpread = 1.0
  @Option(help: "Share of outcomes that never come, 0 to 1.") var outcomeLoss = 0.0
  @Option(help: "Seed of the delays and losses.") var seed: UInt64 = 1
  @Option(help: "Put before every part's id.") var idPrefix = ""
  @Flag(help: "Print one JSON object instead of tables.") var json = false
  @Flag(help: "Say nothing while streaming.") var quiet = false

  func validate() throws {
    guard outcomeDelayHours > 0, outcomeDelayHours.isFinite, (errorDelayHours ?? 1) > 0 else {
      throw ValidationError("delays are hours above 0")
    }
    guard (0...1).contains(outcomeLoss) else { throw ValidationError("--outcome-loss is a share from 0 to 1") }
    guard delaySpread >= 0, delaySpread < 10 else { throw ValidationError("--delay-spread is 0 to 10") }
  }

  var plan: OutcomePlan {
    OutcomePlan(
      medianHours: outcomeDelayHours, errorMedianHours: errorDelayHours, spread: delaySpread, loss: outcomeLoss)
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
