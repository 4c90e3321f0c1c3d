import ArgumentParser
import Foundation

/// `kaizen-bench soak`: mixed load for long, and everything counted afterwards.
struct Soak: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Mixed load for long: memory must stay flat, answers right, and counters add up to the ledger's rows.",
    discussion: """
      Single parts in JSON and binary, batches, outcomes at once, late and before their part, repeated and conflicting \
      ids, unknown groups and lines, malformed requests and polls; beside them clients that read slowly, stop halfway \
      or go away. The daemon is its own, in a temporary directory that is gone afterwards; 20000000 requests take some \
      10 GB of disk. Exit code 1 where something is not as it must be.
      """)

  @Option(help: "Requests to send.") var requests = 200_000
  @Option(help: "Connections of the load, one request under way on each.") var connections = 32
  @Option(help: "Seed of the student, the parts and their order.") var seed: UInt64 = 1
  @Flag(help: "Print one JSON object.") var json = false

  func validate() throws {
    guard (100...1_000_000_000).contains(requests) else { throw ValidationError("--requests is 100 to 1000000000") }
    guard (1...256).contains(connections) else { throw ValidationError("--connections is 1 to 256") }
  }

  func run() async throws {
    let report: SoakReport
    do {
      report = try await SoakRun(requests: requests, connections: connections, seed: seed).report()
      print(json ? try report.json() : SoakText.text(report))
    } catch {
      FileHandle.standardError.write(Data("kaizen-bench: \(error)\n".utf8))
      throw ExitCode(70)
    }
    if !report.complaints.isEmpty { throw ExitCode(1) }
  }
}
