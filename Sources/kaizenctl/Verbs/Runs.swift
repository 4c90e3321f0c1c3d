import ArgumentParser
import ControlText
import Domain
import Wire

struct Runs: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "The retrainings, of one line or of all, and their ends.")

  @OptionGroup var options: GlobalOptions
  @Argument(help: "Only this line.") var line: LineID?

  func run() async throws {
    try await options.reporting {
      let answer = try await options.daemon.ask(.runs(line), as: RunsReply.self)
      try options.output.show(answer.reply, json: answer.bytes)
    }
  }
}
