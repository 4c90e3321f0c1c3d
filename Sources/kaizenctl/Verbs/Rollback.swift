import ArgumentParser
import ControlText
import Domain
import Wire

struct Rollback: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Give cells back to the student that served them before.",
    discussion: "Without --cell every cell of the line that has a student of its own goes back.")

  @OptionGroup var options: GlobalOptions
  @Argument var line: LineID
  @Option(help: ArgumentHelp("Only this cell, as `kaizenctl models` writes it.", valueName: "attribute=value,..."))
  var cell: String?
  @Option(help: "Why, for the audit log.") var reason: String?

  func run() async throws {
    try await options.reporting {
      let request = RollbackRequest(cell: cell, reason: reason)
      let answer = try await options.daemon.ask(.rollback(line, request), as: RollbackReply.self, conflict: .busy)
      try options.output.show(answer.reply, json: answer.bytes)
    }
  }
}
