import ArgumentParser
import ControlText
import Domain
import Wire

struct Promote: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Put a student into service by hand, for every part of a line or for some cells.",
    discussion: """
      No gate judges it; its groups are monitored as before. `kaizenctl rollback LINE` gives the parts back to what \
      served them before. A challenger that waits for approval is let go on by `kaizenctl approve`.
      """)

  @OptionGroup var options: GlobalOptions
  @Argument var line: LineID
  @Argument(help: "The student's version, as `kaizenctl models` shows it.") var version: Int
  @Option(help: ArgumentHelp("Only this cell; may be repeated.", valueName: "attribute=value,...")) var cell: [String] =
    []
  @Option(help: "Why, for the audit log.") var reason: String

  func validate() throws {
    if version < 1 { throw ValidationError("a student's version counts from 1 (got \(version)).") }
    if cell.contains("") { throw ValidationError("--cell is empty.") }
    if Set(cell).count != cell.count { throw ValidationError("--cell names one cell twice.") }
    if reason.isEmpty { throw ValidationError("--reason says nothing.") }
  }

  func run() async throws {
    try await options.reporting {
      let request = PromoteRequest(version: version, cells: cell, reason: reason)
      let answer = try await options.daemon.ask(.promote(line, request), as: PromoteReply.self, conflict: .busy)
      try options.output.show(answer.reply, json: answer.bytes)
    }
  }
}
