import ArgumentParser
import Foundation

/// What `kaizen-bench retention` measures, for `--only`.
enum RetentionPiece: String, CaseIterable, ExpressibleByArgument {
  case counter, random, steady

  /// Of the pieces in which a daemon serves.
  var ids: RetentionIDs? { RetentionIDs(rawValue: rawValue) }
}

/// `kaizen-bench retention`: what taking old rows away costs those who wait for an answer.
struct RetentionCost: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retention",
    abstract: "Round trips while the daemon takes old rows away, and a ledger from which as much goes as comes.",
    discussion: """
      A ledger of rows that are all too old is served by two kaizends in turn: one keeps everything, the other has them \
      to take away. It takes some 500 bytes of disk a row, three times, once with ids that rise and once with random ones.
      """)

  @Option(help: "Rows of the ledger that the daemons start with.") var retentionRows = 1_000_000
  @Option(help: "Rows that the ledger keeps from which as much goes as comes.") var steadyRows = 200_000
  @Option(help: "Seconds of each stretch.") var seconds = 5.0
  @Option(help: "Rounds in which both daemons take turns.") var rounds = 3
  @Option(
    parsing: .upToNextOption, help: "Measure only: \(RetentionPiece.allCases.map(\.rawValue).joined(separator: ", ")).")
  var only: [RetentionPiece] = []
  @Option(help: "Seed of the student and the parts.") var seed: UInt64 = 1
  @Flag(help: "Print one JSON object.") var json = false

  /// Fewer than the ledger's first rows would be no window.
  private static let rowsRange = 1000...100_000_000

  func validate() throws {
    guard (0.01...600).contains(seconds) else { throw ValidationError("--seconds is 0.01 to 600") }
    guard (1...99).contains(rounds) else { throw ValidationError("--rounds is 1 to 99") }
    for (count, option) in [(retentionRows, "--retention-rows"), (steadyRows, "--steady-rows")] {
      guard Self.rowsRange.contains(count) else {
        throw ValidationError("\(option) is \(Self.rowsRange.lowerBound) to \(Self.rowsRange.upperBound)")
      }
    }
  }

  func run() async throws {
    do {
      let report = try await measure()
      print(json ? try report.json() : RetentionText.text(report))
    } catch {
      FileHandle.standardError.write(Data("kaizen-bench: \(error)\n".utf8))
      throw ExitCode(70)
    }
  }

  private func measure() async throws -> RetentionReport {
    let pieces = Set(only.isEmpty ? RetentionPiece.allCases : only)
    var report = RetentionReport(seed: seed, seconds: seconds, rounds: rounds, rows: retentionRows)
    let run = RetentionRun(rows: retentionRows, rounds: rounds, seconds: seconds, bench: try BenchLines(seed: seed))
    for piece in RetentionPiece.allCases where pieces.contains(piece) {
      if let ids = piece.ids { report.serving += try await run.measure(ids) }
    }
    for serving in report.serving where serving.isIdle {
      report.remarks.append(
        "There was nothing left to take away in a round with \(serving.ids.rawValue) ids and"
          + " \(serving.load.name): more --retention-rows or fewer --seconds would measure it.")
    }
    if pieces.contains(.steady) {
      report.steady = try SteadyRun(windowRows: steadyRows, rows: try LedgerRows(seed: seed)).measure()
    }
    report.goals = RetentionGoals.goals(report)
    return report
  }
}
