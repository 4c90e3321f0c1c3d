import ArgumentParser
import Foundation
import Synchronization

/// `kaizen-bench acceptance`: the table that says whether learning, monitoring and promotion do what they are meant to.
struct Acceptance: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "acceptance",
    abstract: "Whether learning, monitoring and promotion keep their promises, row by row.",
    discussion: """
      Trains small students on the bench files of the data folder and simulates plants, on every core; a few minutes.
      Prints per row what was measured, mean +- standard deviation (number of seeds), what is required, and "ok" or
      "MISSED" with the reason. Rows whose data is not there are skipped and say so.
      Exit code: 0 when every row that was run is ok, 1 when one is missed, 64 for a wrong option.
      """)

  @Option(help: "Data folder; the files are in its 'bench'.") var data = "../shared/data"
  @Option(
    help:
      "Rows to run, with commas between; all where none are named: \(AcceptanceRun.rowNames.joined(separator: ", ")).")
  var rows: String?
  @Option(help: "Seeds of every training; seed s takes bench file s modulo their number.") var seeds = 5
  @Option(help: "Simulated plants per figure of the monitor, and a tenth of the simulated promotions.") var plants = 200
  @Flag(help: "Print one JSON object.") var json = false

  func validate() throws {
    guard (1...50).contains(seeds) else { throw ValidationError("--seeds is 1 to 50") }
    guard (1...10_000).contains(plants) else { throw ValidationError("--plants is 1 to 10000") }
    _ = try run(of: rows)
  }

  private func run(of rows: String?) throws -> AcceptanceRun {
    let names = rows.map { $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } } ?? []
    do throws(BenchFailure) {
      return try AcceptanceRun(rows: names, size: AcceptanceSize(seeds: seeds, plants: plants), data: data)
    } catch {
      throw ValidationError("\(error)")
    }
  }

  func run() throws {
    let began = ContinuousClock.now
    let told = Mutex(began)
    let rows = try run(of: rows).rows { done, count in
      // One line every few seconds, and the last.
      let now = ContinuousClock.now
      let isDue = told.withLock { last in
        guard now - last >= .seconds(5) || done == count else { return false }
        last = now
        return true
      }
      guard isDue else { return }
      FileHandle.standardError.write(
        Data("acceptance: \(done) of \(count) pieces of work done, \((now - began).components.seconds) s\n".utf8))
    }
    let seconds = Double((ContinuousClock.now - began).components.seconds)
    let table = AcceptanceTable(seeds: seeds, seconds: seconds, rows: rows)
    print(json ? try table.json() : table.text)
    guard table.isMet else { throw ExitCode(1) }
  }
}
