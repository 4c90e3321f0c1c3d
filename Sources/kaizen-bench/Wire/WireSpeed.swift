import ArgumentParser
import Foundation
import Wire

/// `kaizen-bench wire`: how long messages take to read and to write.
struct WireSpeed: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "wire", abstract: "Reading and writing the messages of one part, JSON and binary.")

  @Option(help: "Features of a part.") var features = 64
  @Option(help: "Rounds in which the steps take turns.") var rounds = Rounds.usual.count
  @Option(help: "Seed of the features.") var seed: UInt64 = 1
  @Flag(help: "One short round: proves that everything runs, says nothing about speed.") var quick = false
  @Flag(help: "Print one JSON object.") var json = false

  /// Enough for a good median, and an evening.
  private static let roundsMax = 999
  /// A picture of a megapixel.
  private static let featuresMax = 1 << 20

  func validate() throws {
    guard (1...Self.roundsMax).contains(rounds) else { throw ValidationError("--rounds is 1 to \(Self.roundsMax)") }
    guard (1...Self.featuresMax).contains(features) else {
      throw ValidationError("--features is 1 to \(Self.featuresMax)")
    }
  }

  func run() throws {
    do {
      let plan = quick ? Rounds.quick : Rounds(count: rounds, seconds: Rounds.usual.seconds)
      let report = try WireReport.measure(features: features, seed: seed, plan: plan)
      print(json ? try report.json() : report.text)
    } catch {
      FileHandle.standardError.write(Data("kaizen-bench: \(error)\n".utf8))
      throw ExitCode(70)
    }
  }
}

/// What `kaizen-bench wire` measured: processor time, medians of the rounds.
public struct WireReport: Codable, Sendable {
  public struct Row: Codable, Sendable {
    public let step: String
    public let bytes: Int
    public let nanoseconds: Double
    public let nanosecondsMax: Double?

    public var isMet: Bool { nanosecondsMax.map { nanoseconds <= $0 } ?? true }
  }

  public var schema = 1
  public let features: Int
  public let rounds: Int
  public let rows: [Row]

  public static func measure(features: Int, seed: UInt64, plan: Rounds) throws -> WireReport {
    let messages = try WireMessages(features: features, seed: seed)
    let steps = WireMessages.Step.allCases
    let seconds = try plan.measure(
      steps.map { step in
        Contender(name: step.rawValue) { count in
          try Machine.seconds {
            guard try messages.run(step, count: count) > 0 else { throw BenchFailure("\(step.rawValue) gave nothing") }
          }
        }
      })
    // What was promised was promised for 64 features.
    let isPromised = features == 64
    let rows = try zip(steps, seconds).map { step, seconds in
      Row(
        step: step.rawValue, bytes: try messages.byteCount(step), nanoseconds: (median(seconds) * 1e9).rounded(),
        nanosecondsMax: isPromised ? step.microsecondsMax.map { $0 * 1000 } : nil)
    }
    return WireReport(features: features, rounds: plan.count, rows: rows)
  }

  public func json() throws -> String { String(decoding: try OperatorCoding.bytes(self), as: UTF8.self) }

  public var text: String {
    let width = rows.map(\.step.count).max() ?? 0
    let lines = rows.map { row in
      let name = row.step.padding(toLength: width, withPad: " ", startingAt: 0)
      let time = String(format: "%8.0f ns", row.nanoseconds)
      let goal = row.nanosecondsMax.map { String(format: "  goal %.0f ns: ", $0) + (row.isMet ? "met" : "missed") }
      return name + time + (row.bytes > 0 ? String(format: "%7d B", row.bytes) : "         ") + (goal ?? "")
    }
    return "one part of \(features) features, processor time of one message, median of \(rounds) rounds\n"
      + lines.joined(separator: "\n")
  }
}
