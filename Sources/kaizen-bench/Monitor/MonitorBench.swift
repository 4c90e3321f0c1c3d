import ArgumentParser
import Foundation
import Policy
import Synchronization

/// `kaizen-bench monitor`: how often the monitor cries wolf, and how long a real drop takes it.
struct MonitorBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "monitor", abstract: "False alarms and delays of the daemon's monitor on simulated plants.",
    discussion: """
      Feeds plants of 50 groups, hour by hour for 90 days, to the code that counts and judges in the daemon. Prints for
      each scenario how many healthy groups were accused and how long a drop took, mean +- standard deviation (number of
      plants) or median and p90 (number of groups), beside rules of thumb on the same plants.
      Exit code: 0 when every requirement is met, 1 when one is missed, 64 for a wrong option.
      """)

  @Option(help: "Plants of the scenario that counts false alarms; the others take a part of that.") var runs = 200
  @Option(help: "Scenarios, with commas between: \(MonitorScenario.all.map(\.name).joined(separator: ", ")).")
  var scenarios: String?
  @Option(help: "Seed of the first plant.") var seed: UInt64 = 1
  @Flag(help: "Print one JSON object.") var json = false

  func validate() throws {
    guard (1...10_000).contains(runs) else { throw ValidationError("--runs is 1 to 10000") }
    _ = try chosen()
  }

  private func chosen() throws -> [MonitorScenario] {
    guard let scenarios else { return MonitorScenario.all }
    return try scenarios.split(separator: ",").map { name in
      guard let scenario = MonitorScenario.all.first(where: { $0.name == name }) else {
        throw ValidationError("there is no scenario \"\(name)\"")
      }
      return scenario
    }
  }

  func run() throws {
    var rows = scenarios == nil ? [MonitorRow(cost: try MonitorCost.measure())] : []
    rows += try chosen().map { scenario in
      let count = max(2, Int((Double(runs) * scenario.share).rounded()))
      let seeds = (0..<UInt64(count)).map { seed &+ $0 &* 7919 }
      let results = onEveryCore(seeds, { seed in Result { try scenario.plant.run(seed: seed) } }) { done in
        FileHandle.standardError.write(Data("\r\(scenario.name): \(done) of \(count) plants ".utf8))
      }
      FileHandle.standardError.write(Data("\r\u{1B}[K".utf8))
      return MonitorRow(scenario, try results.map { try $0.get() })
    }
    let table = MonitorTable(rows: rows)
    print(json ? try table.json() : table.text)
    guard table.isMet else { throw ExitCode(1) }
  }
}

/// What one scenario showed.
struct MonitorRow: Sendable {
  let name: String
  let question: String
  let claims: [Claim]
  let microsecondsPerOutcome: Double
  let sets: Int
  let bytes: Int

  init(cost: MonitorCost.Result) {
    name = "cost"
    question = "144 groups of three attributes and the sets around them, for \(MonitorCost.days) days"
    claims = MonitorCost.claims(cost)
    microsecondsPerOutcome = cost.microsecondsPerOutcome
    sets = cost.sets
    bytes = cost.storedBytes
  }

  init(_ scenario: MonitorScenario, _ results: [MonitorPlant.Result]) {
    name = scenario.name
    question = scenario.question
    claims = scenario.claims(results)
    microsecondsPerOutcome =
      results.reduce(0) { $0 + $1.seconds } * 1e6 / Double(max(1, results.reduce(0) { $0 + $1.outcomes }))
    sets = results.map(\.sets).max() ?? 0
    bytes = results.map(\.bytes).max() ?? 0
  }
}

struct MonitorTable: Sendable {
  let rows: [MonitorRow]

  var isMet: Bool { rows.allSatisfy { $0.claims.allSatisfy(\.isMet) } }

  var text: String {
    var lines: [String] = []
    for row in rows {
      lines.append("\(row.name): \(row.question)")
      for claim in row.claims {
        let required = claim.required.map { " | required \($0) | \(claim.isMet ? "ok" : "MISSED")" } ?? ""
        lines.append("    \(claim.measured)\(required)")
      }
      lines.append(
        "    \(decimal(row.microsecondsPerOutcome, places: 2)) us an outcome; \(row.sets) sets watched, "
          + "\(row.bytes / 1024) KiB stored")
    }
    return lines.joined(separator: "\n")
  }

  func json() throws -> String {
    struct Told: Encodable {
      let scenario: String
      let question: String
      let claims: [ToldClaim]
      let microsecondsPerOutcome: Double
      let setsWatched: Int
      let bytesStored: Int
    }
    struct ToldClaim: Encodable {
      let label: String
      let value: Double?
      let p90: Double?
      let n: Int
      let required: String?
      let met: Bool
    }
    struct Report: Encodable {
      let schema = 1
      let met: Bool
      let rows: [Told]
    }
    func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }
    let told = rows.map { row in
      Told(
        scenario: row.name, question: row.question,
        claims: row.claims.map {
          ToldClaim(
            label: $0.label, value: finite($0.figure.decisive), p90: finite($0.figure.quantile(0.9)),
            n: $0.figure.values.count, required: $0.required, met: $0.isMet)
        }, microsecondsPerOutcome: row.microsecondsPerOutcome, setsWatched: row.sets, bytesStored: row.bytes)
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return String(decoding: try encoder.encode(Report(met: isMet, rows: told)), as: UTF8.self)
  }
}
