import ArgumentParser
import Foundation

/// What `kaizen-bench serve` measures, for `--only`.
enum ServePiece: String, CaseIterable, ExpressibleByArgument {
  case floor, transport, refused, json, binary, grpc, peers, retraining, memory, start

  /// Those that take turns.
  static let sideBySide: Set<ServePiece> = [.floor, .transport, .refused, .json, .binary, .grpc, .peers]
}

/// `kaizen-bench serve`: round trips and throughput of the daemon, beside what the machine can do at best.
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Round trips and throughput over the Unix socket, beside a C echo server and peers in Python.",
    discussion: """
      Starts a kaizend of its own in a temporary directory with one line, an MLP 64-64-6. Every answer is stored \
      before it is sent, and compared with what the student says. The memory and start pieces take daemons of their own.
      """)

  @Option(help: "Seconds of each stretch.") var seconds = 1.0
  @Option(help: "Rounds in which all take turns.") var rounds = 3
  @Option(help: "Numbers of connections, separated by commas.") var connections = "1,8,32"
  @Option(
    parsing: .upToNextOption, help: "Measure only: \(ServePiece.allCases.map(\.rawValue).joined(separator: ", ")).")
  var only: [ServePiece] = []
  @Flag(help: "Leave servers and client on any core, instead of one each.") var unpinned = false
  @Option(help: "Requests after which the daemon's memory is told.") var requests = 1_000_000
  @Option(help: "Rows of the ledger that a daemon starts with: some 450 bytes of disk each.") var rows = 1_000_000
  @Option(help: "Python with fastapi and onnxruntime. \(Peers.pythonVariable) or 'make bench-serve-peers' by default.")
  var python: String?
  @Option(help: "Seed of the student and the parts.") var seed: UInt64 = 1
  @Flag(help: "Print one JSON object.") var json = false

  private static let connectionsMax = 256

  func validate() throws {
    guard (0.01...600).contains(seconds) else { throw ValidationError("--seconds is 0.01 to 600") }
    guard (1...99).contains(rounds) else { throw ValidationError("--rounds is 1 to 99") }
    guard (10...100_000_000).contains(requests) else { throw ValidationError("--requests is 10 to 100000000") }
    guard (1...100_000_000).contains(rows) else { throw ValidationError("--rows is 1 to 100000000") }
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
    let server = Placement(core: isPinned ? 0 : nil)
    let client = Placement(core: isPinned ? 1 : nil, isRealTime: true)
    var report = ServeReport(
      seconds: seconds, rounds: rounds,
      placement: ServePlacement(
        serverCore: server.core, clientCore: client.core, clientIsRealTime: Placement.mayBeRealTime))
    if !pieces.isDisjoint(with: ServePiece.sideBySide) {
      try await measureSpeed(pieces, server: server, client: client, into: &report)
    }
    if pieces.contains(.retraining) { try await measureRetraining(into: &report) }
    if pieces.contains(.memory) {
      report.memory = try await ServeMemory.measure(requests: requests, seed: seed, client: client, server: server)
    }
    if pieces.contains(.start) { report.start = try await ServeStart.measure(rows: rows, seed: seed) }
    report.goals = ServeGoals.goals(report)
    return report
  }

  private func measureSpeed(
    _ pieces: Set<ServePiece>, server: Placement, client: Placement, into report: inout ServeReport
  ) async throws {
    let servers = try ServeServers(placement: server, bench: try BenchLines(seed: seed), python: python)
    defer { servers.stop() }
    let entrants = try await servers.start(pieces, connections: try connectionCounts())
    var nextID: UInt64 = 1
    report.results = try ServeRun(rounds: rounds, seconds: seconds, client: client).measure(entrants, nextID: &nextID)
    report.absent += servers.absent
  }

  /// Connections while the trainer runs: one camera, and a few.
  private static let connectionsWhileTraining = [1, 8]

  private func measureRetraining(into report: inout ServeReport) async throws {
    let bench = try BenchLines(seed: seed)
    let servers = try ServeServers(placement: .anywhere, bench: bench, python: nil)
    defer { servers.stop() }
    let entrants = try await servers.start([.json, .binary], connections: Self.connectionsWhileTraining)
    var nextID: UInt64 = 1
    report.retraining = try ServeRetraining(rounds: rounds, seconds: seconds, bench: bench, seed: seed)
      .measure(entrants, folder: servers.folder, nextID: &nextID)
  }
}
