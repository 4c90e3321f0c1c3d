import ArgumentParser
import Foundation
import Synchronization

/// `kaizen-bench early`: how often early signs are false, and how soon they come.
struct Early: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "early",
    abstract:
      "Early signs on simulated lines: false ones in a year, days until true ones, and what an estimate is worth.")

  @Option(help: "Lines to which nothing happens, for each way their days may be.") var lines = 20
  @Option(help: "Days of each of them.") var days = 365
  @Option(help: "Lines to which something happens, for each thing.") var changed = 60
  @Option(help: "Seed of the first line.") var seed: UInt64 = 1
  @Flag(help: "Print one JSON object.") var json = false

  func validate() throws {
    guard (1...10_000).contains(lines), (1...10_000).contains(changed) else {
      throw ValidationError("--lines and --changed are 1 to 10000")
    }
    guard (1...3650).contains(days) else { throw ValidationError("--days is 1 to 3650") }
  }

  func run() throws {
    let report = try EarlyReport(lines: lines, days: days, changed: changed, seed: seed)
    print(json ? try report.json() : report.text)
  }
}

/// What all lines showed, in figures.
public struct EarlyReport: Sendable, Codable, Equatable {
  public struct Story: Sendable, Codable, Equatable {
    public let name: String
    public let lines: Int
    /// Signs that began without a cause, of any cell or the line, in a line's year.
    public let falseSignsPerLineYear: Double
    /// Of lines, the share with any.
    public let linesWithFalseSign: Double
    /// Of changed cells, the share with a sign within 60 days; nil where nothing changes.
    public let seen: Double?
    /// Days from the change to the sign, of those seen.
    public let delayDaysMedian: Double?
    public let delayDaysP90: Double?
    /// Of the cell's accuracy, ten days after the change.
    public let estimateMean: Double?
  }

  public let seed: UInt64
  public let cells: Int
  public let measurements: Int
  public let stories: [Story]

  public init(lines: Int, days: Int, changed: Int, seed: UInt64) throws {
    self.seed = seed
    cells = EarlySimulation.cells
    measurements = EarlySimulation.measurements
    stories = try EarlySimulation.Story.allCases.map { story in
      let count = story.isQuiet ? lines : changed
      let failure = Mutex<(any Error)?>(nil)
      let runs = onEveryCore(Array(0..<count)) { index -> EarlySimulation.Run in
        do {
          return try EarlySimulation(story: story).run(seed: seed &+ UInt64(index), quietDays: days)
        } catch {
          failure.withLock { $0 = error }
          return EarlySimulation.Run()
        }
      } told: { _ in
      }
      if let error = failure.withLock({ $0 }) { throw error }
      return Story(story, runs)
    }
  }

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  var text: String {
    stories.map { story in
      var line =
        "\(story.name): \(story.lines) lines, \(places(story.falseSignsPerLineYear, 2)) false signs in a line's year"
      if let seen = story.seen {
        line += "; seen \(places(100 * seen, 0)) %"
        if let median = story.delayDaysMedian, let late = story.delayDaysP90 {
          line += ", median \(places(median, 0)) days, 90 % within \(places(late, 0))"
        }
        if let estimate = story.estimateMean { line += ", estimated accuracy \(places(estimate, 3))" }
      }
      return line
    }.joined(separator: "\n")
  }

  private func places(_ value: Double, _ count: Int) -> String { String(format: "%.\(count)f", value) }
}

extension EarlyReport.Story {
  fileprivate init(_ story: EarlySimulation.Story, _ runs: [EarlySimulation.Run]) {
    let days = runs.reduce(0) { $0 + $1.days }
    let delays = runs.compactMap(\.delay).sorted()
    let estimates = runs.compactMap(\.estimate)
    func quantile(_ share: Double) -> Double? {
      delays.isEmpty ? nil : delays[min(delays.count - 1, Int(share * Double(delays.count)))]
    }
    self.init(
      name: story.rawValue, lines: runs.count,
      falseSignsPerLineYear: Double(runs.reduce(0) { $0 + $1.falseSigns }) / Double(max(days, 1)) * 365,
      linesWithFalseSign: Double(runs.count { $0.falseSigns > 0 }) / Double(max(runs.count, 1)),
      seen: story.isQuiet ? nil : Double(delays.count) / Double(max(runs.count, 1)),
      delayDaysMedian: quantile(0.5), delayDaysP90: quantile(0.9),
      estimateMean: estimates.isEmpty ? nil : estimates.reduce(0, +) / Double(estimates.count))
  }
}
