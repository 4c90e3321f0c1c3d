import ArgumentParser
import ControlText
import Domain
import Wire

struct Groups: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Every group of a line: state, accuracy, interval, counts.")

  @OptionGroup var options: GlobalOptions
  @Argument(help: "The line; may be left out where there is only one.") var line: LineID?

  func run() async throws {
    try await options.reporting {
      let line = if let line { line } else { try await options.daemon.onlyLine("groups") }
      let answer = try await options.daemon.ask(.groups(line), as: GroupsReply.self)
      try options.output.show(answer.reply, json: answer.bytes)
    }
  }
}
