import ArgumentParser
import ControlText
import Domain
import Wire

struct Rollback: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Give cells back to the student that served them before.",
    discussion: """
      Without --cell the cells of the newest student that serves some go back. Where none does, what the latest student \
      for the whole line took the place of serves again.
      """)

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
