import ArgumentParser
import Foundation
import PlantSimulation
import Wire

struct ProveVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prove",
    abstract: "Stream plants of many seeds at daemons of their own, and judge what these say of them.",
    discussion: """
      No group may be retrained that has not failed, every failure must be found, and hardly a healthy group be called \
      lagging: else it ends with 1, says why in the daemon's words, and leaves the daemon's state for a look around. \
      Every daemon learns how long outcomes take, and retrains by itself.
      """)

  @Option(help: "Plants of each scenario.") var seeds = 10
  @Option(help: "Seed of the first plant; the next have the next ones.") var firstSeed: UInt64 = 1
  @Option(
    help: ArgumentHelp(
      "Scenarios; else \(Self.usual.joined(separator: ",")). There are"
        + " \(Scenario.all.map(\.name).joined(separator: ", ")).", valueName: "a,b,..."))
  var scenarios: String?
  @Option(help: "Days to stream, when not the scenario's own.") var days: Int?
  @Option(help: "Plants at a time; each takes a processor.") var together = 2
  @Flag(help: "Print one JSON object instead of a table.") var json = false
  @Flag(help: "Say nothing while streaming.") var quiet = false

  /// All but the one that exists to be small, and those of which `kaizen-bench loop` tells more.
  static let usual = Scenario.all.map(\.name).filter { $0 != "small" && !Scenario.loopNames.contains($0) }

  private var names: [String] { scenarios?.split(separator: ",").map(String.init) ?? Self.usual }

  func validate() throws {
    guard (1...1000).contains(seeds) else { throw ValidationError("--seeds is 1 to 1000") }
    guard firstSeed <= 1_000_000_000 else { throw ValidationError("--first-seed is at most 1000000000") }
    guard (1...64).contains(together) else { throw ValidationError("--together is 1 to 64") }
    guard days.map({ (1...3650).contains($0) }) ?? true else { throw ValidationError("--days is 1 to 3650") }
    if let unknown = names.first(where: { Scenario.named($0) == nil }) {
      throw ValidationError(
        "there is no scenario \"\(unknown)\"; take \(Scenario.all.map(\.name).joined(separator: ", "))")
    }
    guard !names.isEmpty, Set(names).count == names.count else {
      throw ValidationError("--scenarios names each scenario once")
    }
  }

  func run() async throws {
    try await reporting {
      let programs = try DemoDaemon.programs()
      let plants = names.compactMap(Scenario.named).flatMap { named in
        let scenario = days.map { named.lasting(days: $0) } ?? named
        return (0..<seeds).map { ProofRun(scenario: scenario, seed: firstSeed + UInt64($0), programs: programs) }
      }
      let findings = try await play(plants)
      let proofs = names.map { name in
        Proof(
          scenario: name, plants: findings.filter { $0.scenario == name }.sorted { $0.seed < $1.seed })
      }
      try show(proofs)
      if let broken = proofs.flatMap(\.broken).first { throw PlantFault(.mismatch, broken) }
    }
  }

  /// Plays all plants, so many at a time.
  private func play(_ plants: [ProofRun]) async throws -> [PlantFindings] {
    try await withThrowingTaskGroup(of: (PlantFindings, kept: String?).self) { group in
      var waiting = plants[...]
      for plant in waiting.prefix(together) { group.addTask { try await plant.findings() } }
      waiting = waiting.dropFirst(together)
      var all: [PlantFindings] = []
      while let (findings, kept) = try await group.next() {
        all.append(findings)
        tell(findings, kept: kept)
        if let plant = waiting.popFirst() { group.addTask { try await plant.findings() } }
      }
      return all
    }
  }

  private func tell(_ findings: PlantFindings, kept: String?) {
    guard !quiet, !json else { return }
    let failure = findings.failure.map { failure in
      failure.daysToLagging.map { "failure found after \(($0 * 10).rounded() / 10) days" } ?? "failure not found"
    }
    let words = [
      "\(findings.scenario), seed \(findings.seed): \(findings.retrainings) retrainings"
        + " (\(findings.promotions) promoted, \(findings.falseRetrainings.count) false)",
      "\(findings.accused.count) healthy groups accused", failure, "\(Int(findings.seconds.rounded())) s",
      kept.map { "state in \($0)" },
    ]
    FileHandle.standardError.write(Data((words.compactMap { $0 }.joined(separator: "; ") + "\n").utf8))
  }

  private func show(_ proofs: [Proof]) throws {
    if json {
      let reply = ProofReply(proofs: proofs)
      FileHandle.standardOutput.write(Data(try OperatorCoding.bytes(reply)) + Data("\n".utf8))
      return
    }
    print(ProofText.table(proofs) + "\n\n" + ProofText.legend)
    let accusations = proofs.flatMap(\.accusations)
    if !accusations.isEmpty { print("\nHealthy groups that were called lagging:") }
    for sentence in accusations { print(wrapped("  " + sentence, indent: 4)) }
    let broken = proofs.flatMap(\.broken)
    print(broken.isEmpty ? "\nEverything promised is so." : "\nPromises that are broken:")
    for sentence in broken { print(wrapped("  " + sentence, indent: 4)) }
  }
}

/// What `prove --json` prints.
struct ProofReply: Codable {
  var schema = 1
  var proofs: [Proof]
}
