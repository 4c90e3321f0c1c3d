import ArgumentParser
import Foundation

/// What `kaizen-bench serve` measures, for `--only`.
enum ServePiece: String, CaseIterable, ExpressibleByArgument {
  case floor, transport, json, binary
}

/// `kaizen-bench serve`: round trips and throughput of the daemon, beside what the machine can do at best.
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Round trips and throughput over the Unix socket, beside a C echo server and peers in Python.",
    discussion: """
      Starts a kaizend of its own in a temporary directory with one line, an MLP 64-64-6. Every answer is stored before \
      it is sent, and compared with what the student says.
      """)

  @Option(help: "Seconds of each stretch.") var seconds = 1.0
  @Option(help: "Rounds in which all take turns.") var rounds = 3
  @Option(help: "Numbers of connections, separated by commas.") var connections = "1,8,32"
  @Option(
    parsing: .upToNextOption, help: "Measure only: \(ServePiece.allCases.map(\.rawValue).joined(separator: ", ")).")
  var only: [ServePiece] = []
  @Flag(help: "Leave servers and client on any core, instead of one each.") var unpinned = false
  @Flag(help: "Servers at real-time priority too, for a machine that others use.") var realTimeServers = false
  @Option(help: "Seed of the student and the parts.") var seed: UInt64 = 1
  @Flag(help: "Print one JSON object.") var json = false

  private static let connectionsMax = 256

  func validate() throws {
    guard (0.01...600).contains(seconds) else { throw ValidationError("--seconds is 0.01 to 600") }
    guard (1...99).contains(rounds) else { throw ValidationError("--rounds is 1 to 99") }
    _ = try connectionCounts()
  }

  private func connectionCounts() throws -> [Int] {
    let counts = connections.split(separator: ",").map { Int($0) ?? 0 }
    guard !counts.isEmpty, counts.allSatisfy({ (1...Self.connectionsMax).contains($0) }) else {
      throw ValidationError("--connections are numbers from 1 to \(Self.connectionsMax), separated by commas")
    }
    return counts
  }

  func run() async throws {
    do {
      let report = try await measure()
      print(json ? try report.json() : ServeText.text(report))
    } catch {
      FileHandle.standardError.write(Data("kaizen-bench: \(error)\n".utf8))
      throw ExitCode(70)
    }
  }

  private func measure() async throws -> ServeReport {
    let pieces = Set(only.isEmpty ? ServePiece.allCases : only)
    let isPinned = !unpinned && ProcessInfo.processInfo.activeProcessorCount > 1
    let servers = try ServeServers(
      placement: Placement(core: isPinned ? 0 : nil, isRealTime: realTimeServers),
      bench: try BenchLines(seed: seed))
    defer { servers.stop() }
    let entrants = try await servers.start(pieces, connections: try connectionCounts())
    let client = Placement(core: isPinned ? 1 : nil, isRealTime: true)
    var nextID: UInt64 = 1
    let run = ServeRun(rounds: rounds, seconds: seconds, client: client)
    let results = try run.measure(entrants, nextID: &nextID)
    let clientIsRealTime = try client.running {}.1
    var report = ServeReport(
      seconds: seconds, rounds: rounds,
      placement: ServePlacement(
        serverCore: isPinned ? 0 : nil, clientCore: isPinned ? 1 : nil, clientIsRealTime: clientIsRealTime,
        serverIsRealTime: servers.areRealTime))
    report.results = results
    report.absent = servers.absent
    report.goals = ServeGoals.goals(results)
    return report
  }
}
