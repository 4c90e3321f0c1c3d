import ArgumentParser
import Foundation

/// `kaizen-bench ledger`: what the ledger takes for a row as it grows.
struct LedgerSpeed: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ledger",
    abstract: "Writing the ledger when it is empty and when it is large, beside SQLite in C on the same tables.",
    discussion: """
      Each size is a ledger of its own, filled by the C loop and copied, so that both write to the same file in turn. A \
      row takes some 450 bytes, twice; a size the disk has no room for is left out, and said. All of it takes some \
      quarter of an hour.
      """)

  @Option(help: "Rows that are there already, separated by commas.") var rows = "0,10000000,50000000"
  @Option(help: "Rows of a ledger whose parts are named by random UUIDs; 0 for none.") var randomRows = 10_000_000
  @Option(help: "Rows of a transaction, separated by commas.") var batches = "1,8,64,512"
  @Option(help: "Seconds of each stretch.") var seconds = 1.0
  @Option(help: "Rounds in which both take turns.") var rounds = 3
  @Option(help: "Folder for the files, on the disk to be measured; the temporary folder by default.")
  var directory: String?
  @Option(help: "Seed of the parts.") var seed: UInt64 = 1
  @Flag(help: "Print one JSON object.") var json = false

  /// More than any disk here has room for.
  private static let rowsMax = 1_000_000_000
  /// As many as the plant commits together.
  private static let batchMax = 512

  func validate() throws {
    guard (0.001...600).contains(seconds) else { throw ValidationError("--seconds is 0.001 to 600") }
    guard (1...99).contains(rounds) else { throw ValidationError("--rounds is 1 to 99") }
    guard (0...Self.rowsMax).contains(randomRows) else {
      throw ValidationError("--random-rows is 0 to \(Self.rowsMax)")
    }
    _ = try Self.numbers(rows, within: 0...Self.rowsMax, "--rows")
    _ = try Self.numbers(batches, within: 1...Self.batchMax, "--batches")
  }

  private static func numbers(_ text: String, within range: ClosedRange<Int>, _ option: String) throws -> [Int] {
    let numbers = text.split(separator: ",").map { Int($0) ?? -1 }
    guard !numbers.isEmpty, numbers.allSatisfy({ range.contains($0) }) else {
      throw ValidationError(
        "\(option) are numbers from \(range.lowerBound) to \(range.upperBound), separated by commas")
    }
    return numbers
  }

  func run() throws {
    do {
      let report = try measure()
      print(json ? try report.json() : LedgerText.text(report))
    } catch {
      FileHandle.standardError.write(Data("kaizen-bench: \(error)\n".utf8))
      throw ExitCode(70)
    }
  }

  private func measure() throws -> LedgerReport {
    let run = LedgerRun(
      seconds: seconds, rounds: rounds, batches: try Self.numbers(batches, within: 1...Self.batchMax, "--batches"),
      directory: directory ?? FileManager.default.temporaryDirectory.path, rows: try LedgerRows(seed: seed))
    var report = LedgerReport(seed: seed, seconds: seconds, rounds: rounds)
    func measured(_ rowCount: Int, isRandom: Bool = false) throws -> LedgerSize? {
      let size = try run.measure(rowCount, isRandom: isRandom)
      if size == nil {
        report.absent.append(
          "\(ServeGoals.count(rowCount)) rows\(isRandom ? " with random ids" : "") are not measured: \(run.directory) has"
            + " no room for them; name a folder on another disk with --directory.")
      }
      return size
    }
    for rowCount in try Self.numbers(rows, within: 0...Self.rowsMax, "--rows") {
      if let size = try measured(rowCount) { report.sizes.append(size) }
    }
    if randomRows > 0 { report.random = try measured(randomRows, isRandom: true) }
    report.goals = LedgerGoals.goals(report)
    return report
  }
}
